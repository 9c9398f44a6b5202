"""Bytes under a strong ETag, which whoever has them already need not fetch again."""

from __future__ import annotations

from litestar import Response

from isa_registry.api.requests import Request
from isa_registry.domain.conditional import entity_tag, holds

FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


def conditional(
    request: Request, body: bytes, headers: dict[str, str], *, media_type: str = "application/octet-stream"
) -> Response[bytes]:
    """The body under a strong ETag, or 304 where the caller has these very bytes (RFC 9110 section 13.1.2)."""
    tag = entity_tag(body)
    headers = {**headers, "ETag": tag}
    if holds(request.headers.get("if-none-match", ""), tag):
        headers.pop("Content-Encoding", None)
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
