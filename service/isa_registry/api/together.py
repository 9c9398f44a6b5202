"""Plain questions that came in the same turn of the loop, taken together through each step before the next.

Every step throws the others' code and data out of the processor's caches: sixteen questions, each through all steps and
then the next, cost a third more than sixteen through one step and then the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from litestar.datastructures import State
from msgspec import Struct

from isa_registry.actions import checks
from isa_registry.api.limits import Limits
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.runtime.asking import answer_on
from isa_registry.runtime.evidence_of import Consulted, nothing_consulted, references_read_for
from isa_registry.runtime.registry import Registry

PATH = "/api/v1/checks"

_decode = msgspec.json.Decoder(Question).decode


class Asked(Struct):
    """A question as it came, and what the steps make of it: each needs what those before it found.

    `found` is there at once where the answer rests on no consents; otherwise it is read before the question is
    answered. `body` is there where nothing is to be recorded.
    """

    sent: bytes
    caller: Caller
    question: Question | None = None
    admitted: bool = False
    quota: tuple[tuple[bytes, bytes], ...] = ()
    found: Consulted | None = None
    answered: checks.Answered | None = None
    body: bytes | None = None
    told: asyncio.Future[None] | None = None


class _Turn:
    """Gathers what comes in one turn of the loop for a `step` that takes all of it."""

    def __init__(self, step: Callable[[list[Asked]], None]) -> None:
        self._step = step
        self.waiting: list[Asked] = []

    async def join(self, asked: Asked, *, alone: bool) -> None:
        """Returns once the step was taken. One that comes `alone` waits for no others."""
        if alone and not self.waiting:
            self._step([asked])
            return
        loop = asyncio.get_running_loop()
        if not self.waiting:
            loop.call_soon(self._take)
        self.waiting.append(asked)
        asked.told = loop.create_future()
        await asked.told

    def _take(self) -> None:
        waiting, self.waiting = self.waiting, []
        try:
            # Whoever went away meanwhile is asked for no more.
            self._step([one for one in waiting if one.told is not None and not one.told.done()])
        finally:
            for one in waiting:
                if one.told is not None and not one.told.done():
                    one.told.set_result(None)


class Together:
    """Admits and answers questions that were asked at about the same time. Reading consents and recording answers are
    left to whoever asked."""

    def __init__(self, state: State, registry: Registry) -> None:
        self._state, self._registry = state, registry
        self._entering, self._answering = _Turn(self._admit_all), _Turn(self._answer_all)

    async def admit(self, asked: Asked, *, alone: bool) -> None:
        """Admits the question, and answers it where that rests on no consents. What is not plain, or would be refused,
        is not `admitted`, and nothing was done for it."""
        await self._entering.join(asked, alone=alone)

    async def answer(self, asked: Asked) -> None:
        """Answers an admitted question, once what it rests on was `found`."""
        await self._answering.join(asked, alone=False)

    def _admit_all(self, asked: list[Asked]) -> None:
        for step in (self._read, self._admit, self._charge):
            asked = [one for one in asked if step(one)]
        self._answer_all([one for one in asked if self._rests_on_nothing(one)])

    def _answer_all(self, asked: list[Asked]) -> None:
        for step in (self._answer, self._render):
            asked = [one for one in asked if step(one)]

    @property
    def _limits(self) -> Limits:
        limits: Limits = self._state["limits"]
        return limits

    def _read(self, one: Asked) -> bool:
        try:
            one.question = question = _decode(one.sent)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return question.as_of is None

    def _admit(self, one: Asked) -> bool:
        assert one.question is not None
        try:
            one.question = checks.admit(one.question, one.caller, self._registry.follower.view)
            self._limits.refuse_walking(one.caller, one.question)
        except Refused:
            return False
        return True

    def _charge(self, one: Asked) -> bool:
        quota = self._limits.charge_plainly(PATH, one.caller)
        if quota is None:
            return False
        one.quota, one.admitted = quota, True
        return True

    def _rests_on_nothing(self, one: Asked) -> bool:
        assert one.question is not None
        organisation, follower = one.caller.organisation, self._registry.follower
        if references_read_for(one.question, organisation):
            return False
        stale = not follower.connected
        one.found = nothing_consulted(organisation, follower.view, follower.root, stale=stale)
        return True

    def _answer(self, one: Asked) -> bool:
        assert one.question is not None and one.found is not None
        try:
            one.answered = answer_on(self._registry, one.question, one.found)
        except Exception:  # noqa: BLE001 - what goes wrong here goes wrong there, where it is said and logged
            return False
        return not checks.is_recorded(one.question)

    def _render(self, one: Asked) -> bool:
        assert one.answered is not None and one.found is not None
        one.body = checks.rendered(one.answered, recorded=False, stale=one.found.stale)
        return True
