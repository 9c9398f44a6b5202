"""The guards of who belongs and who may bind, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

RECORDS, CHANGES = "actions/organisations.py", "actions/organisation_changes.py"
DELEGATES, BINDS, FORMS = "actions/delegations.py", "domain/register/binding.py", "domain/organisation_records.py"
BODIES, GIVEN = "tests/actions/test_organisations.py::", "tests/actions/test_delegations.py::"
BINDING = "tests/domain/register/test_binding.py::"

OF_PARTIES = (
    (
        "nobody is above and below another", RECORDS,
        'elif record.organisation in _line(view, record.parent, "parent"):', "elif False:",
        f"{BODIES}test_nobody_comes_above_and_below_another_however_long_the_way",
        f"{BODIES}test_two_that_each_put_the_other_above_at_once_do_not_make_a_ring",
    ),
    (
        "whoever changes a record says which they read", RECORDS,
        "if changed_from is not None and view.organisation_since(organisation.organisation) != changed_from:",
        "if False:", f"{BODIES}test_whoever_changes_what_they_did_not_read_is_refused",
    ),
    (
        "a body that leads a partnership takes part", RECORDS,
        "        _refuse_leader_away(view, current, organisation, at)\n", "",
        f"{BODIES}test_a_body_that_leads_a_partnership_is_neither_suspended_nor_closed",
    ),
    (
        "what a body says of itself is its own lead's", CHANGES,
        'if theirs and holders(view, new.organisation, "ig-lead", _day(at)):', "if False:",
        f"{BODIES}test_the_unit_changes_what_a_body_is_and_what_it_says_of_itself_only_where_it_has_no_lead",
    ),
    (
        "a contact's address says that a team reads it", FORMS,
        'if TEAM_WORDS.isdisjoint(re.split(r"[^a-z]+", mailbox.lower())):', "if False:",
        f"{BODIES}test_a_contact_is_a_post_or_a_team_and_an_address_says_that_a_team_reads_it",
    ),
    (
        "delegations make no ring", DELEGATES,
        "elif given.organisation in _reached(view, given.to, today):", "elif False:",
        f"{GIVEN}test_delegations_never_go_round_in_a_ring_however_long",
    ),
    (
        "a delegate signs by a delegation that names the reference", BINDS,
        "binder.ref in (None, signer.ref)", "True",
        f"{BINDING}test_office_holders_and_those_delegated_to_bind_a_body",
    ),
    (
        "nobody binds a body that takes no part", BINDS,
        "    if body is None or not body.takes_part(on):\n        return ()", "    if body is None:\n        return ()",
        f"{BINDING}test_who_may_bind_is_told_whole_and_one_that_is_not_registered_has_nobody",
    ),
)  # fmt: skip
