"""What a page of an agreement or a clause points to beside itself: how to embed it, and the feed of what changes."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.clause_addresses import named_by
from isa_registry.domain.embed_codes import oembed_address
from isa_registry.domain.register.register import RegisterView


class Alternate(Struct, frozen=True):
    """Another form of what a page shows, or something that goes with it: its media type, its address, its title."""

    type: str
    href: str
    title: str


def alternates_of(view: RegisterView, path: str, public_url: str) -> tuple[Alternate, ...]:
    """What the page at a path of ours points to; nothing where the path names no agreement or version that is there."""
    named = named_by(path, public_url)
    if named is None or not view.agreement_versions(named.agreement):
        return ()
    if named.version is not None and view.agreement_version(named.agreement, named.version) is None:
        return ()
    address = f"{public_url}{path}"
    what = "This agreement" if named.clause is None else f"Clause {named.clause}"
    return (
        Alternate("application/json+oembed", oembed_address(public_url, address), f"{what}, to embed (JSON)"),
        Alternate("text/xml+oembed", oembed_address(public_url, address, "xml"), f"{what}, to embed (XML)"),
        Alternate("application/atom+xml", feed_address(public_url, named.agreement), "Changes to this agreement"),
    )


def feed_address(public_url: str, agreement: str) -> str:
    """Where the feed of an agreement's changes is."""
    return f"{public_url}/agreements/{agreement}/changes.atom"


def link_header(alternates: tuple[Alternate, ...]) -> str:
    """The same as a Link header (RFC 8288)."""
    return ", ".join(f'<{one.href}>; rel="alternate"; type="{one.type}"; title="{one.title}"' for one in alternates)
