"""What was ever said of what a body relies on for a purpose, told from the register's own history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from isa_registry.domain.register.facts import LawfulBasis


class BasisEvent(Struct, frozen=True):
    """What an entry did to a record. `recorded`: it was made, and holds from `on`. `superseded`: the record `by` has
    its place from `on`. `ended`: it holds no longer from `on`. `goes-on`: what had its place was ended before it ever
    held; `on` is null."""

    what: Literal["recorded", "superseded", "ended", "goes-on"]
    record: str
    on: str | None
    entry: int
    by: str | None = None


def events(history: Sequence[tuple[int, tuple[LawfulBasis, ...]]]) -> list[BasisEvent]:
    """Every event, in the order in which they were logged."""
    found: list[BasisEvent] = []
    before: dict[str, LawfulBasis] = {}
    for entry, records in history:
        for one in records:
            found += _events(before.get(one.recorded.record), one, entry)
        before = {one.recorded.record: one for one in records}
    return found


def _events(before: LawfulBasis | None, now: LawfulBasis, entry: int) -> Iterator[BasisEvent]:
    record = now.recorded.record
    if before is None:
        yield BasisEvent("recorded", record, now.recorded.starts, entry)
        return
    if before.superseded_by != now.superseded_by:
        what: Literal["superseded", "goes-on"] = "goes-on" if now.superseded_by is None else "superseded"
        yield BasisEvent(what, record, now.superseded_on, entry, now.superseded_by)
    if before.ended_on != now.ended_on:
        yield BasisEvent("ended", record, now.ended_on, entry)
