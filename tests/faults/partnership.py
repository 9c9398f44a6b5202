"""A registry with everything around it, in one process: two workers, what signs, three witnesses, the file outside, the
erasure journal, and an auditor who remembers. Each can go, come back, or come back older."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import asyncpg
from msgspec import Struct

from databases import Databases
from faults.drafts import furnish
from growing import vkeys_of
from isa_registry.ledger.witness import MAX_REQUEST_SIZE, Cosigner, read_logs
from isa_registry.outbound.witnesses import WitnessClient
from isa_registry.runtime.checkpoints import history
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.checkpoints.stored_history import DatabaseHistory
from isa_registry.runtime.erasure import journal as erasure_journal
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.registry import Registry, wall_clock
from isa_registry.runtime.witnesses.place import STATE_FILE, WitnessPlace, make_witness
from isa_registry.runtime.witnesses.policy import PolicyWitnesses
from isa_registry.runtime.witnesses.server import WitnessServer
from isa_registry.runtime.witnesses.small_http import SmallHttpServer
from isa_registry.store import log, publication
from isa_registry.store.pool import Connection, DatabaseError, connect
from isa_verify.checkpoint import Checkpoint
from isa_verify.memory import Memory
from isa_verify.note import VerifierKey
from isa_verify.policy import Policy
from running import SIGNER, checkpointing, working

PARTNERS = ("council", "police", "health")
QUORUM = 2
SECONDS = 120.0
"""How long anything that must come about may take, on a machine that is busy with other tests."""


class Founded(Struct, frozen=True):
    """A database to copy that holds the demonstration's register, signed: its name, its size, the file outside."""

    name: str
    size: int
    note: bytes


class TheLog(Struct, frozen=True):
    """This log, as far as a witness knows it."""

    keys: tuple[VerifierKey, ...]


def found(databases: Databases, template: str) -> Founded:
    name = databases.create(template)

    async def sign() -> tuple[int, bytes]:
        async with checkpointing(databases.url(name)), working(databases.url(name)) as registry:
            size = await furnish(registry)
            signed = await registry.follower.wait_for_checkpoint(size, seconds=SECONDS)
            assert signed is not None
            return size, signed.note

    size, note = asyncio.run(sign())
    return Founded(name, size, note)


class Partnership:
    """What runs, what lies where, and what nobody may ever take back. Made anew for each sequence of steps.

    `signer` signs from the next start of the checkpointer on. `keys` are the log's, followed through each rotation that
    it took; `told` are those in each witness's list from its next start on; `pinned` is what the auditor was given,
    and `pinned_next` what it is given once the log has published that those were compromised.
    """

    def __init__(self, databases: Databases, founded: Founded, directory: Path) -> None:
        self.databases = databases
        self.name = databases.create(founded.name)
        self.url = databases.url(self.name)
        self.file = directory / "checkpoint"
        self.file.write_bytes(founded.note)
        self.journal = directory / "erasures.jsonl"
        self.directory = directory
        self.workers: list[Registry | None] = [None, None]
        self.checkpointer: Checkpointer | None = None
        self.memory = Memory()
        self.signer = SIGNER
        self.keys = SIGNER.keys
        self.pinned = SIGNER.keys.verifiers
        self.pinned_next: list[VerifierKey] | None = None
        self.told = dict.fromkeys(PARTNERS, tuple(SIGNER.keys.verifiers))
        self._signing = AsyncExitStack()
        self._one_starts_it = asyncio.Lock()
        self._skipped = 0.0
        self._cosigners: dict[str, Cosigner] = {}
        self._witnessing: dict[str, AsyncExitStack] = {}
        self._ports = dict.fromkeys(PARTNERS, 0)

    async def start(self) -> None:
        for name in PARTNERS:
            self._cosigners[name] = make_witness(self.directory / name, f"{name}.example")
            await self.start_witness(name)
        await self.start_checkpointer()
        for worker in (0, 1):
            await self.start_worker(worker)

    async def stop(self) -> None:
        for worker in (0, 1):
            await self.stop_worker(worker)
        await self.stop_checkpointer()
        for name in list(self._witnessing):
            await self.stop_witness(name)

    def open(self, note: bytes) -> Checkpoint:
        """A checkpoint that this log signed."""
        return self.keys.open(note).checkpoint

    def outside(self) -> Checkpoint:
        """The one in the file outside."""
        return self.open(self.file.read_bytes())

    # --- workers ---------------------------------------------------------------------------------------------------

    @property
    def running(self) -> list[Registry]:
        return [worker for worker in self.workers if worker is not None]

    async def start_worker(self, worker: int) -> None:
        """As `serve` starts: the first worker sees the file outside, the second waits for the checkpointer's word. The
        first is given the keys that the log was founded with for ever, the second those that sign.

        Raises `ErasuresNotReapplied` and `HistoryRefused`.
        """
        outside, keys = (CheckpointFile(self.file), SIGNER.keys) if worker == 0 else (None, self.signer.keys)
        await erasure_journal.refuse_resurrected(self.url, self.journal)
        if outside is not None:
            async with self.connection("isa_read") as connection:
                try:
                    await history.look(DatabaseHistory(connection), await keys_in(connection, keys), outside)
                except history.HistoryUnconfirmed:
                    """It starts all the same, and records nothing."""
        registry = Registry(self.url, keys, outside=outside, journal=self.journal)
        await registry.start()
        self.workers[worker] = registry

    async def stop_worker(self, worker: int) -> None:
        registry, self.workers[worker] = self.workers[worker], None
        if registry is not None:
            await registry.stop()

    async def connected_anew(self) -> None:
        """Returns once each worker has looked at a database connection that is open now."""

        async def looked() -> bool:
            sessions = {
                row["pid"] for row in await self.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", self.name)
            }
            for registry in self.running:
                connection = registry.sequencer._connection
                open_now = connection is not None and not connection.is_closed()
                if not registry.guard.refuses and not (open_now and connection.get_server_pid() in sessions):
                    return False
            return True

        await eventually(looked, "every worker has looked at the database that is there")

    # --- what signs ------------------------------------------------------------------------------------------------

    async def ensure_checkpointer(self) -> None:
        """Starts it where it does not run; of several who want that at once, one does it. Where the database is cut off
        meanwhile it does not run, and whoever wants it comes again."""
        async with self._one_starts_it:
            if self.checkpointer is None:
                with suppress(*DatabaseError):
                    await self._start_checkpointer(adopt=False)

    async def start_checkpointer(self, *, adopt: bool = False) -> None:
        """As `checkpoint` starts, in the place of one that runs. Raises `ErasuresNotReapplied` and `HistoryRefused`."""
        async with self._one_starts_it:
            await self._start_checkpointer(adopt=adopt)

    async def _start_checkpointer(self, *, adopt: bool) -> None:
        await self.stop_checkpointer()
        await erasure_journal.refuse_resurrected(self.url, self.journal, role="isa_checkpoint")
        client = await self._signing.enter_async_context(WitnessClient())
        witnesses = PolicyWitnesses(
            self.policy(),
            client,
            self.signer.keys,
            monotonic=lambda: time.monotonic() + self._skipped,
            random=lambda: 0.9,
        )
        self._signing.push_async_callback(witnesses.aclose)
        checkpointer = Checkpointer(
            self.url, self.signer, CheckpointFile(self.file), now=wall_clock, witnesses=witnesses, adopt=adopt
        )
        await checkpointer.look()
        await checkpointer.start()
        self._signing.push_async_callback(checkpointer.stop)
        self.checkpointer = checkpointer

    async def stop_checkpointer(self) -> None:
        self.checkpointer = None
        await self._signing.aclose()
        self._signing = AsyncExitStack()

    # --- witnesses -------------------------------------------------------------------------------------------------

    @property
    def quorate(self) -> bool:
        return len(self._witnessing) >= QUORUM

    def answers(self, name: str) -> bool:
        return name in self._witnessing

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def keys_of(self, name: str) -> tuple[VerifierKey, ...]:
        """With which a witness cosigns."""
        return self._cosigners[name].keys

    def state_of(self, name: str) -> Path:
        """What a witness remembers, as a file."""
        return self.directory / name / STATE_FILE

    async def start_witness(self, name: str) -> None:
        stack = self._witnessing[name] = AsyncExitStack()
        place = stack.enter_context(WitnessPlace(self.directory / name))
        answer = WitnessServer(
            place, read_logs(vkeys_of(TheLog(self.told[name]))), now=time.time, monotonic=time.monotonic
        ).answer  # type: ignore[arg-type]
        server = SmallHttpServer(answer, max_body=MAX_REQUEST_SIZE)
        self._ports[name] = await server.start("127.0.0.1", self._ports[name])
        stack.push_async_callback(server.stop)
        # Whoever was away is asked again at once, not after a minute.
        self._skipped += 120.0

    async def stop_witness(self, name: str) -> None:
        await self._witnessing.pop(name).aclose()

    def policy(self) -> Policy:
        lines = []
        for name in PARTNERS:
            keys = enumerate(self._cosigners[name].keys)
            lines += [f"witness {name}-{number} {key} {self.address(name)}" for number, key in keys]
            lines.append(f"group {name} all {name}-0 {name}-1")
        return Policy.parse("\n".join([*lines, f"group partners {QUORUM} {' '.join(PARTNERS)}", "quorum partners", ""]))

    # --- the database ----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def connection(self, role: str) -> AsyncIterator[Connection]:
        connection = await connect(self.url, role)  # type: ignore[arg-type]
        try:
            yield connection
        finally:
            await connection.close()

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """As the superuser, whom nothing is hidden from."""
        connection = await asyncpg.connect(self.url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def size(self) -> int:
        async with self.connection("isa_read") as connection:
            return (await log.tail(connection)).size

    async def standing(self) -> publication.Standing:
        async with self.connection("isa_read") as connection:
            return await publication.standing(connection)

    async def look_outside(self) -> None:
        """Has the checkpointer look at the file outside now, as it does every two seconds."""
        async with self.connection("isa_read") as connection:
            await publication.ask(connection)


async def eventually(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Returns once `holds`; fails, naming `what`, when it does not come about."""
    end = time.monotonic() + SECONDS
    while not await holds():
        assert time.monotonic() < end, f"it did not come about: {what}"
        await asyncio.sleep(0.02)
