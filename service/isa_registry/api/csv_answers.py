"""Answers as CSV (RFC 4180): UTF-8, a header line, CR LF, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from litestar import Response

from isa_registry.api.queries import malformed
from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Fault

CSV = "text/csv"
_NUMBER = re.compile(r"-[0-9]+")
_FORMULA = frozenset("=+-@\t\r")


def harmless(cell: str) -> str:
    """A cell that begins like a formula, with an apostrophe before it: a spreadsheet then shows it and runs nothing. A
    whole number is one."""
    return f"'{cell}" if cell[:1] in _FORMULA and not _NUMBER.fullmatch(cell) else cell


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as CSV."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    # Most cells begin harmlessly: looking at one letter is most of the work.
    writer.writerows([harmless(cell) if cell[:1] in _FORMULA else cell for cell in row] for row in rows)
    return written.getvalue().encode()


def csv_response(body: bytes, filename: str) -> Response[bytes]:
    """The table as a file to keep; which form is answered depends on what is accepted."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Vary": "Accept"}
    return Response(body, media_type=f"{CSV}; header=present", headers=headers)


def wants_csv(request: Request, form: str | None) -> bool:
    """Whether CSV is asked for: by `format`, or without one by an Accept that prefers it. Raises `Refused`."""
    if form is not None:
        if form not in ("json", "csv"):
            raise malformed(Fault("#/format", "unknown-code", "format is `json` or `csv`."))
        return form == "csv"
    weights = _weights(request.headers.get("accept", ""))
    return weights.get(CSV, 0.0) > weights.get("application/json", weights.get("application/*", 0.0))


def _weights(accept: str) -> dict[str, float]:
    """How much each media type is wanted (RFC 9110 section 12.5.1); what is no weight counts as none."""
    found: dict[str, float] = {}
    for one in accept.lower().split(","):
        media, *parameters = (part.strip() for part in one.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            found[media] = float(weight)
        except ValueError:
            found[media] = 0.0
    return found
