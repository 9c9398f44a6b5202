"""A body adopts the default lawful-basis records for what it signed: the matrix's rows for its kind, as its own."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from isa_registry.actions import lawful_bases
from isa_registry.actions.deciding import Decider
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.people import granted_roles
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import left
from isa_registry.ledger.drafts import Draft


class Purpose(Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A purpose of an agreement that the body signed."""

    agreement: str
    purpose: str


def lacking(view: RegisterView, organisation: str, on: str) -> tuple[Purpose, ...]:
    """The purposes of what a body signed for which it has no record on a day, YYYY-MM-DD."""
    return tuple(
        Purpose(one.agreement, one.purpose)
        for one in left(view, organisation, on)
        if one.agreement is not None and one.purpose is not None
    )


def default_for(
    view: RegisterView, organisation: str, wanted: Purpose, *, starts: str, identifier: str = ""
) -> LawfulBasisRecorded | None:
    """The record that a body adopts by default; None where the law as data has no row for its kind."""
    catalogue, body = view.catalogue(), view.organisation(organisation)
    if catalogue is None or body is None or wanted.purpose not in catalogue.purposes:
        return None
    return lawful_bases.adopt_default(identifier, body, wanted.agreement, wanted.purpose, catalogue, starts=starts)


def adopt(
    organisation: str, wanted: tuple[Purpose, ...], by: Decider, view: RegisterView, at: str, fresh: Callable[[], str]
) -> Draft:
    """The default records for these purposes, from today, as the body's own lead decides: all of them or none. `fresh`
    gives identifiers.

    Refused: `not-your-organisation`; `unprocessable` for none, one twice, or one without a default; and at the tail
    `forbidden` for who is no lead there by a grant, `conflict` for a purpose that it did not sign or has a record for.
    """
    if by.organisation != organisation:
        raise Refused("not-your-organisation", "This is open to the organisation itself.")
    if not wanted or len(set(wanted)) != len(wanted):
        detail = "Name one or more purposes, each once."
        raise Refused("unprocessable", detail, (Fault("#/purposes", "count", detail),))
    today = london_date(parse_instant(at))
    records: list[LawfulBasisRecorded] = []
    for place, one in enumerate(wanted):
        record = default_for(view, organisation, one, starts=today, identifier=fresh())
        if record is None:
            detail = "The law as data has no default for this purpose and this kind of organisation."
            raise Refused("unprocessable", detail, (Fault(f"#/purposes/{place}", "no-default", detail),))
        records.append(record)

    def holds(tail: RegisterView, at: str) -> None:
        day = london_date(parse_instant(at))
        if "ig-lead" not in granted_roles(tail, organisation, by.person, day):
            raise Refused("forbidden", "This takes the role ig-lead, granted by name and not by a claim.")
        if not set(wanted) <= set(lacking(tail, organisation, day)):
            detail = "A purpose is among them that your organisation did not sign, or has a record for."
            raise Refused("conflict", detail, (Fault("#/purposes", "not-lacking", detail),))

    rules = (rule for one in records for rule in lawful_bases.record(one).preconditions)
    return Draft(payloads=tuple(records), preconditions=(holds, *rules))
