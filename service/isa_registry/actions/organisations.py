"""Bodies: who belongs to the registry, and what their records say. Who decides it is in `organisation_changes.py`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict

from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.organisation_records import EVERY_AGREEMENT, record_faults
from isa_registry.domain.party_entries import OrganisationChanged, OrganisationRegistered
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import led_by
from isa_registry.ledger.drafts import Draft, Precondition

_POINTED = {"organisation_kind": "kind"}
"""Members whose name in what is sent is another than in the record."""


def register(organisation: OrganisationRegistered, *, founding: bool = False) -> Draft:
    """A body joins. Refused (`unprocessable`) with a pointer to each thing that is wrong with its record, among them a
    parent, a partnership or a successor that is not there; (`conflict`) where the id is taken.

    `founding`: partnerships and agreements that its record names come later in the same document, which holds them.
    """
    refuse_faults(record_faults(organisation))

    def holds(view: RegisterView, at: str) -> None:
        if view.organisation(organisation.organisation) is not None:
            detail = "An organisation with this id is already registered."
            raise Refused("conflict", detail, (Fault("#/organisation", "taken", detail),))
        refuse_faults([*_hierarchy(view, organisation), *([] if founding else _memberships(view, organisation))])

    return Draft(payloads=(organisation,), preconditions=(holds,))


def change(organisation: OrganisationChanged, *, changed_from: int | None = None) -> Draft:
    """A body's record as it stands from here on. `changed_from` is the entry that made the record what whoever changes
    it had read.

    Refused: `not-found`; `conflict` where another entry made the record by now, where it says exactly this already, or
    where the body leads a partnership and would be away; `unprocessable` as when it is registered.
    """
    refuse_faults(record_faults(organisation))

    def holds(view: RegisterView, at: str) -> None:
        current = view.organisation(organisation.organisation)
        if current is None:
            raise Refused("not-found", "There is no such organisation.")
        if changed_from is not None and view.organisation_since(organisation.organisation) != changed_from:
            detail = "The record was changed since you read it. Read it again, and change what it says now."
            raise Refused("conflict", detail, (Fault("#/changed_from", "changed-since", detail),))
        if says_the_same(current, organisation):
            raise Refused("conflict", "The record says exactly this already.")
        # What was there before is not held against a change of something else.
        now = members(organisation)
        differs = {_POINTED.get(name, name) for name, value in members(current).items() if value != now[name]}
        faults = [*_hierarchy(view, organisation), *_memberships(view, organisation, current)]
        refuse_faults([one for one in faults if one.pointer.split("/")[1] in differs])
        _refuse_leader_away(view, current, organisation, at)

    return Draft(payloads=(organisation,), preconditions=(holds,))


def changed(current: Organisation, **changes: object) -> OrganisationChanged:
    """A body's record with some of its members changed."""
    return OrganisationChanged(**{**members(current), **changes})  # type: ignore[arg-type]


def members(record: Organisation) -> dict[str, object]:
    """What a record says of a body, without who decided it."""
    return {name: value for name, value in asdict(record).items() if name != "approved_by"}


def says_the_same(one: Organisation, other: Organisation) -> bool:
    return members(one) == members(other)


def registered(organisation: str) -> Precondition:
    """That a body is registered at the tail."""

    def holds(view: RegisterView, at: str) -> None:
        if view.organisation(organisation) is None:
            raise Refused("not-found", "There is no such organisation.")

    return holds


def refuse_faults(faults: list[Fault]) -> None:
    """Raises `Refused` (`unprocessable`) where there are any: with all of them, and the words of the first."""
    if faults:
        raise Refused("unprocessable", faults[0].detail, tuple(faults))


def _hierarchy(view: RegisterView, record: Organisation) -> Iterator[Fault]:
    catalogue = view.catalogue()
    if catalogue is None or record.organisation_kind not in catalogue.kinds:
        yield Fault("#/kind", "unknown-code", "This kind of organisation is not in the catalogue.")
    if record.parent is not None:
        parent = view.organisation(record.parent)
        if parent is None:
            yield Fault("#/parent", "unknown-code", "Register the parent body first.")
        elif parent.closed_on is not None:
            yield Fault("#/parent", "closed", "That body is closed, or will be: name its successor.")
        elif record.organisation in _line(view, record.parent, "parent"):
            detail = "That body is below this one already: a body cannot be above and below another."
            yield Fault("#/parent", "cycle", detail)
    if record.successor is not None and record.successor != record.organisation:
        successor = view.organisation(record.successor)
        if successor is None:
            yield Fault("#/successor", "unknown-organisation", "Register the successor first.")
        elif record.organisation in _line(view, record.successor, "successor"):
            yield Fault("#/successor", "cycle", "This body succeeded that one: neither would be left.")
        elif successor.closed_on is not None:
            yield Fault("#/successor", "closed", "That body is closed, or will be: name the one that goes on.")


def _memberships(view: RegisterView, record: Organisation, before: Organisation | None = None) -> Iterator[Fault]:
    for place, name in enumerate(record.partnerships):
        partnership = view.partnership(name)
        if before is not None and name in before.partnerships:
            continue
        if partnership is None:
            yield Fault(f"#/partnerships/{place}", "unknown-partnership", "There is no such partnership here.")
        elif partnership.ended_on is not None:
            yield Fault(f"#/partnerships/{place}", "ended", "That partnership has ended, or will.")
    for place, agreement in enumerate(record.named_out):
        kept = before is not None and agreement in before.named_out
        if not kept and agreement != EVERY_AGREEMENT and not view.agreement_versions(agreement):
            yield Fault(f"#/named_out/{place}", "unknown-agreement", "There is no such agreement.")


def _line(view: RegisterView, organisation: str, member: str) -> set[str]:
    """A body, and whoever is above it, or came after it."""
    found: set[str] = set()
    current: str | None = organisation
    while current is not None and current not in found:
        found.add(current)
        body = view.organisation(current)
        current = None if body is None else getattr(body, member)
    return found


def _refuse_leader_away(view: RegisterView, current: Organisation, new: Organisation, at: str) -> None:
    today = london_date(parse_instant(at))
    for member, day in (("suspended_on", new.suspended_on), ("closed_on", new.closed_on)):
        if day is not None and day != getattr(current, member):
            going_on = [one for one in led_by(view, new.organisation) if one.ended_on is None or today < one.ended_on]
            if going_on:
                detail = "This body leads a partnership: let another lead it first."
                raise Refused("conflict", detail, (Fault(f"#/{member}", "leads-a-partnership", detail),))
