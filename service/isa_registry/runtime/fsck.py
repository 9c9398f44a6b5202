"""Checks the stored log against itself: leaves, chain, tree, tiles, commitments, index tables, register, snapshots.

Read-only, and safe beside a running service: it looks at the entries that were there when it began.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from isa_registry.domain.entries import (
    RegisterPayload,
    decode_payload,
    encode_payload,
    kind_of,
    leaf_kind_of,
)
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.snapshots import FORMAT, write_snapshot
from isa_registry.ledger.rows import Rows, readers_of
from isa_registry.ledger.tiles import TILE_WIDTH
from isa_registry.store import log, records, snapshots
from isa_registry.store.pool import Connection, connect_as_owner
from isa_verify.errors import VerificationError
from isa_verify.leaf import Leaf, commitment
from isa_verify.merkle import Frontier, leaf_hash, root_of
from isa_verify.note import VerifierKey
from isa_verify.signed_checkpoint import open_signed_checkpoint


class Finding(Struct, frozen=True):
    """Something that is not as the log says. `code` is stable; `where` names the entry, tile or row."""

    code: str
    where: str


class Report(Struct, frozen=True):
    """What was looked at, and everything found. `root` is recomputed from the stored leaves."""

    size: int
    root: bytes
    findings: tuple[Finding, ...]


class _Walk:
    """One pass over the entries, in order."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.findings: list[Finding] = []
        self.hashes: list[bytes] = []
        self.rows = Rows()
        self.register = Register()
        self.snapshot_sizes: dict[int, bytes] = {}
        self._previous = bytes(32)
        self._at = ""

    def found(self, code: str, where: str) -> None:
        self.findings.append(Finding(code=code, where=where))

    def entry(self, index: int, leaf: bytes, stored_hash: bytes) -> Leaf | None:
        where = f"entry {index}"
        if index != len(self.hashes):
            self.found("index-gap", where)
        computed = leaf_hash(leaf)
        if computed != stored_hash:
            self.found("leaf-hash", where)
        self.hashes.append(computed)
        try:
            parsed = Leaf.parse(leaf)
        except VerificationError as error:
            self.found(error.code, where)
            self._previous = computed
            return None
        if (parsed.seq, parsed.origin, parsed.prev) != (index, self.origin, self._previous.hex()):
            self.found("chain", where)
        if parsed.at < self._at:
            self.found("time-fell", where)
        self._at, self._previous = parsed.at, computed
        return parsed

    def columns(self, leaf: Leaf | None, stored: log.Columns) -> None:
        """The fold skips what is not called a register kind, so the name beside a leaf must be the leaf's own."""
        if stored.kind is None:
            self.found("payload-orphan", f"entry {stored.index}")
        elif leaf is not None and (stored.kind, stored.at) != (leaf.kind, leaf.at):
            self.found("columns", f"entry {stored.index}")

    def payload(self, index: int, leaf: Leaf, stored: log.StoredEntry, columns: log.Columns) -> None:
        where = f"entry {index}"
        if commitment(leaf.kind, stored.payload, stored.salt) != leaf.commitment:
            self.found("commitment", where)
            return
        try:
            payload = decode_payload(stored.payload)
        except msgspec.DecodeError:
            self.found("payload-unknown", where)
            return
        if encode_payload(payload) != stored.payload or leaf_kind_of(payload) != leaf.kind:
            self.found("payload-form", where)
        try:
            if (columns.payload_kind, columns.readers) != (kind_of(payload), readers_of(payload)):
                self.found("columns", where)
            self.rows.add(index, payload)
            if isinstance(payload, RegisterPayload):
                apply(self.register, index, leaf.at, payload)
        except (ValueError, LookupError, msgspec.MsgspecError):
            # What was never admitted can be there if somebody wrote leaf, payload and salt anew.
            self.found("payload-unknown", where)


_PAGE = 1_000


async def check_log(database_url: str, *, origin: str, vkey: str) -> Report:
    """Looks at everything; the database login must be the owner's, whom row-level security does not bind."""
    connection = await connect_as_owner(database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await _check(connection, origin, vkey)
    finally:
        await connection.close()


async def _check(connection: Connection, origin: str, vkey: str) -> Report:
    walk = _Walk(origin)
    size = (await log.tail(connection)).size
    kept = {snapshot.size: snapshot for snapshot in await snapshots.all_snapshots(connection, snapshot_format=FORMAT)}
    for start in range(0, size, _PAGE):
        payloads = {one.index: one for one in await log.entries(connection, start, start + _PAGE)}
        beside = {one.index: one for one in await log.columns(connection, start, start + _PAGE)}
        for index, leaf, stored_hash in await log.leaves(connection, start, start + _PAGE):
            parsed = walk.entry(index, leaf, stored_hash)
            columns, stored = beside.pop(index), payloads.get(index)
            walk.columns(parsed, columns)
            if stored is None:
                walk.found("payload-missing", f"entry {index}")
            elif parsed is not None:
                walk.payload(index, parsed, stored, columns)
            if index + 1 in kept:
                _compare_snapshot(walk, kept.pop(index + 1))
        for orphan in beside.values():
            walk.columns(None, orphan)
    for index in await log.payloads_from(connection, size):
        walk.found("payload-orphan", f"entry {index}")
    for left in kept:
        walk.found("snapshot", f"size {left}")
    walk.rows.end()
    if walk.rows.checks != await records.all_checks(connection):
        walk.found("index-table", "check_record")
    if walk.rows.events != await records.all_sharing_events(connection):
        walk.found("index-table", "sharing_event")
    for finding in [*await _tiles(connection, walk.hashes), *await _checkpoints(connection, walk.hashes, origin, vkey)]:
        walk.findings.append(finding)
    return Report(size=size, root=root_of(walk.hashes), findings=tuple(walk.findings))


def _compare_snapshot(walk: _Walk, snapshot: snapshots.StoredSnapshot) -> None:
    body = write_snapshot(walk.register)
    if (body, hashlib.sha256(body).digest(), walk.hashes[-1]) != (snapshot.body, snapshot.sha256, snapshot.leaf_hash):
        walk.found("snapshot", f"size {snapshot.size}")


async def _tiles(connection: Connection, hashes: list[bytes]) -> list[Finding]:
    findings: list[Finding] = []
    level, below = 0, hashes
    while True:
        expected = [below[start : start + TILE_WIDTH] for start in range(0, len(below) - TILE_WIDTH + 1, TILE_WIDTH)]
        roots = [root_of(part) for part in expected]
        stored = {number: (tile, root) for number, tile, root in await log.full_tiles(connection, level, 0, 2**62)}
        if not expected and not stored:
            return findings
        for number, (part, root) in enumerate(zip(expected, roots, strict=True)):
            if stored.pop(number, None) != (b"".join(part), root):
                findings.append(Finding(code="tile", where=f"level {level} tile {number}"))
        findings.extend(Finding(code="tile", where=f"level {level} tile {number}") for number in stored)
        level, below = level + 1, roots


async def _checkpoints(connection: Connection, hashes: list[bytes], origin: str, vkey: str) -> list[Finding]:
    findings: list[Finding] = []
    frontier = Frontier()
    for stored in await log.checkpoints(connection):
        where = f"checkpoint {stored.size}"
        frontier = frontier.extend(hashes[frontier.size : stored.size])
        try:
            signed = open_signed_checkpoint(stored.note, [VerifierKey.parse(vkey)]).checkpoint
        except VerificationError as error:
            findings.append(Finding(code=error.code, where=where))
            continue
        held = (signed.origin, signed.size, signed.root, stored.size, stored.root)
        if held != (origin, frontier.size, frontier.root(), signed.size, signed.root):
            findings.append(Finding(code="checkpoint", where=where))
    return findings


def lines(report: Report) -> Iterator[str]:
    """The report in plain words, a line each."""
    for finding in report.findings:
        yield f"{finding.code}: {finding.where}"
    yield f"{report.size} entries looked at, {len(report.findings)} findings, root {report.root.hex()}"
