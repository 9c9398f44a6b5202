"""Plain questions that came in the same turn of the loop, taken together through each step before the next.

Every step throws the others' code and data out of the processor's caches: sixteen questions, each through all steps and
then the next, cost a third more than sixteen through one step and then the next.
"""

from __future__ import annotations

import asyncio

import msgspec
from litestar.datastructures import State
from msgspec import Struct

from isa_registry.actions import checks
from isa_registry.api.limits import Limits
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.runtime.asking import answer_now
from isa_registry.runtime.registry import Registry

PATH = "/api/v1/checks"

_decode = msgspec.json.Decoder(Question).decode

Quota = tuple[tuple[bytes, bytes], ...]


class Asked(Struct):
    """A question as it came, and what the steps make of it: each needs what those before it found. `body` is there
    where nothing is to be recorded."""

    sent: bytes
    caller: Caller
    question: Question | None = None
    quota: Quota = ()
    answered: checks.Answered | None = None
    body: bytes | None = None
    told: asyncio.Future[None] | None = None


class Now(Struct, frozen=True):
    """What all questions of a turn are answered from."""

    view: RegisterView
    root: bytes
    stale: bool
    limits: Limits


class Together:
    """Answers questions that were asked at about the same time; recording is left to whoever asked."""

    def __init__(self, state: State, registry: Registry) -> None:
        self._state, self._registry = state, registry
        self._waiting: list[Asked] = []

    async def answer(self, asked: Asked, *, alone: bool) -> bool:
        """Whether the question was answered: one that is not plain, or that would be refused, is not, and nothing
        was done for it. One that comes `alone` waits for no others."""
        if alone and not self._waiting:
            self._take([asked])
            return asked.answered is not None
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._take_waiting)
        self._waiting.append(asked)
        asked.told = loop.create_future()
        await asked.told
        return asked.answered is not None

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            # Whoever went away meanwhile is asked for no more.
            self._take([one for one in waiting if one.told is not None and not one.told.done()])
        finally:
            for one in waiting:
                if one.told is not None and not one.told.done():
                    one.told.set_result(None)

    def _take(self, asked: list[Asked]) -> None:
        follower = self._registry.follower
        now = Now(follower.view, follower.root, not follower.connected, self._state["limits"])
        for step in (self._read, self._admit, self._charge, self._answer, self._render):
            asked = [one for one in asked if step(one, now)]

    def _read(self, one: Asked, _now: Now) -> bool:
        try:
            one.question = question = _decode(one.sent)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return question.as_of is None

    def _admit(self, one: Asked, now: Now) -> bool:
        assert one.question is not None
        try:
            one.question = checks.admit(one.question, one.caller, now.view)
        except Refused:
            return False
        return True

    def _charge(self, one: Asked, now: Now) -> bool:
        quota = now.limits.charge_plainly(PATH, one.caller)
        if quota is None:
            return False
        one.quota = quota
        return True

    def _answer(self, one: Asked, now: Now) -> bool:
        assert one.question is not None
        try:
            one.answered = answer_now(self._registry, one.question, view=now.view, root=now.root)
        except Exception:  # noqa: BLE001 - what goes wrong here goes wrong there, where it is said and logged
            return False
        return not checks.is_recorded(one.question)

    def _render(self, one: Asked, now: Now) -> bool:
        assert one.answered is not None
        one.body = checks.rendered(one.answered, recorded=False, stale=now.stale)
        return True
