"""The guards of what bodies rely on in law, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

ADOPTS, RECORDS, FOLDS = "actions/adopting.py", "actions/lawful_bases.py", "domain/register/basis_fold.py"
REFUSES, CLOSES = "domain/lawful_bases/refusals.py", "domain/lawful_bases/closing.py"
ADOPTED, RECORDED = "tests/joining/test_adopting.py::", "tests/actions/test_lawful_bases.py::"
LAW, HELD = "tests/domain/lawful_bases/test_choices_and_refusals.py::", "tests/domain/register/test_lawful_bases.py::"

OF_BASES = (
    (
        "a lawful basis is recorded by the body's own lead", RECORDS,
        "preconditions=(word.holds, registered(fact.organisation), lawful, fits),",
        "preconditions=(registered(fact.organisation), lawful, fits),",
        f"{RECORDED}test_a_bodys_own_lead_records_and_ends_and_nobody_else_and_the_entry_says_who[police-practitioner]",
        f"{ADOPTED}test_at_the_tail_too_only_a_lead_by_a_grant_adopts",
    ),
    (
        "a lawful basis is ended by the body's own lead", RECORDS,
        "preconditions=(word.holds, stands))", "preconditions=(stands,))",
        f"{RECORDED}test_a_bodys_own_lead_records_and_ends_and_nobody_else_and_the_entry_says_who[police-practitioner]",
    ),
    (
        "a lawful basis is adopted for what was signed", ADOPTS,
        "            if one.place not in purposes:", "            if False:",
        f"{ADOPTED}test_what_was_not_signed_or_has_no_default_is_refused_whole",
        f"{RECORDED}test_a_default_is_adopted_only_for_what_was_signed",
    ),
    (
        "the law is asked of a record at the tail", RECORDS,
        "        refuse_faults(fact, view, at=at)\n", "        pass\n",
        f"{RECORDED}test_the_law_is_asked_at_the_tail_and_every_fault_points_into_what_was_sent",
    ),
    (
        "two records do not hold at once", RECORDS,
        "            if _overlap(one, fact):", "            if False:",
        f"{RECORDED}test_two_records_never_hold_at_once_unless_one_takes_the_others_place",
        f"{RECORDED}test_of_two_leads_who_record_at_once_one_is_refused",
    ),
    (
        "a record takes no place in the past", RECORDS,
        "    if fact.starts < today:", "    if False:",
        f"{RECORDED}test_a_successor_takes_its_place_from_its_first_day_and_the_first_never_comes_back",
    ),
    (
        "an id names one record for ever", FOLDS,
        "    if any(one.recorded.record == fact.record for one in records):", "    if False:",
        f"{HELD}test_the_last_logged_of_two_that_overlap_holds_and_an_id_names_one_record_for_ever",
    ),
    (
        "what is closed to a body is refused", REFUSES,
        "    if because is not None:", "    if False:",
        f"{RECORDED}test_the_law_is_asked_at_the_tail_and_every_fault_points_into_what_was_sent",
    ),
    (
        "a condition has what it needs beside it", REFUSES,
        "                if not met:", "                if False:",
        f"{LAW}test_paragraph_18_needs_a_policy_document_and_paragraph_10_may_do_without_towards_the_police",
    ),
    (
        "what is not in force is closed", CLOSES,
        "    if not provision.in_force_on(standing.day):", "    if False:",
        f"{LAW}test_the_duty_to_share_is_offered_from_its_first_day_to_whom_it_lists",
    ),
)  # fmt: skip
