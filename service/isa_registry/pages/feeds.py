"""The feed of an agreement's changes (Atom, RFC 4287; in pages, RFC 5005): what was decided about its versions, and
which clauses changed. Nobody is named in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.register.agreement_changes import Happening, happenings
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.alternates import feed_address
from isa_registry.pages.feed_words import Entry, clause_changes, happening_words
from isa_registry.pages.kept import kept
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.comparisons import Comparisons
from isa_registry.runtime.entry_times import EntryTimes
from isa_registry.runtime.registry import Registry

PAGE = 50
"""Entries of one page of a feed."""

_ATOM = "http://www.w3.org/2005/Atom"
_AUTHORITY = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_HEADERS = {"Cache-Control": "public, max-age=300"}


class FeedPage(Struct, frozen=True):
    """What is on one page of a feed, newest first, and what lies on either side of it."""

    happenings: Sequence[Happening]
    newer: int | None
    older: int | None


class Head(Struct, frozen=True):
    """What a feed says of itself: the partnership is its author."""

    id: str
    title: str
    author: str
    updated: str
    address: str
    agreement: str


def feed_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    @declare("/agreements/{agreement:str}/changes.atom")
    async def read_feed(request: Request, agreement: FromPath[str]) -> Response[bytes]:
        registry: Registry = request.app.state.registry
        view = registry.follower.view
        found = happenings(view, agreement)
        page = page_of(found, request.query_params.get("before"))
        if page is None:
            return layout_of(request).missing("There is no such feed.", ("/agreements", "All agreements"))
        versions = {one.version: one for one in view.agreement_versions(agreement)}
        times: EntryTimes = request.app.state.entry_times
        at = await times.of([one.entry for one in (found[0], *page.happenings)])
        public_url = str(request.app.state.public_url)
        head = _head(view, registry.origin, public_url, tuple(versions.values()), at[found[0].entry])
        said = [await _entry(request.app.state.comparisons, view, versions, one, public_url) for one in page.happenings]
        body = _feed(head, page, said, at)
        return kept(request, body, "application/atom+xml; charset=utf-8", dict(_HEADERS))

    return [read_feed]


def page_of(found: Sequence[Happening], before: str | None, size: int = PAGE) -> FeedPage | None:
    """The page that begins below an entry, or the newest; None for a page that there is not.

    An address holds the entry below which a page begins, so that what is on it stays on it.
    """
    start = 0
    if before is not None:
        if not re.fullmatch(r"[0-9]{1,15}", before):
            return None
        start = sum(one.entry >= int(before) for one in found)
    if start >= len(found):
        return None
    following = start + size
    return FeedPage(
        happenings=found[start:following],
        newer=None if start == 0 else found[max(start - size, 0)].entry + 1,
        older=None if following >= len(found) else found[following - 1].entry,
    )


async def _entry(
    comparisons: Comparisons,
    view: RegisterView,
    versions: Mapping[str, AgreementVersion],
    one: Happening,
    public_url: str,
) -> Entry:
    version = versions[one.version]
    address = f"{public_url}/agreements/{version.agreement}/{version.version}"
    if one.event != "publish" or one.before is None:
        return happening_words(one, version, address)
    compared = await comparisons.of(view, versions[one.before], version)
    side_by_side = f"{public_url}/agreements/{version.agreement}/compare?from={one.before}&to={one.version}"
    return clause_changes(one, version, address, side_by_side, compared)


def identifiers(origin: str, public_url: str, first: AgreementVersion) -> str:
    """What a feed is called, and the beginning of what its entries are called: by the log's name, which outlives every
    address (RFC 4151), and the day on which the agreement's first version was published."""
    authority, _, place = origin.partition("/")
    if not _AUTHORITY.fullmatch(authority):
        return f"{public_url}/id/agreement/{first.agreement}"
    where = "/".join(part for part in (place, "agreement", first.agreement) if part)
    return f"tag:{authority},{first.published_at[:10]}:{where}"


def _head(view: RegisterView, origin: str, public_url: str, versions: Sequence[AgreementVersion], updated: str) -> Head:
    opened = view.opened()
    return Head(
        id=identifiers(origin, public_url, versions[0]),
        title=f"{versions[-1].title}: changes",
        author="ISA Registry" if opened is None else opened.partnership_name,
        updated=updated,
        address=feed_address(public_url, versions[0].agreement),
        agreement=f"{public_url}/agreements/{versions[0].agreement}",
    )


def _feed(head: Head, page: FeedPage, said: Sequence[Entry], at: Mapping[int, str]) -> bytes:
    root = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "en-GB"})
    _text(root, "id", head.id)
    _text(root, "title", head.title)
    _text(root, "updated", head.updated)
    _text(ElementTree.SubElement(root, "author"), "name", head.author)
    here = head.address if page.newer is None else f"{head.address}?before={page.happenings[0].entry + 1}"
    _link(root, "self", here, "application/atom+xml")
    _link(root, "alternate", head.agreement, "text/html")
    _link(root, "first", head.address, "application/atom+xml")
    for relation, before in (("previous", page.newer), ("next", page.older)):
        if before is not None:
            _link(root, relation, f"{head.address}?before={before}", "application/atom+xml")
    for one, entry in zip(page.happenings, said, strict=True):
        root.append(_entry_element(f"{head.id}/entry/{one.entry}", entry, at[one.entry]))
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry_element(called: str, said: Entry, at: str) -> ElementTree.Element:
    element = ElementTree.Element("entry")
    _text(element, "id", called)
    _text(element, "title", said.title)
    _text(element, "published", at)
    _text(element, "updated", at)
    _link(element, "alternate", said.address, "text/html")
    if said.side_by_side is not None:
        _link(element, "related", said.side_by_side, "text/html")
    ElementTree.SubElement(element, "category", {"term": said.event})
    for clause, state in said.clauses:
        # For machines: each clause that changed, and how.
        scheme = f"{said.address}#"
        ElementTree.SubElement(element, "category", {"term": clause, "scheme": scheme, "label": state})
    _text(element, "summary", said.summary)
    if said.content:
        _text(element, "content", said.content, {"type": "html"})
    return element


def _text(parent: ElementTree.Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    ElementTree.SubElement(parent, name, attributes or {}).text = text


def _link(parent: ElementTree.Element, relation: str, address: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": relation, "href": address, "type": kind})
