"""What a difference between two catalogues does to answers: what they decide, what they say, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple, Protocol

from isa_registry.domain.catalogue_labels import LISTS
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER
from isa_registry.domain.catalogue_uses import ENGINE_NAMES, by_kind
from isa_verify.encoding import JsonValue


class Effect(IntEnum):
    """`NOTHING`: notes and sources alone. `WORDS`: what an answer says, its guidance or what stands beside it.
    `DECIDES`: outcome, basis, gateways, or what is missing."""

    NOTHING = 0
    WORDS = 1
    DECIDES = 2


# What is not named here may change what an answer decides.
_MEMBERS: Mapping[str, Mapping[str, Effect]] = {
    "provisions.json": {
        "title": Effect.WORDS,
        "says": Effect.WORDS,
        "practice": Effect.WORDS,
        "uri": Effect.WORDS,
        "text_at": Effect.WORDS,
        "confidence": Effect.NOTHING,
        "source": Effect.NOTHING,
        "note": Effect.NOTHING,
        "dpv": Effect.NOTHING,
    },
    "kinds.json": {"label": Effect.WORDS, "advice_from": Effect.WORDS},
    "purposes.json": {
        "label": Effect.WORDS,
        "says": Effect.WORDS,
        "consent_says": Effect.WORDS,
        "guidance": Effect.WORDS,
        "meets": Effect.WORDS,
    },
    "categories.json": {"label": Effect.WORDS, "note": Effect.WORDS},
    "matrix.json": {"typical": Effect.WORDS, "cautions": Effect.WORDS, "note": Effect.NOTHING},
}
# Limits that let a request be declined; the others are told and not reckoned with.
_DECLINING = {"unless-unreasonable", "unless-unduly-prejudicial"}


def effect_of(file: str, member: str, before: JsonValue, after: JsonValue) -> Effect:
    """What a difference in one member of a row does; `member` is empty for a whole row that came or went."""
    if file in ("guidance.json", "recording.json", "words.json"):
        return Effect.WORDS
    if file == "codes.json":
        if member == "version":
            return Effect.NOTHING
        return Effect.WORDS if before is not None and after is not None else Effect.DECIDES
    if file == "provisions.json" and member == "limits":
        moved = _set(before) ^ _set(after)
        return Effect.DECIDES if moved & _DECLINING else Effect.WORDS
    return _MEMBERS.get(file, {}).get(member, Effect.DECIDES)


def _set(value: JsonValue) -> set[str]:
    return {item for item in value if isinstance(item, str)} if isinstance(value, list) else set()


class _Change(Protocol):
    @property
    def file(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def effect(self) -> Effect: ...
    @property
    def was(self) -> JsonValue: ...
    @property
    def now(self) -> JsonValue: ...


class Answers(NamedTuple):
    """Which answers differences could change, in words: in what they decide, and only in what they say.

    `nothing` names the differences that no answer shows.
    """

    decides: tuple[str, ...]
    words: tuple[str, ...]
    nothing: tuple[str, ...]


def answers_touched(changes: Iterable[_Change], old: Mapping[str, JsonValue], new: Mapping[str, JsonValue]) -> Answers:
    """Where answers could change. It errs on the side of naming too many."""
    sorted_out: dict[Effect, list[_Change]] = {effect: [] for effect in Effect}
    for change in changes:
        sorted_out[change.effect].append(change)
    return Answers(
        tuple(_where(sorted_out[Effect.DECIDES], old, new)),
        tuple(_where(sorted_out[Effect.WORDS], old, new)),
        tuple(_named(sorted_out[Effect.NOTHING])),
    )


def _where(changes: list[_Change], old: Mapping[str, JsonValue], new: Mapping[str, JsonValue]) -> Iterator[str]:
    rows = list(dict.fromkeys(pair for change in changes if (pair := _pair(change)) is not None))
    if rows:
        yield "for these kinds and purposes, and those that follow them:"
        yield from (f"  {line}" for line in by_kind(rows, _columns(new)))
    for change in changes:
        if change.file == "provisions.json":
            yield from _resting(change, old, new)
        elif change.file in _ANSWERS:
            yield _ANSWERS[change.file].format(change.name)


_ANSWERS = {
    "kinds.json": "every answer in which {} shares or receives",
    "purposes.json": "every answer for {}",
    "categories.json": "every answer about {}",
    "codes.json": "every answer to a question that states, or shows, {}",
    "guidance.json": "every answer that carries the guidance {}",
    "recording.json": "what answers say to record: {}",
    "words.json": "every answer that speaks the words of {}",
}


def _resting(change: _Change, old: Mapping[str, JsonValue], new: Mapping[str, JsonValue]) -> Iterator[str]:
    code = change.name
    rows = [*_rows_naming(code, old), *_rows_naming(code, new)]
    if rows:
        yield f"where {code} is relied on or shown:"
        yield from (f"  {line}" for line in by_kind(dict.fromkeys(rows), _columns(new)))
    if code in ENGINE_NAMES:
        yield f"every answer that a duty, danger or consent gives {code}"
    if any(isinstance(row, dict) and row.get("kind") == "request-duty" for row in (change.was, change.now)):
        yield f"every answer to a request under {code}"
    elif not rows and code not in ENGINE_NAMES:
        yield f"no matrix row names {code}: an answer only cites it in guidance, or a question states it"


def _rows_naming(code: str, files: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    matrix = files.get("matrix.json")
    for row in matrix if isinstance(matrix, list) else ():
        if not isinstance(row, dict):
            continue
        for member in LISTS:
            listed = row.get(member)
            named = (
                [one.get("code") if isinstance(one, dict) else one for one in listed]
                if isinstance(listed, list)
                else []
            )
            if code in named:
                yield str(row.get("organisation")), str(row.get("purpose"))


def _pair(change: _Change) -> tuple[str, str] | None:
    organisation, comma, purpose = change.name.partition(", ")
    return (organisation, purpose) if change.file == "matrix.json" and comma else None


def _columns(files: Mapping[str, JsonValue]) -> tuple[str, ...]:
    purposes = files.get("purposes.json")
    listed = purposes if isinstance(purposes, list) else []
    return (
        *(str(one["code"]) for one in listed if isinstance(one, dict) and one.get("code") == one.get("matrix")),
        IMMEDIATE_DANGER,
    )


def _named(changes: list[_Change]) -> Iterator[str]:
    for change in changes:
        yield f"{change.file.removesuffix('.json')}: {change.name}"
