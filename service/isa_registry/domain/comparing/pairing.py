"""Which clause of one version is which of another.

A clause id is a promise, so a clause keeps its id and mostly is found by it. Where that does not hold, in this order:
the same words under another id; the same id with the same heading, or words that are like enough (`SAME_ID`); what the
ledger of ids says took over (`heirs`); words that are like enough for a clause that moved (`LIKE`); and last the same
id, rewritten. Every step asks the same of both versions, so the pairs are the same either way round.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from isa_registry.domain.agreement_text import Clause
from isa_registry.domain.comparing.words import counted, likeness

Heirs = Mapping[str, Sequence[str]]
"""For an id that is gone, the ids that took over, as `clause-ids.json` says."""

LIKE = 0.6
SAME_ID = 0.3
TAKEN = 0.6
"""Which part of a new clause's words must be among those that another clause lost, to have been taken from it."""

_ENOUGH = 8  # words
_RARE = 8  # a word in more clauses than this says nothing about which is which


class Pairs(NamedTuple):
    """Places in the two sequences of clauses that are one clause."""

    both: tuple[tuple[int, int], ...]
    gone: tuple[int, ...]
    new: tuple[int, ...]


class Paired:
    """Clauses of two versions while they are being paired."""

    def __init__(self, old: Sequence[Clause], new: Sequence[Clause]) -> None:
        self.old, self.new = old, new
        self.words = [counted(_content(one)) for one in old], [counted(_content(one)) for one in new]
        self.ids = {one.id: n for n, one in enumerate(old)}, {one.id: n for n, one in enumerate(new)}
        self.found: dict[int, int] = {}
        self.left, self.left_new = dict.fromkeys(range(len(old))), dict.fromkeys(range(len(new)))

    def take(self, old: int, new: int) -> None:
        if old in self.left and new in self.left_new:
            self.found[old] = new
            del self.left[old], self.left_new[new]

    def alike(self, old: int, new: int) -> float:
        return likeness(self.words[0][old], self.words[1][new])


def pair(old: Sequence[Clause], new: Sequence[Clause], heirs: Heirs | None = None) -> Pairs:
    """Which clauses are the same ones, which are gone, and which are new."""
    paired = Paired(old, new)
    _same_words(paired)
    for at, at_new in _same_id(paired):
        if old[at].heading == new[at_new].heading or paired.alike(at, at_new) >= SAME_ID:
            paired.take(at, at_new)
    _by_likeness(paired, _by_ledger(paired, heirs or {}), 0.0)
    _by_likeness(paired, _candidates(paired), LIKE)
    for at, at_new in _same_id(paired):
        paired.take(at, at_new)
    return Pairs(tuple(sorted(paired.found.items())), tuple(paired.left), tuple(paired.left_new))


def taken_over(old: Sequence[Clause], new: Sequence[Clause], pairs: Pairs, heirs: Heirs) -> tuple[Related, Related]:
    """For each clause that is gone, the ids that took over; for each new one, the ids that it was taken from."""
    gone, came = _ledger_relations(old, new, pairs, heirs)
    lost: list[tuple[str, Counter[str]]] = []
    gained: list[tuple[str, Counter[str]]] = []
    for at, at_new in pairs.both:
        words, words_new = counted(_content(old[at])), counted(_content(new[at_new]))
        lost.append((old[at].id, words - words_new))
        gained.append((new[at_new].id, words_new - words))
    for clauses, places, related, sources in ((new, pairs.new, came, lost), (old, pairs.gone, gone, gained)):
        for id_, source in _taken([clauses[at] for at in places], sources):
            related[id_] = (*related.get(id_, ()), source)
    return _once(gone), _once(came)


def _taken(clauses: Sequence[Clause], sources: Sequence[tuple[str, Counter[str]]]) -> Iterator[tuple[str, str]]:
    """Clauses most of whose words another one lost, with that one. A heading alone is too little to tell."""
    having: dict[str, list[int]] = defaultdict(list)
    for place, (_, words) in enumerate(sources):
        for word in words:
            having[word].append(place)
    for clause in clauses:
        words = counted(_content(clause))
        places = sorted({at for word in words if len(having.get(word, ())) <= _RARE for at in having.get(word, ())})
        for place in places if words.total() >= _ENOUGH else ():
            if _part(words, sources[place][1]) >= TAKEN:
                yield clause.id, sources[place][0]


Related = dict[str, tuple[str, ...]]


def _once(related: Related) -> Related:
    return {id_: tuple(dict.fromkeys(ids)) for id_, ids in related.items()}


def _part(words: Counter[str], of: Counter[str]) -> float:
    total = words.total()
    return sum(min(count, of[word]) for word, count in words.items()) / total if total else 0.0


def _content(clause: Clause) -> str:
    return "\n".join((clause.heading, clause.text, *clause.answers, *clause.cites))


def _same_id(paired: Paired) -> Iterator[tuple[int, int]]:
    for at in list(paired.left):
        at_new = paired.ids[1].get(paired.old[at].id)
        if at_new is not None and at_new in paired.left_new:
            yield at, at_new


def _same_words(paired: Paired) -> None:
    """The same words: under the same id, else the first under one id with the first under another."""
    for at, at_new in _same_id(paired):
        if _content(paired.old[at]) == _content(paired.new[at_new]):
            paired.take(at, at_new)
    waiting: dict[str, list[int]] = defaultdict(list)
    for at_new in paired.left_new:
        waiting[_content(paired.new[at_new])].append(at_new)
    for at in list(paired.left):
        found = waiting.get(_content(paired.old[at]))
        if found:
            paired.take(at, found.pop(0))


def _by_ledger(paired: Paired, heirs: Heirs) -> Iterator[tuple[int, int]]:
    """Clauses of which one is gone and the other took over, whichever version is the older."""
    for gone, took_over in heirs.items():
        for heir in took_over:
            for first, second in ((gone, heir), (heir, gone)):
                at, at_new = paired.ids[0].get(first), paired.ids[1].get(second)
                if at in paired.left and at_new in paired.left_new and at is not None and at_new is not None:
                    yield at, at_new


def _candidates(paired: Paired) -> Iterator[tuple[int, int]]:
    """Pairs that share a word which few clauses have, or their heading: no others can be alike and distinct."""
    there: tuple[dict[str, list[int]], dict[str, list[int]]] = (defaultdict(list), defaultdict(list))
    sides = ((paired.left, paired.old), (paired.left_new, paired.new))
    for side, (left, clauses) in enumerate(sides):
        for at in left:
            for word in (*paired.words[side][at], f"# {clauses[at].heading}"):
                there[side][word].append(at)
    seen: set[tuple[int, int]] = set()
    for word, places in there[0].items():
        places_new = there[1].get(word, ())
        if len(places) <= _RARE and len(places_new) <= _RARE:
            seen.update((at, at_new) for at in places for at_new in places_new)
    yield from sorted(seen)


def _by_likeness(paired: Paired, candidates: Iterable[tuple[int, int]], least: float) -> None:
    """The most alike first; among equals those that moved least."""
    ranked = sorted((-paired.alike(at, at_new), abs(at - at_new), at + at_new, at, at_new) for at, at_new in candidates)
    for like, _, _, at, at_new in ranked:
        if -like >= least:
            paired.take(at, at_new)


def _ledger_relations(
    old: Sequence[Clause], new: Sequence[Clause], pairs: Pairs, heirs: Heirs
) -> tuple[Related, Related]:
    gone_ids, new_ids = {old[at].id for at in pairs.gone}, {new[at].id for at in pairs.new}
    old_ids, all_new = {one.id for one in old}, {one.id for one in new}
    gone: Related = {}
    came: Related = {}
    for id_, took_over in heirs.items():
        for heir in took_over:
            if id_ in gone_ids and heir in all_new:
                gone[id_] = (*gone.get(id_, ()), heir)
            if heir in new_ids and id_ in old_ids:
                came[heir] = (*came.get(heir, ()), id_)
            # The same ledger, read from a newer version to an older one.
            if id_ in new_ids and heir in old_ids:
                came[id_] = (*came.get(id_, ()), heir)
            if heir in gone_ids and id_ in all_new:
                gone[heir] = (*gone.get(heir, ()), id_)
    return gone, came
