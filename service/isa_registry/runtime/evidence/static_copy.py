"""A copy of the log as files (C2SP tlog-tiles) that any web server can serve, grown by each run.

Tiles come first and the checkpoint last, so that whoever reads the copy meanwhile finds everything that the checkpoint
it has read commits to. A full tile is written once; the partial ones before it go when it is there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from isa_registry.ledger.log_keys import LogKeys
from isa_registry.ledger.tiles import TILE_WIDTH
from isa_registry.runtime.durable_files import replace
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.log_keys.rotations import rotation_receipts
from isa_registry.runtime.proofs import Tree
from isa_registry.runtime.receipts import receipt_at
from isa_registry.store import fsck, log
from isa_registry.store.pool import Connection, Pool, reading_for
from isa_verify.continuation import INDEX, KIND
from isa_verify.errors import VerificationError
from isa_verify.log_keys import format_keys
from isa_verify.merkle import leaf_hash, perfect_root
from isa_verify.receipt import verify_receipt
from isa_verify.tiles import Level, encode_bundle, tile_path

_TILES = 64


class StaticCopyError(Exception):
    """The directory or the log is not such that a copy can be made. The message says why, and what to do."""


class Copied(Struct, frozen=True):
    """What a run did. `files` counts the tiles and bundles that were written."""

    size: int
    files: int


class StaticCopy:
    """Copies into `directory`/log, which it makes. `entries` says whether the entry bundles are to be in it."""

    def __init__(
        self,
        pool: Pool,
        directory: Path,
        keys: LogKeys,
        *,
        entries: bool,
        progress: Callable[[int, int], None],
    ) -> None:
        self._pool = pool
        self._directory = directory / "log"
        self._keys = keys
        self._entries = entries
        self._progress = progress
        self._files = 0

    async def run(self, checkpoint: log.StoredCheckpoint) -> Copied:
        """Brings the copy up to a checkpoint. Raises `StaticCopyError`."""
        async with reading_for(self._pool, "") as connection:
            self._keys = await keys_in(connection, self._keys)
            receipts = await rotation_receipts(connection, self._keys, checkpoint.size)
        rotations = b"".join(one + b"\n" for one in receipts)
        await self._check_log(checkpoint)
        held = self._held()
        if held is not None:
            await self._check_held(*held, checkpoint)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            if self._entries:
                await self._level("entries", 0, checkpoint.size)
            level, hashes = 0, checkpoint.size
            while hashes:
                await self._level(level, level, hashes)
                level, hashes = level + 1, hashes // TILE_WIDTH
            os.sync()
            self._put("keys", format_keys(self._keys.trusted))
            self._put("key-rotations", rotations)
            await self._continuation(checkpoint)
            self._put("checkpoint", checkpoint.note)
        except OSError as error:
            raise StaticCopyError(f"The copy cannot be written ({type(error).__name__}).") from None
        return Copied(size=checkpoint.size, files=self._files)

    async def _continuation(self, checkpoint: log.StoredCheckpoint) -> None:
        """Writes, once, the receipt by which a log says that it continues another."""
        if checkpoint.size <= INDEX or (self._directory / "continuation").exists():
            return
        async with reading_for(self._pool, "") as connection:
            entry = await log.entry(connection, INDEX)
            if entry is None or entry.kind != KIND:
                return
            receipt = await receipt_at(connection, INDEX, checkpoint)
        assert receipt is not None
        try:
            verify_receipt(receipt, self._keys.trusted)
        except VerificationError as error:
            raise StaticCopyError(f"The entry that continues another log does not verify: {error.detail}") from None
        self._put("continuation", receipt)

    async def _check_log(self, checkpoint: log.StoredCheckpoint) -> None:
        async with reading_for(self._pool, "") as connection:
            root = await Tree(checkpoint.size).root(connection)
        try:
            signed = self._keys.open(checkpoint.note)
        except VerificationError as error:
            raise StaticCopyError(f"The newest checkpoint does not verify: {error.detail}") from None
        if (signed.checkpoint.size, signed.checkpoint.root) != (checkpoint.size, root):
            raise StaticCopyError("The stored tree does not give the newest checkpoint. Run isa-registry fsck.")

    def _held(self) -> tuple[int, bytes] | None:
        """The size and root of the copy that is there already."""
        try:
            note = (self._directory / "checkpoint").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StaticCopyError(f"The copy that is there cannot be read ({type(error).__name__}).") from None
        try:
            signed = self._keys.open(note)
        except VerificationError as error:
            raise StaticCopyError(
                f"The copy that is there is not of this log: {error.detail} Name another directory."
            ) from None
        return signed.checkpoint.size, signed.checkpoint.root

    async def _check_held(self, size: int, root: bytes, checkpoint: log.StoredCheckpoint) -> None:
        if size <= checkpoint.size:
            async with reading_for(self._pool, "") as connection:
                if await Tree(size).root(connection) == root:
                    return
        raise StaticCopyError(
            "The copy that is there is not a beginning of this log. Keep it, as evidence, and name another directory."
        )

    async def _level(self, level: Level, below: int, hashes: int) -> None:
        """Writes what is lacking of one level, full tiles in order and then the partial one. `below` is the level whose
        tiles are counted: for bundles that of the leaves."""
        full, partial = divmod(hashes, TILE_WIDTH)
        for start in range(self._lacking(level, full), full, _TILES):
            end = min(start + _TILES, full)
            async with reading_for(self._pool, "") as connection:
                for number, data in await self._full(connection, level, start, end):
                    self._write(tile_path(level, number, TILE_WIDTH), data)
                    shutil.rmtree(self._directory / f"{tile_path(level, number, TILE_WIDTH)}.p", ignore_errors=True)
            if below == 0:
                self._progress(end * TILE_WIDTH, hashes)
        if partial:
            path = tile_path(level, full, partial)
            if not (self._directory / path).exists():
                async with reading_for(self._pool, "") as connection:
                    first = full * TILE_WIDTH
                    self._write(path, await self._part(connection, level, first, first + partial))

    def _lacking(self, level: Level, full: int) -> int:
        """The first full tile that is not there. They are written in order, so those before it are."""
        low, high = 0, full
        while low < high:
            middle = (low + high) // 2
            if (self._directory / tile_path(level, middle, TILE_WIDTH)).exists():
                low = middle + 1
            else:
                high = middle
        return low

    async def _full(self, connection: Connection, level: Level, start: int, end: int) -> list[tuple[int, bytes]]:
        if level == "entries":
            leaves = await _leaves(connection, start * TILE_WIDTH, end * TILE_WIDTH)
            parts = [leaves[first : first + TILE_WIDTH] for first in range(0, len(leaves), TILE_WIDTH)]
            return [(start + number, encode_bundle(part)) for number, part in enumerate(parts)]
        stored = await fsck.tiles(connection, level, start, end)
        if len(stored) != end - start or any(perfect_root(hashes) != root for hashes, root in stored.values()):
            raise StaticCopyError(f"A full tile of level {level} is not stored as it was made. Run isa-registry fsck.")
        return [(number, hashes) for number, (hashes, _) in sorted(stored.items())]

    async def _part(self, connection: Connection, level: Level, start: int, end: int) -> bytes:
        if level == "entries":
            return encode_bundle(await _leaves(connection, start, end))
        hashes = await log.tile_hashes(connection, level, start, end)
        if len(hashes) != end - start:
            raise StaticCopyError(f"Some hashes of level {level} are not stored. Run isa-registry fsck.")
        return b"".join(hashes)

    def _put(self, name: str, content: bytes) -> None:
        replace(self._directory / name, content)
        (self._directory / name).chmod(0o644)

    def _write(self, path: str, data: bytes) -> None:
        """Whole or not at all; on the disk before the checkpoint is."""
        target = self._directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".unfinished-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(target)
        self._files += 1


async def _leaves(connection: Connection, start: int, end: int) -> list[bytes]:
    """The leaves from `start` up to `end`, each of the hash beside it: what is written once is never written again, so
    that a copy would keep for ever what is repaired here. Raises `StaticCopyError`."""
    found: list[bytes] = []
    for index, leaf, stored in await log.leaves(connection, start, end):
        if index != start + len(found) or leaf_hash(leaf) != stored:
            raise StaticCopyError(f"Entry {start + len(found)} is not stored as it was made. Run isa-registry fsck.")
        found.append(leaf)
    if len(found) != end - start:
        raise StaticCopyError(f"Entry {start + len(found)} is not stored. Run isa-registry fsck.")
    return found
