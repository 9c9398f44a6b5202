"""Attestation keys: each is one signatory's, has no other use, and is registered by a signatory who signs in anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.proving import Body, claims_of, private_of, request_for, signed
from api.speaking import MARKER, Database, Signer, assert_problem, bearer, forged_token, person_token
from live import POLICE, Demonstration

KEYS = f"/api/v1/organisations/{POLICE}/keys"
SIRO = {"role": "siro", "ref": "POST-17"}


@pytest.fixture(scope="module")
def signatory(demonstration: Demonstration) -> Iterator[httpx.Client]:
    """The constabulary's signatory, signed in just now."""
    token = person_token(demonstration, POLICE, "signatory")
    with httpx.Client(base_url=demonstration.url, headers=bearer(token), timeout=20) as client:
        yield client


def attestation_key(**changes: Any) -> Body:
    return request_for(private_of(), **{"uses": ["attestation"], "signatory": SIRO, **changes})


def test_a_signatory_registers_a_key_of_their_own(signatory: httpx.Client) -> None:
    new = attestation_key()
    answer = signatory.post(KEYS, json=new)
    assert answer.status_code == 201
    found = signatory.get(KEYS, headers={"ISA-Min-Log-Size": answer.headers["isa-log-size"]}).raise_for_status().json()
    (line,) = [one for one in found["keys"] if one["kid"] == new["kid"]]
    assert (line["uses"], line["signatory"], line["state"]) == (["attestation"], SIRO, "current")


def test_an_attestation_key_signs_no_event(signatory: httpx.Client, police: httpx.Client, signer: Signer) -> None:
    private = private_of()
    answer = signatory.post(KEYS, json=request_for(private, uses=["attestation"], signatory=SIRO)).raise_for_status()
    other = signer.with_key(private)
    headers = {"Content-Type": "application/jose", "ISA-Min-Log-Size": answer.headers["isa-log-size"]}
    refused = police.post("/api/v1/sharing-events", content=other.sign(other.event()), headers=headers)
    assert_problem(refused, 422, "bad-document", "#/kid")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"uses": ["attestation", "event"]}, "#/uses", "attestation-mixed"),
        ({"uses": ["acknowledgement", "attestation"]}, "#/uses", "attestation-mixed"),
        ({"signatory": None}, "#/signatory", "signatory-missing"),
        ({"signatory": {"role": MARKER, "ref": "POST-17"}}, "#/signatory/role", "unknown-code"),
        ({"signatory": {"role": "practitioner", "ref": "POST-17"}}, "#/signatory/role", "unknown-code"),
        ({"signatory": {"role": "siro", "ref": f"{MARKER}@example.org1"}}, "#/signatory/ref", "not-a-reference"),
        ({"signatory": {"role": "siro", "ref": "DH1 3LE"}}, "#/signatory/ref", "not-a-reference"),
        ({"signatory": {"role": "siro", "ref": "943-476-5919"}}, "#/signatory/ref", "not-a-reference"),
        ({"signatory": {"role": "siro", "ref": "Jane"}}, "#/signatory/ref", "not-a-reference"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchanged")
def test_an_attestation_key_is_one_known_posts_and_for_nothing_else(
    signatory: httpx.Client, changes: Body, pointer: str, code: str
) -> None:
    problem = assert_problem(signatory.post(KEYS, json=attestation_key(**changes)), 422, "unprocessable", pointer)
    assert code in [one["code"] for one in problem["errors"]]


@pytest.mark.parametrize("signatory_", [{**SIRO, "name": MARKER}, {"role": "siro"}, MARKER], ids=str)
@pytest.mark.usefixtures("unchanged")
def test_a_signatory_has_no_name(signatory: httpx.Client, signatory_: object) -> None:
    private = private_of()
    proof = signed(claims_of(private, uses=["attestation"], signatory=SIRO), private)
    request = request_for(private, proof=proof, uses=["attestation"], signatory=signatory_)
    assert_problem(signatory.post(KEYS, json=request), 400, "malformed")


@pytest.mark.usefixtures("unchanged")
def test_the_proof_is_of_the_same_signatory(signatory: httpx.Client) -> None:
    """A key that was meant for one post does not come to stand for a higher one on the way."""
    private = private_of()
    proof = signed(claims_of(private, uses=["attestation"], signatory=SIRO), private)
    request = request_for(private, proof=proof, uses=["attestation"], signatory={**SIRO, "role": "chief-officer"})
    assert_problem(signatory.post(KEYS, json=request), 422, "unprocessable", "#/proof/signatory")


@pytest.mark.parametrize("person", ["ig-lead", "practitioner"])
@pytest.mark.usefixtures("unchanged")
def test_nobody_but_a_signatory_registers_one(demonstration: Demonstration, person: str) -> None:
    """With it one attests in a chief officer's name, which is not the information-governance lead's to do."""
    token = person_token(demonstration, POLICE, person)
    answer = httpx.post(demonstration.url + KEYS, json=attestation_key(), headers=bearer(token))
    assert_problem(answer, 403, "forbidden")


@pytest.mark.usefixtures("unchanged")
def test_a_signatory_registers_no_key_for_events(signatory: httpx.Client) -> None:
    assert_problem(signatory.post(KEYS, json=request_for(private_of())), 403, "forbidden")


@pytest.mark.usefixtures("unchanged")
def test_a_sign_in_six_minutes_ago_is_too_old(demonstration: Demonstration) -> None:
    issuer = f"{demonstration.url}/demo/idp/{POLICE}"
    token = forged_token(
        demonstration, POLICE, sub="signatory", client_id="isa-client", scope="openid", iss=issuer,
        auth_time=int(time.time()) - 360,
    )  # fmt: skip
    answer = httpx.post(demonstration.url + KEYS, json=attestation_key(), headers=bearer(token))
    assert_problem(answer, 401, "sign-in-too-old")
    assert 'max_age="300"' in answer.headers["www-authenticate"]


def test_the_signatory_and_the_lead_may_revoke_it(
    signatory: httpx.Client, lead: httpx.Client, database: Database
) -> None:
    for person in (signatory, lead):
        new = attestation_key()
        size = signatory.post(KEYS, json=new).raise_for_status().headers["isa-log-size"]
        revocation = f"{KEYS}/{new['kid']}/revocation"
        answer = person.post(revocation, json={"reason": "superseded"}, headers={"ISA-Min-Log-Size": size})
        assert answer.status_code == 201
    before = database.size()
    for kid in (f"{POLICE}-1", "no-such-key"):
        answer = signatory.post(f"{KEYS}/{kid}/revocation", json={"reason": "superseded"})
        assert_problem(answer, 403, "forbidden")
    assert database.size() == before
