"""On whose authority the registry signs: who signed in lately, has the role now, and still has it at the tail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demonstration import Demonstration
from isa_registry.actions.signed_for import Authority
from isa_registry.domain.access_entries import IssuerRegistered, RoleGranted, RoleMapping, RoleRevoked, SignIn
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.runtime.people.authority import authority_of
from isa_registry.store.sessions import Session

CLUB, ISSUER, AT = "example-sports-club", "https://idp.example", "2026-11-27T10:00:00.000Z"
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
ROLES = frozenset({"practitioner", "ig-lead"})
USE = IssuerRegistered(
    organisation=CLUB, issuer=ISSUER, audiences=("a",), algorithms=("ES256",), profile="generic",
    sign_in=SignIn(client="isa", authentication="private_key_jwt"),
    roles_from=(RoleMapping(claim="groups", value="workers", role="practitioner"),),
)  # fmt: skip
GRANTED = RoleGranted(organisation=CLUB, issuer=ISSUER, subject="s-1", role="practitioner")


def session(*claims: str) -> Session:
    return Session(
        id_sha256=bytes(32), issuer=ISSUER, subject="s-1", organisation=CLUB, provider_subject="s-1",
        provider_session=None, auth_time=NOW, reaches=(CLUB,), claims=claims, browser="Firefox", signed_in_at=NOW,
        last_used_at=NOW, expires_at=NOW + timedelta(hours=12), id_token_sha256=b"\x01" * 32, acr="gold", amr=("otp",),
    )  # fmt: skip


def authority(register: Demonstration, *claims: str, ago: int | None = 60, person: bool = True) -> Authority:
    caller = Caller(
        organisation=CLUB, issuer=ISSUER, subject="s-1", client="isa", person=person, scopes=frozenset(),
        roles=frozenset({"practitioner"}), auth_time=None if ago is None else int(NOW.timestamp()) - ago,
        expires_at=2**40,
    )  # fmt: skip
    view = register.register.at(register.size)
    return authority_of(caller, session(*claims), view, ROLES, now=NOW, within=5400)


def holds(found: Authority, register: Demonstration) -> None:
    found.holds(register.register.at(register.size), AT)


def test_it_keeps_how_they_signed_in_and_the_entry_that_made_them_known() -> None:
    register = Demonstration().then(USE, GRANTED)
    found = authority(register)
    assert found.approved_by == (register.size - 1,)
    evidence = found.sign_in
    assert (evidence.issuer, evidence.auth_time) == (ISSUER, "2026-11-27T09:59:00.000Z")
    assert (evidence.id_token_sha256, evidence.acr, evidence.amr) == ("01" * 32, "gold", ("otp",))
    holds(found, register)


@pytest.mark.parametrize(("ago", "taken"), [(5400, True), (5401, False), (None, False)])
def test_a_sign_in_counts_for_as_long_as_is_said(ago: int | None, taken: bool) -> None:
    register = Demonstration().then(USE, GRANTED)
    if taken:
        authority(register, ago=ago)
        return
    with pytest.raises(Refused) as caught:
        authority(register, ago=ago)
    assert caught.value.code == "sign-in-too-old" and "90 minutes" in caught.value.detail


def test_nothing_is_signed_for_a_system() -> None:
    with pytest.raises(Refused) as caught:
        authority(Demonstration().then(USE, GRANTED), person=False)
    assert caught.value.code == "forbidden"


def test_a_role_that_was_just_taken_away_no_longer_counts() -> None:
    register = Demonstration().then(USE, GRANTED)
    found = authority(register)
    register.then(RoleRevoked(organisation=CLUB, issuer=ISSUER, subject="s-1", role="practitioner"))
    with pytest.raises(Refused) as caught:
        holds(found, register)
    assert caught.value.code == "forbidden"


def test_a_role_by_a_claim_counts_while_the_issuer_gives_it_and_names_no_entry() -> None:
    register = Demonstration().then(USE)
    found = authority(register, "groups=workers")
    assert found.approved_by == ()
    holds(found, register)
    with pytest.raises(Refused):
        holds(authority(register, "groups=others"), register)
    register.then(
        IssuerRegistered(**{**{name: getattr(USE, name) for name in USE.__struct_fields__}, "roles_from": ()})
    )
    with pytest.raises(Refused) as caught:
        holds(found, register)
    assert caught.value.code == "forbidden"


def test_who_became_known_meanwhile_signs_anew() -> None:
    register = Demonstration().then(USE)
    found = authority(register, "groups=workers")
    register.then(GRANTED)
    with pytest.raises(Refused) as caught:
        holds(found, register)
    assert caught.value.code == "conflict"
