"""Finding clauses by words, as somebody types them: in headings, in the text, and in the questions that they answer.

A word is found in whatever case, with accents or without, and with the usual English endings. A clause that has a word
exactly as it was typed is never missed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from isa_registry.domain.agreement_text import Clause, parse_agreement

MOST_WORDS = 16
"""Of what is typed, no more words than these are looked for."""

# An accent may stand behind its letter.
_WORD = re.compile(r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*")
_MARKS = re.compile(r"\*+|`|^ *(?:[-+]|[0-9]+\.) +|^\|[ :|-]+\|$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.?!]) |\n+")
_SHORTEST_BEGINNING = 3
_AROUND = 240

# Words that nearly every clause has. They are looked for only where nothing else was typed.
COMMON = frozenset(
    {
        "a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has", "have",
        "how",
        "i", "if", "in", "is", "it", "its", "may", "must", "my", "not", "of", "on", "or", "our", "should", "so", "that",
        "the", "their", "them", "they", "this", "to", "us", "was", "we", "what", "when", "where", "which", "who", "why",
        "will", "with", "you", "your",
    }
)  # fmt: skip


class Run(NamedTuple):
    """Words of an extract, and whether they are what was looked for."""

    text: str
    hit: bool


class Found(NamedTuple):
    """A clause that was found: its heading and some words around what was looked for. `exact`: it has every word."""

    clause: Clause
    heading: tuple[Run, ...]
    extract: tuple[Run, ...]
    exact: bool


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """Words without accents and in one case."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKD", "".join(one for one in parts if not unicodedata.combining(one)).casefold())


def stem(word: str) -> str:
    """A folded word without the endings that English gives it, as far as they are regular."""
    for ending, kept in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + kept
            break
    return word.removesuffix("e") if len(word) > 3 else word


def _words_of(text: str) -> list[str]:
    """The words of a text, folded. It is folded first: how its accents are written parts no word."""
    return _WORD.findall(folded(text))


def terms(typed: str) -> tuple[str, ...]:
    """The words to look for, folded, each once; common ones only where there is no other."""
    words = tuple(dict.fromkeys(_words_of(typed)))
    return (tuple(one for one in words if one not in COMMON) or words)[:MOST_WORDS]


class Index:
    """The words of an agreement's clauses, to be looked for in."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._clauses = tuple(clauses)
        self._prose = tuple(_prose(clause) for clause in self._clauses)
        self._where: dict[str, set[int]] = defaultdict(set)
        self._headed: dict[str, set[int]] = defaultdict(set)
        for place, clause in enumerate(self._clauses):
            for text, into in ((clause.heading, self._headed), (self._prose[place], self._where)):
                for word in _words_of(text):
                    into[word].add(place)
        self._words = tuple(sorted(self._where.keys() | self._headed.keys()))
        self._stems: dict[str, list[str]] = defaultdict(list)
        for word in self._words:
            self._stems[stem(word)].append(word)

    def find(self, typed: str) -> tuple[Found, ...]:
        """The clauses that have every word that was typed; where there is none, those that have most of the words. A
        clause whose number was typed, alone or beside words, comes first, then those with what was typed in their
        heading."""
        named = self._named(typed)
        numbers = {self._clauses[place].id for place in named}
        # A number beside words is none of them; alone it is a word as well.
        words = " ".join(one for one in typed.split() if one.upper() not in numbers)
        meant = [self._meant(wanted) for wanted in terms(words or typed)]
        having = Counter(place for words in meant for place in self._places(words, self._where, self._headed))
        headed = Counter(place for words in meant for place in self._places(words, self._headed))
        most = max(having.values(), default=0)
        kept = named | {place for place, count in having.items() if count == most}
        every = frozenset(word for words in meant for word in words)
        return tuple(
            Found(
                self._clauses[place],
                tuple(_runs(self._clauses[place].heading, every)),
                tuple(_runs(_extract(self._prose[place], every), every)),
                exact=place in named or most == len(meant),
            )
            for place in sorted(kept, key=lambda one: (one not in named, -headed[one], one))
        )

    def _named(self, typed: str) -> set[int]:
        """The clauses whose number was typed. A letter within a sentence is a word, and names no annex."""
        numbers = {one for one in typed.upper().split() if any(map(str.isdigit, one))} | {typed.strip().upper()}
        return {place for place, one in enumerate(self._clauses) if one.id in numbers}

    def _meant(self, wanted: str) -> frozenset[str]:
        """The words of the text that a word means: it, another form of it, or one that begins with it."""
        found = set(self._stems.get(stem(wanted), ()))
        if len(wanted) >= _SHORTEST_BEGINNING:
            for word in self._words[bisect_left(self._words, wanted) :]:
                if not word.startswith(wanted):
                    break
                found.add(word)
        return frozenset(found)

    @staticmethod
    def _places(words: Iterable[str], *where: Mapping[str, set[int]]) -> set[int]:
        return {place for one in where for word in words for place in one.get(word, ())}


@lru_cache(maxsize=16)
def index_of(text: str) -> Index:
    """The index of an agreement's text. Raises `AgreementError` for text that is not an agreement."""
    return Index(parse_agreement(text))


def _prose(clause: Clause) -> str:
    """What a clause says and answers, without marks."""
    return _MARKS.sub("", "\n".join((clause.text, *clause.answers))).replace("|", " ")


def _hits(text: str, meant: frozenset[str]) -> int:
    """How many of the words a text has, each counted once."""
    return len(meant.intersection(_words_of(text)))


def _extract(prose: str, meant: frozenset[str]) -> str:
    """The sentences that have most of the words, from the first such on."""
    sentences = [one.strip() for one in _SENTENCE.split(prose) if one.strip()]
    if not sentences:
        return ""
    best = max(range(len(sentences)), key=lambda place: (_hits(sentences[place], meant), -place))
    kept = sentences[best]
    for sentence in sentences[best + 1 :]:
        if len(kept) + len(sentence) >= _AROUND:
            break
        kept = f"{kept} {sentence}"
    return kept if len(kept) <= 2 * _AROUND else _around(kept, meant)


def _around(text: str, meant: frozenset[str]) -> str:
    """Some of a long text: the words around the first that is meant."""
    first = next((one.start() for one in _WORD.finditer(text) if folded(one[0]) in meant), 0)
    start = text.rfind(" ", 0, max(first - _AROUND // 2, 0)) + 1
    end = text.find(" ", start + 2 * _AROUND)
    cut = text[start:] if end < 0 else text[start:end]
    return f"{'… ' if start else ''}{cut}{' …' if end >= 0 else ''}"


def _runs(text: str, meant: frozenset[str]) -> Iterator[Run]:
    """The same text, with the words that are meant told apart."""
    place = 0
    for found in _WORD.finditer(text):
        if folded(found[0]) in meant:
            if found.start() > place:
                yield Run(text[place : found.start()], hit=False)
            yield Run(found[0], hit=True)
            place = found.end()
    if place < len(text):
        yield Run(text[place:], hit=False)
