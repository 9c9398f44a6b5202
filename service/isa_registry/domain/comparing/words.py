"""Which words of a text are gone and which are new.

Runs of whole words, never of letters. Joining what is `same` or `removed` gives the old text, what is `same` or `added`
the new one, byte for byte. Read the other way round, the same runs change their signs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from msgspec import Struct

Op = Literal["same", "removed", "added"]

# A word with what joins it (15-year-old, child's, 7.2, ca-1989-s47), or one mark; then the space after it.
_TOKEN = re.compile(r"(\w+(?:[-'’.]\w+)*|[^\w\s]|^)(\s*)")
_WORD = re.compile(r"\w")
_FEW = 2  # words that stay between two changes and are too few to read by themselves


class Run(Struct, frozen=True):
    """Some words that stand in both texts, in the old one alone, or in the new one alone."""

    op: Op
    text: str


Runs = tuple[Run, ...]


class Effort:
    """What may be spent on one comparison, in steps that grow with the texts and no faster. What cannot be afforded is
    shown as replaced whole: true, if less fine."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = 50_000 + 100 * length

    def afford(self, steps: int) -> bool:
        if steps > self._left:
            return False
        self._left -= steps
        return True


class Match(NamedTuple):
    """`length` items from `old` on stand in the old sequence as from `new` on in the new one."""

    old: int
    new: int
    length: int


class _Change(NamedTuple):
    """Items that differ, by their places in the two sequences."""

    old: tuple[int, int]
    new: tuple[int, int]


def tokens(text: str) -> list[tuple[str, str]]:
    """The words and marks of a text, each with the space that follows it; joined, they are the text."""
    return [(found[1], found[2]) for found in _TOKEN.finditer(text) if found[0]]


def counted(text: str) -> Counter[str]:
    """How often each word is there, whatever its capitals."""
    return Counter(word.lower() for word, _ in tokens(text) if _WORD.match(word))


def likeness(old: Counter[str], new: Counter[str]) -> float:
    """How much of two texts is the same words, 0 to 1 (Dice's coefficient over words)."""
    total = old.total() + new.total()
    if total == 0:
        return 1.0
    few, many = sorted((old, new), key=len)
    return 2 * sum(min(count, many[word]) for word, count in few.items()) / total


def word_runs(old: str, new: str, effort: Effort | None = None) -> Runs:
    """The runs that lead from one text to another."""
    if old == new:
        return (Run("same", old),) if old else ()
    if old > new:  # Compared in one order only, so that the other is its mirror.
        return mirrored(word_runs(new, old, effort))
    before, after = tokens(old), tokens(new)
    was, now = [word for word, _ in before], [word for word, _ in after]
    matches = matching(was, now, effort or Effort(len(was) + len(now)))
    changes = _slid(_readable(_changes(matches, len(was), len(now)), was), was, now)
    return _runs(changes, before, after)


def mirrored(runs: Runs) -> Runs:
    """The runs that lead back."""
    signs: dict[Op, Op] = {"same": "same", "removed": "added", "added": "removed"}
    return _joined((signs[run.op], run.text) for run in runs)


def before(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs if run.op != "added")


def after(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs if run.op != "removed")


def words_in(runs: Iterable[Run], op: Op) -> int:
    """How many words are in the runs of one sort."""
    return sum(1 for run in runs if run.op == op for word, _ in tokens(run.text) if _WORD.match(word))


def matching(old: Sequence[str], new: Sequence[str], effort: Effort) -> list[Match]:
    """What stands in both, in order. The longest that is common first, then to its left and its right."""
    shorter = min(len(old), len(new))
    lead = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - lead) if old[-1 - n] != new[-1 - n]), shorter - lead)
    matcher: SequenceMatcher[str] = SequenceMatcher(None, old, new, autojunk=False)
    often, costs = Counter(new), [0]
    for item in old:  # what the matcher looks at for each item of the old sequence
        costs.append(costs[-1] + 1 + often[item])
    found = [Match(0, 0, lead), Match(len(old) - tail, len(new) - tail, tail)]
    waiting = [(lead, len(old) - tail, lead, len(new) - tail)]
    while waiting:
        low, high, low_new, high_new = waiting.pop()
        if low >= high or low_new >= high_new or not effort.afford(costs[high] - costs[low]):
            continue
        at, at_new, count = matcher.find_longest_match(low, high, low_new, high_new)
        if count:
            found.append(Match(at, at_new, count))
            waiting += [(low, at, low_new, at_new), (at + count, high, at_new + count, high_new)]
    return sorted(match for match in found if match.length)


def _changes(matches: list[Match], old: int, new: int) -> list[_Change]:
    changes, at, at_new = [], 0, 0
    for match in [*matches, Match(old, new, 0)]:
        if (at, at_new) != (match.old, match.new):
            changes.append(_Change((at, match.old), (at_new, match.new)))
        at, at_new = match.old + match.length, match.new + match.length
    return changes


def _readable(changes: list[_Change], old: Sequence[str]) -> list[_Change]:
    """Two changes with a word or two between them, fewer than either changes, are one: nobody reads the crumbs."""
    done: list[_Change] = []
    for change in changes:
        while done:
            last = done[-1]
            between = sum(1 for word in old[last.old[1] : change.old[0]] if _WORD.match(word))
            if between > _FEW or between >= min(_size(last), _size(change)):
                break
            change = _Change((last.old[0], change.old[1]), (last.new[0], change.new[1]))
            done.pop()
        done.append(change)
    return done


def _size(change: _Change) -> int:
    return max(change.old[1] - change.old[0], change.new[1] - change.new[0])


_ENDS = frozenset(".?!:;|")


def _slid(changes: list[_Change], old: Sequence[str], new: Sequence[str]) -> list[_Change]:
    """What is only added or only removed begins where a sentence or a cell does, if it can be moved there: of `A. [B.
    A.] C` and `A. B. [A. B.]` the reader wants whole sentences."""
    moved = []
    for place, change in enumerate(changes):
        words = old if change.new[0] == change.new[1] else new if change.old[0] == change.old[1] else None
        if words is not None:
            floor = changes[place - 1].old[1] if place else 0
            change = _best_place(change, words, words is old, change.old[0] - floor)
        moved.append(change)
    return moved


def _best_place(change: _Change, words: Sequence[str], removed: bool, room: int) -> _Change:
    start, end = change.old if removed else change.new
    for steps in range(min(room, 400) + 1):
        if start - steps == 0 or words[start - steps - 1] in _ENDS:
            return _Change(
                (change.old[0] - steps, change.old[1] - steps), (change.new[0] - steps, change.new[1] - steps)
            )
        if words[start - steps - 1] != words[end - steps - 1]:
            break
    return change


def _runs(changes: list[_Change], old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Runs:
    parts: list[tuple[Op, str]] = []
    at, at_new = 0, 0
    for change in [*changes, _Change((len(old), len(old)), (len(new), len(new)))]:
        for (word, space), (_, space_new) in zip(old[at : change.old[0]], new[at_new : change.new[0]], strict=True):
            parts.append(("same", word + space if space == space_new else word))
            if space != space_new:
                parts += [("removed", space), ("added", space_new)]
        parts.append(("removed", "".join(map("".join, old[slice(*change.old)]))))
        parts.append(("added", "".join(map("".join, new[slice(*change.new)]))))
        at, at_new = change.old[1], change.new[1]
    return _joined(parts)


def _joined(parts: Iterable[tuple[Op, str]]) -> Runs:
    """Neighbours of one sort as one run; between two that stay, what is removed before what is added."""
    runs: list[Run] = []
    held: dict[Op, list[str]] = {"same": [], "removed": [], "added": []}

    def let_go(*ops: Op) -> None:
        for op in ops:
            if held[op]:
                runs.append(Run(op, "".join(held[op])))
                held[op] = []

    for op, text in parts:
        if text:
            let_go(*(("removed", "added") if op == "same" else ("same",)))
            held[op].append(text)
    let_go("same", "removed", "added")
    return tuple(runs)
