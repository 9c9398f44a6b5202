"""What links to an agreement need of the register: its history on a day, and what a link of any form came to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from isa_registry.domain.agreement_text import Clause, clause_markdown, clause_sha256, clauses_of
from isa_registry.domain.clause_addresses import Named, is_ours, named_by
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.link_checking import NOT_OURS, UNKNOWN, ClauseHeld, History, Verdict, VersionHeld, checked
from isa_registry.domain.register.agreement_life import shown_as
from isa_registry.domain.register.citing import cited
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView


def history_of(view: RegisterView, agreement: str, on: str) -> History | None:
    """An agreement's history as links need it on a day; None for an agreement that there is not."""
    return view.memory.recall(("linked", agreement, on), lambda: _history(view, agreement, on))


def what_became_of(view: RegisterView, address: str, public_url: str, on: str) -> tuple[Named | None, Verdict]:
    """What an address, or a citation in either form, names; and what became of that by a day."""
    named = named_by(address, public_url)
    if named is None and "/" not in address:
        found = cited(view, address)
        if found is not None and found.missing is not None:
            return None, UNKNOWN
        named = None if found is None else Named(found.agreement, found.version, None, found.clause)
    if named is None:
        return None, UNKNOWN if is_ours(address.strip(), public_url) else NOT_OURS
    return named, became_of(view, named, on)


def became_of(view: RegisterView, named: Named, on: str) -> Verdict:
    """What became, by a day, of something named. A day that is named stands for the version in force then."""
    history = history_of(view, named.agreement, on)
    if history is None:
        return UNKNOWN
    version = named.version
    if named.on is not None:
        found = view.agreement_in_force(named.agreement, named.on)
        if found is None:
            return UNKNOWN
        version = found.version
    return checked(history, version, named.clause)


def clauses_below(clauses: tuple[Clause, ...], id_: str) -> tuple[Clause, ...]:
    """A clause and those below it, in order; none where there is no such clause."""
    if not any(one.id == id_ for one in clauses):
        return ()
    return tuple(one for one in clauses if one.id == id_ or one.id.startswith(f"{id_}."))


def _history(view: RegisterView, agreement: str, on: str) -> History | None:
    versions = view.agreement_versions(agreement)
    if not versions:
        return None
    counts = view.agreement_in_force(agreement, on) or versions[-1]
    return History(
        agreement=agreement,
        lineage=lineage_of(view, agreement),
        versions={one.version: _held(view, one, on) for one in versions},
        counts=counts.version,
    )


def _held(view: RegisterView, version: AgreementVersion, on: str) -> VersionHeld:
    known = ("clauses-held", version.agreement, version.version)
    return VersionHeld(
        version=version.version,
        standing=shown_as(view, version, on),
        day=version.in_force_on or london_date(parse_instant(version.published_at)),
        sha256=version.text_sha256,
        clauses=view.memory.recall(known, lambda: dict(_clauses(clauses_of(version.text)))),
    )


def _clauses(clauses: tuple[Clause, ...]) -> Iterator[tuple[str, ClauseHeld]]:
    for clause in clauses:
        yield clause.id, ClauseHeld(clause.heading, clause_sha256(clause), _words(clauses, clause.id))


def _words(clauses: tuple[Clause, ...], id_: str) -> str:
    """The same for two clauses that say the same under different numbers, with all that is below them."""
    said = hashlib.sha256()
    for one in clauses_below(clauses, id_):
        # The first line has the number in it.
        rest = clause_markdown(one).partition("\n")[2]
        said.update(f"{one.id.removeprefix(id_)}\n{one.heading}\n{rest}\n".encode())
    return said.hexdigest()
