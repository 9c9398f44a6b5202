"""The policy behind AuthZEN: a check of this registry, decided on one state of the register for a whole request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct

from isa_registry.actions import authzen, checks
from isa_registry.actions.identifiers import check_id
from isa_registry.domain.authzen.messages import Evaluation
from isa_registry.domain.authzen.policy import Asked, Response, Sought
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, IdempotencyClaim
from isa_registry.runtime.asking import CHANGED, answer_and_record, recorded
from isa_registry.runtime.evidence_of import Consulted, consult, nothing_consulted, references_of
from isa_registry.runtime.folding import one_as_logged
from isa_registry.runtime.registry import Registry
from isa_registry.store import log
from isa_registry.store.pool import reading_for

DANGER = "immediate-danger"


class Terms(Struct, frozen=True):
    """On what terms a request's evaluations are answered: by what is `stale`, under what claim, and what is said of
    each but those about immediate danger where more was asked than is answered (`over`). `admits` raises `Refused` for
    more people, by reference, than the caller may ask about."""

    immediate_danger: str
    stale: bool = False
    claim: IdempotencyClaim | None = None
    over: Refused | None = None
    admits: Callable[[Sequence[str]], None] = lambda _: None


class Decision(Struct, frozen=True, gc=False):
    """What was decided of one evaluation: an answer, or the response itself where none was asked of the register."""

    permits: bool
    answered: checks.Answered | None = None
    response: Response | None = None


class SharingPolicy:
    """Decides as a check does, for one caller, on one state of the register (`view`, with its Merkle root)."""

    def __init__(
        self,
        registry: Registry,
        caller: Caller,
        terms: Terms,
        *,
        view: RegisterView,
        root: bytes,
        today: str | None = None,
        seeking: Sought | None = None,
    ) -> None:
        catalogue = view.catalogue()
        if catalogue is None:
            raise Refused("unavailable", "The registry has no catalogue of the law yet.", retry_after=30)
        self._registry, self._caller, self._terms = registry, caller, terms
        self._catalogue, self._seeking = catalogue, seeking
        self._now = registry.now()
        self._decided_at = instant(self._now)
        self._today = today or london_date(self._now)
        self._past = today is not None
        self._rest_on(nothing_consulted(caller.organisation, view, root, stale=terms.stale))

    def _rest_on(self, consulted: Consulted) -> None:
        self._consulted, self._view = consulted, consulted.view
        self._reader = authzen.Reader(self._caller, self._view, self._seeking)
        self._seen = checks.seen_of(self._view, consulted.root)

    async def consult(self, asked: Sequence[Evaluation | Refused]) -> None:
        """Reads, once for all evaluations that are to be decided, what is on record about those whom they name by
        reference; what names nobody asks no database."""
        if self._terms.over is not None:
            return
        read = {id(one.context): one for one in asked if isinstance(one, Evaluation) and _may_refer(one)}
        named = [reference for one in read.values() for reference in self._may_ask_about(one)]
        if not named:
            return
        state = self._consulted
        found = await consult(
            self._registry,
            self._caller.organisation,
            tuple(dict.fromkeys(named)),
            view=state.view,
            root=state.root,
            stale=state.stale,
            past=self._past,
        )
        self._rest_on(found)

    def _may_ask_about(self, asked: Evaluation) -> tuple[str, ...]:
        """Whom an evaluation names, unless it is refused for that."""
        try:
            references = self._reader.references(asked)
            self._terms.admits(references)
        except Refused:
            return ()
        return references

    @property
    def moment(self) -> str:
        """The size of the register, and the day."""
        return f"{self._view.size} {self._today}"

    def decide(self, asked: Sequence[Evaluation]) -> list[Decision | Refused]:
        read = [self._read(one) for one in asked]
        admitted = [self._admitted(one) if isinstance(one, Question) else one for one in read]
        return [self._answered(one) if isinstance(one, Question) else one for one in admitted]

    def _read(self, asked: Evaluation) -> Question | Decision | Refused:
        """The question of an evaluation; a decision where nothing is asked of the register."""
        over = self._terms.over
        try:
            question = self._reader.question(asked, self._catalogue)
        except Refused as refused:
            return refused
        if isinstance(question, authzen.Unknown):
            return self._not_decided(question) if over is None else over
        if question.urgency == DANGER:
            return question
        if over is not None:
            return over
        try:
            self._terms.admits(references_of([question]))
        except Refused as refused:
            return refused
        return question

    def _admitted(self, question: Question) -> Question | Refused:
        try:
            return authzen.admit(question, self._caller, self._view)
        except Refused as refused:
            return refused

    def _answered(self, admitted: Question) -> Decision:
        answered = checks.answer_seeing(
            admitted,
            self._view,
            self._consulted.evidence(admitted, self._today),
            self._seen,
            check=self._fresh_id(),
            decided_at=self._decided_at,
            today=self._today,
        )
        return Decision(answered.answer.outcome in authzen.PERMITTED, answered)

    def _not_decided(self, unknown: authzen.Unknown) -> Decision:
        context = authzen.NotDecided(
            evaluation_id=self._fresh_id(),
            evaluated_at=self._decided_at,
            reason=unknown.reason,
            reason_user=authzen.UNKNOWN[unknown.reason],
            immediate_danger=self._terms.immediate_danger,
        )
        return Decision(permits=False, response=Response(decision=False, context=context))

    def _fresh_id(self) -> str:
        return check_id(self._now, self._registry.randomness(10))

    def candidates(self, asked: Asked) -> Sequence[str]:
        return self._reader.candidates(asked, self._catalogue)

    def at_once(self, decisions: Sequence[Decision]) -> list[Response | None]:
        return [
            None if one.answered is not None and checks.is_recorded(one.answered.question) else self._response(one)
            for one in decisions
        ]

    async def respond(self, decisions: Sequence[Decision]) -> list[Response | Refused]:
        """Those that are to be recorded go to the log together, so that they are committed in groups."""
        return list(await asyncio.gather(*map(self._kept, decisions)))

    async def _kept(self, decision: Decision) -> Response | Refused:
        answered = decision.answered
        if answered is None or not checks.is_recorded(answered.question):
            return self._response(decision)
        question = answered.question
        try:
            rests_on = self._consulted.unchanged(question)
            appended = await recorded(self._registry, answered, self._caller, self._terms.claim, rests_on)
            if appended is not None and appended.repeated:
                return await self._first_response(appended)
        except Refused as refused:
            return await self._again(question) if refused.code == CHANGED else refused
        return self._response(decision, kept=appended is not None, lost=appended is None)

    async def _again(self, question: Question) -> Response | Refused:
        """The response to a question whose consents changed before its answer was recorded: answered anew by itself."""
        follower = self._registry.follower
        view, root, stale, claim = follower.view, follower.root, self._terms.stale, self._terms.claim
        try:
            found = await answer_and_record(
                self._registry, question, self._caller, view=view, root=root, stale=stale, claim=claim
            )
            if isinstance(found, Appended):
                return await self._first_response(found)
        except Refused as refused:
            return refused
        return Response(found.outcome in authzen.PERMITTED, authzen.said(found))

    def _response(self, decision: Decision, *, kept: bool = False, lost: bool = False) -> Response:
        if decision.answered is None:
            assert decision.response is not None
            return decision.response
        if lost:
            return Response(decision.permits, authzen.said(checks.render_unrecorded(decision.answered)))
        answer = checks.render(decision.answered, recorded=kept, stale=self._consulted.stale)
        return Response(decision.permits, authzen.said(answer))

    async def _first_response(self, appended: Appended) -> Response:
        """The answer that the same claim was given before, rendered anew from the log."""
        async with reading_for(self._registry.reading, self._caller.organisation) as connection:
            entry = await log.entry(connection, appended.index)
        if entry is None:
            raise Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")
        # The claim is of this route alone.
        answer = checks.render(one_as_logged(entry, CheckAnswered), recorded=True)
        return Response(answer.outcome in authzen.PERMITTED, authzen.said(answer))


def _may_refer(asked: Evaluation) -> bool:
    """Whether an evaluation's context may hold a reference. One that is spelt with escapes may."""
    context = bytes(asked.context)
    return b"s1_" in context or b"\\" in context
