"""Where in a JSON text a value stands, so that a fault named by pointer can be found by eye."""

from __future__ import annotations

import json
import re

_BETWEEN = re.compile(r"[ \t\r\n,:]*")
_scan = json.JSONDecoder().raw_decode


def steps_of(pointer: str) -> list[str]:
    """The steps of a JSON pointer (RFC 6901), unescaped; none for the whole document."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def line_at(data: bytes, pointer: str) -> int | None:
    """The line, from 1, on which the value at a JSON pointer begins, or the innermost value around it that is there.

    None for the whole document. Where the text is no JSON, the line on which it ceases to be.
    """
    try:
        text = data.decode("utf-8")
        json.loads(text)
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    except json.JSONDecodeError as error:
        return error.lineno
    at = _value(text, 0)
    found = None
    for step in steps_of(pointer):
        inner = _within(text, at, step)
        if inner is None:
            break
        found = at = inner
    return None if found is None else text.count("\n", 0, found) + 1


def _within(text: str, at: int, step: str) -> int | None:
    """Where a member or item of the value at `at` begins."""
    opening = text[at]
    if opening not in "{[":
        return None
    at = _value(text, at + 1)
    item = 0
    while text[at] not in "}]":
        name = str(item)
        if opening == "{":
            name, at = _scan(text, at)
            at = _value(text, at)
        if name == step:
            return at
        _, at = _scan(text, at)
        at = _value(text, at)
        item += 1
    return None


def _value(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return at if between is None else between.end()
