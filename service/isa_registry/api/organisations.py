"""The organisations, and each one's own lawful-basis records."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.api.visibility import sight_of
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import Organisation
from isa_registry.runtime.registry import Registry


class OrganisationLine(Struct, frozen=True):
    """An organisation, as every partner sees it."""

    organisation: str
    name: str
    kind: str
    parent: str | None
    contacts: dict[str, str]


class OrganisationList(Struct, frozen=True):
    organisations: list[OrganisationLine]


class Logged(Struct, frozen=True):
    """Where a change stands in the log: it counts from the next entry on."""

    entry: int
    logged_at: str


class LawfulBasisList(Struct, frozen=True):
    lawful_bases: list[LawfulBasisRecorded]


def _line(body: Organisation) -> OrganisationLine:
    return OrganisationLine(
        organisation=body.organisation,
        name=body.name,
        kind=body.organisation_kind,
        parent=body.parent,
        contacts=body.contacts,
    )


@reads("/api/v1/organisations")
async def list_organisations(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    return json_response(OrganisationList([_line(body) for body in registry.follower.view.organisations()]))


@reads("/api/v1/organisations/{organisation:str}")
async def read_organisation(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    body = registry.follower.view.organisation(organisation)
    if body is None:
        raise Refused("not-found", "There is no such organisation.")
    return json_response(_line(body))


@reads("/api/v1/organisations/{organisation:str}/lawful-bases")
async def list_lawful_bases(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found = registry.follower.view.lawful_bases_of(sight_of(request).own(organisation))
    return json_response(LawfulBasisList([one.recorded for one in found]))


HANDLERS = [list_organisations, read_organisation, list_lawful_bases]
