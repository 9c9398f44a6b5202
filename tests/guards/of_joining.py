"""The guards of how bodies join, as rows of `table.py`: name, file, piece, what takes its place, tests.

That a link is filled in once, and that its address goes with it, are held twice, in the application and in the
statement or the table: with one of them off nothing happens, so neither has a row.
"""

from __future__ import annotations

IMPORTS, LINKS, CONFIRMS = "actions/importing.py", "runtime/joining/invitations.py", "runtime/joining/confirming.py"
JOINS, DECIDES = "actions/joining.py", "actions/deciding.py"
IMPORTED, INVITED = "tests/joining/test_importing.py::", "tests/joining/test_invitations.py::"
TOGETHER = "tests/actions/test_deciding_who_joins.py::"

OF_JOINING = (
    (
        "a list is the business unit's", IMPORTS,
        "    refuse_outside_business_unit(view, by, at)\n", "",
        f"{IMPORTED}test_who_is_not_of_the_business_unit_looks_at_no_plan_and_carries_none_out",
    ),
    (
        "what is imported is what was looked at", IMPORTS,
        "    if plan.sha256 != sha256:\n", "    if False:\n",
        f"{IMPORTED}test_a_register_that_moved_so_that_the_plan_would_differ_refuses_it",
    ),
    (
        "nothing of a list is done while a line is refused", IMPORTS,
        "        _refuse_faults(there)\n", "",
        f"{IMPORTED}test_three_bad_lines_in_three_hundred_are_each_named_and_nothing_is_done",
    ),
    (
        "a list leaves to a body's lead what is the lead's", IMPORTS,
        '    if own and holders(view, row.organisation, "ig-lead", day):', "    if False:",
        f"{IMPORTED}test_what_a_bodys_own_lead_decides_is_left_to_them",
    ),
    (
        "a list makes no circle of parents", IMPORTS,
        "        if chain and chain[-1] == row.organisation:", "        if False:",
        f"{IMPORTED}test_a_circle_of_parents_is_refused_with_its_lines_and_with_nobody_else",
    ),
    (
        "whoever invites is of the business unit", LINKS,
        "        deciding.refuse_outside_business_unit(view, by, instant(now))\n        refuse_address",
        "        refuse_address",
        f"{INVITED}test_invitations_are_the_business_units_alone",
    ),
    (
        "a link leads nowhere when it is over", "store/invitations.sql",
        "token_sha256 = $1 AND expires_at > $2\n\n-- name: listed", "token_sha256 = $1 AND $2 = $2\n\n-- name: listed",
        f"{INVITED}test_a_link_works_again_until_it_is_over_and_is_filled_in_once",
    ),
    (
        "a body that has a lead is not invited", JOINS,
        '    if holders(view, record.organisation, "ig-lead", london_date(parse_instant(at))):\n        raise',
        "    if False:\n        raise",
        f"{INVITED}test_a_body_has_one_invitation_and_none_once_it_has_a_lead",
    ),
    (
        "what is confirmed is what was read", CONFIRMS,
        "    if row.answer_sha256.hex() != sha256:\n", "    if False:\n",
        f"{INVITED}test_another_answer_than_was_read_is_not_confirmed",
    ),
    (
        "an issuer and a first lead are one decision for one body", DECIDES,
        "lead.organisation == issuer.organisation and lead.issuer == issuer.issuer", "True",
        f"{TOGETHER}test_what_does_not_belong_together_is_not_one_decision[of another body]",
    ),
)  # fmt: skip
