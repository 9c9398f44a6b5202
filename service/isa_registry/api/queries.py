"""Reading a query strictly: the names that a route takes, each once."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Fault, Refused

T = TypeVar("T")
_NUMBER = re.compile(r"[0-9]{1,15}")


def query_of(request: Request, *names: str) -> dict[str, str]:
    """The query's parameters, of which none is empty. Raises `Refused` (`malformed`) for another name or a second
    value."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            detail = f"This route takes {', '.join(names)}." if names else "This route takes no query."
            raise malformed(Fault("#", "unknown-parameter", detail))
        if name in found:
            raise malformed(Fault(f"#/{name}", "repeated", "Send it once."))
        if value:
            found[name] = value
    return found


def malformed(*faults: Fault) -> Refused:
    return Refused("malformed", "The query is not one that this route takes.", faults)


def one_of(asked: dict[str, str], name: str, known: Collection[str], says: str) -> str | None:
    """The value of a parameter, which must be among those known; None where it is not there."""
    value = asked.get(name)
    if value is not None and value not in known:
        raise malformed(Fault(f"#/{name}", "unknown-code", says))
    return value


def number_in(asked: dict[str, str], name: str, least: int, most: int, default: int) -> int:
    """A number of the query, from `least` to `most`."""
    value = asked.get(name)
    if value is None:
        return default
    if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
        raise malformed(Fault(f"#/{name}", "out-of-range", f"Expected a number from {least} to {most}."))
    return int(value)


def page_of(
    asked: dict[str, str], path: str, found: Sequence[T], letter: str
) -> tuple[Sequence[T], str | None, dict[str, str]]:
    """A page of a list: what is on it, the cursor of the next one, and its Link header (RFC 8288)."""
    limit = number_in(asked, "limit", 1, 1000, 200)
    cursor = asked.get("cursor", f"{letter}0")
    if not cursor.startswith(letter) or not _NUMBER.fullmatch(cursor[1:]):
        raise malformed(Fault("#/cursor", "malformed", "Send `next` of the page before, as it is."))
    start = int(cursor[1:])
    following = f"{letter}{start + limit}" if start + limit < len(found) else None
    headers = {}
    if following is not None:
        query = urlencode(
            [*((name, value) for name, value in asked.items() if name != "cursor"), ("cursor", following)]
        )
        headers["Link"] = f'<{path}?{query}>; rel="next"'
    return found[start : start + limit], following, headers
