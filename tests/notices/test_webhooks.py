"""Webhooks: signed, in order, one at a time, tried for three days, and switched off when they are gone."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from isa_registry.domain.dates import instant
from isa_registry.domain.notices.events import Event
from isa_registry.identity.event_signing import EventSigner
from isa_registry.identity.signing import new_signing_key
from isa_registry.outbound.posting import Poster
from isa_registry.runtime.notices.delivering import HELD, Deliverer
from isa_registry.runtime.notices.pauses import WEBHOOKS
from isa_registry.store import outbox, webhooks
from isa_verify.encoding import decode_base64url
from notices.outboxes import VIEW, Outbox, outbox_on
from notices.receiving import Received, receiver

PRIVATE, PUBLIC = new_signing_key("hook-1")
SIGNER = EventSigner([PRIVATE])


class Hooks:
    def __init__(self, out: Outbox, received: Received, webhook: str) -> None:
        self.out, self.received, self.webhook = out, received, webhook

    async def happens(self, *entries: int, kind: str = "agreement.opened") -> None:
        async with self.out.pool.acquire() as connection:
            for entry in entries:
                data = {"agreement": "tier-2-hoth", "version": "1.1"}
                await webhooks.announce(connection, Event(kind, instant(self.out.now), data, entry), now=self.out.now)

    async def drain(self, signer: EventSigner = SIGNER) -> int:
        async with Poster(allow_http_loopback=True) as poster:
            deliverer = Deliverer(
                self.out.pool, poster, signer, view=lambda: VIEW, now=lambda: self.out.now, random=lambda: 0.5,
                mailing=True,
            )  # fmt: skip
            done = 0
            while await deliverer.deliver_one():
                done += 1
            return done

    async def rows(self) -> list[tuple[int, str, str | None]]:
        rows = await self.out.rows("SELECT entry, state, error FROM webhook_delivery ORDER BY position")
        return [(row["entry"], row["state"], row["error"]) for row in rows]

    @property
    def entries(self) -> list[int]:
        return [json.loads(body)["data"]["entry"] for _, body in self.received.requests]


@pytest.fixture
def received() -> Iterator[Received]:
    with receiver() as found:
        yield found


@pytest_asyncio.fixture
async def hooks(database_url: str, received: Received) -> AsyncIterator[Hooks]:
    async with outbox_on(database_url) as out:
        async with out.pool.acquire() as connection:
            webhook, new = await webhooks.add(
                connection, "harbour", received.url, ["agreement.*"], now=out.now - timedelta(days=1), most=5
            )
        assert webhook is not None
        assert new
        yield Hooks(out, received, webhook)


async def test_a_delivery_is_signed_as_standard_webhooks_has_it_and_holds_ids_alone(hooks: Hooks) -> None:
    await hooks.happens(7)
    await hooks.drain()
    ((headers, body),) = hooks.received.requests
    assert json.loads(body) == {
        "type": "agreement.opened",
        "timestamp": "2026-11-27T09:00:00.000Z",
        "data": {"agreement": "tier-2-hoth", "version": "1.1", "entry": 7},
    }
    assert headers["content-type"] == "application/json"
    version, _, signature = headers["webhook-signature"].partition(",")
    assert version == "v1a"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = Ed25519PublicKey.from_public_bytes(decode_base64url(PUBLIC["x"]))
    key.verify(base64.b64decode(signature), signed)
    assert headers["webhook-timestamp"] == str(int(hooks.out.now.timestamp()))


async def test_while_keys_change_both_sign(hooks: Hooks) -> None:
    other, public = new_signing_key("hook-2")
    signer = EventSigner([other, PRIVATE])
    await hooks.happens(7)
    await hooks.drain(signer)
    ((headers, body),) = hooks.received.requests
    signatures = headers["webhook-signature"].split(" ")
    assert len(signatures) == 2
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for jwk, one in zip((public, PUBLIC), signatures, strict=True):
        key = Ed25519PublicKey.from_public_bytes(decode_base64url(jwk["x"]))
        key.verify(base64.b64decode(one.removeprefix("v1a,")), signed)
    assert [key["kid"] for key in signer.public_keys()["keys"]] == ["hook-2", "hook-1"]  # type: ignore[union-attr, call-overload, index]


async def test_an_event_is_delivered_once_and_in_order_and_never_two_at_once(hooks: Hooks) -> None:
    hooks.received.hold = threading.Event()
    await hooks.happens(*range(10), 4, 5)
    await asyncio.gather(*(hooks.drain() for _ in range(4)))
    assert hooks.entries == list(range(10))
    assert hooks.received.most_at_once == 1


async def test_one_that_fails_holds_back_those_after_it_for_a_while_and_then_no_longer(hooks: Hooks) -> None:
    await hooks.happens(1, 2)
    hooks.received.statuses = [500] * 4 + [204] + [500]
    await hooks.drain()
    assert hooks.entries == [1]
    for _ in range(3):
        hooks.out.now = max(row["next_at"] for row in await hooks.out.rows("SELECT next_at FROM webhook_delivery"))
        await hooks.drain()
    assert hooks.entries == [1, 1, 1, 1, 2]
    assert await hooks.rows() == [(1, "waiting", "status-500"), (2, "sent", None)]
    assert len({headers["webhook-id"] for headers, _ in hooks.received.requests[:4]}) == 1


async def test_it_is_tried_for_about_three_days_and_then_listed_and_can_be_sent_again(hooks: Hooks) -> None:
    await hooks.happens(1)
    hooks.received.statuses = [503] * 50
    began, tries = hooks.out.now, 0
    while (await hooks.rows())[0][1] == "waiting":
        hooks.out.now = (await hooks.out.rows("SELECT next_at FROM webhook_delivery"))[0]["next_at"]
        tries += await hooks.drain()
    assert tries == len(WEBHOOKS) + 1
    assert timedelta(days=2.8) < hooks.out.now - began < timedelta(days=3.6)
    hooks.received.statuses = []
    async with hooks.out.pool.acquire() as connection:
        (dead,) = await webhooks.deliveries_of(connection, hooks.webhook, "harbour", dead=True, before=None, limit=9)
        assert not await webhooks.redeliver(connection, dead.id, hooks.webhook, "way-through", now=hooks.out.now)
        assert await webhooks.redeliver(connection, dead.id, hooks.webhook, "harbour", now=hooks.out.now)
    await hooks.drain()
    assert await hooks.rows() == [(1, "sent", None)]


async def test_a_receiver_that_is_gone_is_switched_off_and_its_lead_is_told(hooks: Hooks) -> None:
    await hooks.out.address("harbour", "ig-lead", "lead@harbour.test")
    await hooks.happens(1, 2)
    hooks.received.statuses = [410]
    await hooks.drain()
    await hooks.happens(3)
    await hooks.drain()
    assert hooks.entries == [1]
    assert await hooks.rows() == [(1, "dead", "status-410"), (2, "dead", "status-410")]
    (told,) = await hooks.out.rows("SELECT template, organisation FROM notice")
    assert (told["template"], told["organisation"]) == ("webhook-off", "harbour")


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
async def test_nothing_but_2xx_is_taken_for_success_and_no_redirection_is_followed(hooks: Hooks, status: int) -> None:
    await hooks.happens(1)
    hooks.received.statuses = [status]
    await hooks.drain()
    assert await hooks.rows() == [(1, "waiting", f"status-{status}")]
    assert len(hooks.received.requests) == 1


async def test_a_paused_webhook_catches_up_when_it_goes_on(hooks: Hooks) -> None:
    async with hooks.out.pool.acquire() as connection:
        assert not await webhooks.change_state(connection, hooks.webhook, "way-through", "paused")
        assert await webhooks.change_state(connection, hooks.webhook, "harbour", "paused")
        await hooks.happens(1, 2)
        assert await hooks.drain() == 0
        assert await webhooks.change_state(connection, hooks.webhook, "harbour", "active")
    await hooks.drain()
    assert hooks.entries == [1, 2]


async def test_what_a_worker_held_that_is_gone_is_delivered_by_another(hooks: Hooks) -> None:
    await hooks.happens(1)
    async with hooks.out.pool.acquire() as connection:
        assert await webhooks.claim(connection, now=hooks.out.now, until=hooks.out.now + HELD, holds_back=4)
    assert await hooks.drain() == 0
    hooks.out.later(seconds=HELD.total_seconds())
    await hooks.drain()
    assert await hooks.rows() == [(1, "sent", None)]


async def test_a_webhook_hears_nothing_of_what_happened_before_it_was_there(hooks: Hooks) -> None:
    hooks.out.later(days=-2)
    await hooks.happens(1)
    assert await hooks.rows() == []


async def test_a_test_is_tried_once(hooks: Hooks) -> None:
    event = Event("webhook.test", instant(hooks.out.now), {})
    async with hooks.out.pool.acquire() as connection:
        assert await webhooks.test(connection, hooks.webhook, "harbour", event)
        assert await webhooks.test(connection, hooks.webhook, "way-through", event) is None
    hooks.received.statuses = [500]
    await hooks.drain()
    assert await hooks.rows() == [(None, "dead", "status-500")]
    async with hooks.out.pool.acquire() as connection:
        standing = await outbox.standing(connection, untold=hooks.out.now - timedelta(days=30))
    assert standing.webhooks_dead == 0, "nobody else is called for it"


async def test_with_a_webhook_goes_all_that_was_for_it(hooks: Hooks) -> None:
    await hooks.happens(1)
    async with hooks.out.pool.acquire() as connection:
        assert not await webhooks.remove(connection, hooks.webhook, "way-through")
        assert await webhooks.remove(connection, hooks.webhook, "harbour")
    assert await hooks.rows() == []
    assert await hooks.drain() == 0


@pytest.mark.parametrize("end", ["sent", "failed", "given up", "switched off"])
async def test_a_webhook_can_be_deleted_while_a_delivery_to_it_ends(hooks: Hooks, end: str) -> None:
    """Both lock the webhook first: the other way round the database would refuse one of them."""
    await hooks.happens(1)
    async with hooks.out.pool.acquire() as sending, hooks.out.pool.acquire() as deleting:
        held = await webhooks.claim(sending, now=hooks.out.now, until=hooks.out.now + HELD, holds_back=4)
        assert held is not None
        ending = {
            "sent": lambda: webhooks.sent(sending, held, now=hooks.out.now),
            "failed": lambda: webhooks.failed(sending, held, "status-500", again=hooks.out.now),
            "given up": lambda: webhooks.bury(sending, held, "status-500", now=hooks.out.now),
            "switched off": lambda: _switched_off(sending, held, hooks),
        }[end]
        async with deleting.transaction():
            await deleting.execute("SELECT FROM webhook WHERE id = $1 FOR UPDATE", hooks.webhook)
            waiting = asyncio.create_task(ending())
            async with asyncio.timeout(20):
                blocked = "SELECT pg_blocking_pids($1) <> '{}'"
                while not await deleting.fetchval(blocked, sending.get_server_pid()):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert await webhooks.remove(deleting, hooks.webhook, "harbour")
        await waiting
    assert await hooks.rows() == []


async def _switched_off(connection: Any, held: webhooks.Held, hooks: Hooks) -> None:
    async with connection.transaction():
        await webhooks.switch_off(connection, held, "status-410", now=hooks.out.now)
