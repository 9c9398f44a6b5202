"""Asking whether, and on what lawful basis, information may be shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Raw, Struct

from isa_registry.actions import checks
from isa_registry.actions.identifiers import is_check_id
from isa_registry.api.frame import caller_of, is_stale
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.limits import Limits, over_quota, refuse_unless_danger
from isa_registry.api.problems import Problem, ProblemError, problem
from isa_registry.api.reading import note_reading_of, reader_scope, refuse_erased, stored_entry
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.shapes import decoding
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, IdempotencyClaim
from isa_registry.runtime.asking import AT_A_TIME, answer_all, answer_and_record
from isa_registry.runtime.folding import one_as_logged
from isa_registry.runtime.past import look_back, relied_on
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.store import log, records
from isa_registry.store.pool import Connection, DatabaseError, reading_for

_question = msgspec.json.Decoder(Question)


class Batch(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 questions, each answered or refused by itself."""

    checks: tuple[Raw, ...]


_batch = msgspec.json.Decoder(Batch)


class BatchResponse(Struct, frozen=True):
    """One result for each question, in order: an answer, or problem details."""

    results: list[checks.CheckResponse | Problem]


@writes("/api/v1/checks", status=200)
async def ask(request: Request) -> Response[bytes]:
    caller = caller_of(request)
    body = await request.body()
    with decoding("The question"):
        question = _question.decode(body)
    refuse_unless_danger(request, question.urgency)
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        return json_response(await _answer(request, question, caller, claim))


async def _answer(
    request: Request, question: Question, caller: Caller, claim: IdempotencyClaim | None, pasts: Pasts | None = None
) -> checks.CheckResponse:
    registry: Registry = request.app.state.registry
    view, root = registry.follower.view, registry.follower.root
    admitted = _admitted(request, question, caller, view)
    if admitted.as_of is not None:
        view, root = await _past(request, admitted.as_of, {} if pasts is None else pasts)
        admitted = checks.admit(admitted, caller, view)
    found = await answer_and_record(
        registry, admitted, caller, view=view, root=root, stale=is_stale(request), claim=claim
    )
    if isinstance(found, Appended):
        async with reading_for(registry.reading, caller.organisation) as connection:
            return await _render_stored(await stored_entry(connection, found.index))
    return found


def _admitted(request: Request, question: Question, caller: Caller, view: RegisterView) -> Question:
    """The question, if this caller may ask it, and about those whom it names. Raises `Refused`."""
    limits: Limits = request.app.state.limits
    admitted = checks.admit(question, caller, view)
    limits.refuse_walking(caller, admitted, request.scope)
    return admitted


Pasts = dict[int | str, asyncio.Task[tuple[RegisterView, bytes]]]
"""What the questions of one request have looked up of the past: each size or moment is looked up once."""


async def _past(request: Request, as_of: int | str, pasts: Pasts) -> tuple[RegisterView, bytes]:
    """The register and the root at a size or a moment."""
    if as_of not in pasts:
        pasts[as_of] = asyncio.create_task(_look_back(request, as_of))
    # One question that is given up takes nothing from the others.
    return await asyncio.shield(pasts[as_of])


async def _look_back(request: Request, as_of: int | str) -> tuple[RegisterView, bytes]:
    then = relied_on(await look_back(request.app.state.registry, as_of, request.app.state.past_turns))
    return then.view, then.root


@writes("/api/v1/checks/batch", status=200)
async def ask_batch(request: Request) -> Response[bytes]:
    caller = caller_of(request)
    body = await request.body()
    with decoding("The batch"):
        batch = _batch.decode(body)
    if not 1 <= len(batch.checks) <= 1000:
        raise Refused(
            "malformed", "A batch has 1 to 1,000 questions.", (Fault("#/checks", "count", "Send 1 to 1,000."),)
        )
    asked: list[InPlace | Problem] = []
    for position, raw in enumerate(batch.checks):
        asked.append(_read_one(request, raw, _pointing(position)))
        if position % AT_A_TIME == AT_A_TIME - 1:
            # Other requests of this worker are not made to wait for the whole batch.
            await asyncio.sleep(0)
    results = await answer_each(request, asked, caller)
    over = over_quota(request)
    if over is not None and all(isinstance(one, Problem) for one in results):
        raise over
    return json_response(BatchResponse(results=results))


def _pointing(position: int) -> Callable[[str], str]:
    return lambda pointer: f"#/checks/{position}{pointer.removeprefix('#')}"


class InPlace(NamedTuple):
    """One of several questions of a request; `pointing` makes a pointer into it one into the request."""

    question: Question
    pointing: Callable[[str], str]


def _read_one(request: Request, raw: Raw, pointing: Callable[[str], str]) -> InPlace | Problem:
    try:
        with decoding("The question"):
            question = _question.decode(raw)
        refuse_unless_danger(request, question.urgency)
    except Refused as refused:
        return _problem(request, refused, pointing)
    return InPlace(question, pointing)


async def answer_each(
    request: Request, asked: Sequence[InPlace | Problem], caller: Caller
) -> list[checks.CheckResponse | Problem]:
    """The answers to several questions, in order; what is wrong with one stands in its place and harms no other. What
    they rest on is read once for all, save that what is about the past is looked up by itself."""
    registry: Registry = request.app.state.registry
    view, root = registry.follower.view, registry.follower.root
    results: dict[int, checks.CheckResponse | Problem] = {}
    admitted: dict[int, Question] = {}
    past: dict[int, asyncio.Task[checks.CheckResponse | Problem]] = {}
    pasts: Pasts = {}
    for place, one in enumerate(asked):
        if isinstance(one, Problem):
            results[place] = one
        elif one.question.as_of is not None:
            past[place] = asyncio.create_task(_answer_about_the_past(request, one, caller, pasts))
        else:
            try:
                admitted[place] = _admitted(request, one.question, caller, view)
            except Refused as refused:
                results[place] = _problem(request, refused, one.pointing)
        if place % AT_A_TIME == AT_A_TIME - 1:
            # Other requests of this worker are not made to wait for all of it.
            await asyncio.sleep(0)
    questions = list(admitted.values())
    answers = await answer_all(registry, questions, caller, view=view, root=root, stale=is_stale(request))
    for place, answer in zip(admitted, answers, strict=True):
        one = asked[place]
        assert isinstance(one, InPlace)
        results[place] = _problem(request, answer, one.pointing) if isinstance(answer, Refused) else answer
    results |= {place: await task for place, task in past.items()}
    return [results[place] for place in range(len(asked))]


async def _answer_about_the_past(
    request: Request, asked: InPlace, caller: Caller, pasts: Pasts
) -> checks.CheckResponse | Problem:
    try:
        return await _answer(request, asked.question, caller, None, pasts)
    except Refused as refused:
        return _problem(request, refused, asked.pointing)
    except DatabaseError:
        # It needs the database; the others have their answers all the same.
        return _problem(request, Refused("unavailable", "The log cannot be read at this moment."), asked.pointing)


def _problem(request: Request, refused: Refused, pointing: Callable[[str], str]) -> Problem:
    errors = tuple(ProblemError(pointing(fault.pointer), fault.code, fault.detail) for fault in refused.faults)
    request_id = str(request.scope.get("isa_request_id", ""))
    return problem(
        request.app.state.public_url, refused.code, refused.detail, request_id, errors=errors, about_check=True
    )


@reads("/api/v1/checks/{check:str}")
async def read_check(request: Request, check: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    async with reading_for(registry.reading, reader_scope(request)) as connection:
        entry = await stored_entry(connection, await index_of_check(request, connection, check))
    await note_reading_of(request, entry.index, purpose="entry")
    return json_response(await _render_stored(entry))


async def index_of_check(request: Request, connection: Connection, check: str) -> int:
    """The entry of a check that the caller may see. Raises `Refused`: `not-found`, or `gone` once it is erased."""
    index = await records.check_index(connection, check) if is_check_id(check) else None
    if index is None:
        if is_check_id(check):
            await refuse_erased(request, connection, check)
        raise Refused("not-found", "There is no such check, or none that you may see.")
    return index


async def _render_stored(entry: log.StoredEntry) -> checks.CheckResponse:
    return checks.render(one_as_logged(entry, CheckAnswered), recorded=True)


@reads("/api/v1/checks/{check:str}/receipt")
async def read_check_receipt(request: Request, check: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    async with reading_for(registry.reading, reader_scope(request)) as connection:
        index = await index_of_check(request, connection, check)
    await note_reading_of(request, index, purpose="receipt")
    receipt = await receipt_for(registry, reader_scope(request), index)
    headers = {"Content-Disposition": f'attachment; filename="{index}.isa-receipt.json"'}
    return json_bytes(receipt, headers=headers)


HANDLERS = [ask, ask_batch, read_check, read_check_receipt]
