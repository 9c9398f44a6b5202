"""An organisation's signing keys: registered and revoked by its information-governance lead."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from api.proving import private_of, request_for
from api.speaking import MARKER, WITHHELD, Database, Signer, assert_problem, at, person_token
from isa_client.documents import payload_of
from isa_registry.domain.dates import milliseconds_later
from isa_registry.identity.signing import Jwk
from isa_verify.encoding import encode_base64url
from live import POLICE, Demonstration

KEYS = f"/api/v1/organisations/{POLICE}/keys"
JOSE = {"Content-Type": "application/jose"}


def key(**changes: Any) -> tuple[dict[str, Any], Jwk]:
    """A key as it is registered, and its private half."""
    private = private_of(kid=str(changes.get("kid", "")) or None)
    return request_for(private, **changes), private


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
    assert (line["state"], line["source"], line["jwks_uri"], line["signatory"]) == ("current", "sent", None, None)
    assert line["proved_at"] == payload_of(new["proof"])["made_at"]
    assert line["thumbprint"] == payload_of(new["proof"])["thumbprint"]

    signer_of_new = signer.with_key(private)
    size = {"ISA-Min-Log-Size": registered.headers["isa-log-size"]}
    event = signer_of_new.event(decided_at=at(), shared_at=at())
    recorded = police.post("/api/v1/sharing-events", content=signer_of_new.sign(event), headers={**JOSE, **size})
    assert recorded.status_code == 201

    revocation = {"reason": "compromised", "suspect_from": at()}
    revoked = lead.post(f"{KEYS}/{new['kid']}/revocation", json=revocation)
    assert revoked.status_code == 201
    line = held(police, new["kid"], revoked.headers["isa-log-size"])
    assert (line["revoked"], line["suspect_from"]) == (True, revocation["suspect_from"])
    assert (line["state"], line["revoked_because"]) == ("revoked", "compromised")
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
    private = private_of(algorithm)
    new = request_for(private)
    assert new["algorithm"] == algorithm
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
WEAK = {"kty": "RSA", "e": "AQAB", "n": encode_base64url((2**1023 + 1).to_bytes(128, "big"))}


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
        ({"algorithm": "PS256", "jwk": WEAK}, 422, "#/jwk"),
        ({"algorithm": "ES256", "jwk": {"kty": "EC", "crv": "P-384", "x": "A" * 64, "y": "A" * 64}}, 422, "#/jwk"),
        ({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": f"AQ{'A' * 41}"}}, 422, "#/jwk"),
        ({"valid_from": MARKER}, 422, "#/valid_from"),
        ({"valid_until": "2027-01-01"}, 422, "#/valid_until"),
        ({"valid_from": "2026-02-01T00:00:00.000Z", "valid_until": "2026-01-01T00:00:00.000Z"}, 422, "#/valid_until"),
        ({"uses": ["event", "event"]}, 422, "#/uses"),
        ({"signatory": {"role": "siro", "ref": "POST-1"}}, 422, "#/signatory"),
        ({"proof": 1}, 400, "#/proof"),
        ({"jwk": None}, 400, "#/jwk"),
        ({"jwks_uri": "https://keys.example/jwks"}, 400, "#/jwk"),
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
        ({"reason": "ceased", "suspect_from": "2026-01-01T00:00:00.000Z"}, 422, "#/suspect_from"),
        ({"reason": "compromised", "suspect_from": "2099-01-01T00:00:00.000Z"}, 422, "#/suspect_from"),
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


def test_a_request_without_a_proof_is_refused(lead: httpx.Client, database: Database) -> None:
    before, (new, _) = database.size(), key()
    del new["proof"]
    assert_problem(lead.post(KEYS, json=new), 400, "malformed", "#/proof")
    assert database.size() == before


def test_the_same_key_is_no_second_key(lead: httpx.Client, database: Database) -> None:
    """Neither under another kid nor after it was revoked."""
    new, private = key()
    lead.post(KEYS, json=new).raise_for_status()
    before = database.size()
    again = request_for({**private, "kid": f"{private['kid']}-again"})
    problem = assert_problem(lead.post(KEYS, json=again), 409, "conflict", "#/jwk")
    assert [one["code"] for one in problem["errors"]] == ["key-already-registered"]
    assert database.size() == before
    lead.post(f"{KEYS}/{new['kid']}/revocation", json={"reason": "ceased"}).raise_for_status()
    assert_problem(lead.post(KEYS, json=again), 409, "conflict", "#/jwk")


def test_another_organisation_cannot_register_the_same_key(
    lead: httpx.Client, demonstration: Demonstration, database: Database
) -> None:
    new, private = key()
    lead.post(KEYS, json=new).raise_for_status()
    before = database.size()
    token = person_token(demonstration, "harbour", "ig-lead")
    answer = httpx.post(
        f"{demonstration.url}/api/v1/organisations/harbour/keys",
        json=request_for(private, organisation="harbour"),
        headers={"Authorization": f"Bearer {token}"},
    )
    problem = assert_problem(answer, 409, "conflict", "#/jwk")
    assert POLICE not in answer.text
    assert [one["code"] for one in problem["errors"]] == ["key-already-registered"]
    assert database.size() == before


def test_a_repeated_registration_gives_its_first_answer(lead: httpx.Client, database: Database) -> None:
    new, _ = key()
    headers = {"Idempotency-Key": f"register-{new['kid']}"}
    first = lead.post(KEYS, json=new, headers=headers)
    before = database.size()
    again = lead.post(KEYS, json=new, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert database.size() == before


def test_the_entry_names_who_decided_by_the_entry_that_made_them_known(lead: httpx.Client, database: Database) -> None:
    new, _ = key()
    entry = lead.post(KEYS, json=new).raise_for_status().json()["entry"]
    revoked = lead.post(f"{KEYS}/{new['kid']}/revocation", json={"reason": "ceased"}).raise_for_status().json()["entry"]
    for index in (entry, revoked):
        logged = lead.get(f"/api/v1/audit/entries/{index}").raise_for_status().json()["payload"]
        (by,) = logged["approved_by"]
        known = lead.get(f"/api/v1/audit/entries/{by}").raise_for_status().json()["payload"]
        assert (known["kind"], known["organisation"], known["role"]) == ("role.granted", POLICE, "ig-lead")


def test_that_a_revoked_key_was_compromised_can_be_said_later(lead: httpx.Client, police: httpx.Client) -> None:
    new, _ = key(valid_from=at(hours=5))
    lead.post(KEYS, json=new).raise_for_status()
    revocation = f"{KEYS}/{new['kid']}/revocation"
    lead.post(revocation, json={"reason": "superseded"}).raise_for_status()
    assert_problem(lead.post(revocation, json={"reason": "compromised"}), 409, "conflict")
    for since in (at(hours=1), at(hours=2)):
        said = lead.post(revocation, json={"reason": "compromised", "suspect_from": since}).raise_for_status()
        line = held(police, new["kid"], said.headers["isa-log-size"])
        assert (line["revoked_because"], line["suspect_from"]) == ("compromised", since)
    later = {"reason": "compromised", "suspect_from": at(minutes=1)}
    assert_problem(lead.post(revocation, json=later), 409, "conflict")


def test_what_a_compromised_key_signed_is_marked_where_it_is_read(
    lead: httpx.Client, police: httpx.Client, council: httpx.Client, signer: Signer
) -> None:
    """From the log's own time on: whatever a thief writes into a document as its time counts for nothing."""
    new, private = key(valid_from=at(days=30))
    size = {"ISA-Min-Log-Size": lead.post(KEYS, json=new).raise_for_status().headers["isa-log-size"]}
    other = signer.with_key(private)
    sound, stolen = other.event(), other.event(decided_at=at(days=20), shared_at=at(days=20), late_entry=True)
    first = police.post("/api/v1/sharing-events", content=other.sign(sound), headers={**JOSE, **size})
    since = milliseconds_later(first.raise_for_status().json()["recorded_at"], 1)
    police.post("/api/v1/sharing-events", content=other.sign(stolen), headers=JOSE).raise_for_status()
    said = lead.post(f"{KEYS}/{new['kid']}/revocation", json={"reason": "compromised", "suspect_from": since})
    size = {"ISA-Min-Log-Size": said.raise_for_status().headers["isa-log-size"]}
    for reader, side in ((police, "provider"), (council, "recipient")):
        for event, doubted in ((sound, False), (stolen, True)):
            one = reader.get(f"/api/v1/sharing-events/{event['id']}", headers=size).raise_for_status().json()
            assert one["suspect"] is doubted
        listed = reader.get(f"/api/v1/sharing-events?side={side}", headers=size).raise_for_status().json()["events"]
        marks = {line["id"]: line["suspect"] for line in listed}
        assert (marks[sound["id"]], marks[stolen["id"]]) == (False, True)


def test_what_is_to_be_seen_to_stands_beside_the_keys(lead: httpx.Client) -> None:
    ends = {"soon": at(days=-9, minutes=-5), "later": at(days=-40), "over": at(hours=1)}
    names = {}
    for name, until in ends.items():
        new, _ = key(valid_from=at(hours=2), valid_until=until, uses=["acknowledgement"])
        names[new["kid"]] = name
        answer = lead.post(KEYS, json=new).raise_for_status()
    size = {"ISA-Min-Log-Size": answer.headers["isa-log-size"]}
    found = lead.get(KEYS, headers=size).raise_for_status().json()
    lines = {names[line["kid"]]: (line["state"], line["days_left"]) for line in found["keys"] if line["kid"] in names}
    assert lines == {"soon": ("current", 9), "later": ("current", 39), "over": ("expired", 0)}
    to_do = {names[one["kid"]]: (one["code"], one["succeeded"]) for one in found["to_do"] if one["kid"] in names}
    assert to_do == {"soon": ("expires-soon", True), "over": ("revoke-expired", True)}


def test_a_key_is_changed_without_a_gap(lead: httpx.Client, police: httpx.Client, signer: Signer) -> None:
    """As the guide says: register the next, sign with it, send what still waits, revoke the last."""
    old_key, old_private = key(valid_from=at(minutes=5))
    size = lead.post(KEYS, json=old_key).raise_for_status().headers["isa-log-size"]
    old, waiting = signer.with_key(old_private), []

    def accepted(jws: str) -> bool:
        headers = {**JOSE, "ISA-Min-Log-Size": size}
        return police.post("/api/v1/sharing-events", content=jws, headers=headers).status_code == 201

    assert accepted(old.sign(old.event()))
    waiting.append(old.sign(old.event()))
    new_key, new_private = key(valid_from=at(minutes=5))
    waiting.append(old.sign(old.event()))
    size = lead.post(KEYS, json=new_key).raise_for_status().headers["isa-log-size"]
    new = signer.with_key(new_private)
    assert accepted(new.sign(new.event()))
    assert accepted(old.sign(old.event()))
    assert [accepted(jws) for jws in waiting] == [True, True]
    revoked = lead.post(f"{KEYS}/{old_key['kid']}/revocation", json={"reason": "superseded"}).raise_for_status()
    size = revoked.headers["isa-log-size"]
    assert accepted(new.sign(new.event()))
    assert not accepted(old.sign(old.event()))


def test_an_expired_key_signs_late_entries_until_it_is_revoked(
    lead: httpx.Client, police: httpx.Client, signer: Signer
) -> None:
    new, private = key(valid_from=at(days=9), valid_until=at(days=3))
    size = {"ISA-Min-Log-Size": lead.post(KEYS, json=new).raise_for_status().headers["isa-log-size"]}
    other = signer.with_key(private)

    def late(**ago: float) -> httpx.Response:
        event = other.event(decided_at=at(**ago), shared_at=at(**ago), late_entry=True)
        return police.post("/api/v1/sharing-events", content=other.sign(event), headers={**JOSE, **size})

    assert late(days=5).status_code == 201
    assert_problem(late(days=1), 422, "unprocessable", "#/decided_at")
    revoked = lead.post(f"{KEYS}/{new['kid']}/revocation", json={"reason": "superseded"}).raise_for_status()
    size = {"ISA-Min-Log-Size": revoked.headers["isa-log-size"]}
    assert_problem(late(days=5), 422, "bad-document", "#/kid")
