"""Reports as tables: CSV (RFC 4180) in UTF-8 with a header line, CR LF, and no cell that a spreadsheet takes for a
formula. The columns are on the page docs/formats/reports.md."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from isa_registry.domain.reporting.matrix import Matrix
from isa_registry.domain.reporting.reviews import Due

MATRIX_COLUMNS = (
    "organisation", "name", "kind", "parent", "partnerships", "agreement", "version", "standing", "state", "counts",
    "since", "attested_version", "through", "signatory_role", "reservations", "attestation", "entry", "reason",
)  # fmt: skip
REVIEW_COLUMNS = (
    "what", "on", "days", "organisation", "name", "partnerships", "agreement", "version", "purpose", "reference",
    "record",
)  # fmt: skip

_NUMBER = re.compile(r"-[0-9]+")
# A spreadsheet takes the wide forms of the first four for them.
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def harmless(cell: str) -> str:
    """A cell that begins like a formula, with an apostrophe before it: a spreadsheet then shows it and runs nothing. A
    whole number is one."""
    return f"'{cell}" if cell[:1] in _FORMULA and not _NUMBER.fullmatch(cell) else cell


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as CSV."""
    return csv_lines((header,)) + csv_lines(rows)


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Some lines of a table, for one that is written piece by piece."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    # Most cells begin harmlessly: looking at one letter is most of the work.
    writer.writerows([harmless(cell) if cell[:1] in _FORMULA else cell for cell in row] for row in rows)
    return written.getvalue().encode()


def matrix_csv(found: Matrix) -> bytes:
    """A line for each body and version."""
    return csv_bytes(MATRIX_COLUMNS, matrix_lines(found))


def matrix_lines(found: Matrix) -> Iterator[tuple[str, ...]]:
    """The lines in the order of `MATRIX_COLUMNS`."""
    columns = [(one.agreement, one.version, one.standing) for one in found.columns]
    for row in found.rows:
        body = (row.organisation, row.name, row.kind, row.parent or "", ";".join(row.partnerships))
        for column, cell in zip(columns, row.cells, strict=True):
            yield (
                *body,
                *column,
                cell.state,
                "yes" if cell.counts else "no",
                cell.since or "",
                cell.attested_version or "",
                cell.through or "",
                cell.signatory_role or "",
                ";".join(cell.reservations),
                cell.attestation or "",
                "" if cell.entry is None else str(cell.entry),
                cell.reason or "",
            )


def reviews_csv(due: Iterable[Due]) -> bytes:
    """A line for each thing that is due."""
    return csv_bytes(REVIEW_COLUMNS, map(review_line, due))


def review_line(one: Due) -> tuple[str, ...]:
    """A line in the order of `REVIEW_COLUMNS`."""
    values = (";".join(one.partnerships) if name == "partnerships" else getattr(one, name) for name in REVIEW_COLUMNS)
    return tuple("" if value is None else str(value) for value in values)
