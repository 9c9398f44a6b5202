"""Searches: who could do it, to what, or what could be done; a page at a time, each page bound to its request.

A search tries candidates in ascending order, so a page says where it ended by the last of them that was looked at. What
was added or taken away meanwhile moves nothing: no gap and no repeat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from isa_registry.domain.authzen.messages import (
    NOTHING,
    Action,
    Entity,
    Evaluation,
    decoded,
    refuse_unless_objects,
)
from isa_registry.domain.authzen.policy import AT_A_TIME, Asked, D, Policy, Sought
from isa_registry.domain.refusals import Fault, Refused

MOST_RESULTS = 1_000
"""The most results on a page, and the most candidates that one request looks at."""

USUAL_RESULTS = 100
LIFE_SECONDS = 900
"""How long a page's token holds: a search is gone through at once."""


class _Page(Struct, frozen=True):
    token: str | None = None
    limit: int | None = None


class _Kind(Struct, frozen=True):
    """An entity of which the id is sought: one that is given all the same is ignored."""

    type: str
    properties: Raw = NOTHING


class _SubjectSearch(Struct, frozen=True):
    subject: _Kind
    action: Action
    resource: Entity
    context: Raw = NOTHING
    page: _Page | None = None


class _ResourceSearch(Struct, frozen=True):
    subject: Entity
    action: Action
    resource: _Kind
    context: Raw = NOTHING
    page: _Page | None = None


class _ActionSearch(Struct, frozen=True):
    subject: Entity
    resource: Entity
    context: Raw = NOTHING
    page: _Page | None = None


class Search(Struct, frozen=True):
    """A search as it was asked. `digest` is of everything in the request save `page`; `token` and `limit` are what that
    says, None where it says nothing."""

    asked: Asked
    digest: bytes
    token: str | None
    limit: int | None


class Place(Struct, frozen=True, array_like=True):
    """Where a search goes on, as its token holds it: after `after` (empty: from the start), as the policy was at
    `moment`, `limit` results to a page, until `expires` (seconds since 1970)."""

    after: str
    moment: str
    limit: int
    expires: int


class Found(Struct, frozen=True):
    """A page of a search. `last` is the candidate that it ends with where there is more, and None at the end."""

    results: tuple[str, ...]
    last: str | None


_DECODERS: dict[Sought, msgspec.json.Decoder[_SubjectSearch | _ResourceSearch | _ActionSearch]] = {
    "subject": msgspec.json.Decoder(_SubjectSearch),
    "resource": msgspec.json.Decoder(_ResourceSearch),
    "action": msgspec.json.Decoder(_ActionSearch),
}
_whole = msgspec.json.Decoder(dict[str, object])
_place = msgspec.json.Decoder(Place)


def read_search(sought: Sought, body: bytes) -> Search:
    """A search request. Raises `Refused` (`malformed`)."""
    found = decoded(_DECODERS[sought], body)
    refuse_unless_objects(found)
    page = found.page or _Page()
    if page.limit is not None and page.limit < 1:
        fault = Fault("#/page/limit", "out-of-range", "A page has at least one result.")
        raise Refused("malformed", "The page cannot be given.", (fault,))
    whole = {name: value for name, value in decoded(_whole, body).items() if name != "page"}
    canonical = msgspec.json.encode(whole, order="deterministic")
    return Search(
        asked=Asked(sought, _example(found)),
        digest=hashlib.sha256(sought.encode() + b"\n" + canonical).digest(),
        # An empty token is what the last page gave: whoever sends it back begins again.
        token=page.token or None,
        limit=None if page.limit is None else min(page.limit, MOST_RESULTS),
    )


def _example(found: _SubjectSearch | _ResourceSearch | _ActionSearch) -> Evaluation:
    subject, resource = found.subject, found.resource
    return Evaluation(
        subject=Entity(subject.type, "", subject.properties) if isinstance(subject, _Kind) else subject,
        action=Action("") if isinstance(found, _ActionSearch) else found.action,
        resource=Entity(resource.type, "", resource.properties) if isinstance(resource, _Kind) else resource,
        context=found.context,
    )


def begin(search: Search, *, moment: str, now: int) -> Place:
    """Where a search without a token starts."""
    return Place("", moment, search.limit or USUAL_RESULTS, now + LIFE_SECONDS)


def go_on(search: Search, opened: bytes | None, *, now: int) -> Place:
    """Where a search with a token goes on; `opened` is what the token holds, None where it does not open for this
    request. Raises `Refused` (`malformed`)."""
    place = None if opened is None else _place.decode(opened)
    if place is None or place.expires <= now:
        fault = Fault("#/page/token", "not-this-search", "Begin again without a token, and then change nothing.")
        detail = "The token is not one that a page of this very search gave within the last fifteen minutes."
        raise Refused("malformed", detail, (fault,))
    return msgspec.structs.replace(place, limit=search.limit or place.limit)


def further(place: Place, found: Found) -> bytes | None:
    """What the token of the next page holds; None after the last page."""
    return None if found.last is None else msgspec.json.encode(msgspec.structs.replace(place, after=found.last))


def searching(policy: Policy[D], asked: Asked, place: Place, *, whole: bool = False) -> Iterator[Found | None]:
    """Goes through the candidates after a place; yields None after a few that were looked at, and at last what was
    found: a page, or with `whole` everything. Raises what the policy refuses."""
    left = [one for one in policy.candidates(asked) if one > place.after]
    within = left if whole else left[:MOST_RESULTS]
    results: list[str] = []
    last, looked = place.after, 0
    while looked < len(within):
        # No more than may be on this page, and one to see whether there is another.
        step = AT_A_TIME if whole else min(AT_A_TIME, place.limit - len(results) + 1)
        candidates = within[looked : looked + step]
        looked += step
        decisions = policy.decide([asked.about(candidate) for candidate in candidates])
        for candidate, found in zip(candidates, decisions, strict=True):
            if isinstance(found, Refused):
                raise found
            if found.permits:
                if len(results) == place.limit and not whole:
                    # There is more, and so another page; it begins with this one.
                    yield Found(tuple(results), last)
                    return
                results.append(candidate)
            last = candidate
        yield None
    yield Found(tuple(results), None if len(within) == len(left) else last)
