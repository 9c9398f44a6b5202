"""The same request twice: one entry, one answer."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.proving import private_of, request_for
from api.speaking import QUESTION, Database, Signer, assert_problem, bearer, id_of, person_token
from live import POLICE, Demonstration

CHECKS = "/api/v1/checks"
EVENTS = "/api/v1/sharing-events"
JOSE = {"Content-Type": "application/jose"}


def fresh() -> dict[str, str]:
    return {"Idempotency-Key": f'"{secrets.token_hex(16)}"'}


def test_a_repeat_gives_the_first_answer_from_the_log(police: httpx.Client, database: Database) -> None:
    key, before = fresh(), database.size()
    first = police.post(CHECKS, json=QUESTION, headers=key)
    again = police.post(CHECKS, json=QUESTION, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert database.size() == before + 1


def test_quotes_around_the_key_are_not_part_of_it(police: httpx.Client) -> None:
    key = secrets.token_hex(16)
    quoted, plain = (
        police.post(CHECKS, json=QUESTION, headers={"Idempotency-Key": text}) for text in (f'"{key}"', key)
    )
    assert plain.json() == quoted.json()


def test_another_body_under_the_same_key_is_refused(police: httpx.Client, database: Database) -> None:
    key = fresh()
    police.post(CHECKS, json=QUESTION, headers=key)
    before = database.size()
    answer = police.post(CHECKS, json={**QUESTION, "urgency": "urgent"}, headers=key)
    assert_problem(answer, 422, "idempotency-conflict")
    assert database.size() == before


def test_a_key_is_the_clients_own(demonstration: Demonstration, police: httpx.Client, council: httpx.Client) -> None:
    """Another organisation, and another client of the same one, use the same key for something else."""
    key = fresh()
    person = bearer(person_token(demonstration, POLICE, "practitioner"))
    with httpx.Client(base_url=demonstration.url) as other:
        found = [
            police.post(CHECKS, json=QUESTION, headers=key),
            council.post(CHECKS, json={**QUESTION, "recipient": POLICE}, headers=key),
            other.post(CHECKS, json=QUESTION, headers={**key, **person}),
        ]
    assert [answer.status_code for answer in found] == [200, 200, 200]
    assert len({answer.json()["id"] for answer in found}) == 3


def test_a_key_is_the_routes_own(police: httpx.Client, signer: Signer) -> None:
    key = fresh()
    assert police.post(CHECKS, json=QUESTION, headers=key).status_code == 200
    assert police.post(EVENTS, content=signer.sign(signer.event()), headers={**JOSE, **key}).status_code == 201


def test_the_same_body_to_another_address_is_another_request(lead: httpx.Client) -> None:
    """Two keys may not be revoked, the second in name only."""
    key, body = fresh(), {"reason": "superseded"}
    answers = [
        lead.post(f"/api/v1/organisations/{POLICE}/keys/{kid}/revocation", json=body, headers=key)
        for kid in (_register(lead), _register(lead))
    ]
    assert answers[0].status_code == 201
    assert_problem(answers[1], 422, "idempotency-conflict")


def _register(lead: httpx.Client) -> str:
    private = private_of()
    lead.post(f"/api/v1/organisations/{POLICE}/keys", json=request_for(private)).raise_for_status()
    return private["kid"]


def test_what_was_not_recorded_is_simply_answered_again(police: httpx.Client, database: Database) -> None:
    key, before = fresh(), database.size()
    for _ in range(2):
        assert police.post(CHECKS, json={**QUESTION, "record": False}, headers=key).status_code == 200
    assert database.size() == before


def test_a_refused_request_leaves_its_key_free(police: httpx.Client) -> None:
    key = fresh()
    assert police.post(CHECKS, json={**QUESTION, "purpose": "none"}, headers=key).status_code == 422
    assert police.post(CHECKS, json=QUESTION, headers=key).status_code == 200


@pytest.mark.parametrize("how", ["JOSE", "JSON"])
def test_an_event_repeated_with_its_key_gives_the_first_answer(
    police: httpx.Client, signer: Signer, database: Database, how: str
) -> None:
    key, before, jws = fresh(), database.size(), signer.sign(signer.event())
    send = {"content": jws, "headers": {**JOSE, **key}} if how == "JOSE" else {"json": {"event": jws}, "headers": key}
    first, again = (police.post(EVENTS, **send) for _ in range(2))  # type: ignore[arg-type]
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert database.size() == before + 1


def test_the_same_request_at_once_makes_one_entry(
    demonstration: Demonstration, signer: Signer, database: Database
) -> None:
    """Over both workers: each either gives the one answer or says that it is still being answered."""
    key, before, jws = fresh(), database.size(), signer.sign(signer.event())
    headers = {**JOSE, **key, **bearer(demonstration.token(POLICE))}

    def send(_: int) -> httpx.Response:
        return httpx.post(f"{demonstration.url}{EVENTS}", content=jws, headers=headers, timeout=20)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert {answer.json()["entry"] for answer in answers if answer.status_code != 409} == {before}
    assert {answer.headers.get("retry-after") for answer in answers if answer.status_code == 409} <= {"1"}
    assert database.size() == before + 1
    assert httpx.get(f"{demonstration.url}{EVENTS}/{id_of(jws)}", headers=headers).status_code == 200
