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
from isa_registry.identity.callers import Caller
from isa_registry.runtime.asking import answer_on
from isa_registry.runtime.evidence_of import Consulted, consult, nothing_consulted, references_read_for
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
    members: bytes | None = None
    body: bytes | None = None
    told: asyncio.Future[None] | None = None


class Together:
    """Answers questions that were asked at about the same time. What rests on a body's consents waits until they are
    read, once for all that came together. Recording an answer is left to whoever asked."""

    def __init__(self, state: State, registry: Registry) -> None:
        self._state, self._registry = state, registry
        self._waiting: list[Asked] = []
        self._consulting: set[asyncio.Task[None]] = set()

    async def answer(self, asked: Asked, *, alone: bool) -> None:
        """Admits the question and answers it. What is not plain, or would be refused, is not `admitted`, and nothing
        was done for it. One that comes `alone` waits for no others."""
        if alone and not self._waiting:
            for group in self._take([asked]):
                await self.answer_from_records(group)
            return
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._take_waiting)
        self._waiting.append(asked)
        asked.told = loop.create_future()
        await asked.told

    async def answer_from_records(self, group: list[Asked]) -> None:
        """Answers admitted questions of one body from its consents as they are now."""
        follower, organisation = self._registry.follower, group[0].caller.organisation
        references = {ref: None for one in group for ref in references_read_for(_question(one), organisation)}
        stale = not follower.connected
        found = await consult(
            self._registry, organisation, tuple(references), view=follower.view, root=follower.root, stale=stale
        )
        for one in group:
            one.found = found
        self._answer_all(group)

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        groups: list[list[Asked]] = []
        try:
            # Whoever went away meanwhile is asked for no more.
            groups = self._take([one for one in waiting if one.told is not None and not one.told.done()])
        finally:
            later = {id(one) for group in groups for one in group}
            _tell([one for one in waiting if id(one) not in later])
        for group in groups:
            task = asyncio.create_task(self._answer_later(group))
            self._consulting.add(task)
            task.add_done_callback(self._consulting.discard)

    async def _answer_later(self, group: list[Asked]) -> None:
        try:
            await self.answer_from_records(group)
        finally:
            _tell(group)

    def _take(self, asked: list[Asked]) -> list[list[Asked]]:
        """Admits all, and answers those that rest on no consents; returns the others, by the body that asks."""
        for step in (self._read, self._admit, self._charge):
            asked = [one for one in asked if step(one)]
        self._answer_all([one for one in asked if self._rests_on_nothing(one)])
        groups: dict[str, list[Asked]] = {}
        for one in asked:
            if one.found is None:
                groups.setdefault(one.caller.organisation, []).append(one)
        return list(groups.values())

    def _answer_all(self, asked: list[Asked]) -> None:
        for step in (self._answer, self._encode, self._render):
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
        try:
            one.question = question = checks.admit(_question(one), one.caller, self._registry.follower.view)
            self._limits.refuse_walking(one.caller, question)
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
        organisation, follower = one.caller.organisation, self._registry.follower
        if references_read_for(_question(one), organisation):
            return False
        stale = not follower.connected
        one.found = nothing_consulted(organisation, follower.view, follower.root, stale=stale)
        return True

    def _answer(self, one: Asked) -> bool:
        assert one.found is not None
        try:
            one.answered = answer_on(self._registry, _question(one), one.found)
        except Exception:  # noqa: BLE001 - what goes wrong here goes wrong there, where it is said and logged
            return False
        return True

    def _encode(self, one: Asked) -> bool:
        assert one.answered is not None
        one.members = checks.encoded(one.answered)
        return not checks.is_recorded(_question(one))

    def _render(self, one: Asked) -> bool:
        assert one.answered is not None and one.found is not None
        one.body = checks.rendered(one.answered, one.members, recorded=False, stale=one.found.stale)
        return True


def _question(asked: Asked) -> Question:
    assert asked.question is not None
    return asked.question


def _tell(asked: list[Asked]) -> None:
    for one in asked:
        if one.told is not None and not one.told.done():
            one.told.set_result(None)
