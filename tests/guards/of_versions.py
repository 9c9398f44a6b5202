"""The guards of the lives of agreements, as rows of `table.py`: name, file, piece, what takes its place, tests.

That whoever wrote words does not check them is held twice where it is the very same person, in the application and by a
constraint; the row here is of one person behind two issuers, which the database cannot know.
"""

from __future__ import annotations

LIVES, DECIDED = "domain/register/lives.py", "actions/agreement_decisions.py"
DRAFTED, SEQUENCED = "runtime/agreements/drafts.py", "runtime/sequencer.py"
TABLE, STORED = "migrations/0010_lifecycles.sql", "tests/store/test_lifecycles.py::"
TABLES, DECISIONS = "tests/domain/test_lifecycles.py::", "tests/actions/test_agreement_decisions.py::"
DRAFTS, FORCE = "tests/runtime/test_agreement_drafts.py::", "tests/runtime/test_coming_into_force.py::"

OF_VERSIONS = (
    (
        "an event follows by the table of lives", LIVES,
        "if step(happened.machine, state, happened.event) is None:", "if False:",
        f"{TABLES}test_whatever_is_tried_in_whatever_order_the_table_alone_decides",
        f"{DECISIONS}test_a_version_is_suspended_resumed_reviewed_and_withdrawn",
    ),
    (
        "an attestation is withdrawn by its own id", LIVES,
        "if made[-1].attestation != payload.attestation:", "if False:",
        f"{TABLES}test_an_attestation_is_withdrawn_by_its_own_id_and_an_id_is_one_attestations",
    ),
    (
        "every entry is held to the table, whoever drafts it", SEQUENCED,
        "if happening(payload) is not None:", "if False:",
        f"{FORCE}test_what_a_life_does_not_take_is_refused_whoever_drafts_it_and_harms_no_other",
    ),
    (
        "the database holds what is logged to the table of lives", TABLE,
        "    IF NOT FOUND THEN\n        RAISE EXCEPTION 'lifecycle: % does not happen",
        "    NEW.state := coalesce(NEW.state, before.state, 'none');\n    IF false THEN\n"  # noqa: ISC004
        "        RAISE EXCEPTION 'lifecycle: % does not happen",
        f"{STORED}test_in_every_state_the_database_takes_what_the_table_says",
    ),
    (
        "the database holds working state to the table of lives", TABLE,
        "    IF NOT FOUND THEN\n        RAISE EXCEPTION 'lifecycle: % does not lead",
        "    IF false THEN\n        RAISE EXCEPTION 'lifecycle: % does not lead",
        f"{STORED}test_a_working_table_takes_what_the_table_says_in_every_state",
        f"{DRAFTS}test_the_database_itself_holds_a_drafts_life",
    ),
    (
        "the database knows that an event comes after those before it", TABLE,
        "    IF before.index >= NEW.index THEN\n", "    IF false THEN\n",
        f"{STORED}test_an_event_comes_after_those_before_it",
    ),
    (
        "the database takes no check by who wrote the words", TABLE,
        "    CHECK (passed_by <> written_by AND passed_by <> submitted_by),\n", "",
        f"{DRAFTS}test_the_database_takes_no_check_by_who_wrote_it",
    ),
    (
        "the database lets words change while they are drafted alone", TABLE,
        "        AND NOT (OLD.state = 'drafting' AND NEW.state = 'drafting')\n", "        AND false\n",
        f"{DRAFTS}test_the_database_itself_holds_a_drafts_life",
    ),
    (
        "the rule is met where the entry goes", DECIDED,
        "if current is None or rule_met(view, current, today_of(at)) != day:", "if current is None:",
        f"{DECISIONS}test_a_rule_is_met_by_its_day_its_number_and_its_bodies",
    ),
    (
        "nothing is decided for days that have been", DECIDED,
        "    if on < today_of(at):\n", "    if False:\n",
        f"{DECISIONS}test_dates_out_of_order_and_unknown_codes_are_refused",
    ),
    (
        "who checks words is known to be another person", DRAFTED,
        "if number == one or person is None or person[0] != by.issuer or person[1] == by.subject:", "if number == one:",
        f"{DRAFTS}test_the_second_person_is_another_than_who_wrote_and_who_submitted",
    ),
    (
        "words that nobody checked are not published", DRAFTED,
        'if row.state != "quality-checked":', "if False:",
        f"{DRAFTS}test_words_that_nobody_checked_are_not_published",
    ),
    (
        "the words that are read are those that are checked and published", DRAFTED,
        "if (row.text_sha256.hex(), row.schedule_sha256.hex()) != (text_sha256, schedule_sha256):", "if False:",
        f"{DRAFTS}test_other_words_than_those_that_were_read_are_neither_checked_nor_published",
    ),
    (
        "who submitted and who checked have the role where the entry goes", DRAFTED,
        "people = dict.fromkeys((*(_known(view, row, one) for one in (row.submitted_by, row.passed_by)), by))",
        "people = (by,)",
        f"{DRAFTS}test_a_checker_who_left_since_does_not_count_at_the_tail",
    ),
)  # fmt: skip
