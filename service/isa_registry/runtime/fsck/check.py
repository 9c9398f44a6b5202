"""Checks the stored log against itself: leaves, chain, tree, tiles, payloads, index tables, register, checkpoints, what
was published, and the witnesses' lines.

Read-only, and safe beside a running service: it looks at the entries that were there when it began. Memory does not
grow with the log: it holds a stretch of entries, the register, and a bit for each payload that is not there.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from isa_registry.domain.register.snapshots import FORMAT, write_snapshot
from isa_registry.ledger.log_keys import LogKeys
from isa_registry.runtime.fsck.entries import EntryCheck
from isa_registry.runtime.fsck.findings import Finding, Findings, Report, lines
from isa_registry.runtime.fsck.lives import check_lives
from isa_registry.runtime.fsck.publications import PublicationCheck
from isa_registry.runtime.fsck.tree import TreeCheck
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, fsck, index_rows, lifecycles, log, snapshots
from isa_registry.store.pool import Connection, connect_as_owner
from isa_verify.errors import VerificationError
from isa_verify.merkle import EMPTY_ROOT
from isa_verify.policy import Policy
from isa_verify.signed_checkpoint import SignedCheckpoint

__all__ = ["Finding", "Report", "check_log", "lines"]

Progress = Callable[[int, int], None]

_STRETCH = 1_000
_LAST = 2**62
_LONGEST_GAP = 100_000
_WORKERS_SECONDS = 1.5
_QUIET_SECONDS = 0.15


async def check_log(
    database_url: str,
    *,
    origin: str,
    vkeys: Sequence[str],
    outside: Path | None = None,
    policy: Policy | None = None,
    signatures: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Looks at everything; the database login must be the owner's, whom row-level security does not bind.

    `vkeys` are two of the log's verifier keys, followed through its rotations: each must have signed every checkpoint
    of a size that it holds for, and no other. `outside` is the file outside the database that holds the newest
    checkpoint. `policy` names the witnesses whose lines are verified, and the quorum that published checkpoints must
    have. `signatures` has each event's own signature verified as well, which takes longer than all the rest.
    `progress` is told how many entries of how many were looked at.
    """
    connection = await connect_as_owner(database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            check = _Check(connection, LogKeys(origin=origin, vkeys=tuple(vkeys)), signatures=signatures)
            report = await check.run(outside, policy, progress or (lambda done, size: None))
        shown = await _shown_registers(connection, report.size)
        wrong = tuple(Finding("register", "a running worker") for digest in shown if digest != check.register_sha256)
        return replace(report, workers=len(shown), findings=(*report.findings, *wrong))
    finally:
        await connection.close()


async def _shown_registers(connection: Connection, size: int) -> list[str]:
    """The digests of the registers that running workers have in memory, as after `size` entries."""
    if not await log.others(connection):
        return []
    token, shown = secrets.token_hex(16), []

    def heard(_connection: object, _pid: int, _channel: str, answer: str) -> None:
        asked, _, digest = answer.partition(" ")
        if asked == token:
            shown.append(digest)

    await connection.add_listener("isa_register_shown", heard)
    await log.ask_registers(connection, token, size)
    # They answer at once; how many there are nobody knows, so the last has come when none comes any more.
    waited, seen = 0.0, 0
    while waited < _WORKERS_SECONDS and not (shown and seen == len(shown)):
        seen, waited = len(shown), waited + _QUIET_SECONDS
        await asyncio.sleep(_QUIET_SECONDS)
    return shown


class _Check:
    def __init__(self, connection: Connection, keys: LogKeys, *, signatures: bool) -> None:
        self._connection = connection
        self._keys = keys
        self._findings = Findings()
        self._entries = EntryCheck(keys.origin, self._findings, signatures=signatures)
        self._tree = TreeCheck(connection, self._findings, keys)
        self._snapshots: dict[int, snapshots.StoredSnapshot] = {}
        self._outside: SignedCheckpoint | None = None
        # Rows of each table that were read and whose entry is not complete yet.
        self._waiting: dict[str, set[Any]] = {}

    async def run(self, outside: Path | None, policy: Policy | None, progress: Progress) -> Report:
        connection, findings = self._connection, self._findings
        size = (await log.tail(connection)).size
        await self._follow_keys()
        kept = await snapshots.all_snapshots(connection, snapshot_format=FORMAT)
        self._snapshots = {snapshot.size: snapshot for snapshot in kept}
        self._outside = None if outside is None else self._read_outside(outside)
        await self._signed_at(-1, 0)
        start = 0
        while start < size:
            end = await self._stretch(start, min(start + _STRETCH, size))
            if end is None:
                break
            start = end
            progress(start, size)
        self._entries.end()
        await self._index_tables(start, size)
        await self._tables_of_few()
        await self._kept_answers(size)
        await self._beyond(size)
        published = PublicationCheck(connection, findings, policy)
        await published.run()
        return Report(
            size=size,
            root=self._tree.root() if size else EMPTY_ROOT,
            findings=tuple(findings.kept),
            more=findings.more,
            erased=self._entries.erased,
            unverified=published.unverified,
            suspect=self._entries.suspect,
            of_earlier_logs=self._entries.of_earlier_logs,
        )

    async def _follow_keys(self) -> None:
        try:
            self._keys = self._tree.keys = await keys_in(self._connection, self._keys)
        except LogDisagrees:
            self._findings.add("log-key-rotation", "the log's keys")

    async def _stretch(self, start: int, end: int) -> int | None:
        """Checks the entries from `start` up to `end`; returns where to go on, None where the log has a hole too large
        to look into."""
        rows = await fsck.stretch(self._connection, start, end)
        for orphan in await fsck.orphans(self._connection, start, end):
            self._findings.add("payload-orphan", f"entry {orphan}")
        hashes: list[bytes] = []
        for row in rows:
            if row.index != start + len(hashes):
                self._findings.add("index-gap", f"entry {row.index}")
                # Something in its place keeps the rest of the tree where it belongs.
                hashes.extend(bytes(32) for _ in range(row.index - start - len(hashes)))
            hashes.append(self._entries.entry(row))
            if row.index + 1 in self._snapshots:
                self._snapshot(row.index + 1)
        if len(hashes) < end - start:
            following = await fsck.next_entry(self._connection, end)
            if following is None or following - end > _LONGEST_GAP:
                self._findings.add("index-gap", f"entry {start + len(hashes)}")
                return None
            hashes.extend(bytes(32) for _ in range(end - start - len(hashes)))
        await self._grow(start, end, hashes)
        await self._index_tables(start, end)
        return end

    async def _grow(self, start: int, end: int, hashes: list[bytes]) -> None:
        """Extends the tree, stopping wherever a checkpoint was signed."""
        stored = await fsck.checkpoints(self._connection, start, end)
        outside = -1 if self._outside is None else self._outside.checkpoint.size
        taken = 0
        for stop in sorted({one.size for one in stored} | ({outside} if start < outside <= end else set())):
            await self._tree.extend(hashes[taken : stop - start])
            taken = stop - start
            for one in stored:
                if one.size == stop:
                    self._tree.checkpoint(one)
            if stop == outside:
                self._compare_outside()
        await self._tree.extend(hashes[taken:])

    async def _signed_at(self, above: int, up_to: int) -> None:
        for stored in await fsck.checkpoints(self._connection, above, up_to):
            self._tree.checkpoint(stored)

    @property
    def register_sha256(self) -> str:
        """Of the register that the log gives."""
        return hashlib.sha256(write_snapshot(self._entries.register)).hexdigest()

    # --- index tables and snapshots -------------------------------------------------------------------------------

    async def _index_tables(self, start: int, end: int) -> None:
        """Holds rows against the log. An event's row is complete only when what follows it is not its companion, so it
        may wait for the next stretch."""
        for table in index_rows.TABLES:
            made = index_rows.gathered(self._entries.rows, table)
            held = self._waiting.pop(table.name, set())
            held |= set(await index_rows.stored(self._connection, table, start, end))
            waiting = self._entries.rows.pending if table.gathered == "events" else None
            self._waiting[table.name] = {row for row in held if row.index == waiting}
            differing = (held ^ set(made)) - self._waiting[table.name]
            for index in sorted({row.index for row in differing}):
                self._findings.add("index-table", f"{table.name}, entry {index}")
            made.clear()

    async def _tables_of_few(self) -> None:
        """Holds, erasures and decisions about agreements are few: they are compared whole."""
        connection, rows = self._connection, self._entries.rows
        if rows.erasures != await erasure.all_erasures(connection):
            self._findings.add("index-table", "erasure")
        if rows.holds != await erasure.all_holds(connection):
            self._findings.add("index-table", "legal_hold")
        if rows.holds_lifted != await erasure.all_holds_lifted(connection):
            self._findings.add("index-table", "legal_hold_lifted")
        check_lives(
            self._findings,
            rows.lives,
            await lifecycles.all_events(connection),
            await lifecycles.all_steps(connection),
            {row.index for row in rows.erasures},
        )
        for index in set(await erasure.all_erased_records(connection)) - {row.index for row in rows.erasures}:
            self._findings.add("index-table", f"erased_record, entry {index}")

    async def _kept_answers(self, size: int) -> None:
        """What repeated requests are answered with."""
        for index in await fsck.answers_beyond(self._connection, size):
            self._findings.add("answer-beyond", f"idempotency, entry {index}")
        for index in await fsck.answers_left(self._connection, size):
            self._findings.add("answer-left", f"idempotency, entry {index}")

    def _snapshot(self, size: int) -> None:
        snapshot = self._snapshots.pop(size)
        body = write_snapshot(self._entries.register)
        held = (snapshot.body, snapshot.sha256, snapshot.leaf_hash)
        if (body, hashlib.sha256(body).digest(), self._entries.last_hash) != held:
            self._findings.add("snapshot", f"size {size}")

    async def _beyond(self, size: int) -> None:
        """What is stored of entries that are not there."""
        connection, findings = self._connection, self._findings
        for index in await fsck.payloads_beyond(connection, size):
            findings.add("payload-orphan", f"entry {index}")
        for table in index_rows.TABLES:
            for index in sorted({row.index for row in await index_rows.stored(connection, table, size, _LAST)}):
                findings.add("index-table", f"{table.name}, entry {index}")
        for stored in await fsck.checkpoints(connection, size):
            self._tree.checkpoint(stored)
        for left in self._snapshots:
            findings.add("snapshot", f"size {left}")
        await self._tree.end()
        if self._outside is not None and self._outside.checkpoint.size > size:
            findings.add("outside-ahead", f"checkpoint {self._outside.checkpoint.size}")
        newest = await log.newest_checkpoint(connection)
        if self._outside is not None and newest is not None and self._outside.checkpoint.size < newest.size:
            findings.add("outside-behind", f"checkpoint {self._outside.checkpoint.size}")

    # --- the file outside the database ----------------------------------------------------------------------------

    def _read_outside(self, path: Path) -> SignedCheckpoint | None:
        try:
            return self._keys.open(path.read_bytes())
        except OSError:
            self._findings.add("outside-unreadable", path.name)
        except VerificationError as error:
            self._findings.add(error.code, path.name, error.detail)
        return None

    def _compare_outside(self) -> None:
        assert self._outside is not None
        if self._outside.checkpoint.root != self._tree.root():
            self._findings.add("outside-differs", f"checkpoint {self._outside.checkpoint.size}")
