"""What a page of an agreement or a clause points to beside itself: how to embed it, and the feed of what changes."""

from __future__ import annotations

from isa_registry.domain.clause_addresses import named_by
from isa_registry.domain.embed_codes import oembed_address
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.relations import Relation


def alternates_of(view: RegisterView, path: str, public_url: str) -> tuple[Relation, ...]:
    """What the page at a path of ours points to; nothing where the path names no agreement or version that is there."""
    named = named_by(path, public_url)
    if "/part/" in path:
        # The same part has an address for each of its clauses, and each clause a page of its own to embed.
        return ()
    if named is None or not view.agreement_versions(named.agreement):
        return ()
    if named.version is not None and view.agreement_version(named.agreement, named.version) is None:
        return ()
    # The same document under the address that names its form, so that both are the same page.
    address = f"{public_url}{path.removesuffix('.html')}"
    what = "This agreement" if named.clause is None else f"Clause {named.clause}"
    return (
        _alternate("application/json+oembed", oembed_address(public_url, address), f"{what}, to embed (JSON)"),
        _alternate("text/xml+oembed", oembed_address(public_url, address, "xml"), f"{what}, to embed (XML)"),
        _alternate("application/atom+xml", feed_address(public_url, named.agreement), "Changes to this agreement"),
    )


def _alternate(type_: str, href: str, title: str) -> Relation:
    return Relation("alternate", href, type_, title=title)


def feed_address(public_url: str, agreement: str) -> str:
    """Where the feed of an agreement's changes is."""
    return f"{public_url}/agreements/{agreement}/changes.atom"
