"""Links to agreements and clauses, checked for whoever asks: nothing is kept of who asked, or of what."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from isa_registry.domain.link_checking import LABELS, LinkStatus, Verdict, VersionHeld, advice
from isa_registry.domain.register.linked_versions import history_of, what_became_of
from isa_registry.domain.register.register import RegisterView

MOST_LINKS = 500


class HeirOfLink(Struct, frozen=True):
    """A clause of the version that counts today, in the place of the one that was linked to. `sha256` is of the clause
    as it stands in the text; `identifier` always leads to it, `url` to these very words."""

    clause: str
    heading: str
    sha256: str
    identifier: str
    url: str


class Turn(Struct, frozen=True):
    """The version with which something came to be so, and the day from which it was in force, or else was published."""

    version: str
    on: str


class LinkChecked(Struct, frozen=True):
    """What one link names and what became of it.

    `version` and `clause` are what it was made for, and `standing` is how that version stands today; `now` is the
    version that counts: the one in force, or else the newest. `sha256` is of the clause as it was (of the whole text
    where no clause is named), `sha256_now` of what stands in its one place today. `words_differ` takes in the clauses
    below a section, and passes over numbers. `since` is the version with which that came to be so. `compare` is where
    the two versions stand side by side. `advice` says what to do, in a sentence or two. None: there is no such thing.
    """

    status: LinkStatus
    label: str
    advice: str
    agreement: str | None = None
    version: str | None = None
    standing: str | None = None
    clause: str | None = None
    heading: str | None = None
    now: str | None = None
    since: Turn | None = None
    words_differ: bool | None = None
    sha256: str | None = None
    sha256_now: str | None = None
    url: str | None = None
    heirs: tuple[HeirOfLink, ...] = ()
    compare: str | None = None


def check_links(view: RegisterView, links: Sequence[str], public_url: str, today: str) -> list[LinkChecked]:
    """Each link as it stands on the day, in the order in which they were sent."""
    return [check_link(view, link, public_url, today) for link in links]


def check_link(view: RegisterView, link: str, public_url: str, today: str) -> LinkChecked:
    named, verdict = what_became_of(view, link, public_url, today)
    history = None if named is None else history_of(view, named.agreement, today)
    plain = LinkChecked(status=verdict.status, label=LABELS[verdict.status], advice=advice(verdict))
    if history is None or verdict.version is None or verdict.now is None:
        return plain
    then, now = history.versions[verdict.version], history.versions[verdict.now]
    had = None if verdict.clause is None else then.clauses[verdict.clause]
    place = f"{public_url}/agreements/{history.agreement}"
    heirs = tuple(_heir(one, history.agreement, now, public_url) for one in verdict.heirs)
    return LinkChecked(
        status=verdict.status,
        label=LABELS[verdict.status],
        advice=advice(verdict),
        agreement=history.agreement,
        version=then.version,
        standing=then.standing,
        clause=verdict.clause,
        heading=None if had is None else had.heading,
        now=now.version,
        since=None if verdict.since is None else Turn(verdict.since, history.versions[verdict.since].day),
        words_differ=verdict.words_differ,
        sha256=then.sha256 if had is None else had.sha256,
        sha256_now=_hash_now(verdict, now),
        url=f"{place}/{then.version}" + ("" if verdict.clause is None else f"#{verdict.clause}"),
        heirs=heirs,
        compare=None if then.version == now.version else f"{place}/compare?from={then.version}&to={now.version}",
    )


def _heir(clause: str, agreement: str, now: VersionHeld, public_url: str) -> HeirOfLink:
    held = now.clauses[clause]
    return HeirOfLink(
        clause=clause,
        heading=held.heading,
        sha256=held.sha256,
        identifier=f"{public_url}/id/agreement/{agreement}/clause/{clause}",
        url=f"{public_url}/agreements/{agreement}/{now.version}#{clause}",
    )


def _hash_now(verdict: Verdict, now: VersionHeld) -> str | None:
    if verdict.clause is None:
        return now.sha256
    return now.clauses[verdict.heirs[0]].sha256 if len(verdict.heirs) == 1 else None
