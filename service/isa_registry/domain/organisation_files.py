"""A list of organisations as a CSV file (docs/formats/organisations-csv.md), read strictly: whatever is wrong is named
by its line and column, with what to do, and nothing that was sent is repeated.

A column that is not in the file says nothing; an empty cell of one that is says that there is nothing of this.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from isa_registry.domain.dates import is_date
from isa_registry.domain.references import is_organisation_id
from isa_registry.domain.refusals import Fault, Refused

MOST_BYTES = 1_048_576
MOST_LINES = 2_500
"""Organisations in one file. It is one turn of the log, for which everybody else's entries wait."""

LONGEST_CELL = 300
COLUMNS = (
    "id", "name", "kind", "parent", "council_run", "designated", "commissioned", "partnerships", "ico_registration",
    "policy_document_reference", "policy_document_review_on", "contact_urgent", "contact_out_of_hours",
    "contact_advice", "named_out",
)  # fmt: skip
REQUIRED = ("id", "name", "kind")

_FORMULA = ("=", "+", "-", "@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd]")


class LineFault(Struct, frozen=True):
    """What is wrong on a line of the file, in which column (empty: of the line as such), and what to do."""

    line: int
    column: str
    code: str
    detail: str


class Row(Struct, frozen=True):
    """An organisation of the file: the line on which it begins, and what its cells say by column, in the values that a
    record has. Columns that the file does not have are not there."""

    line: int
    organisation: str
    given: dict[str, object]


class File(Struct, frozen=True):
    """What could be read, and every fault. `columns` in the file's order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[LineFault, ...]


def read_file(data: bytes) -> File:
    """The organisations of a CSV file. Raises `Refused` (`too-large`, `unprocessable`) for what is no such file; what
    is wrong with single lines is among the faults."""
    lines = _lines(_text(data))
    try:
        head = next(lines, (1, []))[1]
        columns = _columns(head)
        rows: list[Row] = []
        faults: list[LineFault] = []
        for line, cells in lines:
            if len(rows) + len({one.line for one in faults}) >= MOST_LINES + 1:
                raise _no_file("too-many", f"Send at most {MOST_LINES} organisations in one file.", code="too-large")
            found = _row(line, columns, cells)
            faults.extend(one for one in found if isinstance(one, LineFault))
            rows.extend(one for one in found if isinstance(one, Row))
    except csv.Error:
        raise _no_file(
            "not-csv",
            "A quoted cell is not closed, or something follows its closing quote. A quote inside a quoted cell is "
            "written twice.",
        ) from None
    if not rows and not faults:
        raise _no_file("empty", "There is no organisation in the file: below the header, each has a line of its own.")
    if len(rows) > MOST_LINES:
        raise _no_file("too-many", f"Send at most {MOST_LINES} organisations in one file.", code="too-large")
    return File(columns=columns, rows=tuple(rows), faults=(*faults, *_twice(rows)))


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _no_file("too-large", f"Send at most {MOST_BYTES} bytes; divide the list.", code="too-large")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data:
        raise _no_file("encoding", "This is UTF-16 or no text. Save it as “CSV UTF-8 (comma delimited)”.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = f"Line {line} is not in UTF-8. Save the list as “CSV UTF-8 (comma delimited)”."
        raise _no_file("encoding", detail) from None
    return text.removeprefix("\ufeff")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins; empty lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _columns(head: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in head)
    if len(columns) == 1 and any(mark in columns[0] for mark in (";", "\t")):
        raise _no_file("separator", "Columns are separated by commas here. Save the list as CSV with commas.")
    faults = [
        _file_fault(
            f"column-{place}", "unknown-column", f"Column {place} has a heading that is none of these: {_KNOWN}."
        )
        for place, name in enumerate(columns, start=1)
        if name not in COLUMNS
    ]
    faults += [
        _file_fault(name, "twice", f"The column {name} is there twice.") for name in COLUMNS if columns.count(name) > 1
    ]
    faults += [
        _file_fault(name, "missing", f"The column {name} is missing. The first line of the file names the columns.")
        for name in REQUIRED
        if name not in columns
    ]
    if faults:
        raise Refused("unprocessable", "The first line of the file does not name the columns.", tuple(faults))
    return columns


_KNOWN = ", ".join(COLUMNS)


def _row(line: int, columns: tuple[str, ...], cells: Sequence[str]) -> list[Row | LineFault]:
    """The row, or what is wrong with it."""
    if len(cells) != len(columns):
        detail = f"There are {len(cells)} cells and {len(columns)} columns. A cell with a comma in it is put in quotes."
        return [LineFault(line, "", "cells", detail)]
    found: list[Row | LineFault] = []
    given: dict[str, object] = {}
    for column, cell in zip(columns, cells, strict=True):
        try:
            given[column] = _cell(column, cell)
        except _Wrong as wrong:
            found.append(LineFault(line, column, wrong.code, wrong.detail))
    return found or [Row(line=line, organisation=str(given["id"]), given=given)]


class _Wrong(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def _cell(column: str, cell: str) -> object:
    # A space that cannot be seen comes with what is pasted from a web page.
    text = cell.replace("\u00a0", " ").strip(" ")
    if text.startswith(_FORMULA) or cell.startswith(("\t", "\r")):
        detail = "A cell that begins with =, +, -, @ or a tab is a formula to a spreadsheet. Write it otherwise."
        raise _Wrong("formula", detail)
    if _CONTROL.search(text):
        raise _Wrong("characters", "There is a line break, or a character that cannot be printed. Take it out.")
    if len(text) > LONGEST_CELL:
        raise _Wrong("too-long", f"Write at most {LONGEST_CELL} characters.")
    if not text:
        if column in REQUIRED:
            raise _Wrong("missing", "This cell must be filled.")
        return _EMPTY.get(column)
    return _READERS.get(column, str)(text)


def _identifier(text: str) -> str:
    if not is_organisation_id(text):
        raise _Wrong("not-an-id", "An id is lower-case letters, digits and hyphens, like example-primary-school.")
    return text


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise _Wrong("not-yes-or-no", "Write yes or no, or leave it empty.")
    return text.lower() == "yes"


def _day(text: str) -> str:
    if not is_date(text):
        detail = "Write the date as year-month-day, like 2027-03-31. Format the column as text, so that it stays so."
        raise _Wrong("not-a-date", detail)
    return text


def _several(text: str, shape: Callable[[str], Any]) -> tuple[Any, ...]:
    parts = [part.strip() for part in text.split(";")]
    found = tuple(shape(part) for part in parts if part)
    if len(found) != len(parts) or len(set(found)) != len(found):
        raise _Wrong("not-a-list", "Separate several by semicolons, each once.")
    return found


def _identifiers(text: str) -> tuple[str, ...]:
    return _several(text, _identifier)


def _agreements(text: str) -> tuple[str, ...]:
    return ("*",) if text == "*" else _identifiers(text)


_EMPTY: dict[str, object] = {"council_run": False, "partnerships": (), "named_out": ()}
_READERS: dict[str, Callable[[str], object]] = {
    "id": _identifier,
    "parent": _identifier,
    "council_run": _yes_or_no,
    "designated": _yes_or_no,
    "commissioned": _yes_or_no,
    "partnerships": _identifiers,
    "policy_document_review_on": _day,
    "named_out": _agreements,
}


def _twice(rows: Sequence[Row]) -> Iterator[LineFault]:
    first: dict[str, int] = {}
    for row in rows:
        earlier = first.setdefault(row.organisation, row.line)
        if earlier != row.line:
            yield LineFault(row.line, "id", "twice", f"Line {earlier} has the same id. Each organisation has one line.")


def _no_file(fault: str, detail: str, *, code: str = "unprocessable") -> Refused:
    return Refused(code, detail, (_file_fault("", fault, detail),))


def _file_fault(column: str, code: str, detail: str) -> Fault:
    return Fault(f"#/{column}" if column else "#", code, detail)
