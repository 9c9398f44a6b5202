"""The lines of comparisons and reports."""

from __future__ import annotations

from isa_registry.api.access.terms import Access

REPORTS: dict[tuple[str, str], Access] = {}
