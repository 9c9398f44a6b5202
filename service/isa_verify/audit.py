"""Verify a whole log from what it publishes, against what was last seen of it.

An auditor that keeps the last checkpoint it trusted can tell a log that grew from one that was rolled back or
rewritten. From the log alone nobody can.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import AccessDeniedError, MalformedError, NotFoundError, VerificationError
from isa_verify.leaf import FIRST_PREV, Leaf
from isa_verify.merkle import Frontier, leaf_hash, root_of
from isa_verify.note import SignatureLine, VerifiedSignature, VerifierKey, parse_note
from isa_verify.signed_checkpoint import SignedCheckpoint, log_origin, open_signed_checkpoint
from isa_verify.tiles import FULL_WIDTH, Level, encode_bundle, parse_bundle, parse_tile, tile_path

Fetch = Callable[[str], bytes]
"""Returns what the log serves under a path relative to its prefix, such as `checkpoint` or `tile/0/000`.

Raises `NotFoundError` and `AccessDeniedError` where the log says so, another `CannotRunError` where it says
nothing.
"""

Progress = Callable[[int, int], None]
"""Is told how many entries have been checked, of how many."""


class InconsistentLogError(VerificationError):
    """The log contradicts what it signed before. The two signed checkpoints are the evidence: keep both."""

    def __init__(self, code: str, detail: str, trusted: bytes, observed: bytes) -> None:
        super().__init__(code, detail)
        self.trusted = trusted
        self.observed = observed


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """What was verified: every published hash of the log `origin` up to `size`.

    `entries_read` says whether the entries themselves were read too. `previous_size` is the size of the
    remembered checkpoint that the log extends, None where there was none. `last_at` is the time of the last
    entry read. `data` is the checkpoint's note, to remember. Nothing is known about the lines in
    `unverified`.
    """

    origin: str
    size: int
    root: bytes
    entries_read: bool
    previous_size: int | None
    last_at: str | None
    data: bytes
    verified: tuple[VerifiedSignature, ...]
    unverified: tuple[SignatureLine, ...]


def audit_log(
    fetch: Fetch,
    keys: Sequence[VerifierKey],
    remembered: bytes | None = None,
    *,
    entries_required: bool = False,
    progress: Progress | None = None,
) -> AuditSummary:
    """Verify a whole log, holding no more than one tile of each level and one bundle in memory.

    1. Every key has signed the published checkpoint, which names the log that the keys belong to.
    2. The log is not smaller than the remembered checkpoint's, nor of its size with another root.
    3. Each entry has the hash that its level-0 tile states, names this log and its own index, chains to the
       entry before it, and is not earlier than it. A log that denies its entries is verified by hashes alone,
       unless `entries_required`.
    4. Each tile above level 0 holds the roots of the tiles below it.
    5. The hashes give the checkpoint's root.
    6. The first of them give the remembered root.

    Raises `InconsistentLogError` `log-shrank` or `log-forked`, `VerificationError` otherwise, and
    `CannotRunError` where the log could not be read.
    """
    # 1.
    signed = open_signed_checkpoint(fetch("checkpoint"), keys)
    checkpoint = signed.checkpoint

    # 2.
    previous = _remembered_checkpoint(remembered, log_origin(keys)) if remembered is not None else None
    _refuse_rollback(previous, remembered, signed)

    # 3., 4.
    walk = _Walk(fetch, checkpoint, entries_required)
    frontier, frontier_then = Frontier(), Frontier()
    for number in range(-(-checkpoint.size // FULL_WIDTH)):
        start = number * FULL_WIDTH
        hashes = walk.read(number, min(FULL_WIDTH, checkpoint.size - start))
        if previous is not None and start < previous.size:
            frontier_then = frontier.extend(hashes[: previous.size - start])
        frontier = frontier.extend(hashes)
        if progress is not None:
            progress(frontier.size, checkpoint.size)
    walk.finish()

    # 5.
    if frontier.root() != checkpoint.root:
        raise VerificationError("root-mismatch", "The published hashes do not give the root that the log signed.")

    # 6.
    if previous is not None and remembered is not None and frontier_then.root() != previous.root:
        raise InconsistentLogError(
            "log-forked",
            "The log no longer begins with the entries that it had when it was last checked.",
            remembered,
            signed.data,
        )

    return AuditSummary(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        entries_read=walk.entries_readable,
        previous_size=None if previous is None else previous.size,
        last_at=walk.last_at,
        data=signed.data,
        verified=signed.verified,
        unverified=signed.unverified,
    )


def _remembered_checkpoint(remembered: bytes, origin: str) -> Checkpoint:
    checkpoint = Checkpoint.parse(parse_note(remembered).text)
    if checkpoint.origin != origin:
        raise MalformedError("origin-mismatch", "The remembered checkpoint is of another log than the keys given.")
    return checkpoint


def _refuse_rollback(previous: Checkpoint | None, remembered: bytes | None, signed: SignedCheckpoint) -> None:
    if previous is None or remembered is None:
        return
    if signed.checkpoint.size < previous.size:
        raise InconsistentLogError(
            "log-shrank",
            f"The log has {signed.checkpoint.size} entries, fewer than the {previous.size} last seen.",
            remembered,
            signed.data,
        )
    if signed.checkpoint.size == previous.size and signed.checkpoint.root != previous.root:
        raise InconsistentLogError(
            "log-forked",
            f"The log has signed two different histories of its first {previous.size} entries.",
            remembered,
            signed.data,
        )


@dataclass(slots=True)
class _Walk:
    """Reads a log from its first entry to its last, and remembers what the next step needs."""

    fetch: Fetch
    checkpoint: Checkpoint
    entries_required: bool
    entries_readable: bool = True
    last_at: str | None = None
    _previous_hash: str = FIRST_PREV
    _pending: list[list[bytes]] = field(default_factory=list)
    """For each level from 1 up, the hashes of the tile that is being collected."""

    def read(self, number: int, width: int) -> list[bytes]:
        """Return the hashes of a level-0 tile, with its entries checked and the full tiles above it."""
        hashes = parse_tile(self._published(0, number, width), width)
        if self.entries_readable:
            self._check_entries(number, hashes)
        if width == FULL_WIDTH:
            self._carry(1, number, root_of(hashes))
        return hashes

    def finish(self) -> None:
        """Check the partial tiles at the right edge of each level above 0."""
        for level, hashes in enumerate(self._pending, start=1):
            if hashes:
                number = self.checkpoint.size >> (8 * (level + 1))
                self._check_tile(level, number, hashes)

    def _carry(self, level: int, index: int, digest: bytes) -> None:
        if len(self._pending) < level:
            self._pending.append([])
        hashes = self._pending[level - 1]
        hashes.append(digest)
        if len(hashes) == FULL_WIDTH:
            number = index // FULL_WIDTH
            self._check_tile(level, number, hashes)
            root = root_of(hashes)
            hashes.clear()
            self._carry(level + 1, number, root)

    def _check_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        if self._published(level, number, len(hashes)) != b"".join(hashes):
            raise VerificationError(
                "tile-mismatch",
                f"Tile {number} of level {level} does not hold the roots of the tiles below it.",
            )

    def _check_entries(self, number: int, hashes: list[bytes]) -> None:
        try:
            bundle = self._published("entries", number, len(hashes))
        except AccessDeniedError:
            if self.entries_required or number:
                raise
            self.entries_readable = False
            return
        for index, (entry, digest) in enumerate(
            zip(parse_bundle(bundle, len(hashes)), hashes, strict=True), start=number * FULL_WIDTH
        ):
            if leaf_hash(entry) != digest:
                raise VerificationError("entry-mismatch", f"Entry {index} is not the one that its hash stands for.")
            try:
                leaf = Leaf.parse(entry)
            except MalformedError as error:
                raise MalformedError(error.code, f"Entry {index}: {error.detail}") from None
            if leaf.origin != self.checkpoint.origin:
                raise VerificationError("origin-mismatch", f"Entry {index} is of another log.")
            if leaf.seq != index:
                raise VerificationError("index-mismatch", f"Entry {index} carries another number than its place.")
            if leaf.prev != self._previous_hash:
                raise VerificationError("chain-broken", f"Entry {index} does not follow the entry before it.")
            if self.last_at is not None and leaf.at < self.last_at:
                raise VerificationError("time-fell", f"Entry {index} is earlier than the entry before it.")
            self._previous_hash, self.last_at = digest.hex(), leaf.at

    def _published(self, level: Level, number: int, width: int) -> bytes:
        """Return a tile or bundle, cut from the full one where the log no longer keeps the partial one."""
        try:
            return self.fetch(tile_path(level, number, width))
        except NotFoundError:
            if width == FULL_WIDTH:
                raise self._missing(level, number) from None
        try:
            data = self.fetch(tile_path(level, number, FULL_WIDTH))
        except NotFoundError:
            raise self._missing(level, number) from None
        if level == "entries":
            return encode_bundle(parse_bundle(data, FULL_WIDTH)[:width])
        return b"".join(parse_tile(data, FULL_WIDTH)[:width])

    @staticmethod
    def _missing(level: Level, number: int) -> VerificationError:
        if level == "entries":
            return VerificationError("bundle-missing", f"The log does not serve its entry bundle {number}.")
        return VerificationError("tile-missing", f"The log does not serve tile {number} of its level {level}.")
