"""The structural difference of two JSON values: which members, from what to what, by JSON pointer (RFC 6901).

Pure, exact and complete: nothing is said where nothing differs, and whoever makes the changes in the order that
docs/formats/replay.md gives turns one value into the other. Things of a list that carry a code are matched by it, so
that one that comes first does not make all that follow it look new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

import msgspec
from msgspec import Struct

_NAMES = ("code", "rule", "who", "agreement")
"""Members by which a thing of a list is told from the others of it, the first that it has."""


class Difference(Struct, frozen=True):
    """One member that is otherwise. `pointer` is into the first value, and into the second for what was `added`;
    `was` is null where it was added, `now` where it was removed."""

    change: Literal["changed", "removed", "added"]
    pointer: str
    was: Any
    now: Any


def differences(one: object, other: object) -> tuple[Difference, ...]:
    """From the first value to the second, in the order of reading. The values are what JSON has: no tuple, no set."""
    return tuple(_between(one, other, "", ""))


def _between(one: object, other: object, at: str, there: str) -> Iterator[Difference]:
    """`at` is the pointer into the first value, `there` into the second."""
    if isinstance(one, dict) and isinstance(other, dict):
        yield from _members(one, other, at, there)
    elif isinstance(one, list) and isinstance(other, list):
        yield from _items(one, other, at, there)
    # True is no 1, and 1.0 is not written as 1.
    elif type(one) is not type(other) or one != other:
        yield Difference("changed", at, one, other)


def _members(one: dict[str, object], other: dict[str, object], at: str, there: str) -> Iterator[Difference]:
    for name in sorted(one.keys() | other.keys()):
        here, beside = f"{at}/{_escaped(name)}", f"{there}/{_escaped(name)}"
        if name not in other:
            yield Difference("removed", here, one[name], None)
        elif name not in one:
            yield Difference("added", beside, None, other[name])
        else:
            yield from _between(one[name], other[name], here, beside)


def _items(one: list[object], other: list[object], at: str, there: str) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, _names_in(one), _names_in(other), autojunk=False)
    for found, start, end, start_there, end_there in matcher.get_opcodes():
        if found == "equal":
            for place, beside in zip(range(start, end), range(start_there, end_there), strict=True):
                yield from _between(one[place], other[beside], f"{at}/{place}", f"{there}/{beside}")
            continue
        for place in range(start, end):
            yield Difference("removed", f"{at}/{place}", one[place], None)
        for beside in range(start_there, end_there):
            yield Difference("added", f"{there}/{beside}", None, other[beside])


def _names_in(items: Sequence[object]) -> list[bytes]:
    return [_name(item) for item in items]


def _name(item: object) -> bytes:
    if isinstance(item, dict):
        for name in _NAMES:
            if name in item:
                return msgspec.json.encode((name, item[name]), order="sorted")
    return msgspec.json.encode(item, order="sorted")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
