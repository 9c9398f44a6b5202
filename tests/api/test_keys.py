"""An organisation's signing keys: registered and revoked by its information-governance lead."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey

from api.speaking import MARKER, WITHHELD, Database, Signer, assert_problem, at, new_id, person_token
from isa_registry.identity.signing import Jwk, new_signing_key
from live import POLICE, Demonstration

KEYS = f"/api/v1/organisations/{POLICE}/keys"
JOSE = {"Content-Type": "application/jose"}


def key(**changes: object) -> tuple[dict[str, Any], Jwk]:
    """A key as it is registered, and its private half."""
    private, public = new_signing_key(f"test-{new_id()}")
    jwk = {name: public[name] for name in ("kty", "crv", "x")}
    return {"kid": private["kid"], "algorithm": "Ed25519", "jwk": jwk, "uses": ["event"], **changes}, private


def held(client: httpx.Client, kid: str, size: str) -> dict[str, Any]:
    keys = client.get(KEYS, headers={"ISA-Min-Log-Size": size}).raise_for_status().json()["keys"]
    found: dict[str, Any] = next(one for one in keys if one["kid"] == kid)
    return found


def test_a_registered_key_signs_and_a_revoked_one_does_not(
    lead: httpx.Client, police: httpx.Client, signer: Signer, database: Database
) -> None:
    before = database.size()
    new, private = key()
    registered = lead.post(KEYS, json=new)
    assert registered.status_code == 201
    assert registered.json()["entry"] == before
    line = held(police, new["kid"], registered.headers["isa-log-size"])
    assert (line["jwk"], line["uses"], line["revoked"], line["valid_until"]) == (new["jwk"], ["event"], False, None)

    signer_of_new = signer.with_key(private)
    size = {"ISA-Min-Log-Size": registered.headers["isa-log-size"]}
    event = signer_of_new.event(decided_at=at(), shared_at=at())
    recorded = police.post("/api/v1/sharing-events", content=signer_of_new.sign(event), headers={**JOSE, **size})
    assert recorded.status_code == 201

    revocation = {"reason": "compromised", "suspect_from": at(hours=1)}
    revoked = lead.post(f"{KEYS}/{new['kid']}/revocation", json=revocation)
    assert revoked.status_code == 201
    line = held(police, new["kid"], revoked.headers["isa-log-size"])
    assert (line["revoked"], line["suspect_from"]) == (True, revocation["suspect_from"])
    size = {"ISA-Min-Log-Size": revoked.headers["isa-log-size"]}
    refused = police.post(
        "/api/v1/sharing-events", content=signer_of_new.sign(signer_of_new.event()), headers={**JOSE, **size}
    )
    assert_problem(refused, 422, "bad-document", "#/kid")
    assert police.get(f"/api/v1/sharing-events/{event['id']}").status_code == 200


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_keys_of_other_algorithms_sign_too(
    lead: httpx.Client, police: httpx.Client, signer: Signer, algorithm: str
) -> None:
    generated = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(2048)
    private = {**generated.as_dict(private=True), "kid": f"test-{new_id()}"}
    public = generated.as_dict(private=False)
    new = {"kid": private["kid"], "algorithm": algorithm, "jwk": public, "uses": ["event"]}
    size = {"ISA-Min-Log-Size": lead.post(KEYS, json=new).raise_for_status().headers["isa-log-size"]}
    other = signer.with_key(private)
    event = other.event(decided_at=at(), shared_at=at())
    answer = police.post("/api/v1/sharing-events", content=other.sign(event, alg=algorithm), headers={**JOSE, **size})
    assert answer.status_code == 201


def test_an_ed25519_key_may_be_called_by_its_older_name(police: httpx.Client, signer: Signer) -> None:
    """RFC 8037 has EdDSA, RFC 9864 Ed25519."""
    jws = signer.sign(signer.event(), alg="EdDSA")
    assert police.post("/api/v1/sharing-events", content=jws, headers=JOSE).status_code == 201


def test_a_key_for_another_use_signs_no_event(lead: httpx.Client, police: httpx.Client, signer: Signer) -> None:
    new, private = key(uses=["acknowledgement"])
    size = lead.post(KEYS, json=new).raise_for_status().headers["isa-log-size"]
    other = signer.with_key(private)
    headers = {**JOSE, "ISA-Min-Log-Size": size}
    answer = police.post("/api/v1/sharing-events", content=other.sign(other.event()), headers=headers)
    assert_problem(answer, 422, "bad-document", "#/kid")


def test_a_kid_is_used_once(lead: httpx.Client, database: Database) -> None:
    new, _ = key()
    lead.post(KEYS, json=new).raise_for_status()
    lead.post(f"{KEYS}/{new['kid']}/revocation", json={"reason": "ceased"}).raise_for_status()
    before = database.size()
    assert_problem(lead.post(KEYS, json=key(kid=new["kid"])[0]), 409, "conflict")
    assert_problem(lead.post(f"{KEYS}/{new['kid']}/revocation", json={"reason": "ceased"}), 409, "conflict")
    assert_problem(lead.post(f"{KEYS}/{MARKER}/revocation", json={"reason": "ceased"}), 404, "not-found")
    assert_problem(lead.post(f"{KEYS}/%00/revocation", json={"reason": "ceased"}), 404, "not-found")
    assert database.size() == before


PRIVATE = key()[1]


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"kid": f"{MARKER} with spaces"}, 422, "#/kid"),
        ({"kid": ""}, 422, "#/kid"),
        ({"kid": "k" * 65}, 422, "#/kid"),
        ({"algorithm": MARKER}, 422, "#/algorithm"),
        ({"algorithm": "none"}, 422, "#/algorithm"),
        ({"algorithm": "RS256"}, 422, "#/algorithm"),
        ({"algorithm": "ES256"}, 422, "#/jwk"),
        ({"uses": []}, 422, "#/uses"),
        ({"uses": [MARKER]}, 422, "#/uses"),
        ({"jwk": {}}, 422, "#/jwk"),
        ({"jwk": {"kty": "oct", "k": MARKER}}, 422, "#/jwk"),
        ({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": MARKER}}, 422, "#/jwk"),
        ({"jwk": {"kty": "OKP", "crv": "X25519", "x": "A" * 43}}, 422, "#/jwk"),
        pytest.param(
            {"jwk": {name: PRIVATE[name] for name in ("kty", "crv", "x", "d")}}, 422, "#/jwk", id="a private key"
        ),
        ({"valid_from": MARKER}, 422, "#/valid_from"),
        ({"valid_until": "2027-01-01"}, 422, "#/valid_until"),
        ({"jwk": {"kty": 1}}, 400, None),
        ({MARKER: 1}, 400, "#"),
        ({"uses": MARKER}, 400, "#/uses"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_public_key_is_refused(
    lead: httpx.Client, changes: dict[str, object], status: int, pointer: str | None
) -> None:
    answer = lead.post(KEYS, json=key(**changes)[0])
    assert_problem(answer, status, "malformed" if status == 400 else "unprocessable", pointer)
    assert PRIVATE["d"] not in answer.text


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"reason": MARKER}, 422, "#/reason"),
        ({"reason": "ceased", "suspect_from": MARKER}, 422, "#/suspect_from"),
        ({}, 400, "#/reason"),
        ({"reason": "ceased", MARKER: 1}, 400, "#"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_revocation_is_refused(
    lead: httpx.Client, body: dict[str, object], status: int, pointer: str
) -> None:
    assert_problem(lead.post(f"{KEYS}/{POLICE}-1/revocation", json=body), status, None, pointer)


@pytest.mark.parametrize("person", ["practitioner", "signatory"])
@pytest.mark.usefixtures("unchanged")
def test_only_an_ig_lead_registers_keys(demonstration: Demonstration, person: str) -> None:
    token = person_token(demonstration, POLICE, person)
    answer = httpx.post(demonstration.url + KEYS, json=key()[0], headers={"Authorization": f"Bearer {token}"})
    assert_problem(answer, 403, "forbidden")


def test_a_key_is_kept_without_the_members_that_it_does_not_need(lead: httpx.Client, police: httpx.Client) -> None:
    """Nothing that a person might have written beside a key reaches the log."""
    new, _ = key()
    beside = {"kid": new["kid"], "use": "sig", "alg": "EdDSA", "y": MARKER, "comment": MARKER}
    answer = lead.post(KEYS, json={**new, "jwk": {**new["jwk"], **beside}}).raise_for_status()
    assert held(police, new["kid"], answer.headers["isa-log-size"])["jwk"] == new["jwk"]


def test_the_key_of_a_withheld_list_must_have_been_valid_when_the_decision_was_made(
    lead: httpx.Client, police: httpx.Client, signer: Signer, database: Database
) -> None:
    new, private = key(valid_until=at(hours=1))
    registered = lead.post(KEYS, json={**new, "valid_from": at(hours=2)})
    assert registered.status_code == 201
    before, event = database.size(), signer.event(decision="part-shared")
    listed = signer.with_key(private).sign(signer.withheld(event["id"]), WITHHELD)
    event["withheld_sha256"] = hashlib.sha256(listed.encode()).hexdigest()
    refused = police.post(
        "/api/v1/sharing-events",
        json={"event": signer.sign(event), "withheld": listed},
        headers={"ISA-Min-Log-Size": registered.headers["isa-log-size"]},
    )
    assert_problem(refused, 422, "unprocessable", "#/withheld/kid")
    assert database.size() == before
