"""`/.well-known/security.txt` (RFC 9116): where to report a vulnerability in private."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from litestar import Response

from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.refusals import Refused

PATH = "/.well-known/security.txt"
GOOD_FOR = timedelta(days=364)
"""RFC 9116 section 2.5.5 recommends less than a year. A service is started anew more often than that."""


def security_txt(contacts: Sequence[str], public_url: str, started: datetime) -> bytes:
    """The file of a service that was started then. Empty where there is no contact: a file without one says nothing."""
    if not contacts:
        return b""
    lines = [
        *(f"Contact: {contact}" for contact in contacts),
        f"Expires: {started + GOOD_FOR:%Y-%m-%dT00:00:00Z}",
        f"Canonical: {public_url}{PATH}",
        "Preferred-Languages: en",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


@reads(PATH)
async def security(request: Request) -> Response[bytes]:
    text: bytes = request.app.state.security_txt
    if not text:
        raise Refused("not-found", "This registry has not said where to report a vulnerability.")
    return Response(text, media_type="text/plain", headers={"Cache-Control": "public, max-age=3600"})


HANDLERS = [security]
