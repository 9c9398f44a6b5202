"""An inclusion proof as a text file (C2SP tlog-proof, a draft): index, hashes, and the checkpoint they lead
to.
"""

from dataclasses import dataclass
from typing import Final, Self

from isa_verify.encoding import decode_base64, encode_base64, parse_decimal
from isa_verify.errors import MalformedError
from isa_verify.merkle import HASH_SIZE, MAX_SIZE
from isa_verify.note import MAX_NOTE_SIZE, parse_note

MAX_HASHES: Final = 63
MAX_EXTRA_SIZE: Final = 48 * 1024
"""Readers that go line by line stop at 64 KiB of base64."""

MAX_PROOF_SIZE: Final = MAX_NOTE_SIZE + (1 << 17)

_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Where an entry stands (`index`), the hashes from its leaf upward, and the signed checkpoint, verbatim.

    Nothing authenticates `extra`. Raises `MalformedError` for what the text form cannot carry.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < MAX_SIZE:
            raise MalformedError("proof-malformed", "The proof's index is out of range.")
        if len(self.hashes) > MAX_HASHES or any(len(digest) != HASH_SIZE for digest in self.hashes):
            raise MalformedError("proof-malformed", "The proof has too many hashes, or one that is not 32 bytes.")
        if self.extra is not None and len(self.extra) > MAX_EXTRA_SIZE:
            raise MalformedError("proof-malformed", "The proof's extra data is too large.")
        parse_note(self.checkpoint)

    def text(self) -> bytes:
        """Return the proof as a file holds it."""
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(digest) for digest in self.hashes)
        return "\n".join(lines).encode("ascii") + b"\n\n" + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the proof whose text is exactly these bytes. Raises `MalformedError` otherwise."""
        if len(data) > MAX_PROOF_SIZE:
            raise MalformedError("proof-malformed", "The proof is too large.")
        head, _, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise MalformedError("proof-malformed", "The proof's head is not ASCII text.") from None
        if lines.pop(0) != _HEADER:
            raise MalformedError("proof-malformed", "The proof does not begin with its format's name.")
        extra = None
        try:
            if lines and lines[0].startswith("extra "):
                extra = decode_base64(lines.pop(0).removeprefix("extra "))
            if not lines or not lines[0].startswith("index "):
                raise MalformedError("proof-malformed", "The proof has no index line where one belongs.")
            index = parse_decimal(lines.pop(0).removeprefix("index "))
            hashes = tuple(decode_base64(line, size=HASH_SIZE) for line in lines)
        except MalformedError as error:
            raise MalformedError("proof-malformed", error.detail) from None
        return cls(index, hashes, checkpoint, extra)
