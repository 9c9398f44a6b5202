"""What became of each clause from version to version, so that an old link finds the heirs of what it named.

A clause id is never used again for another clause. So an id and the two versions are enough: between two versions that
follow each other a clause stands under its id, or the later one's `heirs` say what took over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from isa_registry.domain.agreement_text import clause_order

Fate = Literal["stands", "renumbered", "split", "merged", "withdrawn"]


class Edition(NamedTuple):
    """A version as far as lineage goes: the ids of its clauses, and the heirs of those that the one before had."""

    version: str
    clauses: frozenset[str]
    heirs: Mapping[str, Sequence[str]]


class Became(NamedTuple):
    """What a clause of one version is in another. `heirs`, in the order of the text, is itself where it stands, and
    nothing where it was withdrawn."""

    fate: Fate
    heirs: tuple[str, ...]


class Span(NamedTuple):
    """The first and the last version that have a clause."""

    first: str
    last: str


class Lineage:
    """The clauses of one agreement through its versions, which are given in the order in which they were published."""

    __slots__ = ("_editions", "_places")

    def __init__(self, editions: Iterable[Edition]) -> None:
        self._editions = tuple(editions)
        self._places = {edition.version: place for place, edition in enumerate(self._editions)}

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(self._places)

    def clauses(self, version: str) -> frozenset[str]:
        """The ids that a version has. Raises KeyError for a version that there is not."""
        return self._editions[self._places[version]].clauses

    def before(self, version: str) -> str | None:
        """The version published before one; None for the first. Raises KeyError for a version that there is not."""
        place = self._places[version]
        return self._editions[place - 1].version if place else None

    def after(self, version: str) -> str | None:
        """The version published after one; None for the newest. Raises KeyError for a version that there is not."""
        later = self._editions[self._places[version] + 1 :]
        return later[0].version if later else None

    def span(self, clause: str) -> Span | None:
        """Where a clause is found; None for an id that no version ever had. It is there in every version between."""
        having = [one.version for one in self._editions if clause in one.clauses]
        return Span(having[0], having[-1]) if having else None

    def became(self, clause: str, version: str, other: str) -> Became:
        """What a clause of `version` is in `other`, whichever came first. In an earlier version it is what it came
        from. Raises KeyError for a version that there is not, or that has no such clause."""
        start, end = self._places[version], self._places[other]
        if clause not in self._editions[start].clauses:
            raise KeyError(clause)
        found = self._ahead(clause, start, end) if start <= end else self._back(clause, start, end)
        if found == (clause,):
            return Became("stands", found)
        if len(found) != 1:
            return Became("split" if found else "withdrawn", found)
        shared = self._back(found[0], end, start) if start <= end else self._ahead(found[0], end, start)
        return Became("merged" if len(shared) > 1 else "renumbered", found)

    def heirs(self, version: str, other: str) -> dict[str, tuple[str, ...]]:
        """For each clause of the earlier of two versions that the later one lacks, those that took over: nothing for
        one that was withdrawn. Raises KeyError for a version that there is not."""
        start, end = sorted((self._places[version], self._places[other]))
        gone = self._editions[start].clauses - self._editions[end].clauses
        return {clause: self._ahead(clause, start, end) for clause in sorted(gone, key=clause_order)}

    def _ahead(self, clause: str, start: int, end: int) -> tuple[str, ...]:
        found = {clause}
        for edition in self._editions[start + 1 : end + 1]:
            found = {heir for one in found for heir in _next(one, edition)}
        return _ordered(found)

    def _back(self, clause: str, start: int, end: int) -> tuple[str, ...]:
        found = {clause}
        for edition, before in zip(
            reversed(self._editions[end + 1 : start + 1]), reversed(self._editions[end:start]), strict=True
        ):
            found = {one for one in before.clauses if not found.isdisjoint(_next(one, edition))}
        return _ordered(found)


def _next(clause: str, edition: Edition) -> Iterable[str]:
    if clause in edition.clauses:
        return (clause,)
    return [heir for heir in edition.heirs.get(clause, ()) if heir in edition.clauses]


def _ordered(clauses: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(clauses, key=clause_order))


class Untold(NamedTuple):
    """Something that a new version leaves unsaid, or says wrongly, of a clause: what it is, by a code."""

    clause: str
    code: Literal["clause-gone", "no-such-clause", "clause-id-used"]


def untold(earlier: Sequence[Edition], new: Edition) -> tuple[Untold, ...]:
    """Why links to earlier versions would break with this new one; nothing where each clause of the version before is
    there or has its line in `heirs`, and no id that had gone comes back."""
    before = earlier[-1].clauses if earlier else frozenset[str]()
    ever = frozenset[str]().union(*(one.clauses for one in earlier))
    found = [Untold(one, "clause-gone") for one in before - new.clauses - new.heirs.keys()]
    found += [Untold(one, "no-such-clause") for one in new.heirs.keys() - before]
    found += [Untold(one, "clause-id-used") for one in (new.clauses & ever) - before]
    return tuple(sorted(found, key=lambda one: (clause_order(one.clause), one.code)))
