"""Links checked in one go: a training site asks which of its links changed. Who did which training is not asked for,
not taken and not kept: the links are read, answered and forgotten."""

from __future__ import annotations

import msgspec
from litestar import Response
from msgspec import Struct

from isa_registry.actions.link_checks import MOST_LINKS, LinkChecked, check_links
from isa_registry.api.agreements import register_today
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.domain.clause_addresses import LONGEST
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding


class LinksToCheck(Struct, frozen=True, forbid_unknown_fields=True):
    """Links to agreements and clauses of this registry, up to 500: any address that it ever gave out, or citations as
    answers or documents write them (tier-2-hoth/1.0#5.3; HOTH ISA 1.0, cl. 5.3)."""

    links: tuple[str, ...]


class LinksChecked(Struct, frozen=True):
    """One result for each link, in order, as of `on` (Europe/London)."""

    on: str
    links: list[LinkChecked]


_links = msgspec.json.Decoder(LinksToCheck)


@writes("/api/v1/agreements/links/check", status=200)
async def check_some_links(request: Request) -> Response[bytes]:
    body = await request.body()
    with decoding("The list of links"):
        sent = _links.decode(body)
    if not 1 <= len(sent.links) <= MOST_LINKS:
        raise _malformed("#/links", "count", f"Send from 1 to {MOST_LINKS} links at once.")
    for place, link in enumerate(sent.links):
        if not 1 <= len(link) <= LONGEST:
            raise _malformed(f"#/links/{place}", "wrong-length", f"A link has from 1 to {LONGEST:,} characters.")
    view, today = register_today(request)
    found = check_links(view, sent.links, request.app.state.public_url, today)
    return json_response(LinksChecked(on=today, links=found))


def _malformed(pointer: str, code: str, detail: str) -> Refused:
    return Refused(
        "malformed", "The list of links is not of the form that is taken here.", (Fault(pointer, code, detail),)
    )


HANDLERS = [check_some_links]
