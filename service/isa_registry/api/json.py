"""JSON answers, encoded once by msgspec."""

from __future__ import annotations

import msgspec
from litestar import Response

_encode = msgspec.json.Encoder().encode


def json_response(
    value: object, *, status: int = 200, headers: dict[str, str] | None = None, media_type: str = "application/json"
) -> Response[bytes]:
    """The value as JSON."""
    return Response(_encode(value), status_code=status, media_type=media_type, headers=headers)


def json_bytes(body: bytes, *, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Bytes that are JSON already, as they are."""
    return Response(body, media_type="application/json", headers=headers)
