"""Attesting by the interface: exactly the published words, by whoever may bind the body, once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from joserfc.jwk import OKPKey

from api.attesting_office import Office, office
from attesting import ATTESTATIONS, REFERENCE, TYPE, VERSION, Claims, Signatory, logged, wish
from demonstration import ATTESTATION_KEY
from isa_registry.domain.access_entries import KeyRevoked
from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.dates import london_date
from isa_registry.domain.entries import decode_payload
from isa_registry.domain.party_entries import OrganisationChanged
from isa_registry.identity.compact import public_key, signature_holds, split_compact
from isa_registry.identity.signing import new_signing_key
from isa_registry.runtime.attesting.signing import WrongAttestationKey
from isa_registry.store import log
from isa_registry.store.pool import reading_for
from isa_verify.encoding import canonical_json, encode_base64url
from isa_verify.receipt import verify_receipt
from live import POLICE
from serving import issuer_of, serving

__all__ = ["office"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

JOSE = {"Content-Type": "application/jose"}


async def made(office: Office, entry: int) -> AttestationMade:
    async with reading_for(office.registry.reading, "") as connection:
        stored = await log.entry(connection, entry)
    assert stored is not None
    payload = decode_payload(stored.payload)
    assert isinstance(payload, AttestationMade)
    return payload


async def refused(office: Office, answer: Any, status: int, code: str, pointer: str | None = None) -> Claims:
    problem: Claims = answer.json()
    assert (answer.status_code, problem["type"].rpartition("/")[2]) == (status, code), problem
    if pointer is not None:
        assert pointer in [one["pointer"] for one in problem["errors"]], problem
    return problem


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_body(office: Office) -> Signatory:
    """A body of which nothing that a test sends is taken."""
    return await office.signatory()


def _today(office: Office) -> str:
    return london_date(office.registry.now())


# --- the signatory's own document -------------------------------------------------------------------------------------


async def test_a_system_brings_its_signatorys_document_and_gets_a_receipt_that_holds(office: Office) -> None:
    signatory = await office.signatory()
    jws = signatory.sign(signatory.claims(reservations=["prevent-channel"]))
    async with office.system(signatory.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=jws, headers=JOSE)
        assert answer.status_code == 201, answer.text
        recorded = answer.json()
        payload = await made(office, recorded["entry"])
        assert (payload.jws, payload.sign_in, payload.approved_by) == (jws, None, ())
        listed = (await system.get(ATTESTATIONS)).json()
        (line,) = [one for one in listed["attestations"] if one["organisation"] == signatory.organisation]
        assert (line["attestation"], line["state"], line["entry"]) == (
            recorded["attestation"], "attested", recorded["entry"],
        )  # fmt: skip
        (body,) = [one for one in listed["bodies"] if one["organisation"] == signatory.organisation]
        assert (body["state"], body["counts"], body["reservations"]) == ("attested", True, ["prevent-channel"])
    async with office.system(POLICE, "events:read") as partner:
        receipt = await partner.get(line["receipt"])
        assert receipt.status_code == 200
        held = verify_receipt(receipt.content, office.registry.keys.trusted)
        assert held.payload["jws"] == jws


async def test_the_same_document_again_is_the_same_attestation_for_good(office: Office) -> None:
    """Also in the other form, also once its key is revoked, also once it is withdrawn: it is never another one."""
    signatory = await office.signatory()
    jws = signatory.sign()
    async with office.system(signatory.organisation) as system:
        first = await system.post(ATTESTATIONS, content=jws, headers=JOSE)
        assert first.status_code == 201
        again = await system.post(ATTESTATIONS, json={"attestation": jws})
        assert (again.status_code, again.json()) == (200, first.json())
        revoked = KeyRevoked(organisation=signatory.organisation, kid=signatory.kid, reason="ceased")
        await logged(office.registry, revoked)
        async with office.person(signatory.organisation) as person:
            address = f"{ATTESTATIONS}/{first.json()['attestation']}/withdrawal"
            withdrawn = await person.post(address, json={"on": _today(office), "reason": "signed-in-error"})
            assert withdrawn.status_code == 201, withdrawn.text
        before = office.size
        again = await system.post(ATTESTATIONS, content=jws, headers=JOSE)
        assert (again.status_code, again.json(), office.size) == (200, first.json(), before)


async def test_the_same_words_under_another_signature_make_no_second_one(office: Office) -> None:
    """A signature can be written in two ways under some algorithms: whoever saw a document could bring it again after
    it was withdrawn."""
    signatory = await office.signatory()
    claims = signatory.claims()
    async with office.system(signatory.organisation) as system:
        first = await system.post(ATTESTATIONS, content=signatory.sign(claims), headers=JOSE)
        await _withdraw(office, signatory.organisation, first.json()["attestation"])
        other = await system.post(ATTESTATIONS, content=signatory.sign(claims, alg="EdDSA"), headers=JOSE)
        await refused(office, other, 409, "conflict")


async def test_a_body_attests_once_and_again_after_it_withdrew(office: Office) -> None:
    signatory = await office.signatory()
    async with office.system(signatory.organisation) as system:
        first = await system.post(ATTESTATIONS, content=signatory.sign(), headers=JOSE)
        before = office.size
        second = await system.post(
            ATTESTATIONS, content=signatory.sign(signatory.claims(reservations=["missing-now"])), headers=JOSE
        )
        await refused(office, second, 409, "conflict")
        assert office.size == before
        await _withdraw(office, signatory.organisation, first.json()["attestation"])
        third = await system.post(
            ATTESTATIONS, content=signatory.sign(signatory.claims(reservations=["missing-now"])), headers=JOSE
        )
        assert third.status_code == 201


async def test_one_of_several_at_once_is_taken(office: Office) -> None:
    signatory = await office.signatory()
    documents = [
        signatory.sign(signatory.claims(authority={"code": "office-holder", "reference": f"GOV-{n}"})) for n in range(5)
    ]
    async with office.system(signatory.organisation) as system:
        answers = await asyncio.gather(*(system.post(ATTESTATIONS, content=one, headers=JOSE) for one in documents))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409, 409]


def _flipped(jws: str, part: int) -> str:
    parts = jws.split(".")
    middle = len(parts[part]) // 2
    letter = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + letter + parts[part][middle + 1 :]
    return ".".join(parts)


def _unsigned(signatory: Signatory) -> str:
    head = encode_base64url(canonical_json({"alg": "none", "kid": signatory.kid, "typ": TYPE}))
    return f"{head}.{encode_base64url(canonical_json(signatory.claims()))}."


def _by_another(signatory: Signatory) -> str:
    other = Signatory(signatory.registry, signatory.organisation, signatory.role, signatory.kid)
    return other.sign()


def _own_key_inside(signatory: Signatory) -> str:
    other = Signatory(signatory.registry, signatory.organisation, signatory.role, signatory.kid)
    return other.sign(jwk=other.public)


def _twice(signatory: Signatory) -> str:
    plain = canonical_json(signatory.claims()).decode()
    return signatory.sign((plain[:-1] + ',"reservations":[]}').encode())


TAMPERED: dict[str, Any] = {
    "a letter of the claims": lambda one: _flipped(one.sign(), 1),
    "a letter of the signature": lambda one: _flipped(one.sign(), 2),
    "a letter of the header": lambda one: _flipped(one.sign(), 0),
    "no signature": _unsigned,
    "another key under the same kid": _by_another,
    "a key that it brings itself": _own_key_inside,
    "another type": lambda one: one.sign(typ="isa-sharing-event+jws"),
    "a kid that is not registered": lambda one: one.sign(kid="no-such-key"),
    "a critical header": lambda one: one.sign(crit=["b64"], b64=False),
    "a member twice": _twice,
    "a part too many": lambda one: one.sign() + ".e30",
    "no document": lambda one: "zqx7f3marker",
    "nothing": lambda one: "",
    "claims that are no object": lambda one: one.sign(b"[]"),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_a_document_that_was_tampered_with_is_refused_whole(
    office: Office, shared_body: Signatory, how: str
) -> None:
    before = office.size
    async with office.system(shared_body.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=TAMPERED[how](shared_body), headers=JOSE)
    problem = await refused(office, answer, 422, "bad-document")
    assert problem["errors"]
    assert "zqx7f3marker" not in answer.text
    assert office.size == before


def authority(reference: str) -> Claims:
    return {"code": "office-holder", "reference": reference}


FAULTY: dict[str, tuple[Claims, str]] = {
    "other words": ({"text_sha256": "0" * 64}, "#/text_sha256"),
    "words in capitals": ({"text_sha256": "A" * 64}, "#/text_sha256"),
    "another schedule": ({"schedule_sha256": "0" * 64}, "#/schedule_sha256"),
    "another registry": ({"registry": "elsewhere.example/durham"}, "#/registry"),
    "another partnership": ({"partnership": "elsewhere"}, "#/partnership"),
    "another version": ({"version": "9.9"}, "#/version"),
    "another agreement": ({"agreement": "tier-1"}, "#/version"),
    "a reference that is a date": ({"authority": authority("2026-09-01")}, "#/authority/reference"),
    "a reference that is a name": ({"authority": authority("Jane")}, "#/authority/reference"),
    "whom nobody consults": ({"consulted": [{"role": "treasurer", "on": "2026-09-01"}]}, "#/consulted/0/role"),
    "consulted tomorrow": ({"consulted": [{"role": "siro", "on": "2999-01-01"}]}, "#/consulted/0/on"),
    "consulted on no day": ({"consulted": [{"role": "siro", "on": "2026-02-30"}]}, "#/consulted/0/on"),
    "consulted twice": ({"consulted": [{"role": "siro", "on": "2026-09-01"}] * 2}, "#/consulted"),
    "a purpose that is none": ({"reservations": ["gossip"]}, "#/reservations/0"),
    "a purpose of another agreement": ({"reservations": ["early-help"]}, "#/reservations/0"),
    "a purpose twice": ({"reservations": ["missing-now", "missing-now"]}, "#/reservations"),
    "every purpose": ({"reservations": ["harm-outside-the-home", "missing-now", "missing-return-interview",
        "modern-slavery-referral", "crime-prevention", "prevent-channel"]}, "#/reservations"),
    "yesterday": ({"attested_at": "2026-01-01T00:00:00.000Z"}, "#/attested_at"),
    "tomorrow": ({"attested_at": "2999-01-01T00:00:00.000Z"}, "#/attested_at"),
    "no time": ({"attested_at": "today"}, "#/attested_at"),
    "by the registry": ({"signed_by": "registry"}, "#/signed_by"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTY)
async def test_what_is_wrong_in_it_is_said_where_it_stands(office: Office, shared_body: Signatory, what: str) -> None:
    changes, pointer = FAULTY[what]
    before = office.size
    async with office.system(shared_body.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=shared_body.sign(shared_body.claims(**changes)), headers=JOSE)
    await refused(office, answer, 422, "unprocessable", pointer)
    assert office.size == before


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "zqx7f3marker"},
        {"v": 2},
        {"signatory": {"role": "chief-officer", "ref": REFERENCE, "name": "zqx7f3marker"}},
        {"authority": {"code": "because", "reference": "GOV-1"}},
        {"reservations": "none"},
    ],
    ids=str,
)
async def test_a_document_of_another_form_is_refused(office: Office, shared_body: Signatory, changes: Claims) -> None:
    before = office.size
    async with office.system(shared_body.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=shared_body.sign(shared_body.claims(**changes)), headers=JOSE)
    await refused(office, answer, 400, "malformed")
    assert "zqx7f3marker" not in answer.text
    assert office.size == before


async def test_a_key_signs_for_its_own_signatory_alone(office: Office, shared_body: Signatory) -> None:
    claims = shared_body.claims(signatory={"role": "chair-of-trustees", "ref": REFERENCE})
    async with office.system(shared_body.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=shared_body.sign(claims), headers=JOSE)
    await refused(office, answer, 422, "bad-document", "#/signatory")


async def test_a_key_for_events_attests_nothing(office: Office) -> None:
    organisation = await office.body()
    signatory = await Signatory(office.registry, organisation).register(uses=("event",), signatory=None)
    async with office.system(organisation) as system:
        answer = await system.post(ATTESTATIONS, content=signatory.sign(), headers=JOSE)
    await refused(office, answer, 422, "bad-document", "#/kid")


async def test_a_key_that_was_not_valid_then_attests_nothing(office: Office) -> None:
    organisation = await office.body()
    signatory = await Signatory(office.registry, organisation).register(valid_from="2999-01-01T00:00:00.000Z")
    async with office.system(organisation) as system:
        answer = await system.post(ATTESTATIONS, content=signatory.sign(), headers=JOSE)
    await refused(office, answer, 422, "unprocessable", "#/attested_at")


async def test_a_role_that_the_schedule_does_not_name_signs_nothing(office: Office) -> None:
    signatory = await office.signatory("head-teacher")
    async with office.system(signatory.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=signatory.sign(), headers=JOSE)
    await refused(office, answer, 422, "unprocessable", "#/signatory/role")


async def test_a_delegate_signs_by_a_delegation_and_not_without(office: Office) -> None:
    signatory = await office.signatory("delegate")
    claims = signatory.claims(authority={"code": "scheme-of-delegation", "reference": "SOD-4"})
    async with office.system(signatory.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=signatory.sign(claims), headers=JOSE)
        await refused(office, answer, 422, "unprocessable", "#/signatory/ref")
        await office.delegates(signatory.organisation, ref=REFERENCE)
        by_office = await system.post(ATTESTATIONS, content=signatory.sign(signatory.claims()), headers=JOSE)
        await refused(office, by_office, 422, "unprocessable", "#/authority/code")
        assert (await system.post(ATTESTATIONS, content=signatory.sign(claims), headers=JOSE)).status_code == 201


async def test_another_bodys_signatory_signs_where_that_was_delegated(office: Office) -> None:
    signatory, other = await office.signatory(), await office.body()
    claims = signatory.claims(organisation=other)
    async with office.system(signatory.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=signatory.sign(claims), headers=JOSE)
        await refused(office, answer, 422, "unprocessable", "#/signatory/role")
        await office.delegates(other, to=signatory.organisation)
        taken = await system.post(ATTESTATIONS, content=signatory.sign(claims), headers=JOSE)
        assert (taken.status_code, taken.json()["organisation"]) == (201, other)


@pytest.mark.parametrize("record", [{"suspended_on": "2026-01-01"}, {"closed_on": "2026-01-01"}], ids=str)
async def test_a_body_that_takes_no_part_binds_itself_to_nothing(office: Office, record: Claims) -> None:
    signatory = await office.signatory(**record)
    async with office.system(signatory.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=signatory.sign(), headers=JOSE)
    await refused(office, answer, 422, "unprocessable", "#/organisation")


async def test_a_body_of_another_partnership_is_told_so(office: Office) -> None:
    signatory = await office.signatory(partnerships=("elsewhere",))
    async with office.system(signatory.organisation) as system:
        answer = await system.post(ATTESTATIONS, content=signatory.sign(), headers=JOSE)
    await refused(office, answer, 409, "conflict")


@pytest.mark.parametrize("scope", ["events:read", "checks:ask"])
async def test_no_other_scope_brings_one(office: Office, shared_body: Signatory, scope: str) -> None:
    async with office.system(shared_body.organisation, scope) as system:
        answer = await system.post(ATTESTATIONS, content=shared_body.sign(), headers=JOSE)
    await refused(office, answer, 403, "insufficient-scope")


# --- by the registry, for a person who is signed in -------------------------------------------------------------------


async def test_the_registry_signs_for_a_person_who_just_signed_in_and_keeps_how(office: Office) -> None:
    organisation = await office.body()
    async with office.person(organisation) as person:
        answer = await person.post(ATTESTATIONS, json=wish(reservations=["missing-now"]))
    assert answer.status_code == 201, answer.text
    payload = await made(office, answer.json()["entry"])
    claims = read_attestation(payload.jws)
    assert (claims.signed_by, claims.organisation, claims.reservations) == ("registry", organisation, ("missing-now",))
    key = public_key({**ATTESTATION_KEY}, "Ed25519")
    assert signature_holds(split_compact(payload.jws), "Ed25519", key)
    number = office.registry.follower.view.first_known_by(issuer_of(organisation), "signatory")
    assert payload.approved_by == (number,)
    assert payload.sign_in is not None
    assert payload.sign_in.issuer == issuer_of(organisation)


async def test_a_sign_in_six_minutes_ago_is_too_old(office: Office) -> None:
    organisation = await office.body()
    before = office.size
    for auth_time in (int(time.time()) - 360, None):
        async with office.person(organisation, auth_time=auth_time) as person:
            answer = await person.post(ATTESTATIONS, json=wish())
        await refused(office, answer, 401, "sign-in-too-old")
        assert 'max_age="300"' in answer.headers["www-authenticate"]
    assert office.size == before


async def test_nothing_is_signed_for_a_system(office: Office) -> None:
    organisation = await office.body()
    before = office.size
    async with office.system(organisation) as system:
        await refused(office, await system.post(ATTESTATIONS, json=wish()), 403, "forbidden")
    assert office.size == before


@pytest.mark.parametrize("role", ["ig-lead", "practitioner"])
async def test_nothing_is_signed_for_anybody_but_a_signatory(office: Office, shared_body: Signatory, role: str) -> None:
    async with office.person(shared_body.organisation, role) as person:
        await refused(office, await person.post(ATTESTATIONS, json=wish()), 403, "forbidden")


@pytest.mark.parametrize(
    "what",
    [
        "other words",
        "another schedule",
        "a reference that is a name",
        "a purpose twice",
        "every purpose",
        "consulted tomorrow",
    ],
)
async def test_what_is_wrong_in_a_wish_is_said_where_it_stands(
    office: Office, shared_body: Signatory, what: str
) -> None:
    changes, pointer = FAULTY[what]
    before = office.size
    async with office.person(shared_body.organisation) as person:
        answer = await person.post(ATTESTATIONS, json=wish(**changes))
    await refused(office, answer, 422, "unprocessable", pointer)
    assert office.size == before


async def test_a_wish_needs_the_hashes_that_were_seen(office: Office, shared_body: Signatory) -> None:
    for member in ("text_sha256", "schedule_sha256"):
        short = {name: value for name, value in wish().items() if name != member}
        async with office.person(shared_body.organisation) as person:
            await refused(office, await person.post(ATTESTATIONS, json=short), 400, "malformed", f"#/{member}")


async def test_without_authority_nothing_is_signed(office: Office, shared_body: Signatory) -> None:
    before = office.size
    async with office.person(shared_body.organisation) as person:
        for changes in ({"signatory": {"role": "head-teacher", "ref": REFERENCE}}, {"organisation": POLICE}):
            answer = await person.post(ATTESTATIONS, json=wish(**changes))
            await refused(office, answer, 422, "unprocessable", "#/signatory/role")
        unknown = await person.post(ATTESTATIONS, json=wish(organisation="nobody-here"))
        await refused(office, unknown, 404, "not-found")
    assert office.size == before


async def test_an_idempotency_key_repeats_the_first_answer(office: Office) -> None:
    organisation = await office.body()
    async with office.person(organisation) as person:
        sent = {"json": wish(), "headers": {"Idempotency-Key": f'"{organisation}-attests"'}}
        first, again = await person.post(ATTESTATIONS, **sent), await person.post(ATTESTATIONS, **sent)
        assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
        await refused(office, await person.post(ATTESTATIONS, json=wish()), 409, "conflict")


async def test_without_the_logs_own_key_nothing_is_signed(office: Office, shared_body: Signatory) -> None:
    attesting = office.serving.app.state["attesting"]
    key = attesting._key
    other = OKPKey.generate_key("Ed25519").as_dict(private=True)
    try:
        for wrong in (None, type(key)({**other, "kid": ATTESTATION_KEY["kid"]})):
            attesting._key = wrong
            async with office.person(shared_body.organisation) as person:
                await refused(office, await person.post(ATTESTATIONS, json=wish()), 503, "unavailable")
    finally:
        attesting._key = key


async def test_a_registry_with_another_key_than_the_logs_does_not_start(office: Office, tmp_path: Path) -> None:
    other, _ = new_signing_key(ATTESTATION_KEY["kid"])
    with pytest.raises(ExceptionGroup) as refused:
        async with serving(office.database_url, tmp_path, attestation_key=other):
            raise AssertionError("it started")
    assert refused.group_contains(WrongAttestationKey)


# --- declining and withdrawing ----------------------------------------------------------------------------------------


async def test_a_body_declines_with_a_reason_and_may_still_attest(office: Office) -> None:
    organisation = await office.body()
    async with office.person(organisation) as person:
        answer = await person.post(f"{VERSION}/refusal", json={"reason": "no-lawful-basis"})
        assert answer.status_code == 201, answer.text
        twice = await person.post(f"{VERSION}/refusal", json={"reason": "no-lawful-basis"})
        await refused(office, twice, 409, "conflict")
        bodies = (await person.get(ATTESTATIONS)).json()["bodies"]
        assert organisation not in [one["organisation"] for one in bodies], "what was declined is not told in public"
        assert (await person.post(ATTESTATIONS, json=wish())).status_code == 201
        late = await person.post(f"{VERSION}/refusal", json={"reason": "no-lawful-basis"})
        await refused(office, late, 409, "conflict")
        unknown = await person.post(f"{VERSION}/refusal", json={"reason": "zqx7f3marker"})
        await refused(office, unknown, 422, "unprocessable", "#/reason")


async def test_nobody_declines_or_withdraws_for_another_body(office: Office) -> None:
    organisation, other = await office.body(), await office.body()
    async with office.person(organisation) as person, office.person(other) as stranger:
        attested = (await person.post(ATTESTATIONS, json=wish())).json()["attestation"]
        before = office.size
        for theirs in (organisation, "nobody-here"):
            answer = await stranger.post(
                f"{VERSION}/refusal", json={"reason": "does-not-share", "organisation": theirs}
            )
            assert answer.status_code in (403, 409), answer.text
        withdrawal = {"on": _today(office), "reason": "signed-in-error"}
        answer = await stranger.post(f"{ATTESTATIONS}/{attested}/withdrawal", json=withdrawal)
        await refused(office, answer, 403, "not-your-organisation")
        assert office.size == before


async def test_nobody_declines_what_another_body_has_still_to_decide(office: Office) -> None:
    """Whether there is such a body or not."""
    organisation, stranger = await office.body(), await office.body()
    before = office.size
    async with office.person(stranger) as person:
        for theirs in (organisation, "nobody-here"):
            wish = {"reason": "does-not-share", "organisation": theirs}
            answer = await person.post(f"{VERSION}/refusal", json=wish)
            await refused(office, answer, 403, "not-your-organisation")
    assert office.size == before


async def test_a_body_withdraws_from_a_day_on_and_not_before_today(office: Office) -> None:
    organisation = await office.body()
    async with office.person(organisation) as person:
        address = f"{ATTESTATIONS}/{(await person.post(ATTESTATIONS, json=wish())).json()['attestation']}/withdrawal"
        for sent, pointer in (
            ({"on": "2026-01-01", "reason": "signed-in-error"}, "#/on"),
            ({"on": "soon", "reason": "signed-in-error"}, "#/on"),
            ({"on": "2999-01-01", "reason": "because"}, "#/reason"),
        ):
            await refused(office, await person.post(address, json=sent), 422, "unprocessable", pointer)
        done = await person.post(address, json={"on": "2999-01-01", "reason": "no-longer-shares"})
        assert done.status_code == 201
        (line,) = [
            one
            for one in (await person.get(ATTESTATIONS)).json()["attestations"]
            if one["organisation"] == organisation
        ]
        assert (line["state"], line["withdrawn_on"], line["withdrawal_reason"]) == (
            "attested",
            "2999-01-01",
            "no-longer-shares",
        )
        await refused(
            office, await person.post(address, json={"on": "2999-01-01", "reason": "no-longer-shares"}), 409, "conflict"
        )
    async with office.person(organisation, auth_time=int(time.time()) - 360) as late:
        await refused(
            office,
            await late.post(address, json={"on": "2999-01-01", "reason": "no-longer-shares"}),
            401,
            "sign-in-too-old",
        )


async def test_a_suspended_body_can_still_withdraw(office: Office) -> None:
    organisation = await office.body()
    async with office.person(organisation) as person:
        attested = (await person.post(ATTESTATIONS, json=wish())).json()["attestation"]
        await logged(
            office.registry,
            OrganisationChanged(
                organisation=organisation, name=organisation, organisation_kind="sports-club", suspended_on="2026-01-01"
            ),
        )
        answer = await person.post(
            f"{ATTESTATIONS}/{attested}/withdrawal", json={"on": _today(office), "reason": "no-longer-shares"}
        )
        assert answer.status_code == 201


async def test_what_is_not_there_is_not_found(office: Office, shared_body: Signatory) -> None:
    async with office.person(shared_body.organisation) as person:
        withdrawal = {"on": _today(office), "reason": "signed-in-error"}
        for address, sent in (
            (f"{ATTESTATIONS}/att_nothing/withdrawal", withdrawal),
            ("/api/v1/agreements/tier-2-hoth/versions/9.9/attestations", wish()),
            ("/api/v1/agreements/tier-2-hoth/versions/9.9/refusal", {"reason": "does-not-share"}),
        ):
            await refused(office, await person.post(address, json=sent), 404, "not-found")


async def _withdraw(office: Office, organisation: str, attestation: str) -> None:
    async with office.person(organisation) as person:
        answer = await person.post(
            f"{ATTESTATIONS}/{attestation}/withdrawal", json={"on": _today(office), "reason": "signed-in-error"}
        )
        assert answer.status_code == 201, answer.text
