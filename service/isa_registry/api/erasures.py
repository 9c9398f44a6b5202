"""What is going to be erased, what was, and asking for what no retention rule asks for."""

from __future__ import annotations

import re

import msgspec
from litestar import Response
from msgspec import Struct

from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.reading import reader_scope
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.erasure.requests import ErasureRequests
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure
from isa_registry.store.pool import reading_for

_PAGE = 100
_MOST_ANNOUNCED = 1_000
_CURSOR = re.compile(r"x([1-9][0-9]{0,14})")


class ErasureRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """An erasure that no rule asks for: the entry, and why."""

    entry: int
    reason: str


class AnnouncedErasure(Struct, frozen=True):
    """A record that is going to be erased. `rule` is the retention rule that ends it, None where two people ask.
    `state` is `awaiting-second-person` or `announced`; `erase_after` is when the notice ends."""

    entry: int
    organisation: str
    reason: str
    rule: str | None
    state: str
    announced_at: str
    erase_after: str | None


class ErasedRecord(Struct, frozen=True):
    """A check or an event that was erased: entry `erased_by` of the log says so."""

    entry: int
    organisation: str
    id: str
    reason: str
    rule: str | None
    erased_by: int
    erased_at: str


class ErasureList(Struct, frozen=True):
    """What is announced, by entry, and what was erased, newest first. `next` is the cursor of the page after it."""

    announced: list[AnnouncedErasure]
    erased: list[ErasedRecord]
    next: str | None


@writes("/api/v1/audit/erasures", status=202)
async def ask_erasure(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    requests: ErasureRequests = request.app.state.erasures
    caller = caller_of(request)
    with decoding("The request"):
        asked = msgspec.json.decode(await request.body(), type=ErasureRequest)
    view = registry.follower.view
    person = view.first_known_by(caller.issuer, caller.subject)
    if person is None:
        raise Refused("forbidden", "None of your roles covers this.")
    if not 0 <= asked.entry < view.size:
        raise Refused("not-found", "The log has no such entry.")
    stands = await requests.ask(registry.reading, view, index=asked.entry, reason=asked.reason, person=person)
    return json_response(_announced(stands), status=202)


@reads("/api/v1/audit/erasures")
async def list_erasures(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    cursor = request.query_params.get("cursor")
    place = None if cursor is None else _CURSOR.fullmatch(cursor)
    if cursor is not None and place is None:
        raise Refused("malformed", "The cursor is not one that this registry gave.")
    async with reading_for(registry.reading, reader_scope(request)) as connection:
        announced = await erasure.notices(connection, after=-1, limit=_MOST_ANNOUNCED) if place is None else []
        before = 2**62 if place is None else int(place[1])
        erased = await erasure.erased_records(connection, before=before, limit=_PAGE + 1)
    following = f"x{erased[_PAGE - 1].by}" if len(erased) > _PAGE else None
    page = ErasureList(
        announced=[_announced(one) for one in announced],
        erased=[_erased(one) for one in erased[:_PAGE]],
        next=following,
    )
    headers = {} if following is None else {"Link": f'</api/v1/audit/erasures?cursor={following}>; rel="next"'}
    return json_response(page, headers=headers)


def _announced(notice: erasure.Notice) -> AnnouncedErasure:
    return AnnouncedErasure(
        entry=notice.index,
        organisation=notice.organisation,
        reason=notice.reason,
        rule=notice.rule,
        state="awaiting-second-person" if notice.erase_after is None else "announced",
        announced_at=instant(notice.announced_at),
        erase_after=None if notice.erase_after is None else instant(notice.erase_after),
    )


def _erased(one: erasure.Erased) -> ErasedRecord:
    return ErasedRecord(
        entry=one.index,
        organisation=one.organisation,
        id=one.id,
        reason=one.reason,
        rule=one.rule,
        erased_by=one.by,
        erased_at=one.at,
    )


HANDLERS = [ask_erasure, list_erasures]
