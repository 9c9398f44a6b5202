"""Answers that are the same for whoever asks, and that a cache may keep."""

from __future__ import annotations

from litestar import Response

from isa_registry.domain.conditional import entity_tag, holds
from isa_registry.pages.rendering import Request


def tagged(request: Request, response: Response[bytes]) -> Response[bytes]:
    """The answer under a strong tag; 304 where the caller has these very bytes."""
    tag = entity_tag(response.content)
    response.headers["ETag"] = tag
    if not holds(request.headers.get("if-none-match", ""), tag):
        return response
    response.headers.pop("Content-Encoding", None)
    return Response(b"", status_code=304, media_type=response.media_type, headers=dict(response.headers))


def kept(request: Request, body: bytes, media_type: str, headers: dict[str, str]) -> Response[bytes]:
    """The body under a strong tag, or 304 where these very bytes are held already."""
    return tagged(request, Response(body, media_type=media_type, headers=headers))
