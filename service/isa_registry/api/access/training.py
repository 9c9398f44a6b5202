"""The lines of what training pages use: clauses in a frame, oEmbed, feeds of changes, and links that are checked."""

from __future__ import annotations

from isa_registry.api.access.terms import FORM, JSON, Access, asks_in_public, public

TRAINING: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/agreements/links/check"): asks_in_public(
        "Check up to 500 links to agreements and clauses: what became of what each names", JSON, 1_048_576
    ),
    ("GET", "/oembed"): public("How to show an address of an agreement or a clause on another site (oEmbed 1.0)"),
    ("GET", "/api/v1/oembed"): public(
        "How to show an address on another site, under the interface's own path (oEmbed)"
    ),
    ("GET", "/training"): public("Clauses for training: what to link to, embed or cite", greets=True),
    ("POST", "/training"): asks_in_public("Check the links of a training page, and see what changed", FORM, 524_288),
    ("GET", "/agreements/{agreement}/changes.atom"): public("What changed in an agreement, as an Atom feed"),
    ("GET", "/embed/agreements/{agreement}/{version}/clause/{clause}"): public(
        "A clause of one version by itself, for a frame on a training site"
    ),
    ("GET", "/embed/id/agreement/{agreement}/clause/{clause}"): public(
        "A clause of the version in force by itself, for a frame on a training site"
    ),
}
