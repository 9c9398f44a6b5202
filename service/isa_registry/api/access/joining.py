"""The lines of how an organisation joins: invitations, setting up, importing many."""

from __future__ import annotations

from isa_registry.api.access.terms import Access

JOINING: dict[tuple[str, str], Access] = {}
