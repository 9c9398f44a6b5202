"""A quarter's figures for a partnership's learning, in the Signs of Safety frame; as JSON and as CSV too.

They are the interface's own, small numbers taken out (docs/formats/reports.md): about how a partnership shares, never
about a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.dates import london_date
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.quarterly import Figures, Tally, Times
from isa_registry.domain.reporting.quarterly_table import quarterly_csv
from isa_registry.domain.reporting.quarters import Quarter, quarter, quarter_before, quarter_of
from isa_registry.domain.reporting.safety_frame import QUESTIONS, SafetyFrame, Scaling
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title
from isa_registry.pages.people import caller_of, form_of, organisation_name, query_of, registry_of
from isa_registry.pages.quarterly_words import CODES, NO_TOTAL, number, quarter_in_words
from isa_registry.pages.rendering import Request, plain_date, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.quarterly import Quarterly
from isa_registry.runtime.reporting import reader_in_person

ADDRESS = "/reports/quarterly"
OFFERED = 8
"""Quarters to choose from, that of today first. An address can name an earlier one."""

_GIVERS = frozenset({"ig-lead", "business-unit", "partnership-unit"})
_NOT_A_QUARTER = FieldError("quarter", "Choose a quarter that has begun")
_SCALE = tuple(str(one) for one in range(11))


class Table(Struct, frozen=True):
    """One measure: what it says, its numbers in words, and their sum where that says something. Without rows there was
    nothing to count."""

    code: str
    says: str
    rows: tuple[tuple[str, str], ...]


class Whose(Struct, frozen=True):
    """What is asked for: which quarter, of which partnership, and of one organisation alone or of all in view."""

    quarter: Quarter
    partnership: str
    organisation: str


def quarterly_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def look(request: Request) -> Response[bytes]:
        sent = query_of(request)
        wanted = _wanted(request, sent)
        if isinstance(wanted, FieldError):
            return await _page(request, _wanted_by_default(request), Form(sent, (wanted,)), status=400)
        form = next(iter(sent.get("format", ())), "")
        if form not in ("csv", "json"):
            return await _page(request, wanted, Form(sent))
        found, frame = await _report(request, wanted)
        name = f"quarterly-{wanted.quarter.code}.{form}"
        if form == "csv":
            return _download(await asyncio.to_thread(quarterly_csv, found, frame), "text/csv; header=present", name)
        body = msgspec.json.encode({"figures": found, "signs_of_safety": frame})
        return _download(body, "application/json", name)

    @writes(ADDRESS)
    async def say(request: Request) -> Response[bytes]:
        """Keeps a number of the person's organisation; said again, it replaces the one before."""
        sent = form_of(request)
        wanted = _wanted(request, sent)
        if isinstance(wanted, FieldError):
            return await _page(request, _wanted_by_default(request), Form(sent, (wanted,)), status=422)
        errors = tuple(
            FieldError(name, says)
            for name, known, says in (
                ("question", QUESTIONS, "Choose the question"),
                ("value", _SCALE, "Choose a number from 0 to 10"),
            )
            if only(sent, name) not in known
        )
        if errors:
            return await _page(request, wanted, Form(sent, errors), status=422)
        caller, now = caller_of(request), registry_of(request).now()
        scaling = Scaling(caller.organisation, only(sent, "question"), int(only(sent, "value")), london_date(now))
        await _quarterly(request).say(wanted.quarter, wanted.partnership, scaling, caller, now=now)
        return redirect(f"{_address(wanted)}&done=said#scale")

    return [look, say]


def _quarterly(request: Request) -> Quarterly:
    found: Quarterly = request.app.state.quarterly
    return found


def _today(request: Request) -> str:
    return london_date(registry_of(request).now())


def _wanted_by_default(request: Request) -> Whose:
    opened = registry_of(request).follower.view.opened()
    return Whose(quarter_of(_today(request)), "" if opened is None else opened.partnership, "")


def _wanted(request: Request, sent: Sent) -> Whose | FieldError:
    """What an address or a form names; the quarter of today, the registry's own partnership and all in view without."""
    own = _wanted_by_default(request)
    code, partnership, organisation = (
        next(iter(sent.get(name, ())), "") for name in ("quarter", "partnership", "organisation")
    )
    asked = quarter(code) if code else own.quarter
    if asked is None or asked.first > _today(request):
        return _NOT_A_QUARTER
    known = {one.partnership for one in registry_of(request).follower.view.partnerships()}
    return Whose(asked, partnership if partnership in known else own.partnership, organisation)


async def _report(request: Request, wanted: Whose) -> tuple[Figures, SafetyFrame]:
    reader = reader_in_person(registry_of(request).follower.view, caller_of(request))
    return await _quarterly(request).report(wanted.quarter, wanted.partnership, reader)


async def _page(request: Request, wanted: Whose, form: Form, *, status: int = 200) -> Response[bytes]:
    found, frame = await _report(request, wanted)
    view, today = registry_of(request).follower.view, _today(request)
    body = {one.organisation: one for one in found.bodies}.get(wanted.organisation)
    shown: tuple[Sequence[Tally], Times] = (
        (found.measures, found.times) if body is None else (body.measures, body.times)
    )
    values = {
        **form.values,
        "quarter": (wanted.quarter.code,),
        "partnership": (wanted.partnership,),
        "organisation": ("" if body is None else body.organisation,),
    }
    return layout_of(request).page(
        "quarterly.html",
        status=status,
        address=ADDRESS,
        form=Form(values, form.errors),
        quarters=[(one.code, quarter_in_words(one, today)) for one in _quarters(wanted.quarter, today)],
        partnerships=[(one.partnership, one.name) for one in view.partnerships()],
        bodies=[(one.organisation, one.name) for one in found.bodies],
        period=quarter_in_words(wanted.quarter, today),
        of=None if body is None else body.name,
        found=found,
        frame=frame,
        tables=tuple(_tables(shown[0])),
        times=_times(shown[1]),
        coverage=_coverage(view, found),
        scale=_scale(request, frame),
        questions=list(QUESTIONS.items()),
        gives=bool(caller_of(request).roles & _GIVERS),
        numbers=[(one, one) for one in _SCALE],
        said=request.query_params.get("done") == "said",
        csv=f"{_address(wanted)}&format=csv",
        json=f"{_address(wanted)}&format=json",
    )


def _quarters(asked: Quarter, today: str) -> Iterator[Quarter]:
    """Those that are offered, the newest first; the one that was asked for is among them."""
    one = quarter_of(today)
    for _ in range(OFFERED):
        yield one
        one = quarter_before(one)
    if asked.first <= one.first:
        yield asked


def _address(wanted: Whose) -> str:
    return f"{ADDRESS}?quarter={wanted.quarter.code}&partnership={wanted.partnership}"


def _tables(tallies: Sequence[Tally]) -> Iterator[Table]:
    for one in tallies:
        rows = tuple((CODES[one.code][code], number(count)) for code, count in one.values.items())
        total = () if one.code in NO_TOTAL else (("All together", number(one.total)),)
        yield Table(one.code, one.says, (*rows, *total) if any(count != 0 for count in one.values.values()) else ())


def _times(times: Times) -> str:
    """How long it took from a recorded answer to the decision that names it, in a sentence."""
    if times.median_minutes is None or times.ninth_minutes is None:
        return "Too few decisions name a recorded answer to say how long one took."
    return (
        f"Of {number(times.count)} decisions that name a recorded answer, half were made within "
        f"{_minutes(times.median_minutes)} of it, and nine of ten within {_minutes(times.ninth_minutes)}."
    )


def _minutes(count: int) -> str:
    if count >= 120:
        return f"{round(count / 60):,} hours"
    return "a minute" if count <= 1 else f"{count} minutes"


def _coverage(view: RegisterView, found: Figures) -> list[tuple[str, str, str]]:
    return [
        (
            f"{agreement_title(view, one.agreement)}, {one.version}",
            f"{one.signatories} of {one.asked}",
            plain_date(one.on),
        )
        for one in found.coverage
    ]


def _scale(request: Request, frame: SafetyFrame) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Each question with what organisations said: whose number, the number, and the day."""
    return [
        (
            says,
            [
                (organisation_name(request, one.organisation), str(one.value), plain_date(one.on))
                for one in frame.scaling
                if one.question == code
            ],
        )
        for code, says in QUESTIONS.items()
    ]


def _download(body: bytes, kind: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=kind, headers=headers)
