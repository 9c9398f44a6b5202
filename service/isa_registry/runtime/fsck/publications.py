"""Checking what was published and the witnesses' lines under it, with a page of rows and a time for each witness in
memory.

A witness cosigns one text of each size, and never an older size again: its lines must hold over the checkpoints that
are stored, at times that follow their sizes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from isa_registry.runtime.fsck.findings import Findings
from isa_registry.store import fsck
from isa_registry.store.fsck import StoredCosignature, StoredPublication
from isa_registry.store.pool import Connection
from isa_registry.store.publication import Cosignature
from isa_verify.cosignature import TIMESTAMP_SIZE
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.note import SignatureLine, parse_note
from isa_verify.policy import Policy, Witness
from isa_verify.times import SKEW_SECONDS

_PAGE = 200
_FIRST = -1
"""What the first publication names as the one before it."""


class _Cosigned(Struct, frozen=True):
    """Which witnesses of the policy have lines that hold over the checkpoint of a size."""

    size: int
    witnesses: frozenset[str]


class PublicationCheck:
    """One pass over publications and cosignatures, by size.

    Without a policy no witness's key is known: lines are held against what is stored beside them, publications against
    each other. With one, each line of its witnesses is verified, and its quorum is demanded of the newest publication
    and of all since the first that has it; older ones may be from before the policy.

    `unverified` counts the lines of nobody whom the policy names.
    """

    def __init__(self, connection: Connection, findings: Findings, policy: Policy | None) -> None:
        self._connection = connection
        self._findings = findings
        self._policy = policy
        self._witnesses: Mapping[tuple[str, bytes], Witness] = (
            {} if policy is None else {(one.key.name, one.key.key_id): one for one in policy.witnesses}
        )
        self._newest: dict[str, int] = {}  # by witness, the latest of its times so far
        self._met = False
        self.unverified = 0

    async def run(self) -> None:
        cosigned = self._cosigned()
        held = await anext(cosigned, None)
        before, unwitnessed = _FIRST, None
        async for one in self._publications():
            if one.previous != before:
                self._findings.add("publication-chain", f"publication {one.size}")
            if one.note is None:
                self._findings.add("publication-unsigned", f"publication {one.size}")
            while held is not None and held.size < one.size:
                held = await anext(cosigned, None)
            found = held.witnesses if held is not None and held.size == one.size else frozenset[str]()
            unwitnessed = self._unwitnessed(one.size, found)
            before = one.size
        if unwitnessed is not None and not self._met:
            self._findings.add("publication-unwitnessed", f"publication {unwitnessed}")
        async for _ in cosigned:
            """Lines under checkpoints that wait to be published are looked at all the same."""

    def _unwitnessed(self, size: int, witnesses: frozenset[str]) -> int | None:
        """The size, if these witnesses are not the quorum; it is a finding once a smaller size had it."""
        if self._policy is None or self._policy.satisfied_by(witnesses):
            self._met = True
            return None
        if self._met:
            self._findings.add("publication-unwitnessed", f"publication {size}")
        return size

    async def _publications(self) -> AsyncIterator[StoredPublication]:
        above = _FIRST
        while page := await fsck.publications(self._connection, above, _PAGE):
            for one in page:
                yield one
            above = page[-1].size

    async def _cosigned(self) -> AsyncIterator[_Cosigned]:
        size, times = _FIRST, dict[str, int]()
        last: StoredCosignature | None = None
        while page := await fsck.cosignatures(self._connection, last, _PAGE):
            for one in page:
                if one.size != size:
                    if times:
                        yield _Cosigned(size, frozenset(times))
                    self._advance(times)
                    size, times = one.size, {}
                self._line(one, times)
            last = page[-1]
        if times:
            yield _Cosigned(size, frozenset(times))

    def _advance(self, times: Mapping[str, int]) -> None:
        for name, time in times.items():
            self._newest[name] = max(time, self._newest.get(name, 0))

    def _line(self, stored: StoredCosignature, times: dict[str, int]) -> None:
        """Checks one line; where it holds, its witness's latest time is in `times`."""
        held, where = stored.held, f"checkpoint {stored.size}, {stored.held.name}"
        if stored.note is None:
            self._findings.add("cosignature-unsigned", where)
            return
        try:
            line = _parsed(held.line)
            text = parse_note(stored.note).text
        except MalformedError:
            self._findings.add("cosignature-malformed", where)
            return
        if not _is_beside(line, held):
            self._findings.add("cosignature-columns", where)
        witness = self._witnesses.get((line.name, line.key_id))
        if witness is None:
            self.unverified += 1
            return
        try:
            time = witness.key.verify(text, line.signature)
        except VerificationError:
            self._findings.add("cosignature-invalid", where)
            return
        if not time:
            self._findings.add("cosignature-undated", where)
            return
        if time < self._newest.get(witness.name, 0) - SKEW_SECONDS:
            self._findings.add("cosignature-time-fell", where)
        times[witness.name] = max(time, times.get(witness.name, 0))


def _parsed(line: str) -> SignatureLine:
    """Raises `MalformedError` for what is not exactly one line of a note."""
    note = parse_note(f"-\n\n{line}\n".encode())
    if [line] != [str(one) for one in note.signatures]:
        raise MalformedError("note-malformed", "A stored line is not one signature line.")
    return note.signatures[0]


def _is_beside(line: SignatureLine, held: Cosignature) -> bool:
    """Whether name, key and time beside a line are those that the line states."""
    seconds = int.from_bytes(line.signature[:TIMESTAMP_SIZE], "big")
    try:
        stated = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return False
    return (line.name, line.key_id, stated) == (held.name, held.key_id, held.at)
