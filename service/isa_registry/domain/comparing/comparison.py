"""One version of an agreement compared with another, or with a draft that is not published yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from isa_registry.domain.agreement_text import Clause, clause_markdown, clause_order, parse_agreement_text
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.comparing.blocks import BlockChange, block_changes
from isa_registry.domain.comparing.pairing import Heirs, pair, taken_over
from isa_registry.domain.comparing.schedules import ScheduleChange, schedule_changes
from isa_registry.domain.comparing.words import Run, Runs, after, before, word_runs, words_in

ClauseState = Literal["unchanged", "changed", "moved", "new", "gone"]


class Wording(NamedTuple):
    """The words and the schedule of one version, published or not."""

    text: str
    schedule: Schedule


class ClauseChange(Struct, frozen=True, omit_defaults=True, rename={"from_": "from"}):
    """One clause and what became of it.

    `from_` and `to` are its ids in the two versions; `moved` is one that has another id now, its words changed or not.
    `heading` runs over the words of the heading, `blocks` over what is below it: they are left out where nothing
    changed. `related`: for a clause that is gone, those that took over; for a new one, those that it was taken from.
    """

    state: ClauseState
    title: str
    from_: str | None = None
    to: str | None = None
    heading: Runs = ()
    blocks: tuple[BlockChange, ...] = ()
    words_added: int = 0
    words_removed: int = 0
    related: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id it has now; of one that is gone, the one it had."""
        return self.to or self.from_ or ""


class Counts(Struct, frozen=True):
    """How many clauses are in each state, and how many words were added and removed in all."""

    unchanged: int
    changed: int
    moved: int
    new: int
    gone: int
    words_added: int
    words_removed: int


class Comparison(Struct, frozen=True):
    """What is different: the title, each clause in the order of the text, and the schedule in plain sentences."""

    title: Runs
    counts: Counts
    clauses: tuple[ClauseChange, ...]
    schedule: tuple[ScheduleChange, ...]


def compare(old: Wording, new: Wording, heirs: Heirs | None = None) -> Comparison:
    """What is different in `new`. Raises `AgreementError` for text that is not an agreement's.

    `heirs`, from the ledger of clause ids, says what took over from clauses that are gone. The work grows with the
    length of the texts and no faster (see `Effort`).
    """
    was, now = parse_agreement_text(old.text), parse_agreement_text(new.text)
    clauses = _clauses(was.clauses, now.clauses, heirs or {})
    return Comparison(
        title=word_runs(was.title, now.title),
        counts=_counts(clauses),
        clauses=clauses,
        schedule=schedule_changes(old.schedule, new.schedule),
    )


def compare_clauses(old: Clause, new: Clause) -> ClauseChange:
    """What is different in one clause, taken to be the same one under whatever id."""
    return _both(old, new)


def compare_draft(
    published: Wording | None, text: str, schedule: Schedule, heirs: Heirs | None = None
) -> Comparison | None:
    """The same for a draft that is to follow a version; None where it is the first and follows none. Raises
    `AgreementError` for a draft whose text is not an agreement's yet."""
    return None if published is None else compare(published, Wording(text, schedule), heirs)


def old_markdown(change: ClauseChange, whole: Clause | None = None) -> str:
    """The clause as it stood in the old version, drawn from the change alone; `whole` is it, where nothing changed."""
    return _markdown(change.from_, before(change.heading), [before(one.runs) for one in change.blocks], whole)


def new_markdown(change: ClauseChange, whole: Clause | None = None) -> str:
    """The same of the new version."""
    return _markdown(change.to, after(change.heading), [after(one.runs) for one in change.blocks], whole)


def _markdown(id_: str | None, heading: str, blocks: Sequence[str], whole: Clause | None) -> str:
    if id_ is None:
        return ""
    if whole is not None and not heading:
        return clause_markdown(whole._replace(id=id_))
    below = "".join(blocks)
    return f"{'#' * (id_.count('.') + 2)} {id_} {heading} {{#{id_}}}\n" + (f"\n{below}" if below else "")


def _body(clause: Clause) -> str:
    """Its Markdown below the heading and the empty line after that."""
    return clause_markdown(clause).partition("\n")[2].removeprefix("\n")


def _clauses(old: Sequence[Clause], new: Sequence[Clause], heirs: Heirs) -> tuple[ClauseChange, ...]:
    pairs = pair(old, new, heirs)
    gone, came = taken_over(old, new, pairs, heirs)
    changes = [_both(old[at], new[at_new]) for at, at_new in pairs.both]
    changes += [_one(old[at], "gone", gone.get(old[at].id, ())) for at in pairs.gone]
    changes += [_one(new[at], "new", came.get(new[at].id, ())) for at in pairs.new]
    return tuple(sorted(changes, key=lambda one: (clause_order(one.id), one.to is not None)))


def _one(clause: Clause, state: Literal["new", "gone"], related: tuple[str, ...]) -> ClauseChange:
    body, is_new = _body(clause), state == "new"
    heading: Runs = (Run("added" if is_new else "removed", clause.heading),)
    blocks = block_changes("", body) if is_new else block_changes(body, "")
    words = _words(heading, blocks)
    return ClauseChange(
        state=state,
        title=clause.heading,
        from_=None if is_new else clause.id,
        to=clause.id if is_new else None,
        heading=heading,
        blocks=blocks,
        words_added=words[0],
        words_removed=words[1],
        related=related,
    )


def _both(old: Clause, new: Clause) -> ClauseChange:
    was, now = _body(old), _body(new)
    same = was == now and old.heading == new.heading
    heading = () if same else word_runs(old.heading, new.heading)
    blocks = () if same else block_changes(was, now)
    words = _words(heading, blocks)
    return ClauseChange(
        state="moved" if old.id != new.id else "unchanged" if same else "changed",
        title=new.heading,
        from_=old.id,
        to=new.id,
        heading=heading,
        blocks=blocks,
        words_added=words[0],
        words_removed=words[1],
    )


def _words(heading: Runs, blocks: Sequence[BlockChange]) -> tuple[int, int]:
    runs = [*heading, *(run for block in blocks for run in block.runs)]
    return words_in(runs, "added"), words_in(runs, "removed")


def _counts(clauses: Sequence[ClauseChange]) -> Counts:
    def having(state: ClauseState) -> int:
        return sum(one.state == state for one in clauses)

    return Counts(
        unchanged=having("unchanged"),
        changed=having("changed"),
        moved=having("moved"),
        new=having("new"),
        gone=having("gone"),
        words_added=sum(one.words_added for one in clauses),
        words_removed=sum(one.words_removed for one in clauses),
    )
