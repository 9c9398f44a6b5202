"""Issuers whose tokens act for a body: what can be registered at all, whoever decides it (`deciding.py` says who)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace as with_changes

from isa_registry.actions.issuer_faults import issuer_faults
from isa_registry.actions.organisations import registered
from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft


def register(issuer: IssuerRegistered, *, alone: bool = False) -> Draft:
    """An issuer whose tokens act for a body; one that the body has under the same claim and value is replaced, and with
    `alone` every other use that it has of the issuer ends in the same draft.

    Refused (`unprocessable`) with a pointer to each thing that is wrong; (`conflict`) where it would let one token act
    for two bodies, or where an issuer is split by a claim and this use is not.
    """
    faults = issuer_faults(issuer)
    if faults:
        raise Refused("unprocessable", "This issuer cannot be registered as it stands.", tuple(faults))

    def holds(view: RegisterView, at: str) -> None:
        opened = view.opened()
        if issuer.issuer.startswith("http:") and not (opened is not None and opened.demo):
            detail = "An issuer's address begins with https."
            raise Refused("unprocessable", detail, (Fault("#/issuer", "not-https", detail),))
        uses = view.issuers(issuer.issuer)
        if issuer in [with_changes(one, approved_by=()) for one in uses]:
            raise Refused("conflict", "This issuer is registered exactly so already.")
        _refuse_shared([one for one in uses if not (alone and one.organisation == issuer.organisation)], issuer)
        _refuse_look_alike(view, issuer)

    return Draft(payloads=(issuer,), preconditions=(registered(issuer.organisation), holds))


def replace(view: RegisterView, issuer: IssuerRegistered) -> tuple[IssuerRemoved | IssuerRegistered, ...]:
    """The entries that put this in the place of every use that the body has of the issuer."""
    own = [one for one in view.issuers(issuer.issuer) if one.organisation == issuer.organisation]
    if not own:
        raise Refused("not-found", "The organisation has no such issuer to change.")
    if [(one.claim, one.value) for one in own] == [(issuer.claim, issuer.value)]:
        return (issuer,)
    return (IssuerRemoved(organisation=issuer.organisation, issuer=issuer.issuer), issuer)


def remove(issuer: IssuerRemoved) -> Draft:
    """Tokens of the issuer act for the body no longer, from the next entry on."""

    def holds(view: RegisterView, at: str) -> None:
        if all(one.organisation != issuer.organisation for one in view.issuers(issuer.issuer)):
            raise Refused("not-found", "The organisation has no such issuer.")

    return Draft(payloads=(issuer,), preconditions=(holds,))


def _refuse_shared(uses: Sequence[Issuer], issuer: IssuerRegistered) -> None:
    for other in uses:
        if (other.organisation, other.claim, other.value) == (issuer.organisation, issuer.claim, issuer.value):
            continue
        if issuer.claim is None or other.claim != issuer.claim or other.value == issuer.value:
            detail = (
                "This issuer is registered already. Where one serves several bodies, every use of it names the same "
                "claim, each with a value of its own."
            )
            raise Refused("conflict", detail, (Fault("#/claim", "not-told-apart", detail),))


def _refuse_look_alike(view: RegisterView, issuer: IssuerRegistered) -> None:
    """Only one of two spellings can be what a provider's tokens say: the other would be somebody else's."""
    wanted = _blurred(issuer.issuer)
    for one in view.every_issuer():
        if one.issuer != issuer.issuer and _blurred(one.issuer) == wanted:
            detail = "An issuer is registered whose address differs in its last slash or in its capitals alone."
            raise Refused("conflict", detail, (Fault("#/issuer", "look-alike", detail),))


def _blurred(address: str) -> str:
    return address.rstrip("/").casefold()
