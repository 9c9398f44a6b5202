"""Addresses of a body's systems that are told of entries of the log, and the keys by which that is signed."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.notices import narrowed, notices_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.notices import keeping
from isa_registry.runtime.registry import Registry
from isa_registry.store.webhooks import Webhook, WebhookDelivery


class NewWebhook(Struct, frozen=True, forbid_unknown_fields=True):
    """An https address, and the kinds of entries that it is told of: `agreement.*`, `attestation.*`, or single ones."""

    url: str
    kinds: tuple[str, ...]


class NothingMore(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object: the address says everything."""


class WebhookLine(Struct, frozen=True):
    """A webhook. `state`: active, paused, or off, since its receiver answered 410. `waiting` and `dead` count what is
    to be delivered to it and what was given up."""

    id: str
    url: str
    kinds: tuple[str, ...]
    state: str
    added_at: str
    waiting: int
    dead: int


class WebhookList(Struct, frozen=True):
    webhooks: list[WebhookLine]


class WebhookDeliveryLine(Struct, frozen=True):
    """An event on its way to a webhook; `id` is the header webhook-id. `state`: waiting, sending, sent, or dead (given
    up). `entry` is its place in the log, None for a test; `error` is a code."""

    id: str
    kind: str
    entry: int | None
    happened: str
    state: str
    failures: int
    error: str | None


class WebhookDeliveryList(Struct, frozen=True):
    """Newest first. `next` is the cursor of the page after this one."""

    deliveries: list[WebhookDeliveryLine]
    next: str | None


class TestSent(Struct, frozen=True):
    """The test's id: the header webhook-id."""

    delivery: str


_BODY = "/api/v1/organisations/{organisation:str}/webhooks"


@reads(_BODY)
async def list_webhooks(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    return await _webhooks(request, sight_of(request).own(organisation))


@writes(_BODY)
async def add_webhook(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    own = sight_of(request).own(organisation)
    with decoding("The webhook"):
        new = msgspec.json.decode(await request.body(), type=NewWebhook)
    added = await keeping.add_webhook(notices_of(request), decider_of(request), new.url, new.kinds)
    registry: Registry = request.app.state.registry
    found = next(one for one in await keeping.webhooks_of(registry, own) if one.id == added.id)
    return json_response(shown(found), status=201)


@reads(f"{_BODY}/{{webhook:str}}/deliveries")
async def list_deliveries(request: Request, organisation: FromPath[str], webhook: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    own = sight_of(request).own(organisation)
    dead, cursor = narrowed(request, "dead")
    if cursor is not None and not (cursor.isdecimal() and len(cursor) <= 15):
        raise Refused("malformed", "The cursor is `next` of the page before.")
    before = None if cursor is None else int(cursor)
    found = await keeping.deliveries_of(registry, own, webhook, dead=dead, before=before)
    following = str(found[-1].position) if len(found) == keeping.PAGE else None
    return json_response(WebhookDeliveryList([shown_delivery(one) for one in found], following))


@writes(f"{_BODY}/{{webhook:str}}/test", status=202)
async def test_webhook(request: Request, organisation: FromPath[str], webhook: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    await _nothing_more(request)
    delivery = await keeping.test_webhook(notices_of(request), decider_of(request), webhook)
    return json_response(TestSent(delivery), status=202)


@writes(f"{_BODY}/{{webhook:str}}/pause", status=200)
async def pause_webhook(request: Request, organisation: FromPath[str], webhook: FromPath[str]) -> Response[bytes]:
    return await _changed(request, organisation, webhook, "paused")


@writes(f"{_BODY}/{{webhook:str}}/resumption", status=200)
async def resume_webhook(request: Request, organisation: FromPath[str], webhook: FromPath[str]) -> Response[bytes]:
    return await _changed(request, organisation, webhook, "active")


@writes(f"{_BODY}/{{webhook:str}}/removal", status=200)
async def remove_webhook(request: Request, organisation: FromPath[str], webhook: FromPath[str]) -> Response[bytes]:
    own = sight_of(request).own(organisation)
    await _nothing_more(request)
    await keeping.remove_webhook(notices_of(request), decider_of(request), webhook)
    return await _webhooks(request, own)


@writes(f"{_BODY}/{{webhook:str}}/deliveries/{{delivery:str}}/redelivery", status=200)
async def redeliver(
    request: Request, organisation: FromPath[str], webhook: FromPath[str], delivery: FromPath[str]
) -> Response[bytes]:
    sight_of(request).own(organisation)
    await _nothing_more(request)
    await keeping.redeliver(notices_of(request), decider_of(request), webhook, delivery)
    return json_response(TestSent(delivery))


@reads("/.well-known/webhook-keys.json")
async def read_webhook_keys(request: Request) -> Response[bytes]:
    signer = notices_of(request).signer
    keys = {"keys": [], "standard_webhooks": []} if signer is None else signer.public_keys()
    return json_response(keys, headers={"Cache-Control": "public, max-age=300"})


async def _changed(request: Request, organisation: str, webhook: str, state: str) -> Response[bytes]:
    own = sight_of(request).own(organisation)
    await _nothing_more(request)
    await keeping.change_webhook(notices_of(request), decider_of(request), webhook, state)
    return await _webhooks(request, own)


async def _nothing_more(request: Request) -> None:
    with decoding("The request"):
        msgspec.json.decode(await request.body(), type=NothingMore)


async def _webhooks(request: Request, own: str) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    return json_response(WebhookList([shown(one) for one in await keeping.webhooks_of(registry, own)]))


def shown(webhook: Webhook) -> WebhookLine:
    return WebhookLine(
        id=webhook.id,
        url=webhook.url,
        kinds=webhook.kinds,
        state=webhook.state,
        added_at=instant(webhook.added_at),
        waiting=webhook.waiting,
        dead=webhook.dead,
    )


def shown_delivery(delivery: WebhookDelivery) -> WebhookDeliveryLine:
    return WebhookDeliveryLine(
        id=delivery.id,
        kind=delivery.kind,
        entry=delivery.entry,
        happened=instant(delivery.happened),
        state=delivery.state,
        failures=delivery.failures,
        error=delivery.error,
    )


HANDLERS = [
    list_webhooks,
    add_webhook,
    list_deliveries,
    test_webhook,
    pause_webhook,
    resume_webhook,
    remove_webhook,
    redeliver,
    read_webhook_keys,
]
