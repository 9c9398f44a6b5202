"""The client against the registry itself, where a stand-in could be wrong in the same way as the client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey

from api.speaking import ALL_SCOPES, ORIGIN, QUESTION, Signer, bearer, new_id, person_token
from isa_client import (
    AsyncConnection,
    AsyncRegistry,
    AsyncTokenSource,
    ClientCredentials,
    Connection,
    Registry,
    Signed,
    TokenSource,
)
from isa_client.documents import SigningKey, payload_of
from isa_client.errors import SHARE_NOW, ProblemError
from isa_client.events import late_entry_of, time_of
from isa_client.key_proofs import prove_key, registration
from isa_client.offline_queue import OfflineQueue
from isa_client.receipts import parse_keys
from isa_client.sending import delivered
from live import LEAD, POLICE, Demonstration


def credentials(demonstration: Demonstration, organisation: str = POLICE) -> ClientCredentials:
    issuer = f"{demonstration.url}/demo/idp/{organisation}"
    return ClientCredentials(issuer, f"{organisation}-system", "demo", ALL_SCOPES)


@pytest.fixture
def registry(demonstration: Demonstration) -> Iterator[Registry]:
    with Connection() as connection:
        yield Registry(demonstration.url, TokenSource(credentials(demonstration), connection), connection)


@pytest.fixture
def signer(demonstration: Demonstration) -> Signer:
    return Signer(demonstration.state, POLICE)


@pytest.fixture
def key(demonstration: Demonstration) -> SigningKey:
    return SigningKey.read(demonstration.state / "demo" / "keys" / f"{POLICE}.jwk")


@pytest.fixture
def queue(tmp_path: Path) -> OfflineQueue:
    return OfflineQueue(tmp_path / "queue.db")


def ago(**span: float) -> str:
    return time_of(datetime.now(UTC) - timedelta(**span))


def test_what_waited_for_more_than_a_day_is_refused_as_late_and_goes_signed_again(
    registry: Registry, signer: Signer, key: SigningKey, queue: OfflineQueue
) -> None:
    made = signer.event(decided_at=ago(hours=30), shared_at=ago(hours=30))
    number = queue.put_event(signer.sign(made)).number
    refused = registry.run(delivered(queue, registry.url)).refused
    assert [error.to_do.startswith("Sign the same decision again as a late entry") for _, error in refused] == [True]
    document = queue.item(number).document
    assert document is not None
    queue.replace(number, late_entry_of(document, key))
    delivery = registry.run(delivered(queue, registry.url))
    assert (len(delivery.sent), delivery.waiting) == (1, 0)
    held = str(registry.event(made["id"])["event"])
    assert payload_of(held) == {**made, "late_entry": True}


def test_what_was_recorded_and_its_answer_lost_is_sent_again_and_is_there_once(
    registry: Registry, signer: Signer, queue: OfflineQueue
) -> None:
    document = signer.sign(signer.event())
    first = registry.send_event(document)
    queue.put_event(document)
    delivery = registry.run(delivered(queue, registry.url))
    assert [outcome for _, outcome in delivery.sent] == [replace(first, new=False)]


def test_a_refused_event_is_set_aside_with_the_registrys_own_words(
    registry: Registry, signer: Signer, queue: OfflineQueue
) -> None:
    queue.put_event(signer.sign(signer.event(purpose="no-such-purpose")))
    good = queue.put_event(signer.sign(signer.event()))
    delivery = registry.run(delivered(queue, registry.url))
    assert [item.number for item, _ in delivery.sent] == [good.number]
    answer = queue.items("refused")[0].answer
    assert answer is not None
    assert (answer["status"], answer["errors"][0]["pointer"]) == (422, "#/purpose")  # type: ignore[index, call-overload]


def test_of_a_batch_each_event_has_its_own_result_and_a_repeat_gives_the_first_answers(
    registry: Registry, signer: Signer
) -> None:
    held_back = signer.held_back("part-shared")
    batch = [
        Signed(signer.sign(signer.event())),
        Signed(signer.sign(signer.event(purpose="no-such-purpose"))),
        Signed(held_back["event"], held_back["withheld"]),
    ]
    first, refused, second = registry.send_events(batch)
    assert isinstance(refused, ProblemError)
    assert refused.fields[0].pointer == "#/events/1/purpose"
    again = registry.send_events(batch)
    assert [again[0], again[2]] == [replace(one, new=False) for one in (first, second)]  # type: ignore[type-var]


async def test_many_are_asked_at_once_and_what_is_wrong_with_one_harms_no_other(demonstration: Demonstration) -> None:
    async with AsyncConnection() as connection:
        tokens = AsyncTokenSource(credentials(demonstration), connection)
        registry = AsyncRegistry(demonstration.url, tokens, connection)
        question: dict[str, Any] = {**QUESTION, "record": False}
        good, bad, other = await registry.ask_many([question, {**question, "purpose": "none"}, question])
    assert isinstance(bad, ProblemError)
    assert (bad.immediate_danger, bad.fields[0].pointer) == (SHARE_NOW, "#/checks/1/purpose")
    assert {one["outcome"] for one in (good, other) if isinstance(one, dict)} == {"may-share"}


def test_each_kind_of_key_is_registered_by_its_proof_and_signs_what_the_registry_takes(
    demonstration: Demonstration, registry: Registry, signer: Signer
) -> None:
    lead = bearer(person_token(demonstration, POLICE, "ig-lead"))
    log_keys = parse_keys(demonstration.vkeys)
    for made in (ECKey.generate_key("P-256"), RSAKey.generate_key(2048)):
        jwk = {**made.as_dict(private=True), "kid": f"client-{new_id()}"}
        key = SigningKey.from_jwk(json.dumps(jwk).encode())
        uses, at = ["event", "acknowledgement"], ago(seconds=1)
        proof = prove_key(key, registry=ORIGIN, partnership="durham", organisation=POLICE, uses=uses, made_at=at)
        body = registration(key, proof, uses=uses, valid_from=ago(minutes=5))
        answer = httpx.post(f"{demonstration.url}/api/v1/organisations/{POLICE}/keys", json=body, headers=lead)
        assert answer.status_code == 201, answer.text
        event = key.sign("isa-sharing-event+jws", signer.event(recipient=LEAD))
        # Another worker may not have read the registration yet.
        for _ in range(50):
            try:
                registry.send_event(event)
            except ProblemError as problem:
                assert problem.code == "bad-document"
                time.sleep(0.1)
            else:
                break
        assert registry.prove_event(event, log_keys).verified.payload["jws"] == event
