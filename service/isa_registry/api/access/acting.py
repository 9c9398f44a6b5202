"""The lines of what lets others act: keys, roles, clients, issuers, and what two people decide."""

from __future__ import annotations

from isa_registry.api.access.terms import (
    JSON,
    KEY_HOLDERS,
    OWN,
    Access,
    decides,
    shows_who_acts,
)

ACTING: dict[tuple[str, str], Access] = {
    ("GET", "/api/v1/organisations/{organisation}/keys"): Access(
        says="The public signing keys of your own organisation, and what is to be seen to",
        scopes=frozenset({"events:read", "audit:read"}),
        roles=frozenset({"ig-lead", "signatory", "auditor"}),
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/organisations/{organisation}/keys/published"): Access(
        says="Compare your organisation's keys with those that it publishes at its own addresses now",
        roles=frozenset({"ig-lead"}),
        fields=OWN,
    ),
    ("POST", "/api/v1/organisations/{organisation}/keys"): Access(
        says="Register a public signing key of your own organisation, with a proof made with it",
        roles=KEY_HOLDERS,
        content_types=JSON,
        body_limit=16_384,
        recent_sign_in=True,
        fields=OWN,
    ),
    ("POST", "/api/v1/organisations/{organisation}/keys/{kid}/revocation"): Access(
        says="Revoke a signing key of your own organisation, from the next entry on",
        roles=KEY_HOLDERS,
        content_types=JSON,
        body_limit=16_384,
        recent_sign_in=True,
        fields=OWN,
    ),
    ("GET", "/api/v1/organisations/{organisation}/members"): shows_who_acts(
        "The people of your own organisation and their roles; to the business unit also every other's ig-leads",
        "business-unit",
    ),
    ("POST", "/api/v1/organisations/{organisation}/members"): decides(
        "Grant a person a role, or propose it where it takes two", "ig-lead", "business-unit"
    ),
    ("POST", "/api/v1/organisations/{organisation}/members/revocation"): decides(
        "Take a role from a person, from the next entry on, or propose it where it takes two",
        "ig-lead",
        "business-unit",
    ),
    ("GET", "/api/v1/organisations/{organisation}/members/unused"): Access(
        says="Roles in your own organisation that nobody has used for 90 days",
        roles=frozenset({"ig-lead", "business-unit"}),
        fields=OWN,
    ),
    ("GET", "/api/v1/organisations/{organisation}/clients"): shows_who_acts(
        "The machine clients of your own organisation and their scopes"
    ),
    ("POST", "/api/v1/organisations/{organisation}/clients"): decides(
        "Grant a machine client its scopes, or propose it where it takes two", "ig-lead", "business-unit"
    ),
    ("POST", "/api/v1/organisations/{organisation}/clients/revocation"): decides(
        "Take everything from a machine client, from the next entry on", "ig-lead", "business-unit"
    ),
    ("GET", "/api/v1/organisations/{organisation}/issuers"): shows_who_acts(
        "The issuers whose tokens act for your own organisation; to the business unit also every other's",
        "business-unit",
    ),
    ("POST", "/api/v1/organisations/{organisation}/issuers"): decides(
        "Propose an issuer of an organisation, or another form of one that it has", "business-unit"
    ),
    ("POST", "/api/v1/organisations/{organisation}/issuers/removal"): decides(
        "Propose that an issuer act for an organisation no longer", "business-unit"
    ),
    ("GET", "/api/v1/proposals"): Access(
        says="What waits for a second person of the business unit", roles=frozenset({"business-unit"}), fields=OWN
    ),
    ("GET", "/api/v1/proposals/{proposal}"): Access(
        says="One proposal and what became of it", roles=frozenset({"business-unit"}), fields=OWN
    ),
    ("POST", "/api/v1/proposals/{proposal}/approval"): decides(
        "Approve exactly what another person proposed: it is logged", "business-unit"
    ),
    ("POST", "/api/v1/proposals/{proposal}/withdrawal"): decides(
        "Withdraw what you proposed yourself", "business-unit"
    ),
    ("POST", "/api/v1/proposals/{proposal}/refusal"): decides("Decline what another person proposed", "business-unit"),
}
