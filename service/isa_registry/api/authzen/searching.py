"""Searches: which bodies could share, which categories may go, whether sharing is permitted. Never recorded."""

from __future__ import annotations

import asyncio

from litestar import Response
from msgspec import Struct

from isa_registry.api.authzen.deciding import Wish, policy_of
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.domain.authzen import searches
from isa_registry.domain.authzen.policy import Sought
from isa_registry.domain.authzen.searches import Found, Search
from isa_registry.identity.sealing import SessionKeys

_USE = "authzen-page"


class PageOf(Struct, frozen=True):
    """`next_token` is empty on the last page; `count` is of this page."""

    next_token: str
    count: int


class FoundEntity(Struct, frozen=True):
    """A subject or a resource that may be asked for and is permitted."""

    type: str
    id: str


class FoundAction(Struct, frozen=True):
    """An action that may be asked for and is permitted."""

    name: str


class SearchResponse(Struct, frozen=True):
    """A page of a search: every result, evaluated by itself, is permitted."""

    page: PageOf
    results: list[FoundEntity]


class ActionSearchResponse(Struct, frozen=True):
    """The same of actions."""

    page: PageOf
    results: list[FoundAction]


@writes("/access/v1/search/subject", status=200)
async def search_subjects(request: Request) -> Response[bytes]:
    return await _answer(request, "subject")


@writes("/access/v1/search/resource", status=200)
async def search_resources(request: Request) -> Response[bytes]:
    return await _answer(request, "resource")


@writes("/access/v1/search/action", status=200)
async def search_actions(request: Request) -> Response[bytes]:
    return await _answer(request, "action")


async def _answer(request: Request, sought: Sought) -> Response[bytes]:
    search = searches.read_search(sought, await request.body())
    keys: SessionKeys | None = request.app.state.page_keys
    now, bound = int(request.app.state.registry.now().timestamp()), _bound_to(request, search)
    place = None
    if search.token is not None:
        opened = None if keys is None else keys.open(_USE, search.token, bound_to=bound)
        place = searches.go_on(search, opened, now=now)
    moment = "" if place is None else place.moment
    policy = await policy_of(request, Wish(asked=[search.asked.example], moment=moment, seeking=sought))
    if place is None:
        # Without a secret that the workers share no token of one opens at another: then there is one page, with all.
        place = searches.begin(search, moment=policy.moment, now=now)
    found: Found | None = None
    for step in searches.searching(policy, search.asked, place, whole=keys is None):
        found = step
        # Other requests of this worker have a turn.
        await asyncio.sleep(0)
    assert found is not None
    further = searches.further(place, found)
    token = "" if further is None or keys is None else keys.seal(_USE, further, bound_to=bound)
    page = PageOf(token, len(found.results))
    if sought == "action":
        return json_response(ActionSearchResponse(page, [FoundAction(name) for name in found.results]))
    example = search.asked.example
    kind = example.subject.type if sought == "subject" else example.resource.type
    return json_response(SearchResponse(page, [FoundEntity(kind, one) for one in found.results]))


def _bound_to(request: Request, search: Search) -> bytes:
    """What a token opens for: the same request of the same caller."""
    caller = caller_of(request)
    who = f"{caller.organisation}\n{caller.issuer}\n{caller.client}\n{caller.subject}"
    return search.digest + who.encode("utf-8", "surrogatepass")


HANDLERS = [search_subjects, search_resources, search_actions]
