"""What became of what a link names: whether the words that it was made for are still those that count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from isa_registry.domain.lineage import Fate, Lineage

LinkStatus = Literal[
    "current", "superseded", "changed", "renumbered", "split", "merged", "withdrawn", "unknown", "not-ours"
]
STATUSES: tuple[LinkStatus, ...] = get_args(LinkStatus)

LABELS: dict[LinkStatus, str] = {
    "current": "Current",
    "superseded": "Same words, newer version",
    "changed": "The words changed",
    "renumbered": "Has another number",
    "split": "Split into several clauses",
    "merged": "Merged with others",
    "withdrawn": "Withdrawn",
    "unknown": "Not found here",
    "not-ours": "Not an address of this registry",
}
"""Each status in a word or two."""

NEEDS_A_LOOK = frozenset({"changed", "renumbered", "split", "merged", "withdrawn", "unknown"})
"""The statuses after which somebody should look at what they teach."""


class ClauseHeld(NamedTuple):
    """A clause of one version. `sha256` is of the clause as it stands in the text; `words` is a mark of what it and the
    clauses below it say, whatever their numbers."""

    heading: str
    sha256: str
    words: str


class VersionHeld(NamedTuple):
    """A published version: how it is shown today, the day from which it was in force or else was published, the hash of
    its text, and its clauses in order."""

    version: str
    standing: str
    day: str
    sha256: str
    clauses: Mapping[str, ClauseHeld]


class History(NamedTuple):
    """An agreement as links need it: its versions in the order in which they were published, and the one that `counts`
    today: the version in force, or else the newest."""

    agreement: str
    lineage: Lineage
    versions: Mapping[str, VersionHeld]
    counts: str


class Verdict(NamedTuple):
    """What a link names and what became of it. `version` and `clause` are what it was made for, `now` the version that
    counts. `since` is the version with which that came to be so. `heirs` are the clauses of `now` in its place."""

    status: LinkStatus
    version: str | None = None
    clause: str | None = None
    now: str | None = None
    since: str | None = None
    words_differ: bool | None = None
    heirs: tuple[str, ...] = ()


NOT_OURS = Verdict("not-ours")
UNKNOWN = Verdict("unknown")

_STATUS_OF: dict[Fate, LinkStatus] = {
    "renumbered": "renumbered",
    "split": "split",
    "merged": "merged",
    "withdrawn": "withdrawn",
}


def checked(history: History, version: str | None, clause: str | None) -> Verdict:
    """What became of a clause of a version, or of a version where no clause is named. Without a version it is the
    identifier that is asked about: the clause where it is today, or where it was last."""
    if version is not None and version not in history.versions:
        return UNKNOWN
    then = version or _where(history, clause)
    if then is None or (clause is not None and clause not in history.versions[then].clauses):
        return UNKNOWN
    now = history.counts
    if then == now or _place(history, then) > _place(history, now):
        return _not_passed(history, then, clause)
    if clause is None:
        return Verdict("superseded", then, None, now, _after(history, then), _any_differ(history, then, now))
    became = history.lineage.became(clause, then, now)
    differ = _differ(history, then, clause, now, became.heirs)
    status = _STATUS_OF.get(became.fate, "changed" if differ else "superseded")
    return Verdict(status, then, clause, now, _since(history, then, clause, status), differ, became.heirs)


def _where(history: History, clause: str | None) -> str | None:
    """The version that an identifier leads to: the one that counts, or the nearest to it that has the clause."""
    if clause is None or clause in history.versions[history.counts].clauses:
        return history.counts
    span = history.lineage.span(clause)
    if span is None:
        return None
    return span.first if _place(history, span.first) > _place(history, history.counts) else span.last


def _not_passed(history: History, then: str, clause: str | None) -> Verdict:
    """Of the version that counts, and of a later one that is not in force yet or was withdrawn before it was."""
    gone = history.versions[then].standing == "withdrawn"
    now = history.counts
    heirs: tuple[str, ...] = ()
    if clause is not None and (then == now or gone):
        heirs = (clause,) if then == now else history.lineage.became(clause, then, now).heirs
    if not gone:
        return Verdict("current", then, clause, now, None, False, heirs)
    differ = None if then == now or clause is None else _differ(history, then, clause, now, heirs)
    return Verdict("withdrawn", then, clause, now, None, differ, () if then == now else heirs)


def _place(history: History, version: str) -> int:
    return history.lineage.versions.index(version)


def _after(history: History, then: str) -> str:
    return history.lineage.versions[_place(history, then) + 1]


def _since(history: History, then: str, clause: str, status: LinkStatus) -> str:
    """The first version after `then` in which the clause is not what it was; of one that is, the version after it."""
    first, last = _place(history, then), _place(history, history.counts)
    if status != "superseded":
        for later in history.lineage.versions[first + 1 : last + 1]:
            heirs = history.lineage.became(clause, then, later).heirs
            if heirs != (clause,) or _differ(history, then, clause, later, heirs):
                return later
    return _after(history, then)


def _differ(history: History, then: str, clause: str, now: str, heirs: tuple[str, ...]) -> bool:
    """Whether a clause's heirs say anything else than it did. Several, or none, always do."""
    if len(heirs) != 1:
        return True
    return history.versions[then].clauses[clause].words != history.versions[now].clauses[heirs[0]].words


def _any_differ(history: History, then: str, now: str) -> bool:
    was, has = history.versions[then].clauses, history.versions[now].clauses
    return {id_: one.words for id_, one in was.items()} != {id_: one.words for id_, one in has.items()}


def advice(verdict: Verdict) -> str:
    """What to do about the link, in a sentence or two."""
    now = verdict.now
    heirs = _listed(verdict.heirs)
    match verdict.status:
        case "current":
            ahead = verdict.version != now
            return f"Nothing to do: version {verdict.version} comes after version {now}." if ahead else "Nothing to do."
        case "superseded" if verdict.clause is None:
            return f"Version {now} has taken its place: read what is different, and point the link at it."
        case "superseded":
            return f"The words are the same in version {now}: point the link at it when you next edit the page."
        case "changed":
            return f"Read what changed, mend what you teach, and point the link at version {now}."
        case "renumbered":
            other = " Its words changed too: read them first." if verdict.words_differ else ""
            return f"Point the link at clause {heirs} of version {now}.{other}"
        case "split":
            return f"Read clauses {heirs} of version {now}, and point the link at what you teach."
        case "merged":
            return f"Read clause {heirs} of version {now}, which took this one in, and point the link at it."
        case "withdrawn" if verdict.version == now:
            return "The version was withdrawn and nothing has taken its place: ask the business unit what holds."
        case "withdrawn" if verdict.heirs:
            return f"Read clause {heirs} of version {now}, and point the link at it: this version was withdrawn."
        case "withdrawn":
            return f"Take the link out, or say that it is history: version {now} has no such clause."
        case "unknown":
            return "Look for a typing error: no agreement, version or clause here has this address."
        case _:
            return "Nothing to do here: it is not an address of this registry."


def _listed(clauses: tuple[str, ...]) -> str:
    return " and ".join((", ".join(clauses[:-1]), clauses[-1])) if len(clauses) > 1 else "".join(clauses)
