"""The guards of attesting, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

EVIDENCE, MAKES, LEAVES, LEADS = (
    "runtime/people/authority.py", "actions/attestations.py", "actions/leaving.py", "actions/leading.py",
)  # fmt: skip
SAID, BINDS, WAY, UNITS = (
    "domain/attesting.py", "domain/register/binding.py", "runtime/attesting/invitations.py", "domain/register/units.py",
)  # fmt: skip
TAIL, LEADING = "tests/actions/test_attestations.py::", "tests/actions/test_leading.py::"
OFFICE, ASKED = "tests/api/test_attesting.py::", "tests/api/test_invitations.py::"
WRONG, JUST = f"{OFFICE}test_what_is_wrong_in_it_is_said_where_it_stands", f"{TAIL}test_what_was_just_logged_counts"
BINDING = "tests/domain/register/test_binding.py::"

OF_ATTESTING = (
    # --- who signs, and what -----------------------------------------------------------------------------------------
    (
        "the registry signs for nobody whose sign-in is old", EVIDENCE,
        "if not caller.signed_in_since(now.timestamp() - within) or caller.auth_time is None:",
        "if caller.auth_time is None:",
        f"{OFFICE}test_a_sign_in_six_minutes_ago_is_too_old",
    ),
    (
        "the registry signs for no system", EVIDENCE, "    if not caller.person:\n", "    if False:\n",
        f"{OFFICE}test_nothing_is_signed_for_a_system",
    ),
    (
        "the registry signs with the key that the log names", MAKES,
        "if opened is None or not key.is_named_by(opened):", "if opened is None:",
        f"{OFFICE}test_without_the_logs_own_key_nothing_is_signed",
    ),
    (
        "exactly the published words are signed", SAID, "        if given != published:\n", "        if False:\n",
        f"{WRONG}[other words]", f"{WRONG}[another schedule]",
        f"{OFFICE}test_what_is_wrong_in_a_wish_is_said_where_it_stands[other words]",
    ),
    (
        "only a purpose of the agreement is reserved", SAID, "        if code not in codes:\n", "        if False:\n",
        f"{WRONG}[a purpose that is none]", f"{WRONG}[a purpose of another agreement]",
    ),
    (
        "who reserves everything has signed nothing", SAID,
        "elif set(codes) <= set(reservations):", "elif False:", f"{WRONG}[every purpose]",
    ),
    (
        "an attestation key signs for its own signatory", MAKES,
        "    if verified.key.signatory != _key_signatory(document):\n", "    if False:\n",
        f"{OFFICE}test_a_key_signs_for_its_own_signatory_alone",
    ),
    (
        "what is signed long before it comes is not taken", MAKES,
        "    if attested < now - _LATE:\n", "    if False:\n", f"{WRONG}[yesterday]",
    ),
    # --- who may bind ------------------------------------------------------------------------------------------------
    (
        "a delegate is no office holder", BINDS,
        "return tuple(role for role in roles if role != DELEGATE)", "return roles",
        f"{OFFICE}test_a_delegate_signs_by_a_delegation_and_not_without",
    ),
    (
        "a delegation holds in its time and for its agreements", BINDS,
        "if delegation.holds(version.agreement, on):", "if delegation:",
        f"{BINDING}test_a_delegation_holds_from_its_first_day_to_the_end_of_its_last",
        f"{BINDING}test_a_delegation_for_one_agreement_is_none_for_another",
    ),
    # --- held at the tail --------------------------------------------------------------------------------------------
    (
        "a body's people hold their role where the entry goes", LEADS,
        "refuse_without_role(view, by, *roles, at=at, number=number)", "refuse_without_role",
        f"{JUST}[the role was taken away]", f"{LEADING}test_a_body_decides_by_its_own_people",
    ),
    (
        "a unit's people hold their role where the entry goes", LEADS,
        '        refuse_without_role(view, by, "business-unit", at=at, number=number)\n', "",
        f"{LEADING}test_a_role_that_was_just_taken_away_does_not_count",
    ),
    (
        "a unit's body leads the partnership where the entry goes", LEADS,
        "        refuse_outside_unit_of(view, partnership, by)\n        refuse_without", "        refuse_without",
        f"{LEADING}test_a_unit_whose_body_just_gave_up_the_lead_decides_no_longer",
    ),
    (
        "who may bind is asked again where the entry goes", MAKES,
        "*_binding_faults(view, said, version, organisation, by, today)]\n        if faults:", "]\n        if faults:",
        f"{JUST}[the body was suspended]", f"{JUST}[the body was closed]",
    ),
    (
        "a version that is over is attested no more", MAKES,
        "        if reason is not None:\n", "        if False:\n",
        *(f"{JUST}[the version {what}]" for what in ("was withdrawn", "was suspended", "ended")),
    ),
    (
        "a body attests what belongs to its partnership", MAKES,
        "if body is None or partnership_of(view, version) not in partnerships_of(view, body):", "if body is None:",
        f"{JUST}[the body left the partnership]",
    ),
    (
        "a body attests a version once", MAKES,
        'if step("attestation", state, "attest") is None:', "if False:",
        f"{TAIL}test_a_body_does_not_attest_twice_at_different_moments",
    ),
    # --- taking back -------------------------------------------------------------------------------------------------
    (
        "an attestation is withdrawn by its own body", LEAVES,
        "        _refuse_another(view, standing.organisation, by.organisation, target.agreement, today)\n", "",
        f"{OFFICE}test_nobody_declines_or_withdraws_for_another_body",
    ),
    (
        "a body declines for itself", LEAVES,
        "        _refuse_another(view, organisation, by.organisation, target.agreement, today)\n", "",
        f"{OFFICE}test_nobody_declines_what_another_body_has_still_to_decide",
    ),
    (
        "nothing is withdrawn for days that have been", LEAVES, "        if on < today:\n", "        if False:\n",
        f"{OFFICE}test_a_body_withdraws_from_a_day_on_and_not_before_today",
    ),
    # --- invitations and questions -----------------------------------------------------------------------------------
    (
        "who is not invited asks nothing", WAY,
        'if row is None or step("invitation", row.state, "query") is None:', "if False:",
        f"{ASKED}test_a_question_is_asked_seen_by_all_answered_by_the_unit_and_settled",
    ),
    (
        "only so many questions of a body wait", WAY, ">= MOST_WAITING:", ">= 10 * MOST_WAITING:",
        f"{ASKED}test_only_so_many_questions_of_a_body_wait",
    ),
    (
        "a question is settled by the body that asked", WAY,
        "        if found.organisation != by.organisation:\n", "        if False:\n",
        f"{ASKED}test_a_question_is_asked_seen_by_all_answered_by_the_unit_and_settled",
    ),
    (
        "questions are seen within the partnership", WAY,
        "            refuse_outside_partnership(self._registry.follower.view, self._version(target), reader)\n",
        "            pass\n", f"{ASKED}test_a_body_of_another_partnership_sees_no_question",
    ),
    # --- what a unit of another partnership is ----------------------------------------------------------------------
    (
        "a unit is one of a body that leads a partnership", UNITS,
        'unit = "business-unit" in granted and bool(led_by(view, organisation))', 'unit = "business-unit" in granted',
        "tests/identity/test_tokens.py::test_a_unit_that_leads_another_partnership_is_none_of_the_registrys",
    ),
)  # fmt: skip
