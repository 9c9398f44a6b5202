"""The lines of signatories: attesting, asking, declining, withdrawing, joining."""

from __future__ import annotations

from isa_registry.api.access.terms import Access, public

ATTESTING: dict[tuple[str, str], Access] = {
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/attestations"): public(
        "Who has attested exactly these words"
    ),
}
