"""Who may bind a body for an agreement: its own signatories, and whom it delegated to."""

from __future__ import annotations

from isa_registry.domain.attestations import Signatory
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView

DELEGATE = "delegate"


def refuse_another_signatory(view: RegisterView, organisation: str, by: str, agreement: str, on: str) -> None:
    """Raises `Refused` unless signatories of the body `by` may bind `organisation` on a day: it is their own, or that
    one delegated to theirs. Another's is refused whether or not it exists."""
    delegated = any(one.given.to == by for one in view.delegations_of(organisation) if one.holds(agreement, on))
    if organisation != by and not delegated:
        raise Refused(
            "not-your-organisation",
            "This is done by a signatory of the organisation itself, or of one that it delegated to.",
            (Fault("#/organisation", "not-your-organisation", "Name the organisation that you sign for."),),
        )


def delegate_faults(
    view: RegisterView, organisation: str, by: str, agreement: str, signatory: Signatory, on: str
) -> list[Fault]:
    """Whether the role `delegate` is there when, and only when, a delegation is: to another body, whose signatories
    sign as delegates, or to the post that the reference names."""
    if signatory.role != DELEGATE:
        if organisation == by:
            return []
        detail = "A signatory of another body signs for this one as its delegate."
        return [Fault("#/signatory/role", "not-a-delegate", detail)]
    holding = [one.given for one in view.delegations_of(organisation) if one.holds(agreement, on)]
    if any((one.to == by) if by != organisation else (one.ref == signatory.ref) for one in holding):
        return []
    detail = "No delegation to this reference holds for this agreement today. The organisation's lead records one first."
    return [Fault("#/signatory/ref", "no-delegation", detail)]
