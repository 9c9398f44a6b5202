"""The body of a clause in blocks: paragraphs, list items, rows of tables, what it answers and what it rests on."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from msgspec import Struct

from isa_registry.domain.comparing.words import (
    Effort,
    Run,
    Runs,
    counted,
    likeness,
    matching,
    mirrored,
    tokens,
    word_runs,
)

BlockKind = Literal["paragraph", "item", "row", "answers", "rests-on"]
BlockState = Literal["same", "changed", "removed", "added"]

LIKE = 0.35
"""From which likeness on a block is the other one changed, rather than one gone and one new."""

_ITEM = re.compile(r"\s*(?:[-*+]|[0-9]{1,9}[.)])\s")
_GAP = 2_500  # pairs of blocks that are looked at for likeness where no block is the same


class Block(Struct, frozen=True):
    """One block with the line ends after it."""

    kind: BlockKind
    text: str


class BlockChange(Struct, frozen=True):
    """One block and what became of it. The runs of all blocks in order, joined, are the old body and the new one."""

    kind: BlockKind
    state: BlockState
    runs: Runs


def cut(body: str) -> list[Block]:
    """The blocks of a clause's Markdown below its heading; joined, they are the body."""
    blocks: list[tuple[BlockKind, list[str]]] = []
    open_: BlockKind | None = None  # the kind that a plain next line carries on
    for line in body.splitlines(keepends=True):
        kind = _kind(line)
        if not line.strip() and blocks:
            blocks[-1][1].append(line)
            open_ = None
        elif kind == "paragraph" and open_ in ("paragraph", "item"):
            blocks[-1][1].append(line)
        else:
            blocks.append((kind, [line]))
            open_ = kind
    return [Block(kind, "".join(lines)) for kind, lines in blocks]


def _kind(line: str) -> BlockKind:
    if line.startswith("|"):
        return "row"
    if line.startswith("Answers: "):
        return "answers"
    if line.startswith("Rests on: "):
        return "rests-on"
    return "item" if _ITEM.match(line) else "paragraph"


def block_changes(old: str, new: str) -> tuple[BlockChange, ...]:
    """What became of each block of one body on the way to another, in order."""
    if old > new:  # Compared in one order only, so that the other is its mirror.
        return _mirrored(block_changes(new, old))
    was, now = cut(old), cut(new)
    effort = Effort(len(tokens(old)) + len(tokens(new)))
    changes: list[BlockChange] = []
    at, at_new = 0, 0
    matches = matching([_key(one) for one in was], [_key(one) for one in now], effort)
    for match in matches:
        changes += _gap(was[at : match.old], now[at_new : match.new], effort)
        for step in range(match.length):
            changes.append(_pair(was[match.old + step], now[match.new + step], effort))
        at, at_new = match.old + match.length, match.new + match.length
    changes += _gap(was[at:], now[at_new:], effort)
    return tuple(changes)


def _mirrored(changes: tuple[BlockChange, ...]) -> tuple[BlockChange, ...]:
    states: dict[BlockState, BlockState] = {
        "same": "same", "changed": "changed", "removed": "added", "added": "removed",
    }  # fmt: skip
    found: list[BlockChange] = []
    gone: list[BlockChange] = []  # what is added waits, so that what is removed comes first here too
    for one in changes:
        turned = BlockChange(one.kind, states[one.state], mirrored(one.runs))
        if turned.state == "added":
            gone.append(turned)
            continue
        if turned.state != "removed":
            found += gone
            gone = []
        found.append(turned)
    return (*found, *gone)


def _key(block: Block) -> str:
    return f"{block.kind} {block.text.rstrip()}"


def _whole(block: Block, state: Literal["removed", "added"]) -> BlockChange:
    return BlockChange(block.kind, state, (Run(state, block.text),))


def _pair(old: Block, new: Block, effort: Effort) -> BlockChange:
    same = _key(old) == _key(new)
    return BlockChange(new.kind, "same" if same else "changed", word_runs(old.text, new.text, effort))


def _gap(old: list[Block], new: list[Block], effort: Effort) -> list[BlockChange]:
    """Blocks of which none is the same: those that are like enough are pairs, in order."""
    changes: list[BlockChange] = []
    at, at_new = 0, 0
    for place, place_new in [*_pairs(old, new, effort), (len(old), len(new))]:
        changes += [_whole(one, "removed") for one in old[at:place]]
        changes += [_whole(one, "added") for one in new[at_new:place_new]]
        if place < len(old):
            changes.append(_pair(old[place], new[place_new], effort))
        at, at_new = place + 1, place_new + 1
    return changes


def _pairs(old: list[Block], new: list[Block], effort: Effort) -> list[tuple[int, int]]:
    """The pairs whose likeness is most in all, none crossing another."""
    if not old or not new or len(old) * len(new) > _GAP:
        return []
    words, words_new = [counted(one.text) for one in old], [counted(one.text) for one in new]
    if not effort.afford(len(new) * sum(map(len, words))):
        return []
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            like = _likeness(old[i], new[j], words[i], words_new[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], like + best[i + 1][j + 1] if like else 0.0)
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _likeness(old: Block, new: Block, words: Counter[str], words_new: Counter[str]) -> float:
    """0 where the two are no pair."""
    like = likeness(words, words_new) if old.kind == new.kind else 0.0
    return like if like >= LIKE else 0.0
