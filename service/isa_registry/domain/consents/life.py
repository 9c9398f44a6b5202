"""The life of a consent as a table, which alone says what may follow what. What follows from a date is no step:
`status` in `states.py` says it."""

from __future__ import annotations

from typing import NamedTuple

NEW = "none"
"""The state of what is not there yet."""


class Step(NamedTuple):
    """From `state`, an entry of `kind` leads to `to`; `event` is its name in the index table."""

    state: str
    event: str
    to: str
    kind: str


STEPS: tuple[Step, ...] = (
    Step(NEW, "given", "given", "consent.given"),
    Step(NEW, "refused", "refused", "consent.refused"),
    Step("given", "renewed", "given", "consent.renewed"),
    Step("given", "withdrawn", "withdrawn", "consent.withdrawn"),
    Step("given", "invalidated", "invalidated", "consent.invalidated"),
    Step("refused", "invalidated", "invalidated", "consent.invalidated"),
    Step("withdrawn", "invalidated", "invalidated", "consent.invalidated"),
)
"""A yes after a no, or after a withdrawal, is a record of its own: what somebody said once stays as they said it.
A withdrawal that was never said is undone by finding the whole record void."""

_BY_KIND = {(step.state, step.kind): step for step in STEPS}


def step(state: str, kind: str) -> Step | None:
    """What an entry of a kind does in a state; None where the table has no such step."""
    return _BY_KIND.get((state, kind))


def takes(state: str) -> tuple[str, ...]:
    """The events that a state takes, in the table's order."""
    return tuple(one.event for one in STEPS if one.state == state)
