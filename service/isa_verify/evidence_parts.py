"""The lines of an evidence bundle: written and read, part by part (docs/formats/evidence.md)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal, Self, TypeAlias

from isa_verify.encoding import (
    MAX_SAFE_INTEGER,
    JsonValue,
    canonical_json,
    decode_base64,
    decode_hex,
    encode_base64,
    parse_canonical_json,
)
from isa_verify.errors import MalformedError
from isa_verify.leaf import SALT_SIZE, is_time
from isa_verify.merkle import HASH_SIZE
from isa_verify.proof import MAX_HASHES

VERSION: Final = 1
MAX_LINE_SIZE: Final = 1 << 25
"""In bytes, the line feed included."""

Scope: TypeAlias = Literal["whole", "selection"]
_Members: TypeAlias = dict[str, JsonValue]

_FILTER_TEXT = re.compile(r"[ -~]{1,200}")


@dataclass(frozen=True, slots=True)
class Head:
    """The first line: what the bundle holds, made when, and the signed checkpoint that all proofs lead to."""

    scope: Scope
    made_at: str
    checkpoint: bytes
    filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Return the line, line feed included."""
        return _line(
            {
                "part": "evidence",
                "v": VERSION,
                "scope": self.scope,
                "filter": {name: list(values) for name, values in self.filter.items()},
                "made_at": self.made_at,
                "checkpoint": self.checkpoint.decode("utf-8"),
            }
        )

    @classmethod
    def read(cls, members: _Members) -> Self:
        """Return the part of a line's members. Raises `MalformedError` `evidence-malformed`."""
        _exactly(members, {"part", "v", "scope", "filter", "made_at", "checkpoint"})
        scope, made_at, filters = members["scope"], _text(members["made_at"]), members["filter"]
        if type(members["v"]) is not int or members["v"] != VERSION:
            raise _malformed("The evidence is of a version not known here.")
        if scope != "whole" and scope != "selection":
            raise _malformed("The evidence is neither of a whole log nor of a selection.")
        if not is_time(made_at):
            raise _malformed("The evidence does not say when it was made.")
        if not isinstance(filters, dict) or len(filters) > 20 or (scope == "whole" and filters):
            raise _malformed("The evidence does not say what it was selected by.")
        return cls(
            scope="whole" if scope == "whole" else "selection",
            made_at=made_at,
            checkpoint=_text(members["checkpoint"]).encode("utf-8"),
            filter={_filter_text(name): _filter_values(values) for name, values in filters.items()},
        )


@dataclass(frozen=True, slots=True)
class Present:
    """The payload and its salt are in the bundle."""

    payload: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Withheld:
    """The payload exists, and the bundle's reader may not see it."""


@dataclass(frozen=True, slots=True)
class ErasedBy:
    """The payload was erased, as the entry of this index says."""

    entry: int


PayloadState: TypeAlias = Present | Withheld | ErasedBy


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry's leaf, its payload as far as it may be seen, and in a selection its inclusion proof."""

    leaf: bytes
    payload: PayloadState
    proof: tuple[bytes, ...] | None = None

    def encode(self) -> bytes:
        """Return the line, line feed included."""
        payload: _Members
        if isinstance(self.payload, Present):
            payload = {
                "state": "present",
                "payload": encode_base64(self.payload.payload),
                "salt": encode_base64(self.payload.salt),
            }
        elif isinstance(self.payload, ErasedBy):
            payload = {"state": "erased-by", "entry": self.payload.entry}
        else:
            payload = {"state": "withheld"}
        members: _Members = {"part": "entry", "leaf": encode_base64(self.leaf), "payload": payload}
        if self.proof is not None:
            members["proof"] = [encode_base64(digest) for digest in self.proof]
        return _line(members)

    @classmethod
    def read(cls, members: _Members, scope: Scope) -> Self:
        """Return the part of a line's members. Raises `MalformedError` `evidence-malformed`."""
        _exactly(members, {"part", "leaf", "payload"} | ({"proof"} if scope == "selection" else set()))
        return cls(
            leaf=_bytes(members["leaf"]),
            payload=_payload(members["payload"]),
            proof=_hashes(members["proof"]) if scope == "selection" else None,
        )


@dataclass(frozen=True, slots=True)
class ReceiptPart:
    """A receipt's file, and the proof that its checkpoint is consistent with the bundle's."""

    receipt: bytes
    consistency: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the line, line feed included."""
        consistency: list[JsonValue] = [encode_base64(digest) for digest in self.consistency]
        return _line({"part": "receipt", "receipt": self.receipt.decode("utf-8"), "consistency": consistency})

    @classmethod
    def read(cls, members: _Members) -> Self:
        """Return the part of a line's members. Raises `MalformedError` `evidence-malformed`."""
        _exactly(members, {"part", "receipt", "consistency"})
        return cls(_text(members["receipt"]).encode("utf-8"), _hashes(members["consistency"]))


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text that payloads name by its SHA-256, in lower-case hexadecimal."""

    sha256: str
    data: bytes

    def encode(self) -> bytes:
        """Return the line, line feed included."""
        return _line({"part": "text", "sha256": self.sha256, "data": encode_base64(self.data)})

    @classmethod
    def read(cls, members: _Members) -> Self:
        """Return the part of a line's members. Raises `MalformedError` `evidence-malformed`."""
        _exactly(members, {"part", "sha256", "data"})
        return cls(_sha256(members["sha256"]), _bytes(members["data"]))


@dataclass(frozen=True, slots=True)
class End:
    """The last line: how many lines of each part, and the SHA-256 of all bytes before it, in hexadecimal."""

    entries: int
    receipts: int
    texts: int
    sha256: str

    def encode(self) -> bytes:
        """Return the line, line feed included."""
        return _line(
            {
                "part": "end",
                "entries": self.entries,
                "receipts": self.receipts,
                "texts": self.texts,
                "sha256": self.sha256,
            }
        )

    @classmethod
    def read(cls, members: _Members) -> Self:
        """Return the part of a line's members. Raises `MalformedError` `evidence-malformed`."""
        _exactly(members, {"part", "entries", "receipts", "texts", "sha256"})
        return cls(
            _number(members["entries"]),
            _number(members["receipts"]),
            _number(members["texts"]),
            _sha256(members["sha256"]),
        )


Part: TypeAlias = Head | Entry | ReceiptPart | TextPart | End

_ORDER: Final = ("evidence", "entry", "receipt", "text", "end")


def read_parts(file: BinaryIO) -> Iterator[tuple[bytes, Part]]:
    """Yield each line of a bundle, line feed included, with the part that it spells. Nothing is verified.

    Raises `MalformedError`: `evidence-malformed`, `evidence-out-of-order`, and `evidence-cut-short` where there is no
    end.
    """
    scope: Scope = "whole"
    place = -1
    while place < len(_ORDER) - 1:
        line = file.readline(MAX_LINE_SIZE + 1)
        if not line:
            raise MalformedError("evidence-cut-short", "The evidence ends before its last line.")
        if len(line) > MAX_LINE_SIZE:
            raise _malformed("A line of the evidence is too long.")
        if not line.endswith(b"\n"):
            raise MalformedError("evidence-cut-short", "The evidence ends in the middle of a line.")
        members = _members(line)
        name = members.get("part")
        after = _ORDER.index(name) if isinstance(name, str) and name in _ORDER else -1
        if after < 0:
            raise _malformed("A line of the evidence is none of its parts.")
        # The first line comes once, and every other part after it; entries may be none.
        if after < max(place, 0) or (place < 0) is not (after == 0) or (after == 0 and place == 0):
            raise MalformedError("evidence-out-of-order", "A part of the evidence is not where it belongs.")
        place = after
        part = _part(members, name if isinstance(name, str) else "", scope)
        if isinstance(part, Head):
            scope = part.scope
        yield line, part
    if file.read(1):
        raise MalformedError("evidence-out-of-order", "The evidence goes on after its end.")


def _part(members: _Members, name: str, scope: Scope) -> Part:
    if name == "evidence":
        return Head.read(members)
    if name == "entry":
        return Entry.read(members, scope)
    if name == "receipt":
        return ReceiptPart.read(members)
    if name == "text":
        return TextPart.read(members)
    return End.read(members)


def _line(members: _Members) -> bytes:
    line = canonical_json(members) + b"\n"
    if len(line) > MAX_LINE_SIZE:
        raise _malformed("A line of the evidence is too long.")
    return line


def _members(line: bytes) -> _Members:
    try:
        value = parse_canonical_json(line[:-1])
    except MalformedError as error:
        raise _malformed(error.detail) from None
    if not isinstance(value, dict):
        raise _malformed("A line of the evidence is no object.")
    return value


def _payload(value: JsonValue) -> PayloadState:
    if isinstance(value, dict):
        state = value.get("state")
        if state == "present" and value.keys() == {"state", "payload", "salt"}:
            return Present(_bytes(value["payload"]), _bytes(value["salt"], SALT_SIZE))
        if state == "withheld" and value.keys() == {"state"}:
            return Withheld()
        if state == "erased-by" and value.keys() == {"state", "entry"}:
            return ErasedBy(_number(value["entry"]))
    raise _malformed("A payload is neither present, nor withheld, nor erased by an entry.")


def _exactly(members: _Members, names: set[str]) -> None:
    if members.keys() != names:
        raise _malformed("A part of the evidence does not have exactly its members.")


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise _malformed("A member of the evidence that must be text is not.")
    return value


def _number(value: JsonValue) -> int:
    if type(value) is not int or not 0 <= value <= MAX_SAFE_INTEGER:
        raise _malformed("A member of the evidence that must be a number is not.")
    return value


def _bytes(value: JsonValue, size: int | None = None) -> bytes:
    try:
        return decode_base64(_text(value), size=size)
    except MalformedError as error:
        raise _malformed(error.detail) from None


def _hashes(value: JsonValue) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > 2 * MAX_HASHES:
        raise _malformed("A proof of the evidence is no list of hashes.")
    return tuple(_bytes(one, HASH_SIZE) for one in value)


def _sha256(value: JsonValue) -> str:
    try:
        return decode_hex(_text(value), HASH_SIZE).hex()
    except MalformedError as error:
        raise _malformed(error.detail) from None


def _filter_text(value: JsonValue) -> str:
    if not isinstance(value, str) or _FILTER_TEXT.fullmatch(value) is None:
        raise _malformed("The evidence does not say what it was selected by.")
    return value


def _filter_values(values: JsonValue) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > 100:
        raise _malformed("The evidence does not say what it was selected by.")
    return tuple(_filter_text(value) for value in values)


def _malformed(detail: str) -> MalformedError:
    return MalformedError("evidence-malformed", detail)
