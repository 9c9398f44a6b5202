"""Answering a recorded check again, as it was answered then, and on request as it would be today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.checks import CheckResponse
from isa_registry.api.checks import index_of_check
from isa_registry.api.json import json_response
from isa_registry.api.reading import note_reading_of, reader_scope, stored_entry
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.domain.answers import RegisterSeen
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.replaying import (
    EXPLAINING,
    Again,
    Difference,
    Engines,
    Replayed,
    Today,
    Verdict,
)
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.replaying import as_today, recorded_check, replay_for
from isa_registry.store.pool import reading_for

_OF_THE_OCCASION = frozenset({"id", "decided_at", "recorded", "stale", "receipt"})

if TYPE_CHECKING:
    AnsweredAgain = Any
else:
    AnsweredAgain = msgspec.defstruct(
        "AnsweredAgain",
        [
            (one.name, one.type) if one.required else (one.name, one.type, one.default)
            for one in msgspec.structs.fields(CheckResponse)
            if one.name not in _OF_THE_OCCASION
        ],
        frozen=True,
        module=__name__,
        namespace={
            "__doc__": "An answer made again: that of a check, byte for byte, less what names the occasion (its id, "
            "its times, its receipt)."
        },
    )


class ReplayRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`{}`, or against what the record is to be compared besides: `today`, on the register and the law of now."""

    against: Literal["today"] | None = None


class RecordedThen(Struct, frozen=True):
    """What the record says it was made from: when it was decided, and the register that was seen."""

    decided_at: str
    register: RegisterSeen


class AgainstToday(Struct, frozen=True):
    """The same question and evidence on today's register, law and date. `why` is there instead of an answer where
    today's law cannot take the question."""

    on: str
    answer: AnsweredAgain | None
    differences: tuple[Difference, ...]
    why: str | None


class ReplayResponse(Struct, frozen=True):
    """What became of a check when it was answered again (docs/formats/replay.md). `differences` lead from the record to
    `answer`; `needs` is the entry that is wanting, where one is; `today` is there where it was asked for."""

    check: str
    entry: int
    verdict: Verdict
    recorded: RecordedThen
    answer: AnsweredAgain | None
    differences: tuple[Difference, ...]
    why: str | None
    needs: int | None
    today: AgainstToday | None


_decoder = msgspec.json.Decoder(ReplayRequest)


@writes("/api/v1/checks/{check:str}/replay", status=200)
async def replay_check(request: Request, check: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    async with reading_for(registry.reading, reader_scope(request)) as connection:
        entry = await stored_entry(connection, await index_of_check(request, connection, check))
    recorded = recorded_check(entry)
    if recorded is None:
        raise Refused("not-found", "There is no such check, or none that you may see.")
    with decoding("The request"):
        wanted = _decoder.decode(await request.body())
    await note_reading_of(request, entry.index, purpose="entry")
    engines: Engines = request.app.state.engines
    replayed = await replay_for(registry, entry, recorded, engines=engines, turns=request.app.state.past_turns)
    request.app.state.watch.replayed(replayed.verdict)
    today = None if wanted.against is None else as_today(registry, recorded, engines)
    return json_response(_rendered(recorded, replayed, today))


def _rendered(recorded: CheckAnswered, replayed: Replayed, today: Today | None) -> ReplayResponse:
    question = recorded.question
    return ReplayResponse(
        check=replayed.check,
        entry=replayed.entry,
        verdict=replayed.verdict,
        recorded=RecordedThen(decided_at=recorded.decided_at, register=recorded.register),
        answer=_answer(question, replayed.again),
        differences=replayed.differences,
        why=replayed.why or None,
        needs=replayed.needs,
        today=None
        if today is None
        else AgainstToday(
            on=today.on,
            answer=_answer(question, today.again),
            differences=today.differences,
            why=today.why or None,
        ),
    )


def _answer(question: Question, again: Again | None) -> Any:
    if again is None:
        return None
    members: dict[str, Any] = {name: getattr(again.answer, name) for name in again.answer.__struct_fields__}
    if not question.explain:
        members |= dict.fromkeys(EXPLAINING)
    return AnsweredAgain(**members, register=again.register)


HANDLERS = [replay_check]
