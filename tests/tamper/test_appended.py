"""What somebody appends who has the service's role in the database and asks no action: found, or not, and by whom."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from demonstration import ATTESTATION_KEY, attested
from faults.case_drafts import acknowledgement_draft
from faults.drafts import COUNCIL_KID, COUNCILS_JWK, KID, POLICE, REGISTERED, check_draft, submitted
from isa_client.documents import SigningKey
from isa_client.key_proofs import prove_key
from isa_registry.domain.access_entries import KeyRegistered, KeyRevoked, KeySignatory
from isa_registry.domain.agreement_entries import AttestationMade, SignInEvidence
from isa_registry.domain.entries import (
    CheckAnswered,
    LogContinued,
    Payload,
    RegistryOpened,
    SharingEventAcknowledged,
    SharingEventRecorded,
    SharingEventWithheld,
)
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.domain.sharing import read_event, read_withheld
from isa_registry.identity.attestation_key import AttestationKey
from isa_registry.identity.signing import new_signing_key, sign_document
from isa_registry.ledger.rows import Rows
from isa_registry.runtime.fsck.check import check_log
from isa_registry.runtime.fsck.findings import Findings, lines
from isa_registry.runtime.fsck.signatures import SignatureCheck
from isa_registry.store import index_rows
from isa_registry.store.pool import connect
from isa_verify.encoding import JsonValue, canonical_json, decode_base64url, encode_base64url, parse_json_strict
from running import ORIGIN, SIGNER
from tamper.victim import SIZE, Victim

AT = "2026-11-23T09:00:00.000Z"


def holder(kid: str) -> SigningKey:
    return SigningKey.from_jwk(json.dumps(new_signing_key(kid)[0]).encode())


UNSIGNED = "hmp-durham"
THIEF, ANOTHER = holder("thief-1"), holder("thief-1")


async def found(victim: Victim, *, signatures: bool = False) -> set[tuple[str, str]]:
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, signatures=signatures)
    return {(one.code, one.where) for one in report.findings}


async def test_what_no_action_would_have_made_is_found(victim: Victim) -> None:
    await victim.append(b'{"kind":"sharing-event.recorded","jws":"a.b.c"}', "sharing-event.recorded")
    assert {("payload-unknown", f"entry {SIZE}")} <= await found(victim)


async def test_an_answer_that_nobody_asked_for_is_not(victim: Victim) -> None:
    """The body in whose name it stands sees it among its own."""
    payload = check_draft(900).payloads[0]
    assert isinstance(payload, CheckAnswered)
    await index(victim, await victim.append(payload), payload)
    assert set() == await found(victim, signatures=True)


async def test_an_event_that_its_body_did_not_sign_is_found(victim: Victim) -> None:
    signed = submitted(900).event
    head, claims, _ = signed.split(".")
    payload = SharingEventRecorded(jws=f"{head}.{claims}.{'A' * 86}")
    await index(victim, await victim.append(payload), payload)
    assert set() == await found(victim)
    assert {("event-signature", f"entry {SIZE}")} == await found(victim, signatures=True)


def _said_by(kid: str, key: dict[str, str], **changes: JsonValue) -> str:
    claims = {**_said(), **changes}
    return sign_document(claims, "isa-acknowledgement+jws", key, kid)


def _said() -> dict[str, JsonValue]:
    payload = acknowledgement_draft(900).payloads[0]
    assert isinstance(payload, SharingEventAcknowledged)
    claims = parse_json_strict(decode_base64url(payload.jws.split(".")[1]))
    assert isinstance(claims, dict)
    return claims


@pytest.mark.parametrize(
    "forged",
    [
        lambda: _said_by(COUNCIL_KID, new_signing_key(COUNCIL_KID)[0]),
        lambda: _said_by("thief-1", new_signing_key("thief-1")[0]),
        # Before the key was there; and in the name of a body that has another key.
        lambda: _said_by(COUNCIL_KID, COUNCILS_JWK, received_at="2025-12-31T23:59:59.999Z"),
        lambda: _said_by(COUNCIL_KID, COUNCILS_JWK, recipient="harbour"),
    ],
    ids=["another key", "nobody's key", "before the key", "another body's name"],
)
async def test_an_acknowledgement_that_its_body_did_not_sign_is_found(
    victim: Victim, forged: Callable[[], str]
) -> None:
    payload = SharingEventAcknowledged(provider=POLICE, jws=forged())
    await index(victim, await victim.append(payload), payload)
    assert set() == await found(victim)
    assert {("acknowledgement-signature", f"entry {SIZE}")} == await found(victim, signatures=True)


def _by_another_key() -> str:
    private, _ = new_signing_key(ATTESTATION_KEY["kid"])
    return sign_document(_claims(), "isa-attestation+jws", private, private["kid"])


def _with_other_words() -> str:
    head, _, signature = attested(UNSIGNED, "tier-2-hoth", origin=ORIGIN).jws.split(".")
    return f"{head}.{encode_base64url(canonical_json({**_claims(), 'text_sha256': '0' * 64}))}.{signature}"


def _by_a_key_that_nobody_registered() -> str:
    private, _ = new_signing_key("thief-1")
    return sign_document({**_claims(), "signed_by": "organisation"}, "isa-attestation+jws", private, "thief-1")


def _made_for_another_log() -> str:
    return attested(UNSIGNED, "tier-2-hoth", origin="elsewhere.example/durham").jws


def _claims() -> dict[str, JsonValue]:
    jws = attested(UNSIGNED, "tier-2-hoth", origin=ORIGIN).jws
    claims = parse_json_strict(decode_base64url(jws.split(".")[1]))
    assert isinstance(claims, dict)
    return claims


@pytest.mark.parametrize(
    "forged", [_by_another_key, _with_other_words, _by_a_key_that_nobody_registered, _made_for_another_log]
)
async def test_an_attestation_that_its_signatory_did_not_make_is_found(
    victim: Victim, forged: Callable[[], str]
) -> None:
    payload = AttestationMade(attestation="att_forged", jws=forged())
    index = await victim.append(payload)
    thing = f"tier-2-hoth 1.0 {UNSIGNED}"
    await insert(victim, "lifecycle_event (index, machine, thing, event)", index, "attestation", thing, "attest")
    assert set() == await found(victim)
    assert {("attestation-signature", f"entry {SIZE}")} == await found(victim, signatures=True)


async def test_an_attestation_that_the_registrys_own_key_signed_is_not(victim: Victim) -> None:
    """Whoever has that key and the service's login can make one: the body named sees it in the agreement's list."""
    jws = attested(UNSIGNED, "tier-2-hoth", origin=ORIGIN).jws
    index = await victim.append(AttestationMade(attestation="att_forged", jws=jws))
    thing = f"tier-2-hoth 1.0 {UNSIGNED}"
    await insert(victim, "lifecycle_event (index, machine, thing, event)", index, "attestation", thing, "attest")
    assert set() == await found(victim, signatures=True)


def key_of_a_thief(proof: str | None) -> KeyRegistered:
    """A key of whoever can append, in a body's name."""
    return KeyRegistered(
        organisation=POLICE,
        kid=THIEF.kid,
        algorithm="Ed25519",
        jwk=THIEF.public_jwk,
        uses=("event",),
        valid_from="2026-01-01T00:00:00.000Z",
        proof=proof,
    )


def proof_by(key: SigningKey, *, registry: str = ORIGIN) -> str:
    return prove_key(key, registry=registry, partnership="durham", organisation=POLICE, uses=["event"], made_at=AT)


async def test_a_key_whose_holder_never_asked_for_it_is_found(victim: Victim) -> None:
    await victim.append(key_of_a_thief(proof_by(ANOTHER)))
    assert set() == await found(victim)
    assert {("key-proof", f"entry {SIZE}")} == await found(victim, signatures=True)


@pytest.mark.parametrize("proved", [True, False])
async def test_a_key_of_somebody_else_in_its_bodys_name_is_not(victim: Victim, proved: bool) -> None:
    """A proof shows that its maker holds the key, and a log is founded with keys that have none. The body sees it in
    its own list."""
    await victim.append(key_of_a_thief(proof_by(THIEF) if proved else None))
    assert set() == await found(victim, signatures=True)


LATER, EARLIER_LOG = "2026-11-23T09:00:00.001Z", "another.example"


def beginning(*, continued: bool) -> tuple[SignatureCheck, Findings]:
    """A log that began at `AT`, by itself or in continuation of another, looked at up to there."""
    register, findings = Register(), Findings()
    check = SignatureCheck(register, findings)
    public = {name: ATTESTATION_KEY[name] for name in ("kty", "crv", "x", "kid")}
    begun: list[RegistryOpened | LogContinued] = [
        RegistryOpened(
            origin=ORIGIN, partnership="durham", partnership_name="Durham", lead_body=POLICE, attestation_key=public
        )
    ]
    if continued:
        begun.append(LogContinued(old_origin=EARLIER_LOG, old_checkpoint="", reason="restored"))
    for index, payload in enumerate(begun):
        check.entry(index, payload, at=AT, register_whole=True)
        apply(register, index, AT, payload)
    return check, findings


@pytest.mark.parametrize(
    ("registry", "continued", "at", "expected"),
    [
        (ORIGIN, False, AT, []),
        (EARLIER_LOG, False, AT, ["entry 3"]),
        (EARLIER_LOG, True, AT, []),
        (EARLIER_LOG, True, LATER, ["entry 3"]),
    ],
)
def test_a_proof_names_the_log_that_it_was_made_for(
    registry: str, continued: bool, at: str, expected: list[str]
) -> None:
    """A key that was carried over from another log brings the proof that was made for that one."""
    check, findings = beginning(continued=continued)
    check.entry(3, key_of_a_thief(proof_by(THIEF, registry=registry)), at=at, register_whole=True)
    assert expected == [one.where for one in findings.kept]


def _by_an_earlier_log() -> str:
    """Each log calls its key the same, and each has another."""
    private, _ = new_signing_key(ATTESTATION_KEY["kid"])
    return sign_document({**_claims(), "registry": EARLIER_LOG}, "isa-attestation+jws", private, private["kid"])


@pytest.mark.parametrize(
    ("made", "at", "found_wrong", "not_verified"),
    [
        (_by_an_earlier_log, AT, [], 1),
        (_by_an_earlier_log, LATER, ["entry 3"], 0),
        (_by_another_key, AT, ["entry 3"], 0),
    ],
    ids=["carried over", "appended since", "under the own name, by another key"],
)
def test_what_an_earlier_log_signed_is_counted_where_it_was_carried_over_and_nowhere_else(
    made: Callable[[], str], at: str, found_wrong: list[str], not_verified: int
) -> None:
    check, findings = beginning(continued=True)
    check.entry(3, AttestationMade(attestation="att_1", jws=made()), at=at, register_whole=True)
    assert (found_wrong, not_verified) == ([one.where for one in findings.kept], check.of_earlier_logs)


def test_a_bodys_own_signature_is_held_against_its_key_in_a_log_that_continues_another_too() -> None:
    """Bodies' keys are carried over with what they signed."""
    private, public = new_signing_key("post-1")
    claims = {**_claims(), "registry": EARLIER_LOG, "signed_by": "organisation"}
    jws = sign_document(claims, "isa-attestation+jws", private, "post-1")
    head, body, _ = jws.split(".")
    signatory = claims["signatory"]
    assert isinstance(signatory, dict)
    check, findings = beginning(continued=True)
    jwk = {name: public[name] for name in ("kty", "crv", "x")}
    key = KeyRegistered(
        organisation=UNSIGNED,
        kid="post-1",
        algorithm="Ed25519",
        jwk=jwk,
        uses=("attestation",),
        valid_from="2026-01-01T00:00:00.000Z",
        signatory=KeySignatory(role=str(signatory["role"]), ref=str(signatory["ref"])),
    )
    apply(check.register, 2, AT, key)
    for index, compact in ((3, jws), (4, f"{head}.{body}.{'A' * 86}")):
        check.entry(index, AttestationMade(attestation="att_1", jws=compact), at=AT, register_whole=True)
    assert (["entry 4"], 0) == ([one.where for one in findings.kept], check.of_earlier_logs)


async def test_documents_signed_with_a_key_in_doubt_are_counted_and_no_fault(victim: Victim) -> None:
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, signatures=True)
    assert 0 == report.suspect
    await victim.append(KeyRevoked(organisation=POLICE, kid=KID, reason="compromised", suspect_from=AT))
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, signatures=True)
    assert () == report.findings
    assert report.suspect > 0
    assert f"{report.suspect} documents signed with a key in doubt" in "".join(lines(report))


async def test_every_honest_signature_holds(victim: Victim) -> None:
    assert set() == await found(victim, signatures=True)


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "expected"),
    [
        ("2026-11-01T00:00:00.000Z", None, []),
        ("2026-11-01T00:00:00.000Z", AT, ["entry 5", "entry 6"]),
        ("2026-11-23T09:00:00.001Z", None, ["entry 5", "entry 6"]),
    ],
    ids=["valid then", "ended then", "not yet valid then"],
)
def test_a_key_that_was_not_valid_at_the_decision_is_found(
    valid_from: str, valid_until: str | None, expected: list[str]
) -> None:
    register, findings = Register(), Findings()
    apply(register, 0, AT, replace(REGISTERED, valid_from=valid_from, valid_until=valid_until))
    check, part = SignatureCheck(register, findings), submitted(1, part=True)
    assert part.withheld is not None
    assert read_event(part.event).decided_at == AT
    check.entry(5, SharingEventRecorded(jws=part.event), at=AT, register_whole=True)
    check.entry(6, SharingEventWithheld(provider=POLICE, event="x", jws=part.withheld), at=AT, register_whole=True)
    assert expected == [one.where for one in findings.kept]


@pytest.mark.parametrize("register_whole", [True, False])
def test_a_key_that_nobody_registered_signs_nothing_unless_its_entry_may_be_erased(register_whole: bool) -> None:
    findings = Findings()
    event, held_back = submitted(1, part=True).event, submitted(1, part=True).withheld
    assert held_back is not None
    check = SignatureCheck(Register(), findings)
    check.entry(5, SharingEventRecorded(jws=event), at=AT, register_whole=register_whole)
    check.entry(
        6, SharingEventWithheld(provider=POLICE, event="x", jws=held_back), at=AT, register_whole=register_whole
    )
    check.entry(7, SharingEventWithheld(provider=POLICE, event="x", jws=event), at=AT, register_whole=register_whole)
    expected = ["entry 5", "entry 6", "entry 7"] if register_whole else ["entry 7"]
    assert expected == [one.where for one in findings.kept]


SIGNED_IN = SignInEvidence(issuer="https://idp.example", auth_time=AT)


def signed_for_a_person() -> tuple[str, str]:
    """An event and its list, as the registry signs them."""
    part, key = submitted(1, part=True), AttestationKey(ATTESTATION_KEY)
    assert part.withheld is not None
    listed = key.sign_as("isa-withheld+jws", read_withheld(part.withheld))
    return key.sign_as("isa-sharing-event+jws", read_event(part.event)), listed


@pytest.mark.parametrize(
    ("event", "sign_in", "listed", "expected"),
    [
        ("registry", SIGNED_IN, "registry", []),
        ("registry", None, "registry", ["entry 5", "entry 6"]),
        ("body", SIGNED_IN, "body", ["entry 5", "entry 6"]),
        ("registry", SIGNED_IN, "body", ["entry 6"]),
        ("body", None, "registry", ["entry 6"]),
        ("body", None, "body", []),
    ],
)
@pytest.mark.parametrize("register_whole", [True, False])
def test_the_registrys_key_counts_where_a_sign_in_is_kept_and_nowhere_else(
    event: str, sign_in: SignInEvidence | None, listed: str, expected: list[str], register_whole: bool
) -> None:
    check, findings = beginning(continued=False)
    apply(check.register, 2, AT, replace(REGISTERED, valid_from="2026-11-01T00:00:00.000Z"))
    part = submitted(1, part=True)
    assert part.withheld is not None
    signed = dict(zip(("event", "list"), signed_for_a_person(), strict=True))
    first = SharingEventRecorded(jws=signed["event"] if event == "registry" else part.event, sign_in=sign_in)
    second = SharingEventWithheld(
        provider=POLICE, event="x", jws=signed["list"] if listed == "registry" else part.withheld
    )
    check.entry(5, first, at=AT, register_whole=register_whole)
    check.entry(6, second, at=AT, register_whole=register_whole)
    found = [one.where for one in findings.kept]
    # Where an entry of the register is erased, an unknown key may have been a body's; the registry's own never is.
    assert found == (expected if register_whole or sign_in is not None else [])


def test_an_event_under_the_registrys_kid_that_another_key_signed_is_found() -> None:
    check, findings = beginning(continued=False)
    private, _ = new_signing_key(ATTESTATION_KEY["kid"])
    jws = AttestationKey(private).sign_as("isa-sharing-event+jws", read_event(submitted(1).event))
    check.entry(5, SharingEventRecorded(jws=jws, sign_in=SIGNED_IN), at=AT, register_whole=True)
    assert [one.where for one in findings.kept] == ["entry 5"]


async def index(victim: Victim, entry: int, payload: Payload) -> None:
    """Puts the rows of an entry in their tables."""
    rows = Rows()
    rows.add(entry, payload)
    rows.end()
    connection = await connect(victim.url, "isa_sequence")
    try:
        await index_rows.insert(connection, rows)
    finally:
        await connection.close()


async def insert(victim: Victim, columns: str, *values: object) -> None:
    connection = await connect(victim.url, "isa_sequence")
    try:
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        await connection.execute(f"INSERT INTO {columns} VALUES ({places})", *values)
    finally:
        await connection.close()
