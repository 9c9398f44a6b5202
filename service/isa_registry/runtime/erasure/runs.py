"""Erasing what is no longer kept: what is due is listed, announced, and after the notice erased.

The log says first that a payload goes, then the journal outside the database, and only then is it deleted: a run that
was interrupted anywhere between is finished by the next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import erasures
from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.influence import Influence
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import BY_RULE, COMPANIONS, REAPPLIED
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.erasure import lives
from isa_registry.runtime.erasure.falling_due import EVENT, PAGE, DueItem, due, register_entries, rested_on, still_due
from isa_registry.runtime.erasure.journal import Journal, JournalLine, resurrected
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, log
from isa_registry.store.pool import EVERYTHING, Connection, connect

_log = structlog.get_logger(__name__)

_KEPT = {"on-hold": "on-hold", "changed-meanwhile": "no-longer-due"}

Append = Callable[[Draft], Awaitable[Appended]]
"""The sequencer, which alone appends."""


class Outcome(Struct, frozen=True):
    """What became of one entry in a run: `erased`, or why not (`on-hold`, `still-in-force`, `no-longer-due`,
    `already-erased`, `not-as-logged`)."""

    index: int
    code: str


class AnotherRun(Exception):
    """Somebody else is erasing at this moment."""


async def announce(
    reading: Connection, working: Connection, view: RegisterView, *, now: datetime, notice: timedelta
) -> list[DueItem]:
    """Announces what is due and on no hold; it is erased once `notice` has passed. Returns what was announced now."""
    told: list[DueItem] = []
    for item in await due(reading, view, now=now):
        if item.on_hold:
            continue
        row = erasure.Notice(
            index=item.index,
            organisation=item.organisation,
            readers=item.readers,
            reason=BY_RULE,
            rule=item.rule,
            requested_by=None,
            approved_by=None,
            announced_at=now,
            erase_after=now + notice,
        )
        if await erasure.announce(working, row):
            told.append(item)
    return told


# --- erasing ---------------------------------------------------------------------------------------------------------


class Eraser:
    """One run's connections: it reads as an auditor, and deletes by the one function that can. Use it as a context.

    Raises `AnotherRun` where one is on its way.
    """

    def __init__(
        self,
        database_url: str,
        journal: Journal,
        *,
        view: Callable[[], RegisterView],
        append: Append,
        now: Callable[[], datetime],
    ) -> None:
        self._url = database_url
        self._journal = journal
        self._view = view
        self._append = append
        self._now = now
        self._known = {(line.index, line.leaf) for line in journal.read()}

    async def __aenter__(self) -> Eraser:
        self._erasing = await connect(self._url, "isa_erase")
        self._reading = await connect(self._url, "isa_read", reader=EVERYTHING)
        self._working = await connect(self._url, "isa_work")
        if not await erasure.one_run(self._erasing):
            await self.__aexit__()
            raise AnotherRun
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in (self._erasing, self._reading, self._working):
            await connection.close()

    async def run(self) -> list[Outcome]:
        """Finishes what an earlier run began, then erases everything whose notice has passed."""
        finished = [await self._finish(index, by) for index, by in await erasure.unfinished(self._reading)]
        notices = await erasure.ripe(self._reading, self._now(), limit=PAGE)
        outcomes = [await self._erase_alone(notice) for notice in notices]
        # What the log says is erased has no outcome of its notice's besides: a hold may keep it.
        told = {one.index for one in finished}
        return [*finished, *(one for one in outcomes if one.index not in told)]

    async def reapply(self) -> list[Outcome]:
        """Deletes again what the journal says was erased, and a restored backup brought back. Where the restored log
        does not say so, it is made to say so."""
        outcomes: list[Outcome] = []
        for line in await resurrected(self._url, self._journal):
            target = await erasure.target(self._reading, line.index)
            assert target is not None
            if target.by is not None:
                outcomes.append(await self._finish(line.index, target.by))
                continue
            parts = await self._parts(target, companions=False)
            if parts is None:
                outcomes.append(Outcome(line.index, "still-in-force"))
                continue
            outcomes.append(await self._log_and_delete(parts, erasures.erase(parts, reason=REAPPLIED)))
        return outcomes

    async def _erase_alone(self, notice: erasure.Notice) -> Outcome:
        """What is not as it was logged keeps nothing else from being erased."""
        try:
            return await self._erase(notice)
        except LogDisagrees as error:
            _log.error("not-as-logged", reason=str(error))
            return Outcome(notice.index, "not-as-logged")

    async def _erase(self, notice: erasure.Notice) -> Outcome:
        target = await erasure.target(self._reading, notice.index)
        if target is None or target.by is not None or target.kind is None:
            await erasure.withdraw(self._working, notice.index)
            return Outcome(notice.index, "already-erased")
        if notice.rule is not None and not await self._still_due(target, notice.rule):
            await erasure.withdraw(self._working, notice.index)
            return Outcome(notice.index, "no-longer-due")
        size = self._view().size
        parts = await self._parts(target)
        if parts is None:
            return Outcome(notice.index, "still-in-force")
        people = tuple(one for one in (notice.requested_by, notice.approved_by) if one is not None)
        draft = erasures.erase(parts, reason=notice.reason, rule=notice.rule, approved_by=people)
        draft = replace(draft, unchanged=await lives.unchanged(self._reading, target, size))
        return await self._log_and_delete(parts, draft)

    async def _still_due(self, target: erasure.Target, rule: str) -> bool:
        """Whether the same rule, as it is today, still says so: it may have been changed since the notice."""
        return await still_due(self._reading, self._view(), target, rule, today=london_date(self._now()))

    async def _parts(self, target: erasure.Target, *, companions: bool = True) -> list[ErasedPart] | None:
        """The entry and what belongs to it; None for one on which the register depends."""
        return await parts_of(self._reading, self._view(), target, companions=companions)

    async def _log_and_delete(self, parts: Sequence[ErasedPart], draft: Draft) -> Outcome:
        index = parts[0].index
        try:
            appended = await self._append(draft)
        except Refused as refused:
            if refused.code not in _KEPT:
                raise
            return Outcome(index, _KEPT[refused.code])
        return await self._delete([(part.index, appended.index + place) for place, part in enumerate(parts)])

    async def _finish(self, index: int, by: int) -> Outcome:
        return await self._delete([(index, by)])

    async def _delete(self, pairs: Sequence[tuple[int, int]]) -> Outcome:
        at = instant(self._now())
        leaves = await log.leaf_hashes_at(self._reading, [index for index, _ in pairs])
        lines = [JournalLine(at=at, by=by, index=index, leaf=leaves[index].hex()) for index, by in pairs]
        self._journal.append([line for line in lines if (line.index, line.leaf) not in self._known])
        self._known.update((line.index, line.leaf) for line in lines)
        try:
            await erasure.erase(self._erasing, pairs)
        except erasure.EraseRefused as refused:
            return Outcome(pairs[0][0], refused.code)
        return Outcome(pairs[0][0], "erased")


async def parts_of(
    connection: Connection, view: RegisterView, target: erasure.Target, *, companions: bool = True
) -> list[ErasedPart] | None:
    """What goes when an entry is erased: itself, and with an event or a challenge what belongs to it.

    None where it cannot go, because the current register depends on it, or a check that is kept rests on it, or it says
    of another that it was erased.
    """
    first = ErasedPart(index=target.index, at=target.at, parties=target.parties)
    if target.leaf_kind != "record":
        entries = await register_entries(connection, view.size)
        ends = Influence(entries).ends(target.index)
        if ends is None or await rested_on(connection, next(one for one in entries if one.index == target.index)):
            return None
        return [ErasedPart(first.index, first.at, first.parties, until=ends)]
    if target.kind == "payload.erased":
        return None
    parts = [first]
    if target.kind in lives.KINDS:
        return await lives.parts(connection, target, whole=companions)
    if target.kind == EVENT and companions:
        for index, kind in await erasure.following(connection, target.index):
            if kind not in COMPANIONS or index != target.index + len(parts):
                break
            parts.append(ErasedPart(index=index, at=target.at, parties=target.parties))
    for index in await erasure.belonging(connection, target.index) if companions else ():
        other = await erasure.target(connection, index)
        assert other is not None
        parts.append(ErasedPart(index=index, at=other.at, parties=other.parties))
    return parts
