"""The register as it was known: how each agreement stood on a day, who had signed, which organisations there were."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.matrix import Cell, Matrix, matrix
from isa_registry.pages import agreements
from isa_registry.pages.audit import ADDRESS, way_back
from isa_registry.pages.audit_times import TIMES, Times, in_words, times_of
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import query_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.reporting import STATES
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.past import look_back

AS_KNOWN = f"{ADDRESS}/as-known"
SHOWN = 100
"""Organisations on one page."""


class VersionShown(Struct, frozen=True):
    """A version: where it stood, and how many of its signatures counted on the day."""

    title: str
    version: str
    href: str
    standing: agreements.Standing
    signatories: int


class BodyShown(Struct, frozen=True):
    """A body: its name, its kind, whether it took part on the day, and for each version the tag's code and words, and
    since when."""

    name: str
    kind: str
    takes_part: bool
    cells: tuple[tuple[str, str, str], ...]


class Then(Struct, frozen=True):
    """The register of then. `words` say when that was; `columns` are the versions that the cells are of."""

    words: str
    versions: tuple[VersionShown, ...]
    columns: tuple[tuple[str, str], ...]
    bodies: tuple[BodyShown, ...]
    total: int
    next: str | None
    first: str | None


def as_known_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(AS_KNOWN)
    async def look(request: Request) -> Response[bytes]:
        registry = registry_of(request)
        sent = query_of(request)
        asked = {name: (next(iter(sent.get(name, ())), "").strip(),) for name in TIMES}
        times = times_of(asked, registry.now())
        if not isinstance(times, Times):
            return _page(request, Form(asked, times), status=400)
        if times.as_of is None:
            return await _shown(request, Form(asked), times, registry.follower.view)
        try:
            then = await look_back(registry, times.as_of, request.app.state.past_turns)
        except Refused as refused:
            if refused.code != "unprocessable":
                raise
            field = "as_of_size" if isinstance(times.as_of, int) else "as_of_on"
            return _page(request, Form(asked, (FieldError(field, refused.detail.removesuffix(".")),)), status=400)
        if then.wanting is not None:
            return _page(request, Form(asked), wanting=(then.wanting.entry, then.wanting.why))
        return await _shown(request, Form(asked), times, then.view)

    return [look]


async def _shown(request: Request, form: Form, times: Times, view: RegisterView) -> Response[bytes]:
    today = london_date(registry_of(request).now())
    on = times.on or today
    # Takes long where there are thousands of bodies, and nobody has asked about that past state before.
    found = await asyncio.to_thread(matrix, view, on)
    page = _number(request, len(found.rows))
    versions = [
        VersionShown(
            title=one.title,
            version=one.version,
            href=f"/agreements/{one.agreement}/{one.version}",
            standing=agreements.standing(one, view, on),
            signatories=sum(each.stands(on) for each in view.attestations_of(one.agreement, one.version)),
        )
        for one in view.agreement_versions()
    ]
    kept = [(name, form.value(name)) for name in TIMES if form.value(name)]
    following = page * SHOWN < len(found.rows)
    then = Then(
        words=in_words(times, today, view.size),
        versions=tuple(versions),
        columns=tuple((one.title, one.version) for one in found.columns),
        bodies=tuple(_bodies(found, view, on, page)),
        total=len(found.rows),
        next=f"{AS_KNOWN}?{urlencode([*kept, ('page', str(page + 1))])}" if following else None,
        first=f"{AS_KNOWN}?{urlencode(kept)}" if page > 1 else None,
    )
    return _page(request, form, then=then)


def _number(request: Request, rows: int) -> int:
    text = str(request.query_params.get("page", ""))
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(1, wanted), max(1, -(-rows // SHOWN)))


def _bodies(found: Matrix, view: RegisterView, on: str, page: int) -> list[BodyShown]:
    catalogue = view.catalogue()
    kinds = {} if catalogue is None else catalogue.kinds
    shown = []
    for row in found.rows[(page - 1) * SHOWN : page * SHOWN]:
        body = view.organisation(row.organisation)
        shown.append(
            BodyShown(
                name=row.name,
                kind=kinds[row.kind].label if row.kind in kinds else row.kind,
                takes_part=body is not None and body.takes_part(on),
                cells=tuple(map(_cell, row.cells)),
            )
        )
    return shown


def _cell(cell: Cell) -> tuple[str, str, str]:
    words, code = STATES[cell.state]
    return code, words, plain_date(cell.since) if cell.since else ""


def _page(
    request: Request,
    form: Form,
    *,
    status: int = 200,
    wanting: tuple[int, str] | None = None,
    then: Then | None = None,
) -> Response[bytes]:
    return layout_of(request).page(
        "audit_as_known.html",
        status=status,
        form=form,
        address=AS_KNOWN,
        wanting=wanting,
        then=then,
        back=way_back(request),
    )
