"""What a page of an agreement or a clause points to beside itself: how to embed it, and the feed of what changes."""

from __future__ import annotations

from isa_registry.domain.embed_codes import oembed_address
from isa_registry.pages.relations import Relation


def alternates_of(agreement: str, clause: str | None, address: str, public_url: str) -> tuple[Relation, ...]:
    """What the page of a document points to: of a version, or of a clause where one is named. `address` is the
    document's own, whole, without what names a form."""
    what = "This agreement" if clause is None else f"Clause {clause}"
    return (
        _alternate("application/json+oembed", oembed_address(public_url, address), f"{what}, to embed (JSON)"),
        _alternate("text/xml+oembed", oembed_address(public_url, address, "xml"), f"{what}, to embed (XML)"),
        _alternate("application/atom+xml", feed_address(public_url, agreement), "Changes to this agreement"),
    )


def _alternate(type_: str, href: str, title: str) -> Relation:
    return Relation("alternate", href, type_, title=title)


def feed_address(public_url: str, agreement: str) -> str:
    """Where the feed of an agreement's changes is."""
    return f"{public_url}/agreements/{agreement}/changes.atom"
