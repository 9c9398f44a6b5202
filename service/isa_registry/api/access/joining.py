"""The lines of how an organisation joins: invitations, setting up, importing many."""

from __future__ import annotations

from isa_registry.api.access.terms import OWN, Access, shows_who_acts

CSV = ("text/csv",)
CSV_LIMIT = 1_048_576

JOINING: dict[tuple[str, str], Access] = {
    ("GET", "/api/v1/organisations/{organisation}/set-up"): shows_who_acts(
        "What your own organisation has still to set up; to the business unit also every other's", "business-unit"
    ),
    ("POST", "/api/v1/organisations/import"): Access(
        says="Look at what a file of organisations would do, and have exactly that done",
        roles=frozenset({"business-unit"}),
        content_types=CSV,
        body_limit=CSV_LIMIT,
        recent_sign_in=True,
        fields=OWN,
    ),
}
