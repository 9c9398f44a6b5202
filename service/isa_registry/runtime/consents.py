"""Reading a body's own consents, by the references under which it keeps them or by a consent's own id.

Many questions are asked at once, and each needs what is there at that moment. Those of one body that wait for the same
turn at the database are answered by one query, which is one exchange with it: what it reads was there after every one
of them asked. A connection that was taken serves one turn after another for as long as any waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from isa_registry.domain.consent_entries import ConsentPayload
from isa_registry.domain.consents.states import ConsentState, Entry, fold
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import consents
from isa_registry.store.log import StoredEntry
from isa_registry.store.pool import READING_SECONDS, Connection, Pool, lent, reading_for

_AT_ONCE = 2
"""Connections at a time: questions leave connections for everybody else who reads."""


class Records(Struct, frozen=True):
    """The entries of a body's own consents about some people, by reference, as they were when the log had `size`
    entries. A reference that is not there has none."""

    size: int
    entries: Mapping[str, tuple[Entry, ...]]

    def covered(self, references: Iterable[str]) -> int:
        """The least log size that has all of these people's entries."""
        return max((entry.index + 1 for one in references for entry in self.entries.get(one, ())), default=0)

    def consents(self, references: Iterable[str], *, below: int) -> dict[str, list[ConsentState]]:
        """These people's consents as they were when the log had `below` entries."""
        found = {}
        for one in references:
            known = [entry for entry in self.entries.get(one, ()) if entry.index < below]
            if known:
                found[one] = fold(known)
        return found


class _Turn(Struct):
    references: set[str]
    records: asyncio.Future[Records]


class ConsentReader:
    """Reads consents for this worker's questions. `pool` gives the connections that read."""

    def __init__(self, pool: Callable[[], Pool]) -> None:
        self._pool = pool
        self._turns: dict[str, _Turn] = {}
        self._being_read: set[str] = set()
        self._reading: set[asyncio.Task[None]] = set()

    async def about(self, organisation: str, references: Iterable[str]) -> Records:
        """What is there now. Raises one of `DatabaseError` where it cannot be read, and `LogDisagrees` where what is
        stored is not what was logged."""
        turn = self._turns.get(organisation)
        if turn is None:
            turn = self._turns[organisation] = _Turn(set(), asyncio.get_running_loop().create_future())
            self._read_on()
        turn.references.update(references)
        # One question that is given up takes nothing from the others.
        return await asyncio.shield(turn.records)

    def _next(self) -> str | None:
        """The body that has waited longest. One whose query is on its way waits for that: the more ask meanwhile, the
        more go together."""
        return next((one for one in self._turns if one not in self._being_read), None)

    def _read_on(self) -> None:
        if len(self._reading) < _AT_ONCE and self._next() is not None:
            task = asyncio.create_task(self._read_turns())
            self._reading.add(task)
            task.add_done_callback(self._read_to_its_end)

    def _read_to_its_end(self, task: asyncio.Task[None]) -> None:
        self._reading.discard(task)
        if not task.cancelled():
            self._read_on()

    async def _read_turns(self) -> None:
        """Reads, with one connection, for whoever has waited longest, until nobody waits."""
        turn: _Turn | None = None
        try:
            async with lent(self._pool()) as connection:
                while (organisation := self._next()) is not None:
                    # From here on whoever asks waits for the next turn: this one's query is on its way.
                    turn = self._turns.pop(organisation)
                    self._being_read.add(organisation)
                    try:
                        _tell(turn, await self._read(connection, organisation, turn.references))
                    except LogDisagrees as error:
                        _tell(turn, error)
                    finally:
                        self._being_read.discard(organisation)
                    turn = None
        except Exception as error:  # noqa: BLE001 - it is for whoever asked
            # Without a connection nobody's turn has begun: it is over for who has waited longest.
            if turn is None and (organisation := self._next()) is not None:
                turn = self._turns.pop(organisation)
            if turn is not None:
                _tell(turn, error)
        finally:
            if turn is not None and not turn.records.done():
                turn.records.cancel()

    async def _read(self, connection: Connection, organisation: str, wanted: set[str]) -> Records:
        found = await consents.about(connection, organisation, sorted(wanted), READING_SECONDS)
        entries: dict[str, list[Entry]] = {}
        for reference, stored in found.entries:
            assert reference is not None
            entries.setdefault(reference, []).append(_entry(stored))
        return Records(found.size, {one: tuple(of) for one, of in entries.items()})

    async def one(self, reader: str, consent: str, *, organisation: str | None) -> tuple[int, ConsentState | None]:
        """A consent as it is now for a reader, and the log size up to which it was read; None where there is none, or
        none that the reader may see. With an `organisation`, only its own."""
        async with reading_for(self._pool(), reader) as connection:
            found = await consents.of_consent(connection, consent, organisation=organisation)
        folded = fold([_entry(stored) for _, stored in found.entries])
        return found.size, folded[0] if folded else None


def _tell(turn: _Turn, found: Records | BaseException) -> None:
    if isinstance(found, Records):
        turn.records.set_result(found)
    else:
        turn.records.set_exception(found)
        # Where everybody who asked has given up, nobody else hears of what went wrong.
        turn.records.exception()


def _entry(stored: StoredEntry) -> Entry:
    payload = payload_as_logged(stored)
    if not isinstance(payload, ConsentPayload):
        raise LogDisagrees(f"entry {stored.index} is no part of a consent")
    return Entry(stored.index, stored.at, payload)
