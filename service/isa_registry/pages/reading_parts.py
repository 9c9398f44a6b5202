"""A long text cut into pages that are small enough for any telephone, and the address at which each clause is read.

An agreement whose words fit on a page is one page. A longer one goes on: its page has the first sections, whole, and
the others follow on as few pages as will do. Each of those answers at the id of any clause that it has, so an address
of theirs holds wherever the text is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from urllib.parse import quote

from msgspec import Struct

from isa_registry.pages.words import ClauseShown

LIMIT = 72_000
"""About how many bytes of HTML the words on a page may have; what stands around them has its place beside that."""

LISTED = 140
"""About how many bytes a clause of another part has in the list on the first page."""

Weigh = Callable[[ClauseShown], int]


class Part(Struct, frozen=True):
    """The clauses on one page, in order."""

    clauses: tuple[ClauseShown, ...]

    @property
    def sections(self) -> tuple[ClauseShown, ...]:
        return tuple(one for one in self.clauses if one.level == 1)

    def has(self, clause: str) -> bool:
        return any(one.id == clause for one in self.clauses)


def parts_of(clauses: Sequence[ClauseShown], weigh: Weigh, limit: int = LIMIT) -> tuple[Part, ...]:
    """The text in parts, each below the limit. A text is cut before a section; only a section that is too long by
    itself is cut within, before a clause such as 7.4. One clause is never cut. The first of several parts has less, as
    its page also lists the clauses of the others."""
    parts: list[list[ClauseShown]] = [[]]
    room = limit if sum(map(weigh, clauses)) <= limit else max(limit - LISTED * len(clauses), limit // 4)
    for unit in _units(clauses, weigh, limit):
        size = sum(map(weigh, unit))
        if parts[-1] and size > room:
            parts.append([])
            room = limit
        parts[-1] += unit
        room -= size
    return tuple(Part(tuple(part)) for part in parts)


def _units(clauses: Sequence[ClauseShown], weigh: Weigh, limit: int) -> Iterator[list[ClauseShown]]:
    """What stays together: sections, and of one too long its clauses, each with those below it."""
    for _, section in groupby(clauses, key=lambda one: one.section):
        whole = list(section)
        if sum(map(weigh, whole)) <= limit:
            yield whole
            continue
        starts = [place for place, one in enumerate(whole) if place == 0 or one.level == 2]
        # A heading does not stand at the end of a page.
        if len(starts) > 1 and len(whole[0].html) == 0:
            del starts[1]
        for start, end in zip(starts, [*starts[1:], len(whole)], strict=True):
            yield whole[start:end]


def part_address(document: str, clause: str) -> str:
    """Where a part that is not the first is read; `document` is the address of the version."""
    return f"{document}/part/{quote(clause)}"


def clause_address(document: str, parts: Sequence[Part], clause: str) -> str:
    """Where a clause of the text is read without a step between: on the version's own page, or a part's."""
    if parts[0].has(clause):
        return f"{document}#{clause}"
    return f"{part_address(document, first_of(parts, clause))}#{clause}"


def first_of(parts: Sequence[Part], clause: str) -> str:
    """The id by which the part with a clause is addressed: that of its first clause."""
    return next(part.clauses[0].id for part in parts if part.has(clause))
