"""A body adopts the default lawful-basis records for what it signed: the matrix's rows for its kind, as its own."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import lawful_bases
from isa_registry.actions.deciding import Decider
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.defaults import default_record
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import left, signed_purposes
from isa_registry.ledger.drafts import Draft, Precondition


class Purpose(Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A purpose of an agreement that the body signed. `supersedes` is the record whose place the default takes."""

    agreement: str
    purpose: str
    supersedes: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.agreement, self.purpose


class Terms(Struct, frozen=True):
    """What is the same for all that is adopted at once: from which day (today where None), who approved it, and the
    reference of the balancing test for a default that needs one."""

    starts: str | None = None
    approved_by: str | None = None
    balancing_test: str | None = None


TODAY = Terms()
"""From today, approved and with papers as the default says."""


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
    if catalogue is None or body is None:
        return None
    found = default_record(catalogue, body, wanted.agreement, wanted.purpose, starts=starts, record=identifier)
    return None if found is None else replace(found, supersedes=wanted.supersedes)


def adopt(
    organisation: str,
    wanted: tuple[Purpose, ...],
    by: Decider,
    view: RegisterView,
    at: str,
    fresh: Callable[[], str],
    terms: Terms = TODAY,
) -> Draft:
    """The default records for these purposes, as the body's own lead decides: all of them or none. `fresh` gives
    identifiers.

    Refused: `not-your-organisation`; `unprocessable` for none, one twice, or one without a default, and for what the
    law finds in one; and at the tail `forbidden` for who is no lead there by a grant, `conflict` for a purpose that it
    did not sign, or has a record for whose place the default does not take.
    """
    if by.organisation != organisation:
        raise Refused("not-your-organisation", "This is open to the organisation itself.")
    if not wanted or len({one.place for one in wanted}) != len(wanted):
        detail = "Name one or more purposes, each once."
        raise Refused("unprocessable", detail, (Fault("#/purposes", "count", detail),))
    starts = terms.starts or london_date(parse_instant(at))
    drafts = [_one(organisation, one, place, by, view, starts, fresh(), terms) for place, one in enumerate(wanted)]

    def signed(tail: RegisterView, at: str) -> None:
        purposes = set(signed_purposes(tail, organisation, london_date(parse_instant(at))))
        for place, one in enumerate(wanted):
            if one.place not in purposes:
                detail = "A purpose is among them that your organisation did not sign."
                raise Refused("conflict", detail, (Fault(f"#/purposes/{place}", "not-signed", detail),))

    # Who decides comes first, and that it signed them before what is wrong with each.
    first, *rest = drafts[0].preconditions
    later = (rule for draft in drafts[1:] for rule in draft.preconditions)
    rules: tuple[Precondition, ...] = (first, signed, *rest, *later)
    return Draft(payloads=tuple(payload for draft in drafts for payload in draft.payloads), preconditions=rules)


def _one(
    organisation: str,
    wanted: Purpose,
    place: int,
    by: Decider,
    view: RegisterView,
    starts: str,
    identifier: str,
    terms: Terms,
) -> Draft:
    record = default_for(view, organisation, wanted, starts=starts, identifier=identifier)
    if record is None:
        detail = "The law as data has no default for this purpose and this kind of organisation."
        raise Refused("unprocessable", detail, (Fault(f"#/purposes/{place}", "no-default", detail),))
    needs_test = "art6-1-f" in record.article_6
    whole = replace(
        record,
        approved_by=terms.approved_by or record.approved_by,
        balancing_test=terms.balancing_test if needs_test else None,
    )
    return lawful_bases.record_as(whole, by, view, at=f"/purposes/{place}")
