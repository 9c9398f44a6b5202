"""Answers as CSV, and whether it is asked for."""

from __future__ import annotations

from litestar import Response

from isa_registry.api.queries import malformed
from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Fault

CSV = "text/csv"


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
