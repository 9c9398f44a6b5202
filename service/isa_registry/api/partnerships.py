"""The partnerships that share the registry: who leads each, and who belongs to it."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import organisation_changes as changes
from isa_registry.actions import partnerships
from isa_registry.api.appending import append
from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.party_entries import PartnershipChanged, PartnershipRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import Partnership
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import members_of
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry

_PARTNERSHIPS = "/api/v1/partnerships"
_ONE = f"{_PARTNERSHIPS}/{{partnership:str}}"


class PartnershipLine(Struct, frozen=True):
    """A partnership, the body whose business unit decides about its agreements, and how many belong to it. `own`: the
    one that the registry was opened for. `record_entry` is the entry that made this what it is."""

    partnership: str
    name: str
    lead_body: str
    own: bool
    ended_on: str | None
    members: int
    record_entry: int


class PartnershipList(Struct, frozen=True):
    partnerships: list[PartnershipLine]


class NewPartnership(Struct, frozen=True, forbid_unknown_fields=True):
    """A partnership that is to share the registry, led by a registered body."""

    partnership: str
    name: str
    lead_body: str


class ChangedPartnership(Struct, frozen=True, forbid_unknown_fields=True):
    """A partnership as it is to stand; `ended_on` is the first day without it. `changed_from` is the `record_entry`
    that was read."""

    name: str
    lead_body: str
    changed_from: int
    ended_on: str | None = None


class PartnershipMember(Struct, frozen=True, forbid_unknown_fields=True):
    """A registered body that is to belong to the partnership, or no longer."""

    organisation: str


@reads(_PARTNERSHIPS)
async def list_partnerships(request: Request) -> Response[bytes]:
    view = _view(request)
    return json_response(PartnershipList([_line(view, one) for one in view.partnerships()]))


@reads(_ONE)
async def read_partnership(request: Request, partnership: FromPath[str]) -> Response[bytes]:
    view = _view(request)
    found = view.partnership(partnership)
    if found is None:
        raise Refused("not-found", "There is no such partnership.")
    return json_response(_line(view, found))


@writes(_PARTNERSHIPS)
async def register_partnership(request: Request) -> Response[bytes]:
    body = await request.body()
    with decoding("The partnership"):
        new = msgspec.json.decode(body, type=NewPartnership)
    draft = partnerships.register(
        PartnershipRegistered(partnership=new.partnership, name=new.name, lead_body=new.lead_body)
    )
    return await append(request, partnerships.on_the_word_of(draft, decider_of(request), _view(request)), body)


@writes(f"{_ONE}/record")
async def change_partnership(request: Request, partnership: FromPath[str]) -> Response[bytes]:
    body = await request.body()
    with decoding("The partnership"):
        new = msgspec.json.decode(body, type=ChangedPartnership)
    record = PartnershipChanged(partnership=partnership, name=new.name, lead_body=new.lead_body, ended_on=new.ended_on)
    draft = partnerships.change(record, changed_from=new.changed_from)
    return await append(request, partnerships.on_the_word_of(draft, decider_of(request), _view(request)), body)


@writes(f"{_ONE}/members")
async def join_partnership(request: Request, partnership: FromPath[str]) -> Response[bytes]:
    body, organisation = await _member(request)
    draft = changes.join_partnership(organisation, partnership, decider_of(request), _view(request))
    return await append(request, draft, body)


@writes(f"{_ONE}/members/removal")
async def leave_partnership(request: Request, partnership: FromPath[str]) -> Response[bytes]:
    body, organisation = await _member(request)
    draft = changes.leave_partnership(organisation, partnership, decider_of(request), _view(request))
    return await append(request, draft, body)


async def _member(request: Request) -> tuple[bytes, str]:
    body = await request.body()
    with decoding("The member"):
        return body, msgspec.json.decode(body, type=PartnershipMember).organisation


def _line(view: RegisterView, one: Partnership) -> PartnershipLine:
    opened = view.opened()
    return PartnershipLine(
        partnership=one.partnership,
        name=one.name,
        lead_body=one.lead_body,
        own=opened is not None and opened.partnership == one.partnership,
        ended_on=one.ended_on,
        members=len(members_of(view, one.partnership)),
        record_entry=view.partnership_since(one.partnership) or 0,
    )


def _view(request: Request) -> RegisterView:
    registry: Registry = request.app.state.registry
    return registry.follower.view


HANDLERS = [
    list_partnerships,
    read_partnership,
    register_partnership,
    change_partnership,
    join_partnership,
    leave_partnership,
]
