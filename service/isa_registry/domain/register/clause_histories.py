"""A clause through the versions of its agreement, and what its identifier comes to, in words and with links."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from isa_registry.domain.agreement_documents import ClauseLink, ClauseText, clause_text, clause_url, identifier
from isa_registry.domain.agreement_text import Clause
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.register.languages import words_of
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.resolving import Outcome, Resolved

Reads = Literal["first", "same", "changed", "several", "none"]
"""How a clause reads beside the version before: `first` where that had nothing of it, `several` where it is several
clauses in one of the two, `none` where this version has nothing of it."""


class ClauseThen(Struct, frozen=True):
    """What a clause is in one version. `in_force_on` and `withdrawn_on` are the version's own dates."""

    version: str
    in_force_on: str | None
    withdrawn_on: str | None
    clauses: tuple[ClauseLink, ...]
    words: Reads


class EndedThen(Struct, frozen=True):
    """Where a clause ended. `version` is the first without it, in force or, failing that, published `since` that day;
    `last` had it as `clauses`, word for word; `url` is its page."""

    version: str
    since: str
    last: str
    clauses: tuple[ClauseText, ...]
    url: str


class ClauseOutcome(Struct, frozen=True):
    """What a clause's identifier comes to in a version. `outcome`: it `stands`; it was `renumbered`, `merged` or
    `split` into `clauses`; the version is from before it and has what it `came-from`, or nothing (`not-yet`); it is
    `withdrawn`, with its last words in `ended`; or no version ever had it (`unknown`), and `near` are clauses like it.
    `successor` is the version, as agreement/version, that took the place of a withdrawn one."""

    agreement: str
    clause: str
    identifier: str
    version: str
    outcome: Outcome
    clauses: tuple[ClauseLink, ...]
    first: str | None
    newest: str | None
    ended: EndedThen | None
    successor: str | None
    near: tuple[ClauseLink, ...]


def outcome_of(view: RegisterView, agreement: str, found: Resolved) -> ClauseOutcome:
    """What was found of a clause, with links and words."""
    version = view.agreement_version(agreement, found.version)
    assert version is not None  # or nothing could be found in it
    return ClauseOutcome(
        agreement=agreement,
        clause=found.clause,
        identifier=identifier(agreement, found.clause),
        version=found.version,
        outcome=found.outcome,
        clauses=links_to(view, agreement, found.version, found.clauses),
        first=found.first,
        newest=found.newest,
        ended=_ended(view, agreement, found),
        successor=None if version.withdrawn is None else version.withdrawn.successor,
        near=links_to(view, agreement, found.version, found.near),
    )


def history_of(view: RegisterView, agreement: str, clause: str, version: str) -> tuple[ClauseThen, ...]:
    """What a clause of one version is in each version, oldest first. Raises KeyError for a clause that it has not."""
    lineage = lineage_of(view, agreement)
    found: list[ClauseThen] = []
    before: tuple[Clause, ...] = ()
    for one in view.agreement_versions(agreement):
        ids = lineage.became(clause, version, one.version).heirs
        now = tuple(_clauses(view, agreement, one.version, ids))
        links = links_to(view, agreement, one.version, ids)
        found.append(ClauseThen(one.version, one.in_force_on, one.withdrawn_on, links, _beside(before, now)))
        before = now
    return tuple(found)


def links_to(view: RegisterView, agreement: str, version: str, ids: tuple[str, ...]) -> tuple[ClauseLink, ...]:
    """Links to clauses of a version, in the order of the text."""
    return tuple(
        ClauseLink(one.id, one.heading, clause_url(agreement, version, one.id))
        for one in _clauses(view, agreement, version, ids)
    )


def _ended(view: RegisterView, agreement: str, found: Resolved) -> EndedThen | None:
    if found.ended is None:
        return None
    ended, without = found.ended, view.agreement_version(agreement, found.ended.version)
    assert without is not None  # the lineage is drawn from what is published
    return EndedThen(
        version=ended.version,
        since=without.in_force_on or london_date(parse_instant(without.published_at)),
        last=ended.last,
        clauses=tuple(clause_text(one) for one in _clauses(view, agreement, ended.last, ended.clauses)),
        url=clause_url(agreement, ended.last, ended.clauses[0]),
    )


def _clauses(view: RegisterView, agreement: str, version: str, ids: tuple[str, ...]) -> list[Clause]:
    found = view.agreement_version(agreement, version) if ids else None
    words = None if found is None else words_of(view, found)
    return [] if words is None else [one for one in words.clauses if one.id in ids]


def _beside(before: tuple[Clause, ...], now: tuple[Clause, ...]) -> Reads:
    if not now:
        return "none"
    if not before:
        return "first"
    if len(before) > 1 or len(now) > 1:
        return "several"
    was, is_ = (one._replace(id="", line=0) for one in (before[0], now[0]))
    return "same" if was == is_ else "changed"
