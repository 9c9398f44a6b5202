"""The lines of who belongs: partnerships, organisations, delegations."""

from __future__ import annotations

from isa_registry.api.access.terms import Access

PARTIES: dict[tuple[str, str], Access] = {}
