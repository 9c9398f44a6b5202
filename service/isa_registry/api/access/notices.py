"""The lines of notices: addresses, what was sent, webhooks."""

from __future__ import annotations

from isa_registry.api.access.terms import Access

NOTICES: dict[tuple[str, str], Access] = {}
