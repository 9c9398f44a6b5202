"""The register as one worker had folded it, with what it takes to go on from there: exact to the byte, or refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from isa_registry.domain.dates import instant, is_instant, parse_instant
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.snapshots import FORMAT, read_snapshot, write_snapshot
from isa_registry.ledger.log_keys import LogKeys
from isa_registry.runtime.checkpoints.outside_store import OutsideReader, OutsideStoreError
from isa_registry.runtime.local_copy.sealed_files import LocalCopyRefused, SealedFiles
from isa_registry.store.log import StoredCheckpoint
from isa_registry.store.publication import Standing
from isa_verify.encoding import decode_base64, encode_base64
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.merkle import Frontier

REGISTER = "register"

OLDEST = timedelta(days=7)
"""A copy that was made longer ago is not started from: whose access ended since, nobody here would know."""


class _Note(Struct, frozen=True, forbid_unknown_fields=True):
    size: int
    root: str
    note: str
    signed_at: str


class _Image(Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    made_at: str
    size: int
    root: str
    frontier: tuple[str, ...]
    newest: _Note | None
    published: _Note | None
    register: msgspec.Raw


class LocalRegister(Struct, frozen=True):
    """A register after `size` entries of the log, whose tree's edge is `frontier`; `body` is its snapshot's bytes.

    `behind` is by how many entries, at least, the log was longer when it was last signed, as far as can be seen from
    here without the database.
    """

    register: Register
    body: bytes
    frontier: Frontier
    standing: Standing
    made_at: datetime
    behind: int = 0

    @property
    def size(self) -> int:
        return self.frontier.size


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Image)


class LocalRegisters:
    """The register's copy of one machine. `outside` is where the newest signed checkpoint may be read."""

    def __init__(self, files: SealedFiles, keys: LogKeys, outside: OutsideReader | None) -> None:
        self._files = files
        self._keys = keys
        self._outside = outside

    def keep(self, body: bytes, frontier: Frontier, standing: Standing, *, now: datetime) -> None:
        """Writes the copy. Raises `OSError` and `LocalCopyRefused`."""
        image = _Image(
            format=FORMAT,
            made_at=instant(now),
            size=frontier.size,
            root=encode_base64(frontier.root()),
            frontier=tuple(encode_base64(one) for one in frontier.hashes),
            newest=_noted(standing.newest),
            published=_noted(standing.published),
            register=msgspec.Raw(body),
        )
        self._files.write(REGISTER, _encoder.encode(image))

    def load(self, *, now: datetime) -> LocalRegister:
        """The copy, if it is ours, whole, of the format that this version folds, made within `OLDEST`, and does not
        contradict the newest signed checkpoint outside. Raises `LocalCopyRefused`."""
        content = self._files.read(REGISTER)
        try:
            found = _read(content)
        except (msgspec.MsgspecError, MalformedError, KeyError, ValueError) as error:
            raise LocalCopyRefused("not-of-its-form", f"the local register ({type(error).__name__}).") from None
        if now - found.made_at > OLDEST:
            raise LocalCopyRefused("too-old", f"the local register was made more than {OLDEST.days} days ago.")
        return msgspec.structs.replace(found, behind=self._behind(found))

    def _behind(self, found: LocalRegister) -> int:
        """Raises `LocalCopyRefused` where a checkpoint of this log has another root at the copy's size."""
        try:
            note = None if self._outside is None else self._outside.load()
            if note is None:
                return 0
            keys = self._keys.after(found.register.at(found.size).log_key_rotations())
            signed = keys.open(note).checkpoint
        except (OutsideStoreError, VerificationError):
            # What cannot be read, or was signed with keys that came since, says nothing of this copy.
            return 0
        if signed.size == found.size and signed.root != found.frontier.root():
            raise LocalCopyRefused("another-log", "the local register is not of the log that was signed.")
        return max(0, signed.size - found.size)


def _read(content: bytes) -> LocalRegister:
    image = _decoder.decode(content)
    if image.format != FORMAT:
        raise LocalCopyRefused("another-format", "the local register is another version's.")
    body = bytes(image.register)
    frontier = Frontier(image.size, tuple(decode_base64(one, size=32) for one in image.frontier))
    register = read_snapshot(body)
    exact = (
        _encoder.encode(image) == content
        and write_snapshot(register, image.size) == body
        and encode_base64(frontier.root()) == image.root
        and is_instant(image.made_at)
    )
    if not exact:
        raise ValueError("not exact")
    return LocalRegister(
        register=register,
        body=body,
        frontier=frontier,
        standing=Standing(newest=_stored(image.newest), published=_stored(image.published)),
        made_at=parse_instant(image.made_at),
    )


def _noted(stored: StoredCheckpoint | None) -> _Note | None:
    if stored is None:
        return None
    return _Note(
        size=stored.size,
        root=encode_base64(stored.root),
        note=encode_base64(stored.note),
        signed_at=instant(stored.signed_at),
    )


def _stored(noted: _Note | None) -> StoredCheckpoint | None:
    if noted is None:
        return None
    return StoredCheckpoint(
        size=noted.size,
        root=decode_base64(noted.root, size=32),
        note=decode_base64(noted.note),
        signed_at=parse_instant(noted.signed_at),
    )
