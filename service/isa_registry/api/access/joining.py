"""The lines of how an organisation joins: invitations, setting up, importing many."""

from __future__ import annotations

from isa_registry.api.access.terms import JSON, OWN, UNIT, Access, shows_who_acts

CSV = ("text/csv",)
CSV_LIMIT = 1_048_576


def _decides(says: str) -> Access:
    """What one person of the registry's business unit decides, who signed in just now."""
    return Access(says=says, roles=UNIT, content_types=JSON, body_limit=16_384, recent_sign_in=True, fields=OWN)


_INVITATIONS = "/api/v1/organisations/invitations"
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
    ("GET", _INVITATIONS): Access(says="The organisations that are invited to join", roles=UNIT, fields=OWN),
    ("POST", _INVITATIONS): _decides("Invite an organisation to join, or to complete its record"),
    ("GET", f"{_INVITATIONS}/{{invitation}}"): Access(says="One invitation and what came back", roles=UNIT, fields=OWN),
    ("POST", f"{_INVITATIONS}/{{invitation}}/sending"): _decides("Another link in the place of the last"),
    ("POST", f"{_INVITATIONS}/{{invitation}}/withdrawal"): _decides("Withdraw an invitation, or turn its answer down"),
    ("POST", f"{_INVITATIONS}/{{invitation}}/confirmation"): _decides(
        "Register the organisation as it answered, and propose its issuer and first lead"
    ),
}
