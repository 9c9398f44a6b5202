"""The form of what is claimed of an attacker: who has what, can, cannot, and is noticed by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One claim. Without tests it is marked as not tested."""

    says: str
    tests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Capability:
    """What somebody has; `then` is what to do when it is noticed."""

    has: str
    means: str
    can: tuple[Line, ...]
    cannot: tuple[Line, ...]
    noticed: tuple[Line, ...]
    then: str


def line(says: str, *tests: str) -> Line:
    return Line(says, tests)
