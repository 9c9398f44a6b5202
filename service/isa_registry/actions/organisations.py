"""Bodies: who belongs to the partnership."""

from __future__ import annotations

from isa_registry.domain.party_entries import OrganisationChanged, OrganisationRegistered
from isa_registry.domain.references import is_organisation_id
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft, Precondition


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


def registered(organisation: str) -> Precondition:
    """That a body is registered at the tail."""

    def holds(view: RegisterView, at: str) -> None:
        if view.organisation(organisation) is None:
            raise Refused("not-found", "There is no such organisation.")

    return holds


def _unknown(pointer: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, "unknown-code", detail),))
