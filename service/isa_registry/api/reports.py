"""Reports: who has attested what, and what is due. As JSON, and as CSV for a spreadsheet (docs/formats/reports.md)."""

from __future__ import annotations

import asyncio

from litestar import Response
from msgspec import Struct

from isa_registry.api.csv_answers import csv_response, wants_csv
from isa_registry.api.json import json_response
from isa_registry.api.queries import number_in, one_of, page_of, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.api.visibility import report_reader
from isa_registry.domain.dates import london_date
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.matrix import (
    ORDER,
    SORTS,
    Column,
    Narrowing,
    Row,
    counted,
    narrowed,
)
from isa_registry.domain.reporting.reviews import WHAT, Due
from isa_registry.domain.reporting.tables import matrix_csv, reviews_csv
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.reporting import due_for, matrix_for

MATRIX = "/api/v1/reports/attestation-matrix"
REVIEWS = "/api/v1/reports/reviews-due"


class MatrixPage(Struct, frozen=True):
    """A part of the matrix as of the day `on`: the cells of each row are in the order of `columns`. `counts` are the
    cells in each state, of all rows that were asked for, and `total` how many rows those are."""

    on: str
    columns: tuple[Column, ...]
    counts: dict[str, int]
    total: int
    rows: list[Row]
    next: str | None


class ReviewsPage(Struct, frozen=True):
    """What is due as of the day `on`, or within so many days of it: overdue first. `overdue` and `total` are of all
    that was asked for."""

    on: str
    within: int
    overdue: int
    total: int
    due: list[Due]
    next: str | None


def narrowing_of(asked: dict[str, str], view: RegisterView) -> Narrowing:
    """What part of the matrix a query asks for. Raises `Refused` (`malformed`)."""
    catalogue = view.catalogue()
    kinds = {one.organisation_kind for one in view.organisations()} | set(() if catalogue is None else catalogue.kinds)
    state = one_of(asked, "state", ORDER, f"A state is one of {', '.join(ORDER)}.")
    sort = one_of(asked, "sort", SORTS, f"sort is one of {', '.join(SORTS)}.")
    return Narrowing(
        partnership=_partnership(asked, view),
        agreement=_agreement(asked, view),
        kind=one_of(asked, "kind", kinds, "There is no such kind of organisation."),
        state=next((one for one in ORDER if one == state), None),
        sort=next((one for one in SORTS if one == sort), "name"),
    )


def _partnership(asked: dict[str, str], view: RegisterView) -> str | None:
    known = {one.partnership for one in view.partnerships()}
    return one_of(asked, "partnership", known, "There is no such partnership.")


def _agreement(asked: dict[str, str], view: RegisterView) -> str | None:
    known = {one.agreement for one in view.agreement_versions()}
    return one_of(asked, "agreement", known, "There is no such agreement.")


@reads(MATRIX)
async def attestation_matrix(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    asked = query_of(request, "partnership", "agreement", "kind", "state", "sort", "format", "limit", "cursor")
    as_csv = wants_csv(request, asked.get("format"))
    narrowing = narrowing_of(asked, view)
    whole = await matrix_for(registry, view, report_reader(request, view))
    found, today = narrowed(whole, narrowing), london_date(registry.now())
    if as_csv:
        return csv_response(await asyncio.to_thread(matrix_csv, found), f"attestation-matrix-{today}.csv")
    rows, following, headers = page_of(asked, MATRIX, found.rows, "m")
    page = MatrixPage(
        on=today,
        columns=found.columns,
        counts=counted(found),
        total=len(found.rows),
        rows=list(rows),
        next=following,
    )
    return json_response(page, headers={**headers, "Vary": "Accept"})


@reads(REVIEWS)
async def read_reviews_due(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    asked = query_of(request, "within", "partnership", "agreement", "what", "format", "limit", "cursor")
    as_csv = wants_csv(request, asked.get("format"))
    within = number_in(asked, "within", 0, 1096, 90)
    what = one_of(asked, "what", WHAT, f"what is one of {', '.join(WHAT)}.")
    partnership, agreement = _partnership(asked, view), _agreement(asked, view)
    found = [
        one
        for one in due_for(view, today, within, report_reader(request, view))
        if what in (None, one.what)
        and agreement in (None, one.agreement)
        and (partnership is None or partnership in one.partnerships)
    ]
    if as_csv:
        return csv_response(reviews_csv(found), f"reviews-due-{today}.csv")
    due, following, headers = page_of(asked, REVIEWS, found, "r")
    page = ReviewsPage(
        on=today,
        within=within,
        overdue=sum(one.days < 0 for one in found),
        total=len(found),
        due=list(due),
        next=following,
    )
    return json_response(page, headers={**headers, "Vary": "Accept"})


HANDLERS = [attestation_matrix, read_reviews_due]
