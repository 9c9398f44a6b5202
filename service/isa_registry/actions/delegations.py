"""Delegations: who beside its office holders may bind a body, until when (`domain/register/binding.py` reads them)."""

from __future__ import annotations

from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.actions.organisations import refuse_faults, registered
from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.party_entries import DelegationEnded, DelegationGiven
from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import Delegation
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft

MOST_DELEGATIONS = 50
"""Delegations of one body that hold, or will, at once."""

MOST_AGREEMENTS = 50


def give(given: DelegationGiven) -> Draft:
    """Another body's signatories, or a post of the body's own that signs as `delegate`, may bind it for a time.

    Refused: `unprocessable` with a pointer to each thing that is wrong, a cycle of delegations among them; `conflict`
    where the same is given for some of the time already, or too many are.
    """
    refuse_faults(_faults(given))

    def holds(view: RegisterView, at: str) -> None:
        today = london_date(parse_instant(at))
        if any(one.given.delegation == given.delegation for one in view.delegations_of(given.organisation)):
            raise Refused("conflict", "A delegation with this id is there already.")
        refuse_faults([*_over(given, today), *_unknown(view, given, today)])
        going_on = [one for one in view.delegations_of(given.organisation) if one.lasts(today)]
        if any(_overlap(one, given) for one in going_on):
            raise Refused("conflict", "This is delegated already for some of that time. End it first to change it.")
        if len(going_on) >= MOST_DELEGATIONS:
            raise Refused("conflict", f"An organisation has at most {MOST_DELEGATIONS} delegations at once. End one.")

    return Draft(payloads=(given,), preconditions=(registered(given.organisation), holds))


def end(ended: DelegationEnded) -> Draft:
    """A delegation holds no longer from a day on: today or later, and before it ends by itself. Refused: `not-found`,
    `unprocessable`, `conflict`."""
    if not is_date(ended.on):
        raise _fault("#/on", "not-a-date", "Write dates as 2026-09-30.")

    def holds(view: RegisterView, at: str) -> None:
        found = [one for one in view.delegations_of(ended.organisation) if one.given.delegation == ended.delegation]
        if not found:
            raise Refused("not-found", "The organisation has no such delegation.")
        if ended.on < london_date(parse_instant(at)):
            raise _fault("#/on", "over", "Name today or a later day: what was signed until then stays signed.")
        if not found[0].lasts(ended.on):
            raise Refused("conflict", "The delegation has ended by then.")

    return Draft(payloads=(ended,), preconditions=(holds,))


def give_as(given: DelegationGiven, by: Decider, view: RegisterView) -> Draft:
    """The same on the word of the body's own information-governance lead."""
    return leading.on_the_word_of(give(given), leading.ig_lead_of(given.organisation, by, view))


def end_as(ended: DelegationEnded, by: Decider, view: RegisterView) -> Draft:
    return leading.on_the_word_of(end(ended), leading.ig_lead_of(ended.organisation, by, view))


def _faults(given: DelegationGiven) -> list[Fault]:
    faults = [
        Fault(f"#/{member}", "not-a-date", "Write dates as 2026-09-30.")
        for member, day in (("starts", given.starts), ("until", given.until))
        if not is_date(day)
    ]
    if not faults and given.until < given.starts:
        faults.append(Fault("#/until", "term", "The last day is before the first."))
    if (given.to is None) == (given.ref is None):
        detail = "Name either the body that it is delegated to, or the reference of a post of your own."
        faults.append(Fault("#/to", "one-of-two", detail))
    if given.to == given.organisation:
        faults.append(Fault("#/to", "cycle", "A body does not delegate to itself: its own signatories bind it anyway."))
    if given.ref is not None and (fault := own_reference_fault(given.ref)) is not None:
        faults.append(Fault("#/ref", "malformed", fault))
    if len(given.agreements) > MOST_AGREEMENTS or len(set(given.agreements)) != len(given.agreements):
        detail = f"Name each agreement once, and at most {MOST_AGREEMENTS}; none named is all of them."
        faults.append(Fault("#/agreements", "count", detail))
    return faults


def _over(given: DelegationGiven, today: str) -> list[Fault]:
    if given.starts < today:
        return [Fault("#/starts", "over", "Name today or a later day: nobody is bound by what was not delegated then.")]
    return []


def _unknown(view: RegisterView, given: DelegationGiven, today: str) -> list[Fault]:
    faults = [
        Fault(f"#/agreements/{place}", "unknown-agreement", "There is no such agreement.")
        for place, agreement in enumerate(given.agreements)
        if not view.agreement_versions(agreement)
    ]
    if given.to is None:
        return faults
    other = view.organisation(given.to)
    if other is None:
        faults.append(Fault("#/to", "unknown-organisation", "There is no such organisation."))
    elif not other.takes_part(given.starts):
        faults.append(Fault("#/to", "not-taking-part", "That body is suspended or closed by then."))
    elif given.organisation in _reached(view, given.to, today):
        detail = "That body has delegated to this one, or to another that has: let one of these end first."
        faults.append(Fault("#/to", "cycle", detail))
    return faults


def _reached(view: RegisterView, organisation: str, today: str) -> set[str]:
    """A body, and every one that it delegated to, directly or by way of others, today or later."""
    found: set[str] = set()
    waiting = [organisation]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            given = [one for one in view.delegations_of(current) if one.lasts(today)]
            waiting += [one.given.to for one in given if one.given.to is not None]
    return found


def _overlap(delegation: Delegation, given: DelegationGiven) -> bool:
    other = delegation.given
    same = (other.to, other.ref) == (given.to, given.ref)
    share = not other.agreements or not given.agreements or not set(other.agreements).isdisjoint(given.agreements)
    return same and share and other.starts <= given.until and delegation.lasts(given.starts)


def _fault(pointer: str, code: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, code, detail),))
