"""Folding an evidence bundle offline, and deciding recorded questions anew with the law and the register of then."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from isa_registry.domain.entries import CheckAnswered, Payload, RegisterPayload, decode_payload
from isa_registry.domain.keeping_entries import PayloadErased
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.influence import UNREAD_BY_ANSWERS
from isa_registry.domain.register.register import Register
from isa_registry.domain.replaying import ENGINES, Engines, Lacking, Replayed, erased_by, impossible, lacks, replay
from isa_verify.errors import VerificationError
from isa_verify.evidence_parts import Entry, ErasedBy, Head, Present, Withheld, read_parts
from isa_verify.leaf import RECORD, Leaf, commitment
from isa_verify.merkle import Frontier, leaf_hash

_REMEMBERED_ROOTS = 4_096
_LACKING_KEPT = 100
_ERASES = b'"kind":"payload.erased"'


class Replay:
    """The fold of one bundle. Iterating yields each wanted check as its entry is reached.

    `file` is read twice: an entry that was erased is explained by a later one. `wanted` is one check's id, None for
    every one; with `nothing` set the bundle is only folded. `engines` are those that can answer.
    """

    def __init__(
        self, file: BinaryIO, *, wanted: str | None = None, nothing: bool = False, engines: Engines = ENGINES
    ) -> None:
        self._file = file
        self._engines = engines
        self._wanted = wanted
        self._nothing = nothing
        self.register = Register()
        self.whole = False
        self.entries = 0
        self.checks = 0
        self.lacking: list[Lacking] = []  # the first of them
        self._needed: list[Lacking] = []  # of all of them, those that can stand in the way of an answer
        self._erased_until: dict[int, int] = {}
        self._next = 0
        self._frontier = Frontier()
        self._roots: deque[tuple[int, bytes]] = deque(maxlen=_REMEMBERED_ROOTS)

    def __iter__(self) -> Iterator[Replayed]:
        """Raises `VerificationError` for a bundle that is malformed, or whose payloads are not those of its leaves."""
        self._erased_until = erased_until(self._file)
        self._file.seek(0)
        for _, part in read_parts(self._file):
            if isinstance(part, Head):
                self.whole = part.scope == "whole"
            elif isinstance(part, Entry):
                yield from self._entry(part)

    def _entry(self, entry: Entry) -> Iterator[Replayed]:
        leaf = Leaf.parse(entry.leaf)
        if leaf.seq != self._next:
            # Which kind it was nobody can tell, so the register may lack it.
            self._lack(Lacking(self._next, "is not in the evidence"))
        self._next = leaf.seq + 1
        self.entries += 1
        if self.whole:
            self._frontier = self._frontier.append(leaf_hash(entry.leaf))
            self._roots.append((self._frontier.size, b"".join(self._frontier.hashes)))
        match entry.payload:
            case Present(payload=payload, salt=salt):
                _check_commitment(leaf, payload, salt)
                yield from self._payload(leaf, payload)
            case ErasedBy(entry=erasing) if leaf.kind != RECORD:
                self._lack_of(leaf, erased_by(erasing), until=self._erased_until.get(leaf.seq))
            case Withheld() if leaf.kind != RECORD:
                self._lack_of(leaf, "is withheld")

    def _lack_of(self, leaf: Leaf, why: str, *, until: int | None = None) -> None:
        self._lack(Lacking(leaf.seq, why, until=until, unread=leaf.kind in UNREAD_BY_ANSWERS))

    def _lack(self, lacking: Lacking) -> None:
        if len(self.lacking) < _LACKING_KEPT:
            self.lacking.append(lacking)
        # The first that is needed for ever speaks for all such that come after it.
        if not lacking.unread and not (lacking.until is None and any(one.until is None for one in self._needed)):
            self._needed.append(lacking)

    def _payload(self, leaf: Leaf, data: bytes) -> Iterator[Replayed]:
        try:
            payload = decode_payload(data)
            if isinstance(payload, RegisterPayload):
                apply(self.register, leaf.seq, leaf.at, payload)
                return
        except (msgspec.MsgspecError, ValueError, LookupError):
            if leaf.kind != RECORD:
                self._lack_of(leaf, "is of a kind or form that this version does not know")
            return
        if isinstance(payload, CheckAnswered):
            self.checks += 1
            if not self._nothing and self._wanted in (None, payload.check):
                yield self._again(leaf.seq, payload)

    def _again(self, index: int, recorded: CheckAnswered) -> Replayed:
        if (found := impossible(recorded, index)) is not None:
            return found
        size = recorded.register.log_size
        for lacking in self._needed:
            if lacking.stands_in_the_way(size):
                return lacks(recorded, index, lacking)
        return replay(recorded, index, self.register.at(size), root=self._root(size), engines=self._engines)

    def _root(self, size: int) -> bytes | None:
        """The root after `size` entries, where that is not long ago: what a check has seen is mostly just before it."""
        behind = self._frontier.size - size
        if not self.whole or size == 0 or behind >= len(self._roots):
            return None
        found, hashes = self._roots[-1 - behind]
        return Frontier(found, tuple(hashes[start : start + 32] for start in range(0, len(hashes), 32))).root()


def erased_until(file: BinaryIO) -> dict[int, int]:
    """For each register entry of a bundle that was erased, the first log size at which the register no longer depended
    on it, as the entry that erased it says. Raises `VerificationError` as `Replay` does."""
    found: dict[int, int] = {}
    for _, part in read_parts(file):
        if not isinstance(part, Entry) or not isinstance(part.payload, Present):
            continue
        leaf, payload = Leaf.parse(part.leaf), part.payload
        if leaf.kind != RECORD or _ERASES not in payload.payload:
            continue
        _check_commitment(leaf, payload.payload, payload.salt)
        match _decoded(payload.payload):
            case PayloadErased(index=index, until=int(until)) if index < leaf.seq:
                found[index] = until
    return found


def _decoded(data: bytes) -> Payload | None:
    try:
        return decode_payload(data)
    except (msgspec.MsgspecError, ValueError, LookupError):
        return None


def _check_commitment(leaf: Leaf, payload: bytes, salt: bytes) -> None:
    if commitment(leaf.kind, payload, salt) != leaf.commitment:
        raise VerificationError("commitment-mismatch", f"Entry {leaf.seq} does not commit to its payload.")
