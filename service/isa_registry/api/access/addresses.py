"""The lines of the addresses at which agreements and clauses are found, for good."""

from __future__ import annotations

from isa_registry.api.access.terms import Access, public

_ID, _AGREEMENT = "/id/agreement/{agreement}", "/agreements/{agreement}"

ADDRESSES: dict[tuple[str, str], Access] = {
    ("GET", _ID): public("An agreement's identifier: to the version in force", greets=True),
    ("GET", f"{_ID}/clause/{{clause}}"): public(
        "A clause's identifier: to what it is in the version in force", greets=True
    ),
    ("GET", _AGREEMENT): public("To the version in force", greets=True),
    ("GET", f"{_AGREEMENT}/at/{{date}}"): public("To the version in force on a day", greets=True),
    ("GET", f"{_AGREEMENT}/at/{{date}}/clause/{{clause}}"): public(
        "To what a clause is in the version in force on a day", greets=True
    ),
    ("GET", f"{_AGREEMENT}/{{version}}"): public(
        "One version as a page, JSON, JSON-LD or its very words; clauses are anchors", greets=True
    ),
    ("GET", f"{_AGREEMENT}/{{version}}/clause/{{clause}}"): public(
        "One clause of a version as a page, JSON, JSON-LD or its very words", greets=True
    ),
    ("GET", "/contexts/agreements-1.jsonld"): public("The terms of the JSON-LD of agreements"),
    ("GET", "/api/v1/agreements/{agreement}/clauses/{clause}/lineage"): public(
        "What a clause was in each version of an agreement, and what it is in the version in force"
    ),
}
