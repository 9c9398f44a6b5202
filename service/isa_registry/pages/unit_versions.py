"""Which version a page of its business unit is about."""

from __future__ import annotations

from isa_registry.actions.leading import refuse_outside_unit_of
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.runtime.access.changes import decider


def own_version(request: Request, agreement: str, version: str) -> AgreementVersion:
    """A version of the reader's own partnership. Raises `Refused`: `not-found`, or `forbidden` for another
    partnership's."""
    view = registry_of(request).follower.view
    found = view.agreement_version(agreement, version)
    if found is None:
        raise Refused("not-found", "There is no such version of this agreement.")
    refuse_outside_unit_of(view, found.partnership, decider(caller_of(request)))
    return found
