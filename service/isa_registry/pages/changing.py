"""Changing who may act, from a page: carried out as by the interface, and what is refused shown in the form."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions.deciding import Change
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Appended
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.runtime.access.changes import carry_out
from isa_registry.runtime.access.proposals import Proposals
from isa_registry.store.proposals import Proposal

_MENDED_IN_THE_FORM = {"unprocessable": 422, "bad-document": 422, "conflict": 409, "forbidden": 403}

ROLES = {
    "practitioner": "Practitioner",
    "signatory": "Signatory",
    "ig-lead": "Information-governance lead",
    "auditor": "Auditor",
    "business-unit": "Business unit",
    "partnership-unit": "Business unit of a partnership",
    "law-lead": "Says which of the law is checked",
}


class Rejected(Struct, frozen=True):
    """A form that was not carried out: with what is wrong, to be shown again with that status."""

    form: Form
    status: int


def proposals_of(request: Request) -> Proposals:
    proposals: Proposals = request.app.state.proposals
    return proposals


async def change(request: Request, wanted: Change) -> Appended | Proposal:
    """Carries a change out for whoever is signed in. Raises `Refused`."""
    return await carry_out(registry_of(request), proposals_of(request), wanted, caller_of(request))


def rejected(form: Form, refused: Refused, fields: Mapping[str, str] | None = None) -> Rejected:
    """The form with what it was refused for: at its fields, or above them all. Raises what no other entry would mend.
    `fields` names the field of a pointer where it is not the last part of it; one that is no field of the form's has
    the field empty."""
    status = _MENDED_IN_THE_FORM.get(refused.code)
    if status is None:
        raise refused
    if refused.faults:
        return Rejected(form.refused(refused.faults, fields), status)
    error = FieldError("", refused.detail.removesuffix("."))
    return Rejected(replace(form, errors=(*form.errors, error)), status)


def body_name(view: RegisterView, organisation: str) -> str:
    found = view.organisation(organisation)
    return organisation if found is None else found.name
