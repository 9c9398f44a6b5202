"""Strong entity tags: the same bytes have the same one, and others another (RFC 9110 section 8.8.3)."""

from __future__ import annotations

import hashlib


def entity_tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()}"'


def holds(if_none_match: str, tag: str) -> bool:
    """Whether whoever sent this If-None-Match has the bytes of the tag already."""
    return if_none_match == "*" or tag in {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
