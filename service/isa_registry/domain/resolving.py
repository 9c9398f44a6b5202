"""What a clause's id comes to in a version: the clause, its heirs, what it came from, or nothing any more.

An identifier is for good, so each of these is an answer; only an id that no version ever had leads nowhere.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal

from msgspec import Struct

from isa_registry.domain.agreement_text import clause_order
from isa_registry.domain.lineage import Lineage

Outcome = Literal["stands", "renumbered", "merged", "split", "came-from", "withdrawn", "not-yet", "unknown"]
"""`came-from`: the version is from before the clause, and has what it was made of; `not-yet`: it has nothing of it."""

NEAR = 5
"""Ids that are named in the place of one that never was."""


class Ended(Struct, frozen=True):
    """Where a clause ended: `version` is the first without it or any heir, `last` the one before, which still had
    `clauses` of it."""

    version: str
    last: str
    clauses: tuple[str, ...]


class Resolved(Struct, frozen=True):
    """What `clause` comes to in `version`. `clauses` are those of the version, in the order of the text: itself, its
    heirs, or what it came from; nothing where it is withdrawn, not there yet, or unknown. `first` and `newest` are the
    first and the last version that have this id; None for an id that no version ever had. `ended` is there where it
    is withdrawn, `near` where it is unknown."""

    clause: str
    version: str
    outcome: Outcome
    clauses: tuple[str, ...] = ()
    first: str | None = None
    newest: str | None = None
    ended: Ended | None = None
    near: tuple[str, ...] = ()


def resolve(lineage: Lineage, clause: str, version: str) -> Resolved:
    """What a clause's id comes to in a version. Raises KeyError for a version that there is not."""
    span = lineage.span(clause)
    here = lineage.clauses(version)
    if span is None:
        return Resolved(clause, version, "unknown", near=_near(clause, here))
    order = lineage.versions
    if clause in here:
        return Resolved(clause, version, "stands", (clause,), *span)
    if order.index(version) < order.index(span.first):
        sources = lineage.became(clause, span.first, version).heirs
        return Resolved(clause, version, "came-from" if sources else "not-yet", sources, *span)
    fate, heirs = lineage.became(clause, span.last, version)
    ended = None if heirs else _ended(lineage, clause, span.last)
    return Resolved(clause, version, fate, heirs, *span, ended)


def _ended(lineage: Lineage, clause: str, last: str) -> Ended:
    order = lineage.versions
    standing: tuple[str, ...] = (clause,)
    for before, version in zip(order[order.index(last) :], order[order.index(last) + 1 :], strict=False):
        heirs = lineage.became(clause, last, version).heirs
        if not heirs:
            return Ended(version, before, standing)
        standing = heirs
    raise AssertionError("it has heirs in the newest version")


def _near(clause: str, ids: frozenset[str]) -> tuple[str, ...]:
    """Ids like it, and then the section that it would be in."""
    like = get_close_matches(clause, sorted(ids, key=clause_order), n=NEAR - 1, cutoff=0.5)
    section = clause.partition(".")[0]
    return tuple(dict.fromkeys((*([section] if section in ids else []), *like)))
