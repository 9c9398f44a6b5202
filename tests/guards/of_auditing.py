"""The guards of reading the log, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

READING, ONE, EVIDENCE = "runtime/reading_entries.py", "pages/audit_entry.py", "pages/audit_evidence.py"
ALTERED = "tests/api/test_altered.py::"
COMMITTED = "ledger/committed.py"
PAGES, SYSTEMS = "tests/people/test_audit.py::", "tests/api/test_audit.py::"

OF_AUDITING = (
    (
        "reading another body's record is noted before it is shown", READING,
        "    if draft is not None:\n        await registry.sequencer.append(draft)", "    pass",
        f"{PAGES}test_opening_anothers_record_asks_why_and_is_noted_before_it_is_shown",
    ),
    (
        "a list shows nobody's record but one's own", "pages/audit.py",
        '[*asked.items(), ("limit", SHOWN), ("payloads", "none")]', '[*asked.items(), ("limit", SHOWN)]',
        f"{PAGES}test_an_auditor_sees_every_entry_and_a_list_reads_nobodys_payload",
    ),
    (
        "another body's record opens to a reason alone", ONE,
        'if not _anothers(request, entry) or only(form_of(request), "reason") in REASONS:', "if True:",
        f"{PAGES}test_opening_anothers_record_asks_why_and_is_noted_before_it_is_shown",
    ),
    (
        "an entry that is not for the reader is not there", READING,
        "    if hidden or not shown:", "    if not entries:",
        f"{PAGES}test_what_is_anothers_answers_as_what_is_not_there",
    ),
    (
        "on pages an auditor alone reads of all bodies", READING,
        'EVERYTHING if "auditor" in caller.roles else caller.organisation', "EVERYTHING",
        f"{PAGES}test_an_information_governance_lead_sees_own_entries_alone",
    ),
    (
        "nothing is shown of a state that rested on what is erased", "runtime/past.py",
        "    if then.wanting is not None:", "    if False:",
        "tests/api/test_replay.py::test_pages_say_what_is_erased_and_what_cannot_be_known_without_it",
    ),
    (
        "a page says where an entry is not what was made", COMMITTED,
        "return leaf.commitment == commitment(leaf.kind, entry.payload, entry.salt)", "return True",
        "tests/api/test_replay.py::test_a_payload_that_is_not_its_leafs_is_different",
    ),
    (
        "a record that is read again is what its entry commits to", "runtime/folding.py",
        "if entry.payload is None or not is_as_logged(entry):", "if entry.payload is None:",
        f"{ALTERED}test_a_check_that_says_something_else_is_told_and_not_shown",
    ),
    (
        "a proof is verified before it is handed out", "api/audit.py",
        "    with _proved(index):\n        verify_inclusion(leaf, index, size, hashes, root)\n",
        "    if True:\n        pass\n",
        f"{ALTERED}test_an_inclusion_proof_that_would_not_hold_is_not_handed_out",
    ),
    (
        "an auditor says why evidence is taken", EVIDENCE,
        "if auditor and reason not in REASONS:", "if False:",
        f"{PAGES}test_evidence_is_asked_for_exactly",
    ),
)  # fmt: skip
