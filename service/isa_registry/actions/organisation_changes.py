"""Who changes what of a body's record: its own lead what it says of itself, the business unit everything else.

Each change is the whole record as it stands from the next entry on. It is made from what the view says, and refused at
the tail (`conflict`) where another entry came between.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from isa_registry.actions import leading, organisations
from isa_registry.actions.deciding import Decider
from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.organisation_records import OWN_MEMBERS
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.people import holders
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import partnerships_of
from isa_registry.ledger.drafts import Draft, Precondition


class Particulars(Struct, frozen=True):
    """What a body's own information-governance lead says of it; what is not given stays as it is."""

    contacts: dict[str, str] | UnsetType = UNSET
    policy_document: PolicyDocument | UnsetType | None = UNSET
    ico_registration: str | UnsetType | None = UNSET
    named_out: tuple[str, ...] | UnsetType = UNSET


def register(organisation: OrganisationRegistered, by: Decider, view: RegisterView) -> Draft:
    """A body joins, on the word of one person of the registry's own business unit."""
    return leading.on_the_word_of(organisations.register(organisation), leading.unit_of_the_registry(by, view))


def say_of_itself(
    organisation: str, particulars: Particulars, by: Decider, view: RegisterView, *, changed_from: int
) -> Draft:
    """A body's own lead changes what it says of itself."""
    word = leading.ig_lead_of(organisation, by, view)
    given = {name: getattr(particulars, name) for name in OWN_MEMBERS}
    changes = {name: value for name, value in given.items() if value is not UNSET}
    new = organisations.changed(_current(view, organisation), **changes)
    return leading.on_the_word_of(organisations.change(new, changed_from=changed_from), word)


def change_record(organisation: OrganisationRegistered, by: Decider, view: RegisterView, *, changed_from: int) -> Draft:
    """One person of the registry's own business unit changes a body's record: all of it but for which partnerships it
    belongs to, when it is suspended and when it closes, which are decided one by one. What a body says of itself is
    the unit's to change only where it has no lead.

    Refused: `unprocessable` with a pointer to each member that is not decided here; `forbidden` with a pointer to each
    that is the body's own lead's.
    """
    word = leading.unit_of_the_registry(by, view)
    current = _current(view, organisation.organisation)
    kept = {name: getattr(current, name) for name in ("partnerships", "suspended_on", "closed_on", "successor")}
    new = organisations.changed(organisation, **kept)

    def own_lead_decides(view: RegisterView, at: str) -> None:
        stands = _current(view, new.organisation)
        theirs = [name for name in OWN_MEMBERS if getattr(stands, name) != getattr(new, name)]
        if theirs and holders(view, new.organisation, "ig-lead", _day(at)):
            detail = "The organisation's own information-governance lead changes this."
            raise Refused("forbidden", detail, tuple(Fault(f"#/{name}", "own-ig-lead", detail) for name in theirs))

    return _after(organisations.change(new, changed_from=changed_from), own_lead_decides, word)


def suspend(organisation: str, on: str, by: Decider, view: RegisterView) -> Draft:
    """Its attestations, and those that it follows, count no longer from a day on: today or later."""
    _refuse_no_date("on", on)
    current = _current(view, organisation)

    def not_yet(view: RegisterView, at: str) -> None:
        stands = _current(view, organisation)
        if stands.suspended_on is not None and stands.suspended_on <= _day(at):
            raise Refused("conflict", "The organisation is suspended already.")
        if on < _day(at):
            raise _fault("#/on", "over", "Name today or a later day: what was shared before was shared by the book.")

    return _by_registry(view, current, by, not_yet, suspended_on=on)


def end_suspension(organisation: str, by: Decider, view: RegisterView) -> Draft:
    """Its attestations count again, from the next entry on; a suspension that was to come does not."""
    current = _current(view, organisation)

    def suspended(view: RegisterView, at: str) -> None:
        if _current(view, organisation).suspended_on is None:
            raise Refused("conflict", "The organisation is not suspended.")

    return _by_registry(view, current, by, suspended, suspended_on=None)


def close(organisation: str, on: str, successor: str | None, by: Decider, view: RegisterView) -> Draft:
    """The body is there no longer from a day on, which may have passed; another may have taken over. Said again, it
    puts another day or another successor in the place of the first."""
    _refuse_no_date("on", on)
    current = _current(view, organisation)
    return _by_registry(view, current, by, closed_on=on, successor=successor)


def reopen(organisation: str, by: Decider, view: RegisterView) -> Draft:
    """A closure that was said in error, or does not come about, is none."""
    current = _current(view, organisation)

    def closed(view: RegisterView, at: str) -> None:
        if _current(view, organisation).closed_on is None:
            raise Refused("conflict", "The organisation is not closed, and is not to close.")

    return _by_registry(view, current, by, closed, closed_on=None, successor=None)


def join_partnership(organisation: str, partnership: str, by: Decider, view: RegisterView) -> Draft:
    """A registered body belongs to a partnership too, on the word of one person of that partnership's unit."""
    word = leading.unit_of(partnership, by, view)
    current = _current(view, organisation)
    belongs = partnerships_of(view, current)
    found = view.partnership(partnership)
    if partnership in belongs:
        raise Refused("conflict", "The organisation belongs to this partnership already.")
    if found is None or found.ended_on is not None:
        raise Refused("conflict", "The partnership has ended, or will.")
    new = organisations.changed(current, partnerships=tuple(sorted({*belongs, partnership})))
    return leading.on_the_word_of(organisations.change(new, changed_from=view.organisation_since(organisation)), word)


def leave_partnership(organisation: str, partnership: str, by: Decider, view: RegisterView) -> Draft:
    """A body belongs to a partnership no longer. Refused (`conflict`) where it does not, where it leads it, and where
    it belongs to no other."""
    word = leading.unit_of(partnership, by, view)
    current = _current(view, organisation)
    belongs = partnerships_of(view, current)
    found = view.partnership(partnership)
    if partnership not in belongs:
        raise Refused("conflict", "The organisation does not belong to this partnership.")
    if found is not None and found.lead_body == organisation:
        raise Refused("conflict", "This body leads the partnership: let another lead it first.")
    left = tuple(sorted({*belongs} - {partnership}))
    if not left:
        detail = "A body belongs to one partnership at least. Where it has closed, the registry's unit says so."
        raise Refused("conflict", detail)
    new = organisations.changed(current, partnerships=left)
    return leading.on_the_word_of(organisations.change(new, changed_from=view.organisation_since(organisation)), word)


def _by_registry(
    view: RegisterView, current: Organisation, by: Decider, *also: Precondition, **changes: object
) -> Draft:
    word = leading.unit_of_the_registry(by, view)
    since = view.organisation_since(current.organisation)
    draft = organisations.change(organisations.changed(current, **changes), changed_from=since)
    for one in also:
        draft = Draft(payloads=draft.payloads, preconditions=(one, *draft.preconditions))
    return leading.on_the_word_of(draft, word)


def _after(draft: Draft, also: Precondition, word: leading.Word) -> Draft:
    whole = Draft(payloads=draft.payloads, preconditions=(*draft.preconditions, also))
    return leading.on_the_word_of(whole, word)


def _current(view: RegisterView, organisation: str) -> Organisation:
    found = view.organisation(organisation)
    if found is None:
        raise Refused("not-found", "There is no such organisation.")
    return found


def _refuse_no_date(member: str, day: str) -> None:
    if not is_date(day):
        raise _fault(f"#/{member}", "not-a-date", "Write dates as 2026-09-30.")


def _fault(pointer: str, code: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, code, detail),))


def _day(at: str) -> str:
    return london_date(parse_instant(at))
