"""What rests on each provision: clauses of agreements, lawful-basis records, and how a recorded answer names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache

from msgspec import Struct

from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.register.agreement_life import Shown, shown_as
from isa_registry.domain.register.register import RegisterView

OVER: frozenset[Shown] = frozenset({"withdrawn", "superseded", "expired"})
"""States of a version that nobody signs or relies on any more. Its words still cite what they cited."""


class ClauseResting(Struct, frozen=True):
    """A clause that cites a provision, and as what its version is shown on the day."""

    agreement: str
    version: str
    clause: str
    heading: str
    shown: Shown

    @property
    def over(self) -> bool:
        return self.shown in OVER

    @property
    def name(self) -> str:
        return f"{self.agreement}/{self.version}#{self.clause}"


class RecordResting(Struct, frozen=True):
    """A lawful-basis record that names a provision, and holds on the day or will later."""

    organisation: str
    agreement: str
    purpose: str
    record: str
    starts: str


class Resting(Struct, frozen=True):
    """What rests on one provision, in order: by agreement and publication; by body, agreement and purpose."""

    clauses: tuple[ClauseResting, ...] = ()
    records: tuple[RecordResting, ...] = ()

    @property
    def standing(self) -> tuple[ClauseResting, ...]:
        """The clauses of versions that are not over."""
        return tuple(one for one in self.clauses if not one.over)

    @property
    def any(self) -> bool:
        return bool(self.standing or self.records)


NOTHING = Resting()


def resting_by_code(view: RegisterView, today: str) -> dict[str, Resting]:
    """What rests on each provision on a day, by its code; a provision on which nothing rests is not there."""
    return view.memory.recall(("law-resting", today), lambda: _resting_by_code(view, today))


def _resting_by_code(view: RegisterView, today: str) -> dict[str, Resting]:
    clauses: defaultdict[str, list[ClauseResting]] = defaultdict(list)
    for version in view.agreement_versions():
        shown = shown_as(view, version, today)
        for clause, heading, cites in _citing(version.text):
            for code in dict.fromkeys(cites):
                clauses[code].append(ClauseResting(version.agreement, version.version, clause, heading, shown))
    records: defaultdict[str, list[RecordResting]] = defaultdict(list)
    for record in _standing_records(view, today):
        for code in named_by(record):
            records[code].append(
                RecordResting(record.organisation, record.agreement, record.purpose, record.record, record.starts)
            )
    return {
        code: Resting(tuple(clauses.get(code, ())), tuple(records.get(code, ())))
        for code in sorted({*clauses, *records})
    }


# Words never change, and a version of them is read anew in every state of the register.
@lru_cache(maxsize=64)
def _citing(text: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The clauses of a text that cite anything, by id, heading and what they cite."""
    return tuple((one.id, one.heading, one.cites) for one in parse_agreement(text) if one.cites)


def _standing_records(view: RegisterView, today: str) -> list[LawfulBasisRecorded]:
    found = [
        one.recorded
        for records in view.every_lawful_basis()
        for one in records
        if one.held and (one.gone_from is None or today < one.gone_from)
    ]
    return sorted(found, key=lambda one: (one.organisation, one.agreement, one.purpose, one.starts, one.record))


def named_by(record: LawfulBasisRecorded) -> tuple[str, ...]:
    """The provisions that a lawful-basis record names, each once."""
    lists = (record.article_6, record.article_9, record.article_10, record.part_3, record.gateways)
    authority = () if record.s36_4_authority is None else (record.s36_4_authority,)
    return tuple(dict.fromkeys((*(code for listed in lists for code in listed), *authority)))


def named_in_check(code: str) -> str:
    """How the canonical JSON of a check names a provision, in whatever role: an answer rests on all that it names."""
    return f'"{code}"'


def bodies_of(records: Collection[RecordResting]) -> tuple[str, ...]:
    """The bodies whose records they are, each once."""
    return tuple(dict.fromkeys(one.organisation for one in records))
