"""At which addresses a body is told, and, for the business unit, who was told what."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.notices import keeping
from isa_registry.runtime.notices.notices import Notices
from isa_registry.runtime.registry import Registry
from isa_registry.store.outbox import Listed


class NewNoticeAddress(Struct, frozen=True, forbid_unknown_fields=True):
    """An address for one of the body's roles: signatory, ig-lead, safeguarding-lead, or business-unit. A post's mailbox
    is best, since people come and go."""

    role: str
    address: str


class NoticeAddressId(Struct, frozen=True, forbid_unknown_fields=True):
    """Which address is deleted."""

    id: str


class NoticeAddress(Struct, frozen=True):
    """An address at which a body is told of things, for one of its roles. It is in no log."""

    id: str
    role: str
    address: str


class NoticeAddressList(Struct, frozen=True):
    addresses: list[NoticeAddress]


class NoticeDelivery(Struct, frozen=True):
    """A notice's way to one mailbox. `state`: waiting, sending, sent, dead (given up), or dropped (the address was
    deleted). `error` is a code."""

    id: str
    state: str
    error: str | None


class NoticeLine(Struct, frozen=True):
    """What a body was told, in which roles. Without deliveries nobody could be told: it has no address."""

    id: str
    template: str
    organisation: str
    roles: tuple[str, ...]
    parameters: dict[str, str]
    made_at: str
    deliveries: tuple[NoticeDelivery, ...]


class NoticeList(Struct, frozen=True):
    """Newest first. `next` is the cursor of the page after this one."""

    notices: list[NoticeLine]
    next: str | None


class NoticeDeliveryId(Struct, frozen=True, forbid_unknown_fields=True):
    """Which delivery is sent again."""

    delivery: str


def notices_of(request: Request) -> Notices:
    notices: Notices = request.app.state.notices
    return notices


@reads("/api/v1/organisations/{organisation:str}/notice-addresses")
async def list_addresses(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    own = sight_of(request).own(organisation)
    return await _addresses(request, own)


@writes("/api/v1/organisations/{organisation:str}/notice-addresses")
async def add_address(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    with decoding("The address"):
        new = msgspec.json.decode(await request.body(), type=NewNoticeAddress)
    added = await keeping.add_address(notices_of(request), decider_of(request), new.role, new.address)
    shown = NoticeAddress(id=added.id, role=new.role, address=new.address)
    return json_response(shown, status=201 if added.new else 200)


@writes("/api/v1/organisations/{organisation:str}/notice-addresses/removal", status=200)
async def remove_address(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    own = sight_of(request).own(organisation)
    with decoding("The address"):
        gone = msgspec.json.decode(await request.body(), type=NoticeAddressId)
    await keeping.remove_address(notices_of(request), decider_of(request), gone.id)
    return await _addresses(request, own)


async def _addresses(request: Request, own: str) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found = await keeping.addresses(registry, own)
    return json_response(NoticeAddressList([NoticeAddress(one.id, one.role, one.address) for one in found]))


@reads("/api/v1/notices")
async def list_notices(request: Request) -> Response[bytes]:
    troubled, cursor = narrowed(request, "undelivered")
    found, following = await keeping.told(notices_of(request), before=cursor, troubled=troubled)
    headers = {}
    if following is not None:
        state = "state=undelivered&" if troubled else ""
        headers["Link"] = f'</api/v1/notices?{state}cursor={following}>; rel="next"'
    return json_response(NoticeList([shown(one) for one in found], following), headers=headers)


@writes("/api/v1/notices/redelivery", status=200)
async def send_again(request: Request) -> Response[bytes]:
    with decoding("The delivery"):
        wanted = msgspec.json.decode(await request.body(), type=NoticeDeliveryId)
    await keeping.send_again(notices_of(request), decider_of(request), wanted.delivery)
    return json_response(NoticeDelivery(id=wanted.delivery, state="waiting", error=None))


def shown(listed: Listed) -> NoticeLine:
    return NoticeLine(
        id=listed.id,
        template=listed.template,
        organisation=listed.organisation,
        roles=listed.roles,
        parameters=listed.parameters,
        made_at=instant(listed.made_at),
        deliveries=tuple(NoticeDelivery(one.id, one.state, one.error) for one in listed.deliveries),
    )


def narrowed(request: Request, state: str) -> tuple[bool, str | None]:
    """Whether only that `state` is asked for, and where the page begins. Raises `Refused` (`malformed`)."""
    pairs = list(request.query_params.multi_items())
    given = dict(pairs)
    cursor = given.get("cursor")
    unknown = set(given) - {"state", "cursor"} or len(given) != len(pairs)
    if unknown or given.get("state", state) != state or (cursor is not None and not _plain(cursor)):
        raise Refused("malformed", f"The query takes state={state} and cursor, each once.")
    return "state" in given, cursor


def _plain(cursor: str) -> bool:
    return len(cursor) <= 40 and cursor.isascii() and cursor.replace("_", "").isalnum()


HANDLERS = [list_addresses, add_address, remove_address, list_notices, send_again]
