"""The organisations, as every partner sees them, and each one's own lawful-basis records."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import asdict

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.bodies import Wanted, children_of, named, standing
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import partnerships_of
from isa_registry.runtime.registry import Registry

_CURSOR = re.compile(r"o([a-z0-9][a-z0-9-]{0,127})")
_LIMIT = re.compile(r"[1-9][0-9]{0,2}")
MOST = 200
_MOST_NAME = 100


class OrganisationLine(Struct, frozen=True):
    """An organisation, as every partner sees it. `standing` today: taking-part, suspended or closed. `designated` and
    `commissioned` (Children Act 2004 s.16LA(4)): null is not known. `named_out` are agreements that its parent does not
    attest for it, `*` all of them. Dates are first days: of a suspension, without the body."""

    organisation: str
    name: str
    kind: str
    parent: str | None
    contacts: dict[str, str]
    partnerships: tuple[str, ...]
    standing: str
    council_run: bool
    designated: bool | None
    commissioned: bool | None
    ico_registration: str | None
    named_out: tuple[str, ...]
    suspended_on: str | None
    closed_on: str | None
    successor: str | None


class DelegationLine(Struct, frozen=True):
    """Who else may bind the organisation, by a delegation that holds or will: the signatories of the body `to`, or a
    post of its own where that is null. No agreements named is all of them."""

    to: str | None
    agreements: tuple[str, ...]
    starts: str
    until: str


class OrganisationWhole(OrganisationLine, frozen=True):
    """The same, with the bodies directly below it and who else may bind it. `record_entry` is the entry that made its
    record what it is."""

    children: tuple[str, ...]
    delegations: tuple[DelegationLine, ...]
    record_entry: int


class OrganisationList(Struct, frozen=True):
    """A page of organisations, by id. `next` is the cursor of the page after it."""

    organisations: list[OrganisationLine]
    next: str | None = None


class Logged(Struct, frozen=True):
    """Where a change stands in the log: it counts from the next entry on."""

    entry: int
    logged_at: str


def line_of(view: RegisterView, body: Organisation, today: str) -> OrganisationLine:
    return OrganisationLine(
        organisation=body.organisation,
        name=body.name,
        kind=body.organisation_kind,
        parent=body.parent,
        contacts=body.contacts,
        partnerships=partnerships_of(view, body),
        standing=standing(body, today),
        council_run=body.council_run,
        designated=body.designated,
        commissioned=body.commissioned,
        ico_registration=body.ico_registration,
        named_out=body.named_out,
        suspended_on=body.suspended_on,
        closed_on=body.closed_on,
        successor=body.successor,
    )


@reads("/api/v1/organisations")
async def list_organisations(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    wanted, after, limit = _wanted(request)
    found = [body for body in named(view, wanted) if after is None or body.organisation > after]
    following = f"o{found[limit - 1].organisation}" if len(found) > limit else None
    page = OrganisationList([line_of(view, body, today) for body in found[:limit]], following)
    return json_response(page, headers=_links(request, following))


@reads("/api/v1/organisations/{organisation:str}")
async def read_organisation(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    body, entry = view.organisation(organisation), view.organisation_since(organisation)
    if body is None or entry is None:
        raise Refused("not-found", "There is no such organisation.")
    given = [one.given for one in view.delegations_of(organisation) if one.lasts(today)]
    return json_response(
        OrganisationWhole(
            **asdict(line_of(view, body, today)),
            children=tuple(one.organisation for one in children_of(view, organisation)),
            delegations=tuple(DelegationLine(one.to, one.agreements, one.starts, one.until) for one in given),
            record_entry=entry,
        )
    )


def _wanted(request: Request) -> tuple[Wanted, str | None, int]:
    """Which organisations are asked for, after which one, and how many. Raises `Refused` (`malformed`)."""
    given = request.query_params
    faults = [
        Fault(f"#/{name}", "given-twice", "Send each parameter once.")
        for name in ("partnership", "kind", "name", "cursor", "limit")
        if len(given.getall(name, [])) > 1
    ]
    name, limit = given.get("name"), given.get("limit", str(MOST))
    if name is not None and not 0 < len(name) <= _MOST_NAME:
        faults.append(Fault("#/name", "malformed", f"Send 1 to {_MOST_NAME} characters of a name."))
    if not _LIMIT.fullmatch(limit) or int(limit) > MOST:
        faults.append(Fault("#/limit", "malformed", f"Send a number from 1 to {MOST}."))
    cursor = given.get("cursor")
    place = None if cursor is None else _CURSOR.fullmatch(cursor)
    if cursor is not None and place is None:
        faults.append(Fault("#/cursor", "malformed", "The cursor is not one that this registry gave."))
    if faults:
        raise Refused("malformed", faults[0].detail, tuple(faults))
    wanted = Wanted(partnership=given.get("partnership"), kind=given.get("kind"), name=name)
    return wanted, None if place is None else place.group(1), int(limit)


def _links(request: Request, following: str | None) -> dict[str, str]:
    if following is None:
        return {}
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    query = urlencode([*kept, ("cursor", following)])
    return {"Link": f'</api/v1/organisations?{query}>; rel="next"'}


HANDLERS = [list_organisations, read_organisation]
