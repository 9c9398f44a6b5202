"""Answers that are the same for whoever asks, and that a cache may keep."""

from __future__ import annotations

from litestar import Response

from isa_registry.domain.conditional import entity_tag, holds
from isa_registry.pages.rendering import Request


def kept(request: Request, body: bytes, media_type: str, headers: dict[str, str]) -> Response[bytes]:
    """The body under a strong ETag, or 304 where these very bytes are held already."""
    tag = entity_tag(body)
    headers = {**headers, "ETag": tag}
    if holds(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
