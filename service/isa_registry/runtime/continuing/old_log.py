"""Reading the log that is to be continued: what its database holds, and how much of it its own keys vouch for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from isa_registry.domain.entries import RegisterPayload, RegistryOpened, decode_payload
from isa_registry.domain.keeping_entries import PayloadErased
from isa_registry.domain.register.influence import Folded
from isa_registry.runtime.folding import committed_payload, payload_as_logged
from isa_registry.runtime.tree import LogDisagrees, stored_frontier
from isa_registry.store import erasure, log
from isa_registry.store.pool import Connection
from isa_verify.errors import VerificationError
from isa_verify.leaf import FIRST_PREV, RECORD, Leaf
from isa_verify.log_keys import Keys
from isa_verify.merkle import Frontier, leaf_hash
from isa_verify.signed_checkpoint import SignedCheckpoint, open_signed_checkpoint

Progress = Callable[[int, int], None]

_PAGE = 2_048


class OldLogRefused(Exception):
    """The old log cannot be continued from what was given. `code` is stable; the sentence says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class OldLog(Struct, frozen=True):
    """A log that ended, as far as its database still holds it.

    `last` is the last checkpoint that it signed. `size` is how many entries there are here, `vouched` how many of them
    are under a signature that they were held against; `differs` that those after are not the ones that `last` was
    signed over. `entries` is the register, less what was erased; `hashes` are its entries' leaf hashes, by index.
    """

    last: SignedCheckpoint
    size: int
    vouched: int
    differs: bool
    entries: tuple[Folded, ...]
    hashes: Mapping[int, bytes]

    @property
    def origin(self) -> str:
        return self.last.checkpoint.origin

    @property
    def opened(self) -> RegistryOpened:
        """How the old log began."""
        first = self.entries[0].payload
        assert isinstance(first, RegistryOpened)
        return first

    @property
    def lost(self) -> int:
        """How many entries the log had signed that are not here."""
        return self.last.checkpoint.size - (self.vouched if self.differs else min(self.size, self.last.checkpoint.size))

    def unvouched(self) -> list[Folded]:
        """The register's entries that no signature vouches for."""
        return [one for one in self.entries if one.index >= self.vouched]


async def has_ended(connection: Connection, last: SignedCheckpoint) -> bool:
    """Whether a log cannot go on in this database, because what it signed last is not in it."""
    size = last.checkpoint.size
    if (await log.tail(connection)).size < size:
        return True
    return (await stored_frontier(connection, size)).root() != last.checkpoint.root


async def read_old_log(connection: Connection, keys: Keys, note: bytes, *, progress: Progress) -> OldLog:
    """Reads a log from its database, every leaf, and changes nothing. `note` is the last checkpoint that it signed.

    Raises `VerificationError` for a note that the keys did not sign; `OldLogRefused`: `checkpoint-older` where the
    database has a later one, `old-log-empty`, `old-log-unsigned`, `old-log-differs`, `old-log-forked`,
    `old-log-unknown`; `LogDisagrees` where what is stored contradicts itself.
    """
    last = open_signed_checkpoint(note, keys)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        size = (await log.tail(connection)).size
        if size == 0:
            raise OldLogRefused("old-log-empty", "The old database holds no entry.")
        own = await _own_checkpoint(connection, keys)
        if own is not None and own.checkpoint.size > last.checkpoint.size:
            raise OldLogRefused(
                "checkpoint-older",
                f"The checkpoint given is of {last.checkpoint.size} entries, and the old database has a later one, of "
                f"{own.checkpoint.size}. Give the last that the log signed: the file outside, witnesses or an auditor "
                "have it.",
            )
        leaves = _Leaves(last.checkpoint.origin, {one.checkpoint.size for one in (last, own) if one is not None})
        await leaves.read(connection, size, progress)
        vouched, differs = _vouched(leaves, size, last, own)
        entries = await _register(connection, leaves, size)
    if not entries or not isinstance(entries[0].payload, RegistryOpened):
        raise LogDisagrees("the old log does not begin with registry.opened")
    if entries[0].payload.origin != last.checkpoint.origin:
        raise OldLogRefused("old-log-differs", "The old database holds another log than the keys and the checkpoint.")
    return OldLog(
        last=last, size=size, vouched=vouched, differs=differs, entries=tuple(entries), hashes=leaves.register
    )


async def _own_checkpoint(connection: Connection, keys: Keys) -> SignedCheckpoint | None:
    newest = await log.newest_checkpoint(connection)
    if newest is None:
        return None
    try:
        return open_signed_checkpoint(newest.note, keys)
    except VerificationError as error:
        raise OldLogRefused(
            "old-log-differs", f"The old database's own newest checkpoint does not verify: {error.detail}"
        ) from None


def _vouched(leaves: _Leaves, size: int, last: SignedCheckpoint, own: SignedCheckpoint | None) -> tuple[int, bool]:
    """How many entries are under a signature, and whether the last one signed is over others than those here."""
    if own is not None:
        refuse_fork(last, own)
        if not leaves.give(own):
            raise OldLogRefused(
                "old-log-differs",
                f"The old database does not hold the {own.checkpoint.size} entries that its own newest checkpoint was "
                "signed over: it was edited, or is damaged. Nothing of it is carried over.",
            )
    if leaves.give(last):
        return last.checkpoint.size, False
    if own is None:
        raise OldLogRefused(
            "old-log-unsigned",
            "Nothing that the old log signed can be held against what this database holds: it has no checkpoint of its "
            "own, and fewer entries than the one given, or others.",
        )
    return own.checkpoint.size, last.checkpoint.size <= size


def refuse_fork(last: SignedCheckpoint, own: SignedCheckpoint) -> None:
    """Raises `OldLogRefused` `old-log-forked`."""
    if own.checkpoint.size == last.checkpoint.size and own.checkpoint.root != last.checkpoint.root:
        raise OldLogRefused(
            "old-log-forked",
            f"The log signed two histories of {own.checkpoint.size} entries: the checkpoint given, and that of the "
            "database or the evidence. Keep both, and tell the auditors. Neither is continued by this command.",
        )


class _Leaves:
    """What the leaves say, read back one by one: their hashes, the roots at some sizes, which are of the register."""

    def __init__(self, origin: str, sizes: set[int]) -> None:
        self._origin = origin
        self._sizes = sizes
        self._previous = FIRST_PREV
        self._at = ""
        self._frontier = Frontier()
        self.roots: dict[int, bytes] = {}
        self.register: dict[int, bytes] = {}

    async def read(self, connection: Connection, size: int, progress: Progress) -> None:
        self._note_root()
        while self._frontier.size < size:
            start = self._frontier.size
            end = min([size, start + _PAGE, *(one for one in self._sizes if one > start)])
            rows = await log.leaves(connection, start, end)
            if len(rows) != end - start:
                raise LogDisagrees("the old log has a gap")
            self._frontier = self._frontier.extend([self._take(*row) for row in rows])
            self._note_root()
            progress(end, size)

    def give(self, signed: SignedCheckpoint) -> bool:
        """Whether these leaves are those that a checkpoint was signed over."""
        return self.roots.get(signed.checkpoint.size) == signed.checkpoint.root

    def _note_root(self) -> None:
        if self._frontier.size in self._sizes:
            self.roots[self._frontier.size] = self._frontier.root()

    def _take(self, index: int, data: bytes, stored: bytes) -> bytes:
        digest = leaf_hash(data)
        try:
            leaf = Leaf.parse(data)
        except VerificationError as error:
            raise LogDisagrees(f"entry {index} of the old log is no leaf: {error.detail}") from None
        if digest != stored or (leaf.origin, leaf.seq, leaf.prev) != (self._origin, index, self._previous):
            raise LogDisagrees(f"entry {index} of the old log is not what its place and its hash say")
        if leaf.at < self._at:
            raise LogDisagrees(f"entry {index} of the old log is earlier than the one before it")
        self._previous, self._at = digest.hex(), leaf.at
        if leaf.kind != RECORD:
            self.register[index] = digest
        return digest


async def _register(connection: Connection, leaves: _Leaves, size: int) -> list[Folded]:
    """The register's entries as committed, less those that the log says are erased."""
    gone = set()
    for index, by in await erasure.register_erasures(connection, 0, size):
        naming = payload_as_logged(by)
        if isinstance(naming, PayloadErased) and naming.index == index:
            gone.add(index)
    try:
        stored = await log.register_entries(connection, 0, size, erased=gone)
    except log.PayloadMissing as missing:
        raise LogDisagrees(str(missing)) from None
    if [one.index for one in stored] != sorted(leaves.register.keys() - gone):
        raise LogDisagrees("the old database does not call every entry of the register one")
    return [_folded(one) for one in stored]


def _folded(stored: log.StoredEntry) -> Folded:
    return Folded(index=stored.index, at=stored.at, payload=register_payload(stored.index, committed_payload(stored)))


def register_payload(index: int, data: bytes) -> RegisterPayload:
    """The payload of one of the old register's entries. Raises `OldLogRefused` `old-log-unknown`."""
    try:
        payload = decode_payload(data)
    except msgspec.MsgspecError:
        payload = None
    if not isinstance(payload, RegisterPayload):
        raise OldLogRefused(
            "old-log-unknown",
            f"Entry {index} of the old log is of a kind or form that this version does not know. Continue it with the "
            "version that wrote it, or a later one.",
        )
    return payload
