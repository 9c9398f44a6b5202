"""Check a run of a log's entries: each in its place, of this log, after the one before, and not earlier than it.

Most entries of an honest log are one fixed text around a time, a commitment, and the hash of the entry before. A run of
such entries is recognised by writing out what it should be and comparing bytes; any other run goes entry by entry
through `Leaf.parse`, which says what is wrong with it. Both ways accept the same bytes.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from isa_verify.encoding import canonical_json
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.leaf import FIRST_PREV, RECORD, Leaf, is_kind, is_time
from isa_verify.merkle import HASH_SIZE

_TIME: Final = slice(7, 31)
_COMMITMENT: Final = slice(47, 111)
_KIND_START: Final = 121
_HEX: Final = b"0123456789abcdef"
_MAX_REMEMBERED: Final = 1000
_SECONDS: Final = frozenset(b":%02d.%03dZ" % (second, milli) for second in range(60) for milli in range(1000))


class EntryChain:
    """The entries of one log, checked one run after the other.

    `previous` is the leaf hash of the entry before the run in hexadecimal, `at` that entry's time. Where a run begins
    in the middle and they are None, the first entry is taken at its word, and `first_previous` and `first_at` say
    what whoever joins the runs has to check.
    """

    def __init__(self, origin: str, previous: str | None = FIRST_PREV, at: str | None = None) -> None:
        self.origin = origin
        self.previous = previous
        self.at = at
        self.first_previous: str | None = None
        self.first_at: str | None = None
        self._forms = _Forms(origin)

    def check(self, start: int, entries: Sequence[bytes], tile: bytes) -> None:
        """Check entries from index `start` on against their leaf hashes, which stand one after the other in `tile`.

        Raises `VerificationError` `entry-mismatch`, `origin-mismatch`, `index-mismatch`, `chain-broken` or
        `time-fell`, and `MalformedError` as `Leaf.parse`.
        """
        if self.previous is None and entries:
            self._check_one(start, entries[0], tile[:HASH_SIZE])
            start, entries, tile = start + 1, entries[1:], tile[HASH_SIZE:]
        sha256 = hashlib.sha256
        honest = b"".join([sha256(b"\x00" + entry).digest() for entry in entries]) == tile
        at = None
        if honest and self.previous is not None:
            at = self._forms.last_time_of(start, entries, tile.hex().encode(), self.previous, self.at or "")
        if at is not None:
            self.previous, self.at = tile[-HASH_SIZE:].hex(), at
            return
        for index, entry in enumerate(entries, start=start):
            self._check_one(index, entry, tile[(index - start) * HASH_SIZE :][:HASH_SIZE])

    def _check_one(self, index: int, entry: bytes, digest: bytes) -> None:
        if hashlib.sha256(b"\x00" + entry).digest() != digest:
            raise VerificationError("entry-mismatch", f"Entry {index} is not the one that its hash stands for.")
        try:
            leaf = Leaf.parse(entry)
        except MalformedError as error:
            raise MalformedError(error.code, f"Entry {index}: {error.detail}") from None
        if leaf.origin != self.origin:
            raise VerificationError("origin-mismatch", f"Entry {index} is of another log.")
        if leaf.seq != index:
            raise VerificationError("index-mismatch", f"Entry {index} carries another number than its place.")
        if self.previous is None:
            self.first_previous, self.first_at = leaf.prev, leaf.at
        elif leaf.prev != self.previous:
            raise VerificationError("chain-broken", f"Entry {index} does not follow the entry before it.")
        if self.at is not None and leaf.at < self.at:
            raise VerificationError("time-fell", f"Entry {index} is earlier than the entry before it.")
        self.previous, self.at = digest.hex(), leaf.at


class _Forms:
    """What entries of one log look like around their times, commitments and hashes."""

    def __init__(self, origin: str) -> None:
        self._tail = b'","origin":' + canonical_json(origin).replace(b"%", b"%%") + b',"prev":"%b","seq":%d,"v":1}'
        self._minutes: set[bytes] = set()
        self._kinds: dict[bytes, bytes] = {}
        """By kind, the whole form of its entries."""
        self._usual = self._form(RECORD.encode())

    def last_time_of(self, start: int, entries: Sequence[bytes], hashes: bytes, previous: str, at: str) -> str | None:
        """Return the last entry's time where every entry is in its form, and None where only a closer look can tell.

        `hashes` are the entries' leaf hashes in hexadecimal, one after the other.
        """
        times = [entry[_TIME] for entry in entries]
        if (
            not entries
            or times[0] < at.encode()
            or times != sorted(times)
            or not {time[16:] for time in times} <= _SECONDS
            or not self._are_minutes({time[:16] for time in times})
        ):
            return None
        commitments = [entry[_COMMITMENT] for entry in entries]
        if b"".join(commitments).translate(None, _HEX):
            return None
        before = [previous.encode(), *[hashes[place : place + 64] for place in range(0, len(hashes) - 64, 64)]]
        variables = zip(times, commitments, before, range(start, start + len(entries)), strict=True)
        form = self._usual
        for entry, fields in zip(entries, variables, strict=True):
            if form % fields != entry:
                kind = entry[_KIND_START : entry.find(b'"', _KIND_START)]
                form = self._kinds.get(kind) or self._form_of(kind)
                if form % fields != entry:
                    return None
        self._usual = form
        return times[-1].decode()

    def _are_minutes(self, minutes: set[bytes]) -> bool:
        new = minutes - self._minutes
        if not all(is_time(minute.decode("ascii", "replace") + ":00.000Z") for minute in new):
            return False
        self._minutes = (self._minutes | new) if len(self._minutes) < _MAX_REMEMBERED else new
        return True

    def _form_of(self, kind: bytes) -> bytes:
        if not is_kind(kind.decode("ascii", "replace")) or len(self._kinds) > _MAX_REMEMBERED:
            return self._usual
        self._kinds[kind] = self._form(kind)
        return self._kinds[kind]

    def _form(self, kind: bytes) -> bytes:
        return b'{"at":"%b","commitment":"%b","kind":"' + kind + self._tail
