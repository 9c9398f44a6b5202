"""The lives of an agreement version and of an attestation: which state follows from which event. Tables, and nothing
else decides it: documents, database constraints and property tests read these.

What is decided is logged, and its steps name the kind of entry. What only prepares a decision is working state, and its
steps name none. What follows from a date is neither: see `DERIVED`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Machine = Literal["draft", "agreement", "invitation", "attestation"]

NEW = "none"
"""The state of what is not there yet."""


class Step(NamedTuple):
    """From `state`, `event` leads to `to`. `kind` is the kind of log entry that is the event; None is working state."""

    machine: Machine
    state: str
    event: str
    to: str
    kind: str | None = None


STEPS: tuple[Step, ...] = (
    Step("draft", NEW, "begin", "drafting"),
    Step("draft", "drafting", "revise", "drafting"),
    Step("draft", "drafting", "submit", "in-review"),
    Step("draft", "drafting", "discard", "discarded"),
    Step("draft", "in-review", "return", "drafting"),
    Step("draft", "in-review", "pass", "quality-checked"),
    Step("draft", "in-review", "discard", "discarded"),
    Step("draft", "quality-checked", "return", "drafting"),
    Step("draft", "quality-checked", "publish", "published"),
    Step("draft", "quality-checked", "discard", "discarded"),
    Step("agreement", NEW, "publish", "published", "agreement.published"),
    Step("agreement", "published", "open", "open", "agreement.opened"),
    Step("agreement", "published", "come-into-force", "in-force", "agreement.in-force"),
    Step("agreement", "published", "withdraw", "withdrawn", "agreement.withdrawn"),
    Step("agreement", "open", "come-into-force", "in-force", "agreement.in-force"),
    Step("agreement", "open", "withdraw", "withdrawn", "agreement.withdrawn"),
    Step("agreement", "in-force", "review", "in-force", "agreement.reviewed"),
    Step("agreement", "in-force", "suspend", "suspended", "agreement.suspended"),
    Step("agreement", "in-force", "withdraw", "withdrawn", "agreement.withdrawn"),
    Step("agreement", "suspended", "review", "suspended", "agreement.reviewed"),
    Step("agreement", "suspended", "resume", "in-force", "agreement.resumed"),
    Step("agreement", "suspended", "withdraw", "withdrawn", "agreement.withdrawn"),
    Step("invitation", NEW, "ask-to-join", "asked"),
    Step("invitation", NEW, "invite", "invited"),
    Step("invitation", "asked", "invite", "invited"),
    Step("invitation", "asked", "turn-down", "turned-down"),
    Step("invitation", "turned-down", "ask-to-join", "asked"),
    Step("invitation", "turned-down", "invite", "invited"),
    Step("invitation", "invited", "view", "viewed"),
    Step("invitation", "invited", "query", "queried"),
    Step("invitation", "viewed", "query", "queried"),
    Step("invitation", "queried", "query", "queried"),
    Step("invitation", "queried", "answer", "queried"),
    Step("invitation", "queried", "settle", "viewed"),
    Step("attestation", NEW, "attest", "attested", "attestation.made"),
    Step("attestation", NEW, "decline", "declined", "attestation.declined"),
    Step("attestation", "declined", "attest", "attested", "attestation.made"),
    Step("attestation", "attested", "withdraw", "withdrawn", "attestation.withdrawn"),
    Step("attestation", "withdrawn", "attest", "attested", "attestation.made"),
    Step("attestation", "withdrawn", "decline", "declined", "attestation.declined"),
)

DERIVED: dict[tuple[Machine, str], tuple[str, ...]] = {
    ("agreement", "in-force"): ("open", "review-due", "superseded", "expired"),
    ("attestation", "attested"): ("re-attested", "stale", "lapsed"),
}
"""What a state is shown as on a day, by dates and by what other entries say. A version that has a day to come into
force is open until then; one is superseded once a later one is in force. An attestation is stale once that is so, and
lapses when its version or its body has ended."""

_BY_EVENT = {(step.machine, step.state, step.event): step for step in STEPS}


def step(machine: Machine, state: str, event: str) -> Step | None:
    """What an event does in a state; None where the table has no such step."""
    return _BY_EVENT.get((machine, state, event))


def events(machine: Machine, state: str) -> tuple[str, ...]:
    """The events that a state takes, in the table's order."""
    return tuple(one.event for one in STEPS if (one.machine, one.state) == (machine, state))


def states(machine: Machine) -> tuple[str, ...]:
    """Every state of a machine, in the table's order, without `NEW`."""
    return tuple(dict.fromkeys(one.to for one in STEPS if one.machine == machine))


def event_of(kind: str) -> tuple[Machine, str] | None:
    """The machine and the event that a kind of log entry is; None where it is none."""
    return next(((one.machine, one.event) for one in STEPS if one.kind == kind), None)


def run(machine: Machine, happened: Iterable[str]) -> str:
    """The state after these events. Raises `ValueError` where the table does not have one of the steps."""
    state = NEW
    for event in happened:
        taken = step(machine, state, event)
        if taken is None:
            raise ValueError(f"{machine}: {event!r} does not happen in state {state!r}")
        state = taken.to
    return state
