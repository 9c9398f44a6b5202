"""The guards of what two people decide, as rows of `table.py`: name, file, piece, what takes its place, tests.

That a proposal expires, that nobody approves their own, and that exactly what was read is approved is held twice, in
the application and in the statement: with one of them off nothing happens, so neither has a row.
"""

from __future__ import annotations

DECIDES, PROPOSED, LOCKS = "actions/deciding.py", "runtime/access/proposals.py", "actions/locking_out.py"
VERIFIES, MARKS = "actions/verifying.py", "tests/actions/test_verifying.py::"
LEADS_ALONE = '    refuse_without_role(view, by, "ig-lead", at=at, number=number)\n\n\n'
LEADS, LEADING = "actions/leading.py", "tests/actions/test_leading.py::"
TABLE, WAITING = "tests/actions/test_deciding.py::", "tests/runtime/test_proposals.py::"

OF_DECIDING = (
    (
        "one person is not two", DECIDES,
        "if first.issuer != second.issuer or first.subject == second.subject:", "if first.issuer != second.issuer:",
        f"{TABLE}test_nobody_is_two_people",
    ),
    (
        "two people are known by one issuer", DECIDES,
        "if first.issuer != second.issuer or first.subject == second.subject:", "if first == second:",
        f"{TABLE}test_nobody_is_two_people",
    ),
    (
        "both of two have the role where the entry goes", DECIDES,
        "for by, number in zip((first, second), numbers, strict=True):\n            refuse",
        "for by, number in ():\n            refuse",
        f"{TABLE}test_whoever_of_two_lost_the_role_a_moment_ago_does_not_count",
        f"{WAITING}test_whoever_lost_the_role_a_moment_ago_on_another_worker_does_not_count",
    ),
    (
        "a lead has the role where the entry goes", DECIDES,
        '        refuse_without_role(view, by, "ig-lead", at=at, number=number)\n', "",
        f"{TABLE}test_a_lead_who_lost_the_role_a_moment_ago_decides_nothing",
    ),
    (
        "what takes two people is not decided by one", DECIDES,
        "    if ALONE not in ways(payload):\n", "    if False:\n",
        f"{TABLE}test_one_person_decides_what_the_table_gives_them_alone",
    ),
    (
        "a lead decides for their own body alone", DECIDES, "if by.organisation != payload.organisation:", "if False:",
        f"{TABLE}test_one_person_decides_what_the_table_gives_them_alone",
    ),
    (
        "the business unit is the lead body's", DECIDES,
        "if opened is None or by.organisation != opened.lead_body:", "if opened is None:",
        f"{TABLE}test_a_business_unit_of_another_body_is_none_even_if_the_log_had_one",
    ),
    (
        "a role that decides is one that was granted and has not ended", DECIDES,
        "if granted_roles(view, by.organisation, by.person, _day(at)).isdisjoint(roles):", "if False:",
        f"{TABLE}test_a_role_counts_to_the_end_of_its_last_day",
        f"{TABLE}test_a_lead_who_lost_the_role_a_moment_ago_decides_nothing",
    ),
    (
        "a unit decides about its own partnership", LEADS,
        "return found is not None and found.lead_body == organisation", "return found is not None",
        f"{LEADING}test_a_partnerships_unit_decides_about_it_and_nobody_else",
    ),
    (
        "a unit of another partnership is none of the registry's", "domain/register/units.py",
        "    return (granted - _NO_MORE) | (", "    return granted | (",
        "tests/identity/test_tokens.py::test_a_unit_that_leads_another_partnership_is_none_of_the_registrys",
    ),
    (
        "one of a unit has the role where the entry goes", LEADS,
        '        refuse_without_role(view, by, "business-unit", at=at, number=number)\n', "",
        f"{LEADING}test_a_role_that_was_just_taken_away_does_not_count",
    ),
    (
        "a proposal counts as its own person said it", PROPOSED,
        "        if not self._is_ours(row):", "        if False:",
        f"{WAITING}test_nobody_is_made_to_have_proposed_what_somebody_else_then_approves",
        f"{WAITING}test_what_was_proposed_is_approved_as_it_was_said_or_not_at_all",
    ),
    (
        "an approval is its own person's word", "runtime/access/proposal_marks.py",
        'return self._keys.is_mark(_APPROVED, word, row.approved_mark or "")', "return True",
        f"{WAITING}test_nobody_is_made_to_have_approved_what_somebody_proposed",
    ),
    (
        "what is decided is what was read", PROPOSED,
        "if row.sha256 is None or row.sha256.hex() != sha256:", "if row.sha256 is None:",
        f"{WAITING}test_only_who_proposed_withdraws_and_only_another_declines",
    ),
    (
        "whoever proposed it alone withdraws", PROPOSED, "if row.proposed_by != number:", "if False:",
        f"{WAITING}test_only_who_proposed_withdraws_and_only_another_declines",
    ),
    (
        "the law is marked by two leads of the lead body", VERIFIES,
        "return together(change, first, second, view, refuse_outside_lead_bodys_leads, preconditions_of(change))",
        "return together(change, first, second, view, lambda *_, number=None: None, preconditions_of(change))",
        f"{MARKS}test_nobody_else_proposes_or_approves",
        f"{MARKS}test_a_lead_who_lost_the_role_a_moment_ago_does_not_count",
    ),
    (
        "a lead body's lead is one", DECIDES, LEADS_ALONE, "\n\n",
        f"{MARKS}test_the_business_unit_decides_nothing_about_the_law",
    ),
    (
        "a mark is about what the catalogue says", VERIFIES, "if sha256_of(found) != fact.sha256:", "if False:",
        f"{MARKS}test_what_the_catalogue_no_longer_says_is_not_marked",
    ),
    (
        "a mark is the lead body's", VERIFIES, "if opened is None or fact.organisation != opened.lead_body:",
        "if opened is None:", f"{MARKS}test_a_lead_of_another_body_marks_nothing_in_its_own_name",
    ),
    (
        "a mark lapses with what it is about", "domain/register/law.py",
        "return found is not None and sha256_of(found) == mark.said.sha256", "return found is not None",
        "tests/domain/register/test_law.py::test_a_catalogue_that_changes_what_was_checked_lets_the_mark_lapse_by_itself",
    ),
    (
        "proposals of one sort are not decided by another's people", PROPOSED,
        "ours = identifier.startswith(self._together.prefix)", "ours = True",
        "tests/verifying/test_api.py::test_proposals_of_the_two_sorts_are_not_each_others",
    ),
    (
        "only the lead body's leads say which of the law is checked", "domain/register/units.py",
        "    if leads_registry(view, organisation):\n        return granted | {LAW_LEAD}",
        "    if True:\n        return granted | {LAW_LEAD}",
        "tests/verifying/test_pages.py::test_other_people_are_kept_out",
    ),
    (
        "a body keeps a lead", DECIDES, "            if not others:\n", "            if False:\n",
        f"{TABLE}test_a_body_is_never_left_without_its_last_lead_by_its_own_hand",
    ),
    (
        "the business unit can always decide", DECIDES,
        "return (*preconditions_of(change), without_a_lead, business_unit_goes_on(change))",
        "return (*preconditions_of(change), without_a_lead)",
        f"{TABLE}test_two_of_the_business_unit_always_remain",
        f"{TABLE}test_the_last_issuer_of_the_business_unit_is_not_removed_by_mistake",
    ),
    (
        "a body's lead is let in by others only where there is none", DECIDES,
        "return (*preconditions_of(change), without_a_lead, business_unit_goes_on(change))",
        "return (*preconditions_of(change), business_unit_goes_on(change))",
        f"{TABLE}test_when_the_last_lead_left_two_people_of_the_business_unit_let_another_in",
    ),
)  # fmt: skip
