"""What each body relies on: its lawful-basis records. They are made, take each other's place and end; none is changed.

A body's own information-governance lead decides about them alone, by a role that was granted by name and holds at the
very tail, where the record is held against the law of its first day and against the body's other records.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.actions.organisations import registered
from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded
from isa_registry.domain.lawful_bases.refusals import record_faults
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft

REFUSED = "The law does not let your organisation record this, or the record lacks what it needs."


def record(fact: LawfulBasisRecorded) -> Draft:
    """A body's record for one purpose of one agreement, whoever decided it. Refused at the tail: `unprocessable` with
    every fault that the law finds in it, each with its pointer into the record."""

    def holds(view: RegisterView, at: str) -> None:
        refuse_faults(fact, view)

    return Draft(payloads=(fact,), preconditions=(registered(fact.organisation), holds))


def record_as(fact: LawfulBasisRecorded, by: Decider, view: RegisterView, *, at: str = "") -> Draft:
    """The same on the word of the body's own lead, who may let it take the place of an earlier record from its first
    day on (`supersedes`). `at` is a pointer to where the record stands in what was sent.

    Refused: `not-your-organisation`; at the tail `forbidden` for who is no lead there by a grant, `unprocessable` for a
    record that is over, or takes a place in the past, or is of no agreement's purpose, and `conflict` with the records
    that are there.
    """
    word = leading.ig_lead_of(fact.organisation, by, view)

    def fits(view: RegisterView, now: str) -> None:
        found = list(_misfits(fact, view, london_date(parse_instant(now))))
        if found:
            raise Refused("unprocessable", found[0].detail, pointed(found, at))
        clash = _clash(fact, view)
        if clash is not None:
            raise Refused("conflict", clash.detail, pointed([clash], at))

    def lawful(view: RegisterView, now: str) -> None:
        refuse_faults(fact, view, at=at)

    return Draft(
        payloads=(replace(fact, decided_by=(word.number,)),),
        preconditions=(word.holds, registered(fact.organisation), lawful, fits),
    )


def end_as(ended: LawfulBasisEnded, by: Decider, view: RegisterView) -> Draft:
    """A record holds no longer from a day on, on the word of the body's own lead: today or later. One that has not
    begun never holds, and what it was to take the place of goes on.

    Refused at the tail: `not-found`; `unprocessable` for a day that has passed; `conflict` where it holds no longer by
    then anyway.
    """
    word = leading.ig_lead_of(ended.organisation, by, view)
    if not is_date(ended.on):
        raise _fault("#/on", "not-a-date", "Write dates as 2026-09-30.")

    def stands(view: RegisterView, at: str) -> None:
        found = view.lawful_basis_record(ended.organisation, ended.record)
        if found is None:
            raise Refused("not-found", "Your organisation has no such record.")
        if ended.on < london_date(parse_instant(at)):
            raise _fault("#/on", "over", "Name today or a later day: what was shared before rested on this record.")
        if found.gone_from is not None and found.gone_from <= ended.on:
            raise Refused("conflict", "By that day the record holds no longer anyway.")

    return Draft(payloads=(replace(ended, decided_by=(word.number,)),), preconditions=(word.holds, stands))


def refuse_faults(fact: LawfulBasisRecorded, view: RegisterView, *, at: str = "") -> None:
    """Raises `Refused` (`unprocessable`) with every fault that the law finds in a record, and (`not-found`) without a
    body."""
    catalogue, body = view.catalogue(), view.organisation(fact.organisation)
    if catalogue is None or body is None:
        raise Refused("not-found", "There is no such organisation.")
    faults = record_faults(fact, body, catalogue)
    if faults:
        raise Refused("unprocessable", REFUSED, pointed(faults, at))


def pointed(faults: list[Fault] | tuple[Fault, ...], at: str) -> tuple[Fault, ...]:
    """The faults with pointers into what was sent, where the record stands below `at`."""
    return tuple(Fault(f"#{at}{one.pointer.removeprefix('#')}", one.code, one.detail) for one in faults)


def _misfits(fact: LawfulBasisRecorded, view: RegisterView, today: str) -> Iterator[Fault]:
    versions = [one for one in view.agreement_versions(fact.agreement) if one.withdrawn_on is None]
    if not versions:
        yield Fault("#/agreement", "unknown-agreement", "There is no such agreement.")
    elif not any(line.code == fact.purpose for version in versions for line in version.schedule.purposes):
        yield Fault("#/purpose", "not-in-the-agreement", "The agreement does not speak of this purpose.")
    if fact.ends is not None and fact.ends < today:
        yield Fault("#/ends", "over", "A record that is over already says nothing: name today or a later day.")
    if view.lawful_basis_record(fact.organisation, fact.record) is not None:
        yield Fault("#/record", "given-twice", "There is a record of this id.")
    if fact.supersedes is None:
        return
    if fact.starts < today:
        detail = "A record takes the place of another from today or a later day: what was shared before rested on that."
        yield Fault("#/starts", "over", detail)
    if not any(one.recorded.record == fact.supersedes for one in _others(fact, view)):
        yield Fault("#/supersedes", "unknown-record", "Name a record of your own for the same agreement and purpose.")


def _clash(fact: LawfulBasisRecorded, view: RegisterView) -> Fault | None:
    """The first of the body's other records for the purpose that would hold on a day of this one."""
    for one in _others(fact, view):
        if one.recorded.record != fact.supersedes:
            if _overlap(one, fact):
                detail = (
                    "There is a record for this purpose at that time. Name it in supersedes, so that this one takes "
                    "its place, or end it first."
                )
                return Fault("#/supersedes", "overlaps", detail)
        elif one.superseded_by is not None:
            return Fault("#/supersedes", "superseded", "Another record takes its place already: name that one.")
        elif one.gone_from is not None and one.gone_from <= fact.starts:
            return Fault("#/supersedes", "over", "By then that record holds no longer: leave supersedes out.")
    return None


def _others(fact: LawfulBasisRecorded, view: RegisterView) -> tuple[LawfulBasis, ...]:
    return view.lawful_bases_for(fact.organisation, fact.agreement, fact.purpose)


def _overlap(one: LawfulBasis, fact: LawfulBasisRecorded) -> bool:
    begins_before_its_end = fact.ends is None or one.recorded.starts <= fact.ends
    return one.held and begins_before_its_end and (one.gone_from is None or fact.starts < one.gone_from)


def _fault(pointer: str, code: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, code, detail),))
