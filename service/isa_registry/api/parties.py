"""Changing what is registered of an organisation: what it says of itself, and what the business unit decides of it."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from isa_registry.actions import organisation_changes as changes
from isa_registry.api.appending import append
from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry

_BODY = "/api/v1/organisations/{organisation:str}"


class RecordMembers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the business unit says of an organisation. `contacts` maps urgent, out-of-hours or advice to a post or a
    team, never a person. The last four are the organisation's own to say, once it has an information-governance lead.
    """

    name: str
    kind: str
    parent: str | None = None
    council_run: bool = False
    designated: bool | None = None
    commissioned: bool | None = None
    policy_document: PolicyDocument | None = None
    contacts: dict[str, str] = {}
    ico_registration: str | None = None
    named_out: tuple[str, ...] = ()


class NewOrganisation(RecordMembers, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An organisation to register. `partnerships`: none named is the one that the registry was opened for."""

    organisation: str
    partnerships: tuple[str, ...] = ()


class ChangedRecord(RecordMembers, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of that as it is to stand. `changed_from` is the `record_entry` that was read."""

    changed_from: int


class OwnParticulars(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an organisation says of itself; what is not given stays as it is. `changed_from` is the `record_entry` that
    was read."""

    changed_from: int
    contacts: dict[str, str] | UnsetType = UNSET
    policy_document: PolicyDocument | UnsetType | None = UNSET
    ico_registration: str | UnsetType | None = UNSET
    named_out: tuple[str, ...] | UnsetType = UNSET


class OrganisationRecord(Struct, frozen=True):
    """The whole record of an organisation, the entry that made it what it is, and the numbers of who decided that."""

    organisation: str
    name: str
    kind: str
    parent: str | None
    council_run: bool
    designated: bool | None
    commissioned: bool | None
    policy_document: PolicyDocument | None
    contacts: dict[str, str]
    partnerships: tuple[str, ...]
    ico_registration: str | None
    named_out: tuple[str, ...]
    suspended_on: str | None
    closed_on: str | None
    successor: str | None
    approved_by: tuple[int, ...]
    record_entry: int


class NewSuspension(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is the first day on which the organisation's attestations count no longer: today or later."""

    on: str


class NewClosure(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is the first day without the organisation; `successor` the one that took over."""

    on: str
    successor: str | None = None


class Ended(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more is to be said: send an empty object."""


@writes("/api/v1/organisations")
async def register_organisation(request: Request) -> Response[bytes]:
    body = await request.body()
    with decoding("The organisation"):
        new = msgspec.json.decode(body, type=NewOrganisation)
    record = _record(new, new.organisation, new.partnerships)
    return await append(request, changes.register(record, decider_of(request), _view(request)), body)


@reads(f"{_BODY}/record")
async def read_record(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    view = _view(request)
    record = view.organisation(sight_of(request).own(organisation))
    entry = view.organisation_since(organisation)
    if record is None or entry is None:
        raise Refused("not-found", "There is no such organisation.")
    members = msgspec.structs.asdict(record)
    return json_response(OrganisationRecord(kind=members.pop("organisation_kind"), record_entry=entry, **members))


@writes(f"{_BODY}/record")
async def change_record(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The record"):
        new = msgspec.json.decode(body, type=ChangedRecord)
    record = _record(new, organisation)
    draft = changes.change_record(record, decider_of(request), _view(request), changed_from=new.changed_from)
    return await append(request, draft, body)


@writes(f"{_BODY}/particulars")
async def change_particulars(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("What the organisation says of itself"):
        new = msgspec.json.decode(body, type=OwnParticulars)
    said = changes.Particulars(
        contacts=new.contacts,
        policy_document=new.policy_document,
        ico_registration=new.ico_registration,
        named_out=new.named_out,
    )
    draft = changes.say_of_itself(
        organisation, said, decider_of(request), _view(request), changed_from=new.changed_from
    )
    return await append(request, draft, body)


@writes(f"{_BODY}/suspension")
async def suspend_organisation(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The suspension"):
        new = msgspec.json.decode(body, type=NewSuspension)
    return await append(request, changes.suspend(organisation, new.on, decider_of(request), _view(request)), body)


@writes(f"{_BODY}/suspension/end")
async def end_suspension(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await _nothing_more(request)
    return await append(request, changes.end_suspension(organisation, decider_of(request), _view(request)), body)


@writes(f"{_BODY}/closure")
async def close_organisation(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The closure"):
        new = msgspec.json.decode(body, type=NewClosure)
    draft = changes.close(organisation, new.on, new.successor, decider_of(request), _view(request))
    return await append(request, draft, body)


@writes(f"{_BODY}/closure/end")
async def reopen_organisation(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await _nothing_more(request)
    return await append(request, changes.reopen(organisation, decider_of(request), _view(request)), body)


async def _nothing_more(request: Request) -> bytes:
    body = await request.body()
    with decoding("What ends it"):
        msgspec.json.decode(body, type=Ended)
    return body


def _record(said: RecordMembers, organisation: str, partnerships: tuple[str, ...] = ()) -> OrganisationRegistered:
    return OrganisationRegistered(
        organisation=organisation,
        name=said.name,
        organisation_kind=said.kind,
        parent=said.parent,
        council_run=said.council_run,
        designated=said.designated,
        commissioned=said.commissioned,
        policy_document=said.policy_document,
        contacts=said.contacts,
        partnerships=partnerships,
        ico_registration=said.ico_registration,
        named_out=said.named_out,
    )


def _view(request: Request) -> RegisterView:
    registry: Registry = request.app.state.registry
    return registry.follower.view


HANDLERS = [
    register_organisation,
    read_record,
    change_record,
    change_particulars,
    suspend_organisation,
    end_suspension,
    close_organisation,
    reopen_organisation,
]
