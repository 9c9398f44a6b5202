"""Checking the lives of agreements and attestations: what the database says happened, against the log and the table of
steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from isa_registry.domain.lifecycles import NEW, STEPS, Machine, step
from isa_registry.ledger.rows import LifeRow
from isa_registry.runtime.fsck.findings import Findings
from isa_registry.store.lifecycles import StoredEvent

_STEPS = {(one.machine, one.state, one.event, one.to) for one in STEPS}


def check_lives(
    findings: Findings,
    made: Sequence[LifeRow],
    stored: Sequence[StoredEvent],
    steps: set[tuple[str, str, str, str]],
    erased: Collection[int],
) -> None:
    """Holds the stored events against those that the log gives, and every state against the one before it. The event of
    an entry that was erased stays: what followed it would not follow otherwise."""
    if steps != _STEPS:
        findings.add("index-table", "lifecycle_step")
    wanted = {row.index: row for row in made}
    wrong = {
        one.row.index for one in stored if wanted.pop(one.row.index, None) != one.row and one.row.index not in erased
    }
    wrong |= set(wanted)
    states: dict[tuple[str, str], str] = {}
    for one in stored:
        row = one.row
        taken = step(_machine(row.machine), states.get((row.machine, row.thing), NEW), row.event)
        if taken is None or taken.to != one.state:
            wrong.add(row.index)
        states[row.machine, row.thing] = one.state
    for index in sorted(wrong):
        findings.add("index-table", f"lifecycle_event, entry {index}")


def _machine(name: str) -> Machine:
    # A name that is no machine has no steps, which is what is wrong with it.
    return name  # type: ignore[return-value]
