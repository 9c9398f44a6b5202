"""The quarterly figures as a table for a spreadsheet: a line for each number (docs/formats/reports.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from isa_registry.domain.reporting.quarterly import Figures, Tally, Times
from isa_registry.domain.reporting.safety_frame import SafetyFrame
from isa_registry.domain.reporting.tables import csv_bytes

COLUMNS = ("quarter", "partnership", "organisation", "name", "measure", "code", "value", "log_size")
SUPPRESSED = "suppressed"


def quarterly_csv(found: Figures, frame: SafetyFrame) -> bytes:
    """The figures, all bodies in view first (under no organisation), then each; coverage; and the numbers of the scale.
    `suppressed` stands where a number is not shown."""
    return csv_bytes(COLUMNS, _lines(found, frame))


def _lines(found: Figures, frame: SafetyFrame) -> Iterator[tuple[str, ...]]:
    def line(organisation: str, name: str, measure: str, code: str, value: int | None) -> tuple[str, ...]:
        shown = SUPPRESSED if value is None else str(value)
        return (found.quarter, found.partnership, organisation, name, measure, code, shown, str(found.log_size))

    def lines(organisation: str, name: str, tallies: Sequence[Tally], times: Times) -> Iterator[tuple[str, ...]]:
        for tally in tallies:
            for code, value in tally.values.items():
                yield line(organisation, name, tally.code, code, value)
            yield line(organisation, name, tally.code, "total", tally.total)
        yield line(organisation, name, "question-to-decision", "count", times.count)
        if times.median_minutes is not None:
            yield line(organisation, name, "question-to-decision", "median-minutes", times.median_minutes)
            yield line(organisation, name, "question-to-decision", "ninth-minutes", times.ninth_minutes)

    names = {body.organisation: body.name for body in found.bodies}
    yield from lines("", "", found.measures, found.times)
    for one in found.coverage:
        name = f"{one.agreement} {one.version}"
        yield line("", "", "signatories", name, one.signatories)
        yield line("", "", "asked-to-sign", name, one.asked)
    for body in found.bodies:
        yield from lines(body.organisation, body.name, body.measures, body.times)
    for scaling in frame.scaling:
        yield line(scaling.organisation, names[scaling.organisation], "scale", scaling.question, scaling.value)
