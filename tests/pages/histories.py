"""Histories of an agreement, at random: up to ten versions whose clauses are kept, changed, renumbered, split, merged
and withdrawn, published and brought into force as a business unit does it, each decision held at the tail.

Every link that could have been issued on the way is kept, with the marks that the words of its clause bore then. A mark
goes where the words go, so that it tells whether a link leads to text of its lineage.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache

from msgspec import Struct

from isa_registry.actions import agreement_decisions as decisions
from isa_registry.actions import agreements
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementResumed,
    AgreementSuspended,
    AgreementWithdrawn,
)
from isa_registry.domain.register.register import RegisterView
from versions import LITTLE_SCHEDULE, Kept

AGREEMENT = "little-agreement"
BEGINS = date(2027, 1, 1)
MARK = re.compile(r"mark[0-9]+")


class Link(Struct, frozen=True):
    """An address that was given out, and the marks of the clause that it is about; none where it is about a version."""

    address: str
    marks: frozenset[str] = frozenset()


class History(Struct, frozen=True):
    """The register in the end, the day it is then, every link, and what happened to clauses on the way."""

    view: RegisterView
    today: date
    links: tuple[Link, ...]
    fates: frozenset[str]


@cache
def _kept() -> Kept:
    return Kept()


@contextmanager
def history(seed: int, versions: int) -> Iterator[History]:
    """The history that a number stands for; afterwards the register is as it was before."""
    kept = _kept()
    before = kept.size
    try:
        yield _Writer(kept, seed).write(versions)
    finally:
        kept.register.forget_from(before)
        del kept.entries[before:]
        kept.size = before


class _Writer:
    def __init__(self, kept: Kept, seed: int) -> None:
        self.choose = random.Random(seed)
        self.kept = kept
        self.day = BEGINS
        self.clauses: dict[str, frozenset[str]] = {}
        self.changes: dict[str, int] = {}
        self.fates: set[str] = set()
        self.links: dict[str, Link] = {}
        self.marks = self.numbers = 0

    def write(self, versions: int) -> History:
        for number in range(7, 7 + versions):  # so that 1.9 comes before 1.10
            self._publish(f"1.{number}")
            self._decide(f"1.{number}")
            self._issue_by_day()
            self.day += timedelta(days=self.choose.randint(0, 40))
        return History(self.kept.view(), self.day, tuple(self.links.values()), frozenset(self.fates))

    def _new(self) -> str:
        self.numbers += 1
        return f"1.{self.numbers}"

    def _mark(self) -> frozenset[str]:
        self.marks += 1
        return frozenset({f"mark{self.marks}"})

    def _changed(self) -> dict[str, tuple[str, ...]]:
        """Makes the next version's clauses of this one's; what took over from those that are gone."""
        heirs: dict[str, tuple[str, ...]] = {}
        after: dict[str, frozenset[str]] = {}
        merging: tuple[str, frozenset[str]] | None = None
        for clause, marks in self.clauses.items():
            fate = self.choose.choices(
                ("stands", "changed", "renumbered", "split", "merged", "withdrawn"), (40, 15, 12, 10, 12, 11)
            )[0]
            self.fates.add(fate)
            if fate == "merged" and merging is None:
                merging = (self._new(), marks)
                heirs[clause] = (merging[0],)
            elif fate == "merged" and merging is not None:
                merging = (merging[0], merging[1] | marks)
                heirs[clause] = (merging[0],)
            elif fate == "renumbered":
                heirs[clause] = (self._new(),)
                after[heirs[clause][0]] = marks
            elif fate == "split":
                heirs[clause] = tuple(self._new() for _ in range(self.choose.randint(2, 3)))
                after |= dict.fromkeys(heirs[clause], marks)
            elif fate == "withdrawn":
                heirs[clause] = ()
            else:
                after[clause] = marks
                self.changes[clause] = self.changes.get(clause, 0) + (fate == "changed")
        if merging is not None:
            after[merging[0]] = merging[1]
        for _ in range(self.choose.randint(0, 2)):
            after[self._new()] = self._mark()
        self.clauses = after
        return heirs

    def _publish(self, version: str) -> None:
        heirs = self._changed()
        while len(self.clauses) < 3:
            self.clauses[self._new()] = self._mark()
        written = sorted(self.clauses, key=lambda one: int(one.partition(".")[2]))
        body = "".join(
            f"\n### {one} About {one} {{#{one}}}\n\n{' '.join(sorted(self.clauses[one]))}, said "
            f"{self.changes.get(one, 0)} times otherwise.\n"
            for one in written
        )
        text = f"# A little agreement\n\nAgreement `{AGREEMENT}`, version `{version}`.\n\n## 1 All of it {{#1}}\n{body}"
        schedule = {**LITTLE_SCHEDULE, "version": version, **({"heirs": heirs} if heirs else {})}
        loaded = agreements.read_version(text.encode(), json.dumps(schedule).encode(), self.kept.now)
        self.kept.append(agreements.publish(loaded.text.encode(), loaded.schedule, loaded.schedule_sha256), self._at())
        self._issue(version)

    def _decide(self, version: str) -> None:
        """What the business unit decides about the new version, and about one in force."""
        ahead = self.choose.choice((None, 0, 0, 5, 400))
        if ahead is not None:
            on = (self.day + timedelta(days=ahead)).isoformat()
            self.kept.append(decisions.decide_in_force(AgreementInForce(AGREEMENT, version, on)), self._at())
        today = self.day.isoformat()
        current = self.kept.now.agreement_in_force(AGREEMENT, today)
        if current is None or current.suspensions:
            return
        match self.choose.randrange(6):
            case 0:
                successor = f"{AGREEMENT}/{version}" if version != current.version else None
                fact = AgreementWithdrawn(AGREEMENT, current.version, today, "law-changed", successor)
                self.kept.append(decisions.withdraw(fact), self._at())
            case 1:
                suspended = AgreementSuspended(AGREEMENT, current.version, today, "law-changed")
                self.kept.append(decisions.suspend(suspended), self._at())
                if self.choose.random() < 0.5:
                    later = (self.day + timedelta(days=9)).isoformat()
                    self.kept.append(decisions.resume(AgreementResumed(AGREEMENT, current.version, later)), self._at())

    def _at(self) -> str:
        return f"{self.day.isoformat()}T09:00:00.000Z"

    def _issue(self, version: str) -> None:
        """Every link to a version that is published, and to its clauses."""
        for suffix in ("", ".html", ".json", ".jsonld", ".md"):
            self._give(f"/agreements/{AGREEMENT}/{version}{suffix}")
        for clause, marks in self.clauses.items():
            self._give(f"/id/agreement/{AGREEMENT}/clause/{clause}", marks)
            self._give(f"/agreements/{AGREEMENT}/{version}#{clause}", marks)
            for suffix in ("", *self.choose.sample((".html", ".json", ".jsonld", ".md"), 2)):
                self._give(f"/agreements/{AGREEMENT}/{version}/clause/{clause}{suffix}", marks)

    def _issue_by_day(self) -> None:
        """Links by the day: to what is in force, and to what will be as things stand."""
        for day in (self.day, self.day + timedelta(days=30)):
            found = self.kept.now.agreement_in_force(AGREEMENT, day.isoformat())
            self._give(f"/agreements/{AGREEMENT}/at/{day.isoformat()}")
            for clause, marks in _marked(found.text) if found is not None else ():
                self._give(f"/agreements/{AGREEMENT}/at/{day.isoformat()}/clause/{clause}", marks)

    def _give(self, address: str, marks: frozenset[str] = frozenset()) -> None:
        # Whatever it led to first, it is to lead there.
        self.links.setdefault(address, Link(address, marks))


def _marked(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    for part in text.split("\n### ")[1:]:
        yield part.partition(" ")[0], frozenset(MARK.findall(part))
