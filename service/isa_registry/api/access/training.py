"""The lines of what training pages use: clauses in a frame, oEmbed, feeds of changes, and links that are checked."""

from __future__ import annotations

from isa_registry.api.access.terms import JSON, Access, asks_in_public

TRAINING: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/agreements/links/check"): asks_in_public(
        "Check up to 500 links to agreements and clauses: what became of what each names", JSON, 1_048_576
    ),
}
