"""The lines of how an organisation joins: invitations, setting up, importing many."""

from __future__ import annotations

from isa_registry.api.access.terms import IG_LEAD, JSON, OWN, UNIT, Access, handshake, page, shows_who_acts

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
    ("GET", "/organisations"): page("All organisations"),
    ("GET", "/organisations/set-up"): page("What each organisation has still to set up", roles=UNIT),
    ("GET", "/account/set-up"): page("What your own organisation has still to set up", roles=IG_LEAD),
    ("GET", "/organisations/{organisation}/set-up"): page("What an organisation has still to set up", roles=UNIT),
    ("GET", "/organisations/import"): page("A list of organisations to import", roles=UNIT, recent_sign_in=True),
    ("POST", "/organisations/import"): page(
        "Look at what a list would do, and have exactly that done", upload=True, roles=UNIT, recent_sign_in=True
    ),
    ("GET", "/organisations/invitations"): page("The organisations that are invited", roles=UNIT),
    ("GET", "/organisations/invitations/new"): page("An organisation to invite", roles=UNIT, recent_sign_in=True),
    ("POST", "/organisations/invitations/new"): page(
        "Invite an organisation", form=True, roles=UNIT, recent_sign_in=True
    ),
    ("GET", "/organisations/invitations/{invitation}"): page(
        "One invitation and what came back", roles=UNIT, recent_sign_in=True
    ),
    ("POST", "/organisations/invitations/{invitation}"): page(
        "Confirm what came back, send another link, or withdraw it", form=True, roles=UNIT, recent_sign_in=True
    ),
    ("GET", "/join/{token}"): handshake("What an invited organisation is asked, and what became of its answer"),
    ("POST", "/join/{token}"): handshake("An invited organisation answers, once", form=True),
}
