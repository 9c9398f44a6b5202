"""Strong entity tags: whether somebody holds exactly these bytes (RFC 9110 sections 8.8.3 and 13.1.2)."""

from __future__ import annotations

import hashlib


def entity_tag(body: bytes) -> str:
    """The strong tag of these very bytes."""
    return f'"{hashlib.sha256(body).hexdigest()}"'


def holds(if_none_match: str, tag: str) -> bool:
    """Whether what was sent as If-None-Match names the tag."""
    return if_none_match == "*" or tag in {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
