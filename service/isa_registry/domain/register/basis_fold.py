"""The fold of what bodies say that they rely on. Nothing is overwritten: a record keeps its words, and gains an end or
a successor.

What holds on a day is the record, of those that hold on it, that was logged last. A record that takes another's place
does so from its own first day on, and its predecessor does not come back after it; only where the successor is ended
before it ever held does the predecessor go on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from isa_registry.domain import entries
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.register import Register


def _recorded(register: Register, entry: int, at: str, fact: entries.LawfulBasisRecorded) -> None:
    key = f"{fact.organisation} {fact.agreement} {fact.purpose}"
    timeline = register.lawful_bases[key]
    records = timeline.at(entry) or ()
    # A record's id names one record for ever, whoever could append another. That another came is noted: it would stand
    # if the first were erased.
    if any(one.recorded.record == fact.record for one in records):
        timeline.set(entry, records)
        return
    if not records:
        keys = register.lawful_basis_keys[fact.organisation]
        keys.set(entry, (*(keys.at(entry) or ()), key))
    after = tuple(_superseded(one, fact) for one in records)
    timeline.set(entry, (*after, LawfulBasis(recorded=fact)))


def _superseded(one: LawfulBasis, by: entries.LawfulBasisRecorded) -> LawfulBasis:
    if one.recorded.record != by.supersedes or one.superseded_by is not None:
        return one
    return replace(one, superseded_on=by.starts, superseded_by=by.record)


def _ended(register: Register, entry: int, at: str, fact: entries.LawfulBasisEnded) -> None:
    index = register.lawful_basis_keys.get(fact.organisation)
    for key in () if index is None else index.at(entry) or ():
        timeline = register.lawful_bases[key]
        records = timeline.at(entry) or ()
        found = next((one for one in records if one.recorded.record == fact.record), None)
        if found is not None:
            ended = replace(found, ended_on=fact.on)
            after = (ended if one is found else one for one in records)
            timeline.set(entry, tuple(one if ended.held else _goes_on(one, fact.record) for one in after))


def _goes_on(one: LawfulBasis, without: str) -> LawfulBasis:
    return replace(one, superseded_on=None, superseded_by=None) if one.superseded_by == without else one


FOLD: dict[type, Callable[[Register, int, str, Any], None]] = {
    entries.LawfulBasisRecorded: _recorded,
    entries.LawfulBasisEnded: _ended,
}
