"""Reports on pages: who has attested what, and what is due. Filtered and sorted by a form, page by page, and as CSV."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions.leading import leads
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.register.attestation_states import State
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.matrix import ORDER, SORTS, Cell, Column, Matrix, Narrowing, counted, narrowed
from isa_registry.domain.reporting.reviews import WHAT, Due
from isa_registry.domain.reporting.tables import matrix_csv, reviews_csv
from isa_registry.identity.callers import Caller
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.navigation import UNITS
from isa_registry.pages.people import caller_of, organisation_name, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.reporting import due_for, matrix_for, reader_in_person

MATRIX, REVIEWS = "/reports/attestation-matrix", "/reports/reviews-due"
SHOWN = 50
"""Rows on one page."""

# The words of each state, and whose colour they have among the tags.
STATES: dict[State, tuple[str, str]] = {
    "queried": ("Has asked a question", "pending"),
    "viewed": ("Has looked", "pending"),
    "invited": ("Invited", "pending"),
    "asked": ("Asks to join", "pending"),
    "stale": ("Stale", "suspended"),
    "declined": ("Declined", "withdrawn"),
    "withdrawn": ("Withdrawn", "withdrawn"),
    "lapsed": ("Lapsed", "ended"),
    "turned-down": ("Not invited", "ended"),
    "none": ("Not asked", "other"),
    "by-parent": ("By its parent", "registered"),
    "re-attested": ("Attested again", "registered"),
    "attested": ("Attested", "registered"),
}
_SORTS = (
    ("name", "Name"),
    ("state", "What waits first"),
    ("kind", "Kind"),
    ("-since", "Latest first"),
    ("since", "Oldest first"),
)
_STANDINGS = {"open": "open for attestation", "in-force": "in force", "suspended": "suspended"}
_WHAT = {
    "agreement-review": "Review of an agreement",
    "agreement-end": "An agreement ends",
    "policy-document-review": "Review of an appropriate policy document",
    "lawful-basis-end": "A lawful basis ends, and none follows",
    "law-check": "The law is to be checked again",
    "delegation-end": "A delegation ends",
}
_WITHIN = (("30", "30 days"), ("60", "60 days"), ("90", "90 days"), ("180", "180 days"), ("365", "a year"))

_PAGE = re.compile(r"[1-9][0-9]{0,4}")
T = TypeVar("T")


class CellShown(Struct, frozen=True):
    """A cell: the tag's code and words, and what else there is to say, in short lines."""

    code: str
    label: str
    notes: tuple[str, ...]


class RowShown(Struct, frozen=True):
    organisation: str
    name: str
    kind: str
    cells: tuple[CellShown, ...]


class DueShown(Struct, frozen=True):
    """One thing that is due. `href` leads to it, where there is a page."""

    day: str
    overdue: bool
    when: str
    what: str
    whose: str
    details: str
    href: str | None


def reporting_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(MATRIX)
    async def attestation_matrix(request: Request) -> Response[bytes]:
        registry = registry_of(request)
        view, today = registry.follower.view, london_date(registry.now())
        asked = _asked(request, "partnership", "agreement", "kind", "state", "sort", "page")
        whole = await matrix_for(registry, view, reader_in_person(view, caller_of(request)))
        found = narrowed(whole, _narrowing(asked))
        if request.query_params.get("format") == "csv":
            return _table(await asyncio.to_thread(matrix_csv, found), f"attestation-matrix-{today}.csv")
        number = _page(asked, len(found.rows))
        catalogue = view.catalogue()
        return layout_of(request).page(
            "attestation_matrix.html",
            address=MATRIX,
            columns=[_column(one, caller_of(request), view) for one in found.columns],
            counts=[
                (count, STATES[next(one for one in ORDER if one == state)][0], _address(MATRIX, asked, state=state))
                for state, count in counted(found).items()
            ],
            rows=_rows(request, found, number, catalogue),
            total=len(found.rows),
            kinds=_kinds(whole, catalogue),
            agreements=[(one, one) for one in dict.fromkeys(column.agreement for column in whole.columns)],
            partnerships=[(one.partnership, one.name) for one in view.partnerships()],
            states=[(state, words) for state, (words, _) in STATES.items()],
            sorts=_SORTS,
            form=Form({name: (value,) for name, value in asked.items()}),
            csv=_address(MATRIX, asked, format="csv", page=""),
            reviews=REVIEWS,
            next=_address(MATRIX, asked, page=str(number + 1)) if number * SHOWN < len(found.rows) else None,
            first=_address(MATRIX, asked, page="") if number > 1 else None,
        )

    @reads(REVIEWS)
    async def reviews_due(request: Request) -> Response[bytes]:
        registry = registry_of(request)
        view, today = registry.follower.view, london_date(registry.now())
        asked = _asked(request, "within", "what", "page")
        within = int(asked["within"]) if asked.get("within") in dict(_WITHIN) else 90
        reader = reader_in_person(view, caller_of(request))
        found = [one for one in due_for(view, today, within, reader) if asked.get("what") in (None, one.what)]
        if request.query_params.get("format") == "csv":
            return _table(reviews_csv(found), f"reviews-due-{today}.csv")
        number = _page(asked, len(found))
        return layout_of(request).page(
            "reviews_due.html",
            address=REVIEWS,
            due=[_due(view, one) for one in _of_page(found, number)],
            total=len(found),
            overdue=sum(one.days < 0 for one in found),
            within=dict(_WITHIN)[str(within)],
            withins=_WITHIN,
            whats=[(one, _WHAT[one]) for one in WHAT],
            form=Form({"within": (str(within),), "what": (asked.get("what", ""),)}),
            csv=_address(REVIEWS, asked, format="csv", page=""),
            matrix=MATRIX,
            next=_address(REVIEWS, asked, page=str(number + 1)) if number * SHOWN < len(found) else None,
            first=_address(REVIEWS, asked, page="") if number > 1 else None,
        )

    return [attestation_matrix, reviews_due]


def _asked(request: Request, *names: str) -> dict[str, str]:
    """What the form sent; a page passes over what it does not know."""
    found = {name: str(request.query_params.get(name, "")) for name in names}
    return {name: value for name, value in found.items() if value}


def _narrowing(asked: Mapping[str, str]) -> Narrowing:
    return Narrowing(
        partnership=asked.get("partnership"),
        agreement=asked.get("agreement"),
        kind=asked.get("kind"),
        state=next((one for one in ORDER if one == asked.get("state")), None),
        sort=next((one for one in SORTS if one == asked.get("sort")), "name"),
    )


def _address(path: str, asked: Mapping[str, str], **instead: str) -> str:
    """The address of the same, otherwise; from the first page, unless that is said."""
    query = {name: value for name, value in {**asked, "page": "", **instead}.items() if value}
    return f"{path}?{urlencode(query)}" if query else path


def _page(asked: Mapping[str, str], rows: int) -> int:
    last = max(1, -(-rows // SHOWN))
    number = asked.get("page", "1")
    return (
        min(int(number), last) if number.isascii() and number.isdigit() and 0 < len(number) < 6 and int(number) else 1
    )


def _of_page(found: Sequence[T], number: int) -> Sequence[T]:
    return found[(number - 1) * SHOWN : number * SHOWN]


def _table(body: bytes, filename: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
    return Response(body, media_type="text/csv; header=present", headers=headers)


def _column(one: Column, caller: Caller, view: RegisterView) -> tuple[str, str, str, str | None]:
    """Its heading, the address of the version, where that stands, and where its own unit asks, answers and reminds."""
    version = view.agreement_version(one.agreement, one.version)
    unit = None
    if version is not None and caller.roles & UNITS and leads(view, version.partnership, caller.organisation):
        unit = f"/account/agreements/{one.agreement}/{one.version}/bodies"
    return f"{one.title}, {one.version}", f"/agreements/{one.agreement}/{one.version}", _STANDINGS[one.standing], unit


def _kinds(found: Matrix, catalogue: Catalogue | None) -> list[tuple[str, str]]:
    codes = {row.kind for row in found.rows}
    return sorted(((code, _kind(code, catalogue)) for code in codes), key=lambda one: one[1].casefold())


def _kind(code: str, catalogue: Catalogue | None) -> str:
    known = None if catalogue is None else catalogue.kinds.get(code)
    return code if known is None else known.label


def _rows(request: Request, found: Matrix, number: int, catalogue: Catalogue | None) -> list[RowShown]:
    return [
        RowShown(
            organisation=row.organisation,
            name=row.name,
            kind=_kind(row.kind, catalogue),
            cells=tuple(_cell(request, one, catalogue) for one in row.cells),
        )
        for row in _of_page(found.rows, number)
    ]


def _cell(request: Request, cell: Cell, catalogue: Catalogue | None) -> CellShown:
    label, code = STATES[cell.state]
    purposes = {} if catalogue is None else catalogue.purposes
    notes = [plain_date(cell.since)] if cell.since else []
    if cell.attested_version:
        notes.append(f"attested version {cell.attested_version}")
    if cell.through:
        notes.append(f"through {organisation_name(request, cell.through)}")
    if cell.attestation and not cell.counts and cell.state in ("attested", "re-attested"):
        notes.append("does not count: the body is suspended")
    if cell.reservations:
        words = ", ".join(purposes[one].label if one in purposes else one for one in cell.reservations)
        notes.append(f"not for {words}")
    if cell.reason:
        notes.append(cell.reason.replace("-", " "))
    return CellShown(code=code, label=label, notes=tuple(notes))


def _due(view: RegisterView, one: Due) -> DueShown:
    details = [part for part in (one.version and f"version {one.version}", one.reference, one.record) if part]
    catalogue = view.catalogue()
    if one.purpose:
        known = None if catalogue is None else catalogue.purposes.get(one.purpose)
        details.insert(0, one.purpose if known is None else known.label)
    if one.organisation and one.agreement:
        details.insert(0, one.agreement)
    days = abs(one.days)
    counted_days = f"{days} day{'' if days == 1 else 's'}"
    when = "today" if one.days == 0 else f"{counted_days} ago" if one.days < 0 else f"in {counted_days}"
    of_agreement = one.organisation is None and one.agreement is not None
    return DueShown(
        day=plain_date(one.on),
        overdue=one.days < 0,
        when=when,
        what=_WHAT[one.what],
        whose=one.name or one.agreement or "",
        details=", ".join(details),
        href=f"/agreements/{one.agreement}/{one.version}" if of_agreement else _law(one),
    )


def _law(one: Due) -> str | None:
    """The page of a point of the law: `provision ca-2004-s16la`, `row police mappa`."""
    if one.what != "law-check" or one.record is None:
        return None
    sort, _, code = one.record.partition(" ")
    return f"/law/{sort}s/{code.replace(' ', '/')}"
