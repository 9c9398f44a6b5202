"""Who may decide what about whom: every role of one's own and another body against each change, alone and by two."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deciding_people import (
    AT,
    BU_1,
    BU_2,
    BU_3,
    CHARITY,
    COUNCIL,
    COUNCIL_LEAD,
    EVERYBODY,
    ISSUERS,
    OTHER,
    POLICE,
    POLICE_LEAD,
    SOON,
    TODAY,
    Log,
    issuer,
    person,
    role,
)
from isa_registry.actions import deciding
from isa_registry.actions.deciding import AccessPayload, Change, Decider
from isa_registry.actions.locking_out import ends_soon
from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    RoleGranted,
    RoleRevoked,
)
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.people import granted_roles
from isa_registry.domain.roles import LEAD_ROLES, LEAD_SCOPES


def revoked(body: str, subject: str, name: str, *, by: str | None = None) -> RoleRevoked:
    return RoleRevoked(organisation=body, issuer=by or ISSUERS[body], subject=subject, role=name)


def client(body: str, *scopes: str, until: str | None = None, name: str = "new-system") -> ClientGranted:
    return ClientGranted(organisation=body, client=name, scopes=scopes, until=until)


CHANGES: dict[str, AccessPayload] = {
    "grant practitioner, police": role(POLICE, "new", "practitioner"),
    "grant signatory, police": role(POLICE, "new", "signatory", SOON),
    "grant ig-lead, police": role(POLICE, "new", "ig-lead"),
    "grant ig-lead, council": role(COUNCIL, "new", "ig-lead"),
    "grant ig-lead, charity": role(CHARITY, "new", "ig-lead"),
    "grant practitioner, charity": role(CHARITY, "new", "practitioner"),
    "grant auditor, council": role(COUNCIL, "new", "auditor", SOON),
    "grant business-unit, council": role(COUNCIL, "new", "business-unit", SOON),
    "grant auditor, police": role(POLICE, "new", "auditor", SOON),
    "grant business-unit, police": role(POLICE, "new", "business-unit", SOON),
    "revoke practitioner, police": revoked(POLICE, "police-practitioner", "practitioner"),
    "revoke the last ig-lead, police": revoked(POLICE, "police-lead", "ig-lead"),
    "revoke a lapsed ig-lead, police": revoked(POLICE, "former-lead", "ig-lead"),
    "revoke auditor, council": revoked(COUNCIL, "council-auditor", "auditor"),
    "revoke business-unit, council": revoked(COUNCIL, "bu-3", "business-unit"),
    "grant checks:ask, police": client(POLICE, "checks:ask"),
    "grant checks:ask, council": client(COUNCIL, "checks:ask"),
    "grant audit:read, council": client(COUNCIL, "audit:read", until=SOON),
    "grant admin, council": client(COUNCIL, "admin", until=SOON),
    "grant audit:read, police": client(POLICE, "audit:read", until=SOON),
    "revoke a client, police": ClientRevoked(organisation=POLICE, client="police-system"),
    "revoke a reading client, council": ClientRevoked(organisation=COUNCIL, client="council-reader"),
    "register an issuer, police": issuer(POLICE, issuer="https://second.police.example"),
    "remove an issuer, police": IssuerRemoved(organisation=POLICE, issuer=ISSUERS[POLICE]),
    "register an issuer, council": issuer(COUNCIL, issuer=OTHER),
}

ALONE = {
    "grant practitioner, police": POLICE_LEAD,
    "grant signatory, police": POLICE_LEAD,
    "grant ig-lead, police": POLICE_LEAD,
    "grant ig-lead, council": COUNCIL_LEAD,
    "revoke practitioner, police": POLICE_LEAD,
    "revoke a lapsed ig-lead, police": POLICE_LEAD,
    "grant checks:ask, police": POLICE_LEAD,
    "grant checks:ask, council": COUNCIL_LEAD,
    "revoke a client, police": POLICE_LEAD,
    "revoke a reading client, council": COUNCIL_LEAD,
}
"""What one person decides, and who that is. Everybody else is refused, and everything else."""

BY_TWO = {
    "grant ig-lead, charity",
    "grant auditor, council",
    "grant business-unit, council",
    "revoke the last ig-lead, police",
    "revoke a lapsed ig-lead, police",
    "revoke auditor, council",
    "revoke business-unit, council",
    "grant audit:read, council",
    "grant admin, council",
    "revoke a client, police",
    "revoke a reading client, council",
    "register an issuer, police",
    "remove an issuer, police",
    "register an issuer, council",
}
"""What two people of the business unit decide."""

CHANGE = pytest.mark.parametrize("name", CHANGES)


@CHANGE
@pytest.mark.parametrize("by", EVERYBODY, ids=lambda by: by.subject)
def test_one_person_decides_what_the_table_gives_them_alone(name: str, by: Decider) -> None:
    log = Log()
    before = len(log.entries)
    if ALONE.get(name) == by:
        (entry,) = log.alone(CHANGES[name], by)
        assert (log.view.first_known_by(*by.person),) == getattr(entry, "approved_by", None)
        return
    with pytest.raises(Refused) as refused:
        log.alone(CHANGES[name], by)
    assert refused.value.code in ("forbidden", "second-person", "not-your-organisation", "conflict")
    assert before == len(log.entries)


@CHANGE
@pytest.mark.parametrize("second", EVERYBODY, ids=lambda by: by.subject)
def test_two_people_decide_what_the_table_gives_the_business_unit(name: str, second: Decider) -> None:
    log = Log()
    if name in BY_TWO and second == BU_1:
        (entry,) = log.by_two((CHANGES[name],), BU_2, BU_1)
        numbers = (log.view.first_known_by(*BU_2.person), log.view.first_known_by(*BU_1.person))
        assert numbers == getattr(entry, "approved_by", None)
        return
    for first, other in ((BU_2, second), (second, BU_2)):
        with pytest.raises(Refused) as refused:
            log.by_two((CHANGES[name],), first, other)
        assert refused.value.code in ("forbidden", "second-person", "conflict")


@pytest.mark.parametrize(
    "second",
    [BU_1, person(COUNCIL, "bu-1", by=OTHER), person(COUNCIL, "bu-x", by=OTHER)],
    ids=["the same", "the same subject of another issuer", "any subject of another issuer"],
)
@pytest.mark.parametrize("name", sorted(BY_TWO))
def test_nobody_is_two_people(name: str, second: Decider) -> None:
    """Of two issuers' subjects nobody knows that they are two people."""
    log = Log(
        issuer(COUNCIL, issuer=OTHER),
        role(COUNCIL, "bu-1", "business-unit", by=OTHER),
        role(COUNCIL, "bu-x", "business-unit", by=OTHER),
    )
    for pair in ((BU_1, second), (second, BU_1)):
        with pytest.raises(Refused) as refused:
            log.by_two((CHANGES[name],), *pair)
        assert refused.value.code == "second-person"


# --- at the tail -----------------------------------------------------------------------------------------------------


def test_a_lead_who_lost_the_role_a_moment_ago_decides_nothing() -> None:
    log = Log(role(POLICE, "second-lead", "ig-lead"))
    draft = deciding.alone(role(POLICE, "new", "practitioner"), POLICE_LEAD, log.view)
    log.alone(revoked(POLICE, "police-lead", "ig-lead"), person(POLICE, "second-lead"))
    with pytest.raises(Refused, match="ig-lead"):
        log.append(draft)


@pytest.mark.parametrize("lost", ["bu-1", "bu-2"])
def test_whoever_of_two_lost_the_role_a_moment_ago_does_not_count(lost: str) -> None:
    log = Log(role(COUNCIL, "bu-4", "business-unit"))
    draft = deciding.by_two((CHANGES["grant auditor, council"],), BU_1, BU_2, log.view)
    log.by_two((revoked(COUNCIL, lost, "business-unit"),), BU_3, person(COUNCIL, "bu-4"))
    with pytest.raises(Refused, match="business-unit"):
        log.append(draft)


@pytest.mark.parametrize(
    ("until", "decides"), [(TODAY, True), ("2026-11-26", False)], ids=["last day", "the day after"]
)
def test_a_role_counts_to_the_end_of_its_last_day(until: str, decides: bool) -> None:
    log = Log(role(POLICE, "short", "ig-lead", until))
    attempt = (role(POLICE, "new", "practitioner"), person(POLICE, "short"))
    if decides:
        log.alone(*attempt)
    else:
        with pytest.raises(Refused):
            log.alone(*attempt)


def test_a_role_by_an_issuer_that_was_removed_decides_nothing() -> None:
    log = Log()
    log.by_two((IssuerRemoved(organisation=POLICE, issuer=ISSUERS[POLICE]),), BU_1, BU_2)
    with pytest.raises(Refused, match="ig-lead"):
        log.alone(role(POLICE, "new", "practitioner", by="https://x.example"), POLICE_LEAD)


def test_a_business_unit_of_another_body_is_none_even_if_the_log_had_one() -> None:
    log = Log(role(POLICE, "a", "business-unit"), role(POLICE, "b", "business-unit"))
    for name in sorted(BY_TWO):
        with pytest.raises(Refused) as refused:
            log.by_two((CHANGES[name],), person(POLICE, "a"), person(POLICE, "b"))
        assert refused.value.code == "forbidden"


def test_a_role_by_a_claim_alone_decides_nothing() -> None:
    """Nobody would know afterwards who it was."""
    with pytest.raises(Refused, match="granted by name"):
        Log().alone(role(POLICE, "new", "practitioner"), person(POLICE, "known-to-a-claim-alone"))


# --- terms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", [None, "2026-11-26", "2027-11-29", "2099-01-01"])
@pytest.mark.parametrize("lead", ["auditor", "business-unit", "audit:read", "admin"])
def test_what_the_lead_body_grants_ends_within_a_year(lead: str, until: str | None) -> None:
    change = role(COUNCIL, "new", lead, until) if lead in LEAD_ROLES else client(COUNCIL, lead, until=until)
    with pytest.raises(Refused) as refused:
        Log().by_two((change,), BU_1, BU_2)
    assert ["#/until"] == [fault.pointer for fault in refused.value.faults]


def test_366_days_are_the_longest_term() -> None:
    Log().by_two((role(COUNCIL, "new", "auditor", "2027-11-28"),), BU_1, BU_2)


def test_a_role_of_the_body_itself_may_have_no_end_and_never_ends_before_it_begins() -> None:
    log = Log()
    log.alone(role(POLICE, "new", "signatory"), POLICE_LEAD)
    with pytest.raises(Refused):
        log.alone(role(POLICE, "new", "signatory", "2026-11-26"), POLICE_LEAD)


def test_the_same_grant_again_is_a_conflict_and_another_term_takes_its_place() -> None:
    log = Log()
    log.alone(role(POLICE, "new", "signatory", SOON), POLICE_LEAD)
    with pytest.raises(Refused, match="already"):
        log.alone(role(POLICE, "new", "signatory", SOON), POLICE_LEAD)
    log.alone(role(POLICE, "new", "signatory", TODAY), POLICE_LEAD)
    assert [(one.role, one.until) for one in log.view.roles(ISSUERS[POLICE], "new")] == [("signatory", TODAY)]


def test_what_ends_takes_nothing_else_along() -> None:
    with pytest.raises(Refused, match="client of their own"):
        Log().by_two((client(COUNCIL, "audit:read", "checks:ask", until=SOON),), BU_1, BU_2)


def test_a_role_that_nobody_has_is_not_revoked() -> None:
    with pytest.raises(Refused) as refused:
        Log().alone(revoked(POLICE, "police-practitioner", "signatory"), POLICE_LEAD)
    assert refused.value.code == "not-found"


# --- nobody is locked out --------------------------------------------------------------------------------------------


def test_a_body_is_never_left_without_its_last_lead_by_its_own_hand() -> None:
    log = Log()
    with pytest.raises(Refused, match="last information-governance lead"):
        log.alone(revoked(POLICE, "police-lead", "ig-lead"), POLICE_LEAD)
    log.alone(role(POLICE, "second-lead", "ig-lead"), POLICE_LEAD)
    log.alone(revoked(POLICE, "police-lead", "ig-lead"), POLICE_LEAD)


def test_when_the_last_lead_left_two_people_of_the_business_unit_let_another_in() -> None:
    log = Log()
    with pytest.raises(Refused, match="who grants this"):
        log.by_two((role(POLICE, "next", "ig-lead"),), BU_1, BU_2)
    log.by_two((revoked(POLICE, "police-lead", "ig-lead"),), BU_1, BU_2)
    log.by_two((role(POLICE, "next", "ig-lead"),), BU_1, BU_2)
    log.alone(role(POLICE, "new", "practitioner"), person(POLICE, "next"))


def test_two_of_the_business_unit_always_remain() -> None:
    log = Log()
    log.by_two((revoked(COUNCIL, "bu-3", "business-unit"),), BU_1, BU_2)
    with pytest.raises(Refused, match="no longer decide"):
        log.by_two((revoked(COUNCIL, "bu-2", "business-unit"),), BU_1, BU_2)


def test_the_last_issuer_of_the_business_unit_is_not_removed_by_mistake() -> None:
    log = Log()
    removal = IssuerRemoved(organisation=COUNCIL, issuer=ISSUERS[COUNCIL])
    with pytest.raises(Refused, match="no longer decide"):
        log.by_two((removal,), BU_1, BU_2)
    log.add(issuer(COUNCIL, issuer=OTHER), role(COUNCIL, "a", "business-unit", by=OTHER))
    with pytest.raises(Refused, match="no longer decide"):
        log.by_two((removal,), BU_1, BU_2)
    log.add(role(COUNCIL, "b", "business-unit", by=OTHER))
    log.by_two((removal,), BU_1, BU_2)


def test_what_takes_nobody_away_can_be_proposed_where_there_is_one_person_alone() -> None:
    over = [role(COUNCIL, subject, "business-unit", "2026-11-01") for subject in ("bu-2", "bu-3")]
    alone = Log(*over)
    for name in ("register an issuer, police", "remove an issuer, police", "grant auditor, council"):
        for holds in deciding.preconditions_by_two((CHANGES[name],)):
            holds(alone.view, AT)
    for change in (IssuerRemoved(COUNCIL, ISSUERS[COUNCIL]), revoked(COUNCIL, "bu-1", "business-unit")):
        with pytest.raises(Refused, match="no longer decide"):
            for holds in deciding.preconditions_by_two((change,)):
                holds(alone.view, AT)


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"audiences": ("urn:isa-registry", "another")}, True),
        ({"algorithms": ("ES256", "PS256")}, True),
        ({"audiences": ("another",)}, False),
        ({"algorithms": ("PS256",)}, False),
        ({"profile": "generic"}, False),
        ({"claim": "org", "value": "council"}, False),
    ],
    ids=str,
)
def test_the_last_issuer_of_the_business_unit_is_not_changed_into_one_that_keeps_it_out(
    changes: dict[str, Any], taken: bool
) -> None:
    log = Log()
    new = issuer(COUNCIL, **changes)
    change: Change = (new,) if new.claim is None else (IssuerRemoved(COUNCIL, ISSUERS[COUNCIL]), new)
    if taken:
        log.by_two(change, BU_1, BU_2)
        return
    with pytest.raises(Refused, match="last issuer"):
        log.by_two(change, BU_1, BU_2)
    log.add(
        issuer(COUNCIL, issuer=OTHER),
        role(COUNCIL, "a", "business-unit", by=OTHER),
        role(COUNCIL, "b", "business-unit", by=OTHER),
    )
    log.by_two(change, BU_1, BU_2)


@pytest.mark.parametrize(
    ("last_days", "warns"),
    [
        ((None, None, None), False),
        (("2027-01-26", None, None), False),
        (("2027-01-25", "2027-01-25", None), True),
        (("2027-01-26", "2027-01-26", None), False),
        (("2026-11-26", "2026-11-26", None), False),
    ],
    ids=["none ends", "one of three", "two of three within 60 days", "two on the 60th day", "over: nothing to renew"],
)
def test_it_is_told_ahead_when_the_business_unit_is_about_to_end(
    last_days: tuple[str | None, ...], warns: bool
) -> None:
    grants = [role(COUNCIL, f"bu-{n}", "business-unit", day) for n, day in enumerate(last_days, start=1)]
    log = Log(*grants)
    assert warns == ends_soon(log.view, TODAY) == ends_soon(log.view, TODAY)


# --- no way round ----------------------------------------------------------------------------------------------------

_SUBJECTS = st.sampled_from(["bu-1", "bu-2", "bu-3", "council-lead", "police-lead", "new-1", "new-2"])
_BODIES = st.sampled_from([COUNCIL, COUNCIL, POLICE, CHARITY])
_UNTIL = st.sampled_from([SOON, SOON, TODAY, None, "2030-01-01"])
_ROLE = st.sampled_from(["practitioner", "ig-lead", "auditor", "business-unit"])
_SCOPES = st.sampled_from([("checks:ask",), ("audit:read",), ("admin", "audit:read"), ("audit:read", "checks:ask")])
_ISSUER_OF = st.sampled_from(
    [*((body, ISSUERS[body]) for body in ISSUERS), (COUNCIL, OTHER), (POLICE, ISSUERS[COUNCIL])]
)
_USUAL = st.sampled_from(
    [(BU_1, BU_2), (BU_2, BU_3), (BU_3, BU_1), (BU_1, BU_1), (BU_1, COUNCIL_LEAD), (COUNCIL_LEAD, None),
     (POLICE_LEAD, None), (BU_1, None)]
)  # fmt: skip
_ODD = st.tuples(
    st.builds(person, _BODIES, _SUBJECTS),
    st.none() | st.builds(person, _BODIES, _SUBJECTS) | st.builds(person, _BODIES, _SUBJECTS, by=st.just(OTHER)),
)
_PAIRS = st.one_of(_USUAL, _USUAL, _USUAL, _ODD)


def _issuer(body_and_address: tuple[str, str], claim: str | None, value: str) -> IssuerRegistered:
    body, address = body_and_address
    return issuer(body, issuer=address, claim=claim, value=None if claim is None else value)


_PAYLOADS: st.SearchStrategy[AccessPayload] = st.one_of(
    st.builds(role, _BODIES, _SUBJECTS, _ROLE, _UNTIL),
    st.builds(role, _BODIES, _SUBJECTS, _ROLE, _UNTIL, by=st.just(OTHER)),
    st.builds(revoked, _BODIES, _SUBJECTS, _ROLE),
    st.builds(ClientGranted, organisation=_BODIES, client=_SUBJECTS, scopes=_SCOPES, until=_UNTIL),
    st.builds(ClientRevoked, organisation=_BODIES, client=_SUBJECTS),
    st.builds(_issuer, _ISSUER_OF, st.sampled_from([None, None, "org"]), st.sampled_from(["a", "b"])),
    st.builds(lambda one: IssuerRemoved(*one), _ISSUER_OF),
)
_ATTEMPTS = st.lists(st.tuples(_PAYLOADS, _PAIRS), min_size=10, max_size=30)


@given(_ATTEMPTS)
def test_no_sequence_of_attempts_gives_what_is_the_lead_bodys_without_two_of_its_business_unit(
    attempts: list[tuple[AccessPayload, tuple[Decider, Decider | None]]],
) -> None:
    log = Log()
    founded = len(log.entries)
    for payload, (first, second) in attempts:
        before = log.view
        try:
            if second is None:
                log.alone(payload, first)
            else:
                log.by_two((payload,), first, second)
        except Refused:
            assert before.size == len(log.entries)
            continue
        (entry,) = log.entries[before.size :]
        people = {before.known_by(number) for number in getattr(entry, "approved_by", ())}
        units = {
            one for one in people if one is not None and "business-unit" in granted_roles(before, COUNCIL, one, TODAY)
        }
        reaches_beyond = (
            isinstance(entry, IssuerRegistered | IssuerRemoved)
            or (isinstance(entry, RoleGranted | RoleRevoked) and entry.role in LEAD_ROLES)
            or (isinstance(entry, ClientGranted) and not set(LEAD_SCOPES).isdisjoint(entry.scopes))
        )
        if reaches_beyond:
            assert 2 == len(people) == len(units)
            assert 1 == len({one[0] for one in units})
        elif second is None:
            (lead,) = people
            assert lead is not None
            assert "ig-lead" in granted_roles(before, payload.organisation, lead, TODAY)
    held = [one for one in log.view.roles_of(POLICE) + log.view.roles_of(CHARITY) if one.role in LEAD_ROLES]
    assert [] == held, "never of another body"
    assert all(one.until is not None for one in log.view.roles_of(COUNCIL)
               if one.role in LEAD_ROLES and one not in log.entries[:founded])  # fmt: skip
