"""Which answers a page of a training site may read from a browser: three that anybody may read anyway, each without a
cookie, and by the origins of ISA_EMBEDDING_HOSTS alone.

Whatever else there is here is read by no other site. Nothing is ever opened to all origins: where the registry stands
in a network of its own, a page from outside could otherwise read it through the browser of somebody inside.
"""

from __future__ import annotations

import re
from typing import Any, cast

from litestar.types import Scope

Headers = list[tuple[bytes, bytes]]

_METHODS = {"/api/v1/agreements/links/check": b"POST", "/api/v1/oembed": b"GET", "/oembed": b"GET"}
_FEED = re.compile(r"/agreements/[^/]+/changes\.atom")
_REMEMBERED = b"600"
"""Seconds for which a browser need not ask again whether it may ask."""


def let_read(scope: Scope, origins: frozenset[str]) -> Headers:
    """The headers by which a browser lets a page of one of these origins read the answer; none for any other page."""
    if not origins:
        return []
    path, asked = str(scope["path"]), cast("dict[str, Any]", scope)["method"]
    method = _METHODS.get(path) or (b"GET" if _FEED.fullmatch(path) else None)
    if method is None:
        return []
    # Caches keep the answers to each origin, and to none, apart.
    found: Headers = [(b"vary", b"Origin")]
    named = [value for name, value in scope["headers"] if name == b"origin"]
    if len(named) != 1 or named[0].decode("latin-1") not in origins:
        return found
    found.append((b"access-control-allow-origin", named[0]))
    if asked == "OPTIONS":
        found.append((b"access-control-allow-methods", method))
        found.append((b"access-control-allow-headers", b"content-type"))
        found.append((b"access-control-max-age", _REMEMBERED))
    return found
