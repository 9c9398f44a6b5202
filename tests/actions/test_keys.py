"""Who registers and revokes a signing key, held against the register where the entry goes: not where it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from isa_client.documents import SigningKey
from isa_client.key_proofs import Signatory, prove_key
from isa_registry.actions import keys
from isa_registry.domain.access_entries import (
    IssuerRegistered,
    IssuerRemoved,
    KeyRegistered,
    KeyRevoked,
    KeySignatory,
    RoleGranted,
    RoleMapping,
    RoleRevoked,
)
from isa_registry.domain.entries import Payload, RegistryOpened
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.identity.signing import new_signing_key
from isa_registry.ledger.drafts import Draft

ORIGIN, POLICE, ISSUER = "registry.example.org/durham", "durham-constabulary", "https://id.police.example"
AT = "2026-11-23T09:30:00.000Z"
LATER = "2026-11-24T09:30:00.000Z"
SIRO = KeySignatory(role="siro", ref="POST-1")


def granted(subject: str, role: str, until: str | None = None) -> RoleGranted:
    return RoleGranted(organisation=POLICE, issuer=ISSUER, subject=subject, role=role, until=until)


FOUNDED: tuple[Payload, ...] = (
    RegistryOpened(origin=ORIGIN, partnership="durham", partnership_name="D", lead_body=POLICE, attestation_key={}),
    OrganisationRegistered(organisation=POLICE, name="Police", organisation_kind="police"),
    IssuerRegistered(
        organisation=POLICE, issuer=ISSUER, audiences=("x",), algorithms=("ES256",), profile="generic",
        roles_from=(RoleMapping(claim="groups", value="ig", role="ig-lead"),),
    ),
    granted("a", "ig-lead"),
    granted("b", "ig-lead", until="2026-11-23"),
    granted("c", "signatory"),
    granted("d", "signatory"),
)  # fmt: skip
KNOWN = {"a": 3, "b": 4, "c": 5, "d": 6}


class Log:
    """A register that grows, and what would be appended to it."""

    def __init__(self) -> None:
        self._register, self._size = Register(), 0
        self.then(*FOUNDED)

    def then(self, *payloads: Payload) -> Log:
        for payload in payloads:
            apply(self._register, self._size, AT, payload)
            self._size += 1
        return self

    @property
    def view(self) -> RegisterView:
        return self._register.at(self._size)

    def holds(self, draft: Draft, at: str = AT) -> Sequence[Payload]:
        """What the sequencer would append. Raises `Refused`."""
        for precondition in draft.preconditions:
            precondition(self.view, at)
        return draft.payloads


def person(subject: str, *roles: str, **changes: object) -> Caller:
    caller = Caller(
        organisation=POLICE, issuer=ISSUER, subject=subject, client="isa-registry", person=True, scopes=frozenset(),
        roles=frozenset(roles), auth_time=0, expires_at=2**40,
    )  # fmt: skip
    return replace(caller, **changes)


LEAD, SIGNATORY = person("a", "ig-lead"), person("c", "signatory")
MADE = SigningKey.from_jwk(json.dumps(new_signing_key("case-system-2")[0]).encode())


def key(*uses: str, signatory: KeySignatory | None = None) -> KeyRegistered:
    return KeyRegistered(
        organisation=POLICE, kid=MADE.kid, algorithm="Ed25519", jwk=MADE.public_jwk, uses=uses or ("event",),
        valid_from=AT, signatory=signatory,
    )  # fmt: skip


def registering(log: Log, caller: Caller = LEAD, new: KeyRegistered | None = None) -> Draft:
    new = new or key()
    named = None if new.signatory is None else Signatory(new.signatory.role, new.signatory.ref)
    proof = prove_key(
        MADE, registry=ORIGIN, partnership="durham", organisation=POLICE, uses=new.uses, made_at=AT, signatory=named
    )
    return keys.register_proved(new, caller, log.view, proof=proof, origin=ORIGIN, partnership="durham")


def revoking(log: Log, caller: Caller) -> Draft:
    return keys.revoke_as(KeyRevoked(organisation=POLICE, kid=MADE.kid, reason="superseded"), caller, log.view)


def test_the_entries_name_who_decided() -> None:
    log = Log()
    (registered,) = log.holds(registering(log))
    (revoked,) = log.then(registered).holds(revoking(log, LEAD))
    assert isinstance(registered, KeyRegistered)
    assert isinstance(revoked, KeyRevoked)
    assert registered.approved_by == revoked.approved_by == (KNOWN["a"],)


TAKEN_AWAY: dict[str, tuple[Payload, ...]] = {
    "the role": (RoleRevoked(organisation=POLICE, issuer=ISSUER, subject="a", role="ig-lead"),),
    "the issuer": (IssuerRemoved(organisation=POLICE, issuer=ISSUER),),
    "its time": (granted("a", "ig-lead", until="2026-11-22"),),
}


@pytest.mark.parametrize("what", sorted(TAKEN_AWAY))
@pytest.mark.parametrize("decide", ["register", "revoke"])
def test_who_lost_the_role_meanwhile_decides_nothing(what: str, decide: str) -> None:
    """Their token, and the worker that they asked, may not know it yet."""
    log = Log()
    if decide == "revoke":
        log.then(key())
    draft = registering(log) if decide == "register" else revoking(log, LEAD)
    log.then(*TAKEN_AWAY[what])
    with pytest.raises(Refused, match="at this moment") as refused:
        log.holds(draft)
    assert refused.value.code == "forbidden"


def test_a_role_holds_to_the_end_of_its_last_day_in_london() -> None:
    log = Log()
    draft = registering(log, person("b", "ig-lead"))
    assert log.holds(draft)
    with pytest.raises(Refused, match="at this moment"):
        log.holds(draft, LATER)


def test_a_role_that_a_claim_alone_gives_decides_nothing() -> None:
    """There is no entry that made the person known, so none could be named."""
    with pytest.raises(Refused, match="granted by name") as refused:
        registering(Log(), person("stranger", "ig-lead"))
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("decide", [lambda log, by: registering(log, by), revoking], ids=["register", "revoke"])
def test_nobody_decides_for_another_body(decide: Callable[[Log, Caller], Draft]) -> None:
    with pytest.raises(Refused) as refused:
        decide(Log().then(key()), person("a", "ig-lead", organisation="harbour"))
    assert refused.value.code == "not-your-organisation"


def test_a_proof_is_held_against_the_time_in_the_log() -> None:
    log = Log()
    draft = registering(log)
    for late in ("2026-11-23T09:40:00.000Z", "2026-11-23T09:28:00.000Z"):
        assert log.holds(draft, late)
    for late in ("2026-11-23T09:40:00.001Z", "2026-11-23T09:27:59.999Z"):
        with pytest.raises(Refused) as refused:
            log.holds(draft, late)
        assert [fault.code for fault in refused.value.faults] == ["proof-stale"]


OTHER = SigningKey.from_jwk(json.dumps(new_signing_key(MADE.kid)[0]).encode())
SAID: dict[str, Any] = {
    "registry": ORIGIN, "partnership": "durham", "organisation": POLICE, "uses": ["event"], "made_at": AT,
}  # fmt: skip


def register_with(proof: str) -> Draft:
    return keys.register_proved(key(), LEAD, Log().view, proof=proof, origin=ORIGIN, partnership="durham")


def test_a_proof_by_another_key_is_none() -> None:
    assert register_with(prove_key(MADE, **SAID))
    with pytest.raises(Refused) as refused:
        register_with(prove_key(OTHER, **SAID))
    assert [fault.code for fault in refused.value.faults] == ["jws-signature"]


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("registry", "registry.example.org/york", "another-registry"),
        ("organisation", "harbour", "another-organisation"),
        ("uses", ["event", "acknowledgement"], "other-uses"),
    ],
)
def test_a_proof_of_something_else_is_none(member: str, value: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        register_with(prove_key(MADE, **SAID | {member: value}))
    assert [fault.code for fault in refused.value.faults] == [code]


def test_of_two_registrations_of_one_key_the_first_to_be_logged_stands() -> None:
    log = Log()
    drafts = registering(log), registering(log)
    log.then(*log.holds(drafts[0]))
    with pytest.raises(Refused, match="used this kid"):
        log.holds(drafts[1])


def test_an_attestation_key_is_revoked_by_its_signatory_or_by_the_lead_and_by_no_other() -> None:
    log = Log()
    log.then(*log.holds(registering(log, SIGNATORY, key("attestation", signatory=SIRO))))
    assert log.holds(revoking(log, SIGNATORY))
    assert log.holds(revoking(log, LEAD))
    for other in (person("d", "signatory"), person("c", "practitioner")):
        with pytest.raises(Refused) as refused:
            revoking(log, other)
        assert refused.value.code == "forbidden"


def test_a_signatory_revokes_no_key_for_events() -> None:
    log = Log()
    log.then(*log.holds(registering(log)))
    with pytest.raises(Refused, match="who registered it"):
        revoking(log, SIGNATORY)


@pytest.mark.parametrize(
    ("caller", "new"), [(LEAD, key("attestation", signatory=SIRO)), (SIGNATORY, key()), (person("a"), key())]
)
def test_a_key_is_registered_by_the_role_that_its_uses_ask_for(caller: Caller, new: KeyRegistered) -> None:
    with pytest.raises(Refused) as refused:
        registering(Log(), caller, new)
    assert refused.value.code == "forbidden"


def test_what_founds_a_log_needs_no_proof_and_the_same_care() -> None:
    assert Log().holds(keys.register(key())) == (key(),)
    with pytest.raises(Refused, match="cannot be registered"):
        keys.register(key("attestation"))
    with pytest.raises(Refused, match="registered already"):
        Log().then(key()).holds(keys.register(replace(key(), kid="another")))
