"""The quarterly report for a partnership's learning, as JSON and CSV (docs/formats/reports.md)."""

from __future__ import annotations

import asyncio

import msgspec
from litestar import Response
from msgspec import Struct

from isa_registry.api.csv_answers import csv_response, wants_csv
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.queries import malformed, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import report_reader
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.quarterly import Figures
from isa_registry.domain.reporting.quarterly_table import quarterly_csv
from isa_registry.domain.reporting.quarters import Quarter, quarter, quarter_of
from isa_registry.domain.reporting.safety_frame import QUESTIONS, SafetyFrame, Scaling
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.quarterly import Quarterly
from isa_registry.runtime.registry import Registry

QUARTERLY = "/api/v1/reports/quarterly"
SCALING = f"{QUARTERLY}/scaling"
_SPELLING = "A quarter is a year and one of Q1 to Q4, as in 2026-Q3."


class QuarterlyReport(Struct, frozen=True):
    """The figures of a quarter, and what they say in the Signs of Safety frame."""

    figures: Figures
    signs_of_safety: SafetyFrame


class NewScaling(Struct, frozen=True, forbid_unknown_fields=True):
    """A number from 0 to 10 that the caller's own body gives to a question for a quarter; said again, it replaces the
    one before. `partnership` is the registry's own where it is left out."""

    quarter: str
    question: str
    value: int
    partnership: str | None = None


def _quarter(code: str | None, today: str, pointer: str) -> Quarter:
    """A quarter that has begun; the one of today without a code. Raises `Refused`."""
    found = quarter_of(today) if code is None else quarter(code)
    if found is None:
        raise Refused("unprocessable", _SPELLING, (Fault(pointer, "not-a-quarter", _SPELLING),))
    if found.first > today:
        detail = "This quarter has not begun."
        raise Refused("unprocessable", detail, (Fault(pointer, "in-the-future", detail),))
    return found


def _partnership(named: str | None, view: RegisterView) -> str:
    opened = view.opened()
    if opened is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    return opened.partnership if named is None else named


@reads(QUARTERLY)
async def read_quarterly(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    quarterly: Quarterly = request.app.state.quarterly
    view, today = registry.follower.view, london_date(registry.now())
    asked = query_of(request, "quarter", "partnership", "format")
    as_csv = wants_csv(request, asked.get("format"))
    period = _quarter(asked.get("quarter"), today, "#/quarter")
    partnership = _partnership(asked.get("partnership"), view)
    if partnership not in {one.partnership for one in view.partnerships()}:
        raise malformed(Fault("#/partnership", "unknown-code", "There is no such partnership."))
    found, frame = await quarterly.report(period, partnership, report_reader(request, view))
    if as_csv:
        return csv_response(await asyncio.to_thread(quarterly_csv, found, frame), f"quarterly-{period.code}.csv")
    return json_response(QuarterlyReport(found, frame), headers={"Vary": "Accept"})


@writes(SCALING, status=200)
async def say_scaling(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    quarterly: Quarterly = request.app.state.quarterly
    caller, view, now = caller_of(request), registry.follower.view, registry.now()
    with decoding("The number"):
        said = msgspec.json.decode(await request.body(), type=NewScaling)
    period = _quarter(said.quarter, london_date(now), "#/quarter")
    partnership = _partnership(said.partnership, view)
    faults = []
    if said.question not in QUESTIONS:
        faults.append(Fault("#/question", "unknown-code", f"A question is one of {', '.join(QUESTIONS)}."))
    if not 0 <= said.value <= 10:
        faults.append(Fault("#/value", "out-of-range", "Give a whole number from 0 to 10."))
    if partnership not in {one.partnership for one in view.partnerships()}:
        faults.append(Fault("#/partnership", "unknown-code", "There is no such partnership."))
    if faults:
        raise Refused("unprocessable", "The number cannot be kept as it stands.", tuple(faults))
    scaling = Scaling(caller.organisation, said.question, said.value, london_date(now))
    await quarterly.say(period, partnership, scaling, caller, now=now)
    return json_response(scaling)


HANDLERS = [read_quarterly, say_scaling]
