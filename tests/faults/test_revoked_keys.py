"""A key that is revoked through one worker signs nothing more, whichever worker is asked."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from faults.drafts import KID, POLICE, event_draft, furnish
from faults.load import Signer
from faults.oracle import assert_whole
from faults.witnessing import checked, size_signed
from isa_registry.actions import keys
from isa_registry.domain.access_entries import KeyRevoked
from isa_registry.domain.refusals import Refused
from live import LEAD, Demonstration
from running import body, running

HEALTH = "nenc-icb"
CALLBACK = "http://127.0.0.1:9/callback"
VERIFIER = "v" * 50


@pytest.mark.usefixtures("hasty")
async def test_a_worker_that_has_not_read_of_a_revocation_refuses_the_key_all_the_same(database_url: str) -> None:
    async with running(database_url) as one, running(database_url) as deaf:
        size = await furnish(one)
        assert await deaf.follower.wait_for_size(size, seconds=5)
        for task in deaf.follower._tasks:
            task.cancel()
        await asyncio.gather(*deaf.follower._tasks, return_exceptions=True)

        before = event_draft(1, deaf.follower.view)
        after = event_draft(2, deaf.follower.view)
        assert size == (await deaf.sequencer.append(before)).index
        revoked = await one.sequencer.append(
            keys.revoke(KeyRevoked(organisation=POLICE, kid=KID, reason="compromised"))
        )
        key = deaf.follower.view.key(POLICE, KID)
        assert key is not None
        assert not key.revoked

        results = await asyncio.gather(
            deaf.sequencer.append(after), deaf.sequencer.append(body(1)), return_exceptions=True
        )
        refused = results[0]
        assert isinstance(refused, Refused)
        assert ("bad-document", "jws-key-unknown") == (refused.code, refused.faults[0].code)
        assert not isinstance(results[1], BaseException)
        assert revoked.index + 1 == results[1].index
        assert await one.follower.wait_for_size(revoked.size + 1, seconds=5)
        await assert_whole(database_url, one)


@pytest.mark.usefixtures("hasty")
async def test_a_revocation_counts_from_the_next_entry_of_the_same_batch(database_url: str) -> None:
    async with running(database_url) as registry:
        await furnish(registry)
        view = registry.follower.view
        results = await asyncio.gather(
            registry.sequencer.append(event_draft(1, view)),
            registry.sequencer.append(keys.revoke(KeyRevoked(organisation=POLICE, kid=KID, reason="superseded"))),
            registry.sequencer.append(event_draft(2, view)),
            return_exceptions=True,
        )
        assert [False, False, True] == [isinstance(one, Refused) for one in results]
        await assert_whole(database_url, registry)


def signed_in(demo: Demonstration, organisation: str, person: str) -> str:
    """An access token of a person, by the code flow of the demonstration's provider."""
    provider = f"{demo.url}/demo/idp/{organisation}"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    back = httpx.get(
        f"{provider}/authorize",
        params={
            "response_type": "code",
            "client_id": "isa-registry",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": "s",
            "nonce": "n",
            "person": person,
        },
    )
    code = dict(parse_qsl(urlsplit(back.headers["location"]).query))["code"]
    form = {"grant_type": "authorization_code", "code": code, "client_id": "isa-registry"}
    # A code is good once, and at the worker that is asked: a fresh connection may meet either.
    tokens = httpx.post(f"{provider}/token", data={**form, "redirect_uri": CALLBACK, "code_verifier": VERIFIER})
    tokens.raise_for_status()
    return str(tokens.json()["access_token"])


def send(demo: Demonstration, jws: str) -> httpx.Response:
    """An event on a connection of its own, so that any worker may get it."""
    return httpx.post(
        f"{demo.url}/api/v1/sharing-events",
        content=jws,
        headers={"Authorization": f"Bearer {demo.token(HEALTH)}", "Content-Type": "application/jose"},
        timeout=20,
    )


def test_a_key_revoked_by_a_person_is_refused_on_every_connection(battered: Demonstration) -> None:
    signer = Signer(battered.state, HEALTH)
    accepted = [send(battered, signer.event(LEAD)[1]) for _ in range(6)]
    assert {201} == {answer.status_code for answer in accepted}

    revoke = f"{battered.url}/api/v1/organisations/{HEALTH}/keys/{HEALTH}-1/revocation"
    said = {"reason": "compromised", "suspect_from": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    machine = httpx.post(revoke, json=said, headers={"Authorization": f"Bearer {battered.token(HEALTH)}"})
    assert 403 == machine.status_code
    lead = {"Authorization": f"Bearer {signed_in(battered, HEALTH, 'ig-lead')}"}
    revoked = httpx.post(revoke, json=said, headers=lead)
    assert 201 == revoked.status_code
    assert max(answer.json()["entry"] for answer in accepted) < revoked.json()["entry"]

    for _ in range(16):
        answer = send(battered, signer.event(LEAD)[1])
        assert 422 == answer.status_code
        assert ["#/kid"] == [fault["pointer"] for fault in answer.json()["errors"]]
    assert 409 == httpx.post(revoke, json=said, headers=lead).status_code
    report = checked(battered)
    assert () == report.findings
    size_signed(battered, report.size)
