"""What keeps the business unit from locking itself out: whatever it decides, two of its people can decide the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved, RoleRevoked
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.people import Person, holders, most_by_one_issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Precondition

_TWO = 2
ENDS = "business-unit-ends"
"""The warning of `ends_soon`."""

_SOON = timedelta(days=60)


def business_unit_goes_on(change: Sequence[object]) -> Precondition:
    """That after the change two people of the business unit can still sign in through one issuer.

    A change of the last issuer that lets them must leave alone what would keep their tokens out by mistake: its
    profile, the claim that tells it apart, one of its audiences, one of its algorithms, and that people sign in by it.
    """

    def holds(view: RegisterView, at: str) -> None:
        opened = view.opened()
        if opened is None:
            return
        lead = opened.lead_body
        people = holders(view, lead, "business-unit", london_date(parse_instant(at)))
        left = people - _revoked(change, lead) - _signed_out(change, lead, people)
        # Where there are fewer already, whatever takes none of them away may be proposed, and waits.
        if most_by_one_issuer(left) < min(_TWO, most_by_one_issuer(people)):
            detail = (
                "After this, two people of the business unit could no longer decide anything together. Let two others, "
                "or another issuer of theirs, in first."
            )
            raise Refused("conflict", detail)
        for payload in change:
            if isinstance(payload, IssuerRegistered) and payload.organisation == lead:
                elsewhere = {person for person in left if person[0] != payload.issuer}
                if most_by_one_issuer(elsewhere) < _TWO:
                    _refuse_risky(_replaced(view, change, payload), payload)

    return holds


def ends_soon(view: RegisterView, today: str) -> bool:
    """Whether two people of the business unit can decide together today, and in 60 days no longer can unless they renew
    their roles. `today` is YYYY-MM-DD."""
    return view.memory.recall(("business-unit-ends", today), lambda: _ends_soon(view, today))


def _ends_soon(view: RegisterView, today: str) -> bool:
    opened = view.opened()
    if opened is None:
        return False
    later = (date.fromisoformat(today) + _SOON).isoformat()
    now, then = (most_by_one_issuer(holders(view, opened.lead_body, "business-unit", day)) for day in (today, later))
    return now >= _TWO > then


def _revoked(change: Sequence[object], lead: str) -> set[Person]:
    return {
        (one.issuer, one.subject)
        for one in change
        if isinstance(one, RoleRevoked) and (one.organisation, one.role) == (lead, "business-unit")
    }


def _signed_out(change: Sequence[object], lead: str, people: set[Person]) -> set[Person]:
    removed = {one.issuer for one in change if isinstance(one, IssuerRemoved) and one.organisation == lead}
    put_back = {one.issuer for one in change if isinstance(one, IssuerRegistered) and one.organisation == lead}
    return {person for person in people if person[0] in removed - put_back}


def _replaced(view: RegisterView, change: Sequence[object], new: IssuerRegistered) -> list[Issuer]:
    """The body's uses of the issuer that end where this one begins."""
    own = [one for one in view.issuers(new.issuer) if one.organisation == new.organisation]
    if any(isinstance(one, IssuerRemoved) for one in change):
        return own
    return [one for one in own if (one.claim, one.value) == (new.claim, new.value)]


def _refuse_risky(replaced: Sequence[Issuer], new: IssuerRegistered) -> None:
    for old in replaced:
        kept = (
            (old.profile, old.claim, old.value) == (new.profile, new.claim, new.value)
            and not set(old.audiences).isdisjoint(new.audiences)
            and not set(old.algorithms).isdisjoint(new.algorithms)
            and (old.sign_in is None or new.sign_in is not None)
        )
        if not kept:
            detail = (
                "This is the last issuer through which the business unit signs in: keep its profile, its claim and "
                "value, one of its audiences, one of its algorithms and its sign-in, or register another issuer first."
            )
            raise Refused("conflict", detail)
