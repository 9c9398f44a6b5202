"""The lines of what is decided about agreements: drafts, publishing, opening, and what follows."""

from __future__ import annotations

from isa_registry.api.access.terms import Access

AGREEMENTS: dict[tuple[str, str], Access] = {}
