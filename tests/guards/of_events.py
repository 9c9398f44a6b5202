"""The guards of sharing events and what is said of them, as rows of `table.py`: name, file, piece, what takes its
place, tests."""

from __future__ import annotations

ACTS, RECORDS, SAYS = "actions/acknowledgements.py", "runtime/recording_events.py", "runtime/acknowledging.py"
SAID, MENDED = "tests/api/test_acknowledging.py::", "tests/api/test_corrections.py::"

TURN = "runtime/sequencer.py"

OF_EVENTS = (
    (
        "of events that come together each has its own signature verified", "identity/plain_documents.py",
        "part is not None and part[0].signed(part[2], part[3])", "part is not None",
        "tests/actions/test_plain_events.py::test_together_is_as_alone",
    ),
    (
        "what held for an event is asked again once the register has changed", TURN,
        "held.forget()", "pass",
        "tests/runtime/test_answers_together.py::test_a_key_that_is_revoked_in_the_turn_signs_nothing_after_it",
    ),
    (
        "a body acknowledges in its own name alone", ACTS,
        "if said.recipient != caller.organisation:", "if False:",
        f"{SAID}test_what_an_acknowledgement_cannot_say_is_refused",
    ),
    (
        "an acknowledgement is of the very words of the event", ACTS,
        "if not is_of(stated, event_jws):", "if False:",
        f"{SAID}test_what_an_acknowledgement_cannot_say_is_refused",
    ),
    (
        "a key for events alone acknowledges nothing", ACTS,
        'return key_for_use(view, organisation, kid, "acknowledgement")',
        'return key_for_use(view, organisation, kid, "event")',
        f"{SAID}test_a_key_for_events_alone_acknowledges_nothing",
    ),
    (
        "only what was shared with a body is acknowledged by it", "store/acknowledgements.sql",
        "WHERE s.id = $1 AND s.recipient = $2 AND s.recipient_sees ORDER BY s.index",
        "WHERE s.id = $1 AND $2 <> '' ORDER BY s.index",
        f"{SAID}test_nobody_but_the_recipient_acknowledges_and_learns_nothing",
    ),
    (
        "the same acknowledgement again is the first one", SAYS,
        "if before is not None:", "if False:",
        f"{SAID}test_of_several_the_latest_counts_and_all_are_kept",
    ),
    (
        "an event is corrected once", RECORDS,
        "elif corrected_by is not None and corrected_by != event.id:", "elif False:",
        f"{MENDED}test_the_newest_is_what_one_corrects",
    ),
    (
        "only what is there is corrected", RECORDS,
        "if corrected not in named.correctable:", "if False:",
        f"{MENDED}test_what_a_correction_names_is_an_event_of_ones_own",
    ),
)  # fmt: skip
