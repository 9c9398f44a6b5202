"""The lawful-basis records of one's own organisation: all of them, and one with its history."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.dates import london_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.groups import LISTS
from isa_registry.domain.lawful_bases.history import BasisEvent, events
from isa_registry.domain.lawful_bases.refusals import record_faults
from isa_registry.domain.lawful_bases.to_do import not_in_force
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import signed_purposes
from isa_registry.pages.lawful_bases_to_do import RECORDS, found_to_do
from isa_registry.pages.lawful_bases_words import (
    LISTED,
    PAPERS,
    ProvisionShown,
    adopted_as,
    days_of,
    provision_shown,
    purpose_label,
    role_label,
    standing_of,
)
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare

RECORD = f"{RECORDS}/{{record:str}}"


class RecordShown(Struct, frozen=True):
    """A record as one of a list. `page` is its own, or where one is made where there is none yet."""

    purpose: str
    standing: tuple[str, str]
    days: str
    law: str
    page: str


class RecordsOfAgreement(Struct, frozen=True):
    agreement: str
    title: str
    records: tuple[RecordShown, ...]


class Happened(Struct, frozen=True):
    """What a log entry did to a record: whose words that holds and who approved it, its page, and whether it is the
    one that is looked at."""

    entry: int
    says: str
    adopted: str
    approved_by: str
    page: str
    own: bool


def lawful_basis_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(RECORDS)
    async def every(request: Request) -> Response[bytes]:
        registry, own = registry_of(request), caller_of(request).organisation
        view, day = registry.follower.view, london_date(registry.now())
        found = by_agreement(view, own, day)
        return layout_of(request).page(
            "lawful_bases.html",
            agreements=found,
            lacking=sum(one.standing[0] == "pending" for of in found for one in of.records),
            to_do=len(found_to_do(view, own, day)),
        )

    @reads(RECORD)
    async def one(request: Request, record: FromPath[str]) -> Response[bytes]:
        registry = registry_of(request)
        view, day = registry.follower.view, london_date(registry.now())
        held = own_record(request, record)
        recorded, law = held.recorded, view.catalogue()
        counting = view.lawful_basis(recorded.organisation, recorded.agreement, recorded.purpose, day)
        document = recorded.policy_document
        return layout_of(request).page(
            "lawful_basis.html",
            record=recorded,
            purpose=purpose_label(recorded.purpose, law),
            agreement=agreement_title(view, recorded.agreement),
            standing=standing_of(held, counting, day),
            days=days_of(held),
            adopted=adopted_as(recorded),
            approved_by=role_label(recorded.approved_by, law),
            listed=provisions_of(view, held, day),
            route=_route(view, recorded.confidentiality_route),
            authority=None if recorded.s36_4_authority is None else provision_shown(recorded.s36_4_authority, law),
            document=None if document is None else (document.reference, _day(document.review_on)),
            history=happened(view, recorded),
            refused=refused_today(view, held, day),
            ends=may_end(held, day),
        )

    return [every, one]


def own_record(request: Request, record: str) -> LawfulBasis:
    """A record of one's own organisation. Raises `Refused`: `not-found`, for another's too."""
    registry = registry_of(request)
    found = registry.follower.view.lawful_basis_record(caller_of(request).organisation, record)
    if found is None:
        raise Refused("not-found", "There is no such record.")
    return found


def may_end(held: LawfulBasis, day: str) -> bool:
    """Whether there is a day left on which a record holds."""
    return held.held and (held.gone_from is None or held.gone_from > day)


def refused_today(view: RegisterView, held: LawfulBasis, day: str) -> list[str]:
    """What the law of today, or what the body's own record says today, would refuse in a record that still counts, or
    will."""
    law, body = view.catalogue(), view.organisation(held.recorded.organisation)
    if law is None or body is None or not may_end(held, day):
        return []
    again = replace(held.recorded, starts=max(day, held.recorded.starts), ends=None)
    return list(dict.fromkeys(PAPERS.get(fault.code, fault.detail) for fault in record_faults(again, body, law)))


def happened(view: RegisterView, record: LawfulBasisRecorded) -> list[Happened]:
    """What was ever said of records for the same purpose of the same agreement, the newest first."""
    history = view.lawful_basis_history(record.organisation, record.agreement, record.purpose)
    known = {one.recorded.record: one.recorded for _, records in history for one in records}
    return [
        _happened(one, known[one.record], view, own=one.record == record.record) for one in reversed(events(history))
    ]


def _happened(event: BasisEvent, record: LawfulBasisRecorded, view: RegisterView, *, own: bool) -> Happened:
    on = "" if event.on is None else plain_date(event.on)
    says = {
        "recorded": f"Recorded, to hold from {on} on",
        "superseded": f"Another has its place from {on} on",
        "ended": f"Ended: it holds no longer from {on} on",
        "goes-on": "It goes on: what was to have its place was ended",
    }
    by = role_label(record.approved_by, view.catalogue())
    return Happened(event.entry, says[event.what], adopted_as(record), by, f"{RECORDS}/{record.record}", own)


def provisions_of(view: RegisterView, held: LawfulBasis, day: str) -> list[tuple[str, list[ProvisionShown]]]:
    """What a record rests on, list by list, in its own order; lists that hold nothing are left out."""
    law = view.catalogue()
    gone = not_in_force(held.recorded, law, day)
    return [
        (LISTED[member], [provision_shown(code, law, gone=gone) for code in getattr(held.recorded, member)])
        for member in LISTS
        if getattr(held.recorded, member)
    ]


def by_agreement(view: RegisterView, own: str, day: str) -> list[RecordsOfAgreement]:
    """For each agreement, the record of each purpose that counts on a day, or the latest one; and the purposes that
    were signed and have none."""
    latest = {
        (one.recorded.agreement, one.recorded.purpose): one
        for one in sorted(view.lawful_bases_of(own), key=lambda one: one.recorded.starts)
    }
    wanted = dict.fromkeys([*signed_purposes(view, own, day), *latest])
    found: dict[str, list[RecordShown]] = {}
    for agreement, purpose in wanted:
        held = view.lawful_basis(own, agreement, purpose, day) or latest.get((agreement, purpose))
        found.setdefault(agreement, []).append(_line(view, agreement, purpose, held, day))
    return [RecordsOfAgreement(one, agreement_title(view, one), tuple(lines)) for one, lines in found.items()]


def _line(view: RegisterView, agreement: str, purpose: str, held: LawfulBasis | None, day: str) -> RecordShown:
    law = view.catalogue()
    if held is None:
        query = urlencode({"agreement": agreement, "purpose": purpose})
        return RecordShown(
            purpose_label(purpose, law), ("pending", "No record yet"), "–", "–", f"{RECORDS}/new?{query}"
        )
    return RecordShown(
        purpose=purpose_label(purpose, law),
        standing=standing_of(held, held, day),
        days=days_of(held),
        law="; ".join(provision_shown(code, law).title for code in (*held.recorded.article_6, *held.recorded.part_3)),
        page=f"{RECORDS}/{held.recorded.record}",
    )


def _route(view: RegisterView, code: str | None) -> str | None:
    law = view.catalogue()
    return code if code is None or law is None else law.codes.confidentiality_routes.get(code, code)


def _day(day: str | None) -> str:
    return "" if day is None else plain_date(day)
