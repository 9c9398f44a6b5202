"""The lines of comparisons and reports."""

from __future__ import annotations

from isa_registry.api.access.terms import Access, public

REPORTS: dict[tuple[str, str], Access] = {
    ("GET", "/api/v1/agreements/{agreement}/compare"): public(
        "Two versions of an agreement compared: clauses, words, and the schedules in plain sentences"
    ),
}
