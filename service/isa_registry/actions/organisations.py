"""Bodies, the issuers and clients that act for them, and the people's roles."""

from __future__ import annotations

from isa_registry.domain.access_entries import ClientGranted, IssuerRegistered, IssuerRemoved, RoleGranted
from isa_registry.domain.entries import OrganisationChanged, OrganisationRegistered
from isa_registry.domain.references import is_organisation_id
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft, Precondition

MACHINE_SCOPES = (
    "checks:ask", "events:write", "events:read", "consents:write", "consents:read", "agreements:read",
    "audit:read", "admin",
)  # fmt: skip
LEAD_BODY_SCOPES = ("audit:read", "admin")
ROLES = ("practitioner", "signatory", "ig-lead", "auditor", "business-unit")
PROFILES = ("rfc9068", "entra-v2", "cis2", "generic")


def register(organisation: OrganisationRegistered) -> Draft:
    """A body joins. Refused (`unprocessable`) where the id is not a kebab-case name or the parent is not registered;
    (`conflict`) where the id is taken."""
    if not is_organisation_id(organisation.organisation):
        raise _unknown("#/organisation", "An id is lower-case letters, digits and hyphens.")

    def holds(view: RegisterView, at: str) -> None:
        catalogue = view.catalogue()
        if view.organisation(organisation.organisation) is not None:
            raise Refused("conflict", "An organisation with this id is already registered.")
        if catalogue is None or organisation.organisation_kind not in catalogue.kinds:
            raise _unknown("#/kind", "This kind of organisation is not in the catalogue.")
        if organisation.parent is not None and view.organisation(organisation.parent) is None:
            raise _unknown("#/parent", "Register the parent body first.")

    return Draft(payloads=(organisation,), preconditions=(holds,))


def change(organisation: OrganisationChanged) -> Draft:
    """A body's record as it stands from here on."""
    return Draft(payloads=(organisation,), preconditions=(registered(organisation.organisation),))


def register_issuer(issuer: IssuerRegistered) -> Draft:
    """An issuer whose tokens act for a body. Refused where it would let one token act for two."""

    def holds(view: RegisterView, at: str) -> None:
        if issuer.profile not in PROFILES:
            raise _unknown("#/profile", "This token profile is not one the registry knows.")
        if not issuer.audiences or not issuer.algorithms:
            raise _unknown("#/audiences", "An issuer needs at least one audience and one algorithm.")
        if (issuer.claim is None) != (issuer.value is None):
            raise _unknown("#/claim", "A claim and its value come together.")
        for other in view.issuers(issuer.issuer):
            split = issuer.claim is not None and other.claim == issuer.claim and other.value != issuer.value
            if not split:
                detail = "This issuer is registered already. Where one serves several bodies, each use names a claim."
                raise Refused("conflict", detail)

    return Draft(payloads=(issuer,), preconditions=(registered(issuer.organisation), holds))


def remove_issuer(issuer: IssuerRemoved) -> Draft:
    """Tokens of the issuer act for the body no longer, from the next entry on."""

    def holds(view: RegisterView, at: str) -> None:
        if all(one.organisation != issuer.organisation for one in view.issuers(issuer.issuer)):
            raise Refused("not-found", "The organisation has no such issuer.")

    return Draft(payloads=(issuer,), preconditions=(holds,))


def grant_client(client: ClientGranted) -> Draft:
    """The scopes of a machine client. `audit:read` and `admin` are for the lead body's clients alone."""

    def holds(view: RegisterView, at: str) -> None:
        opened = view.opened()
        if any(scope not in MACHINE_SCOPES for scope in client.scopes):
            raise _unknown("#/scopes", "There is a scope here that the registry does not know.")
        lead = opened is not None and opened.lead_body == client.organisation
        if not lead and any(scope in LEAD_BODY_SCOPES for scope in client.scopes):
            raise Refused("forbidden", "audit:read and admin are granted to the lead body's clients alone.")

    return Draft(payloads=(client,), preconditions=(registered(client.organisation), holds))


def grant_role(role: RoleGranted) -> Draft:
    """A role of one person. `auditor` and `business-unit` are for people of the lead body alone."""

    def holds(view: RegisterView, at: str) -> None:
        opened = view.opened()
        if role.role not in ROLES:
            raise _unknown("#/role", "This role is not one the registry knows.")
        if all(one.organisation != role.organisation for one in view.issuers(role.issuer)):
            raise _unknown("#/issuer", "Register the issuer first.")
        lead = opened is not None and opened.lead_body == role.organisation
        if role.role in ("auditor", "business-unit") and not lead:
            raise Refused("forbidden", "auditor and business-unit are roles of the lead body's people alone.")

    return Draft(payloads=(role,), preconditions=(registered(role.organisation), holds))


def registered(organisation: str) -> Precondition:
    """That a body is registered at the tail."""

    def holds(view: RegisterView, at: str) -> None:
        if view.organisation(organisation) is None:
            raise Refused("not-found", "There is no such organisation.")

    return holds


def _unknown(pointer: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, "unknown-code", detail),))
