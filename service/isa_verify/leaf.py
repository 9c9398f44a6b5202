"""The entries of a registry's log: small canonical JSON that commits to a payload without revealing it.

Field by field: docs/formats/leaf.md. The log's guarantee is its Merkle tree; `prev` serves quick scans.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from isa_verify.checkpoint import check_origin
from isa_verify.encoding import MAX_SAFE_INTEGER, canonical_json, decode_hex, parse_canonical_json
from isa_verify.errors import MalformedError
from isa_verify.merkle import leaf_hash
from isa_verify.tiles import MAX_ENTRY_SIZE

VERSION: Final = 1
SALT_SIZE: Final = 32
FIRST_PREV: Final = "0" * 64
RECORD: Final = "record"
"""The `kind` of every entry about a case; what sort of record it is stands in the payload alone."""

_MEMBERS = {"v", "origin", "seq", "prev", "at", "kind", "commitment"}
_KIND = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)*")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_MAX_KIND_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the log. Raises `MalformedError` for a field that is not in its format.

    `seq` is the entry's index. `prev` is the leaf hash of the entry before it, in hexadecimal (zeros for the
    first). `at` is RFC 3339 in UTC with milliseconds and `Z`, so that times compare as text. `commitment` is
    hexadecimal.
    """

    origin: str
    seq: int
    prev: str
    at: str
    kind: str
    commitment: str
    v: int = VERSION

    def __post_init__(self) -> None:
        try:
            check_origin(self.origin)
            decode_hex(self.prev, 32)
            decode_hex(self.commitment, 32)
        except MalformedError as error:
            raise MalformedError("leaf-malformed", error.detail) from None
        if self.v != VERSION:
            raise MalformedError("leaf-malformed", "The entry is of a version that this verifier does not know.")
        if not 0 <= self.seq <= MAX_SAFE_INTEGER:
            raise MalformedError("leaf-malformed", "The entry's number is out of range.")
        if self.seq == 0 and self.prev != FIRST_PREV:
            raise MalformedError("leaf-malformed", "The first entry names an entry before it.")
        if not is_time(self.at):
            raise MalformedError("leaf-malformed", "The entry's time is not a UTC time with milliseconds.")
        if not is_kind(self.kind):
            raise MalformedError("leaf-malformed", "The entry's kind is not a dotted lower-case name.")

    def encode(self) -> bytes:
        """Return the bytes that the log stores, hashes and serves."""
        return canonical_json(
            {
                "v": self.v,
                "origin": self.origin,
                "seq": self.seq,
                "prev": self.prev,
                "at": self.at,
                "kind": self.kind,
                "commitment": self.commitment,
            }
        )

    def hash(self) -> bytes:
        """Return the leaf hash, which is also the next entry's `prev`."""
        return leaf_hash(self.encode())

    @classmethod
    def parse(cls, data: bytes, *, max_size: int = MAX_ENTRY_SIZE) -> Self:
        """Return the entry that is stored as exactly these bytes.

        Raises `MalformedError`: `leaf-too-large`, `leaf-not-canonical` for other JSON, `leaf-malformed` for
        other members or formats.
        """
        if len(data) > max_size:
            raise MalformedError("leaf-too-large", f"The entry is larger than {max_size} bytes.")
        try:
            value = parse_canonical_json(data)
        except MalformedError as error:
            raise MalformedError("leaf-not-canonical", error.detail) from None
        if not isinstance(value, dict) or value.keys() != _MEMBERS:
            raise MalformedError("leaf-malformed", "The entry does not have exactly the members of a leaf.")
        v, seq = value["v"], value["seq"]
        if type(v) is not int or type(seq) is not int:
            raise MalformedError("leaf-malformed", "The entry's version or number is not an integer.")
        text = {name: value[name] for name in ("origin", "prev", "at", "kind", "commitment")}
        strings = {name: member for name, member in text.items() if isinstance(member, str)}
        if len(strings) != len(text):
            raise MalformedError("leaf-malformed", "A member of the entry that must be text is not.")
        return cls(v=v, seq=seq, **strings)


def commitment(kind: str, payload: bytes, salt: bytes) -> str:
    """Return what a leaf of this `kind` commits to its payload with, in hexadecimal.

    It is HMAC-SHA-256, keyed with a salt of exactly 32 bytes, over the scheme's name, the leaf's own `kind`
    (for a record that is `record`) and the payload's bytes. Raises `MalformedError` for another salt or kind.
    """
    if len(salt) != SALT_SIZE:
        raise MalformedError("salt-malformed", "A salt is not exactly 32 bytes.")
    if not is_kind(kind):
        raise MalformedError("leaf-malformed", "The entry's kind is not a dotted lower-case name.")
    message = b"isa-registry/v1\n" + kind.encode("ascii") + b"\n" + payload
    return hmac.digest(salt, message, "sha256").hex()


def is_kind(text: str) -> bool:
    """Return whether this can name a kind of entry: lower-case words, joined by hyphens and dots."""
    return len(text) <= _MAX_KIND_LENGTH and _KIND.fullmatch(text) is not None


def is_time(text: str) -> bool:
    """Return whether this is a real UTC time as the log writes it, such as 2026-04-01T09:30:00.000Z."""
    if _TIME.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
