"""Whether the current register still depends on an entry, and since when it does not.

An entry no longer matters from the first log size at which folding the log without it gives the same current values.
From there on it never matters again: each fold looks at current values alone, so equal ones stay equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from isa_registry.domain.entries import RegisterPayload
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.timelines import Timeline

Place = tuple[str, str]

UNREAD_BY_ANSWERS = (
    "issuer.registered", "issuer.removed", "client.granted", "client.revoked", "key.registered", "key.revoked",
    "role.granted", "role.revoked", "retention.changed", "hold.placed", "hold.lifted",
)  # fmt: skip
"""Kinds that no answer to a check depends on: who may ask, not what holds."""

_SINGLE = ("opened", "continued", "catalogue")


class Folded(Struct, frozen=True):
    """An entry of the register whose payload is there."""

    index: int
    at: str
    payload: RegisterPayload


class Influence:
    """What each of the register's entries set. Build it anew when the log has grown or one was erased."""

    def __init__(self, entries: Sequence[Folded]) -> None:
        register = Register()
        for one in entries:
            apply(register, one.index, one.at, one.payload)
        self._entries = {one.index: one for one in entries}
        self._setters: dict[Place, list[int]] = {}
        self._places: defaultdict[int, list[Place]] = defaultdict(list)
        for place, history in _histories(register):
            self._setters[place] = [entry for entry, _ in history]
            for entry, _ in history:
                self._places[entry].append(place)

    def forget(self, index: int) -> None:
        """Leaves an entry out from here on, whose influence has ended: others that are equal to it may then matter."""
        del self._entries[index]
        for place in self._places.pop(index, ()):
            self._setters[place].remove(index)

    def ends(self, index: int) -> int | None:
        """The first log size at which the register no longer depended on entry `index`; None while it does.

        Raises KeyError for what is not an entry of the register, or was erased.
        """
        subject = self._entries[index]
        places = self._places[index]
        if not places:
            return index + 1
        touching = sorted({entry for place in places for entry in self._setters[place]})
        whole, without = Register(), Register()
        for entry in touching:
            one = self._entries[entry]
            apply(whole, one.index, one.at, one.payload)
            if entry != subject.index:
                apply(without, one.index, one.at, one.payload)
            if entry >= subject.index and all(_current(whole, at) == _current(without, at) for at in places):
                return entry + 1
        return None


def _histories(register: Register) -> list[tuple[Place, list[tuple[int, object]]]]:
    found: list[tuple[Place, list[tuple[int, object]]]] = [
        ((name, ""), list(_single(register, name).history())) for name in _SINGLE
    ]
    for name, shelf in register.shelves().items():
        found += [((name, key), timeline.history()) for key, timeline in shelf.items()]
    return found


def _single(register: Register, name: str) -> Timeline[Any]:
    line: Timeline[Any] = getattr(register, name)
    return line


def _current(register: Register, place: Place) -> object:
    """The current value; nothing and an empty list are the same to every reader and every fold."""
    name, key = place
    if name in _SINGLE:
        return _single(register, name).at(2**62)
    timeline = register.shelves()[name].get(key)
    value = None if timeline is None else timeline.at(2**62)
    return None if value == () else value
