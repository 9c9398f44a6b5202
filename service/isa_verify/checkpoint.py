"""The body of a checkpoint (C2SP tlog-checkpoint v1.0.0): which log, how many entries, which root."""

from dataclasses import dataclass
from typing import Self

from isa_verify.encoding import decode_base64, encode_base64, parse_decimal
from isa_verify.errors import MalformedError
from isa_verify.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE

MAX_ORIGIN_LENGTH = 255
"""An origin's longest UTF-8 form: the ML-DSA-44 cosignature gives its length one byte."""


def check_origin(origin: str) -> None:
    """Raise `MalformedError` unless the text can name a log and its keys.

    An origin is 1 to 255 bytes of UTF-8, printable, without spaces and without `+`, so that it is also a key
    name.
    """
    if not _is_line(origin) or "+" in origin or " " in origin:
        raise MalformedError("origin-malformed", "The log's origin is not a usable name.")


def _is_line(origin: str) -> bool:
    try:
        return 0 < len(origin.encode("utf-8")) <= MAX_ORIGIN_LENGTH and origin.isprintable()
    except UnicodeEncodeError:
        return False


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: the first `size` entries of the log `origin` have this Merkle root.

    An origin may hold spaces here, as that of an older log does whose keys have another name; whoever opens a
    checkpoint with its log's keys demands that the two are the same.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not _is_line(self.origin):
            raise MalformedError("origin-malformed", "The log's origin is not a usable name.")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE:
            raise MalformedError("checkpoint-malformed", "The checkpoint's size or root is out of range.")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise MalformedError("checkpoint-malformed", "An empty log does not have the empty tree's root.")

    def text(self) -> bytes:
        """Return the checkpoint's body: three lines, each ended by a line feed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n".encode()

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Return the checkpoint whose body is exactly these bytes.

        Raises `MalformedError` otherwise. Extension lines are refused: they are discouraged, witnesses turn
        them away, and ML-DSA-44 cosignatures do not cover them.
        """
        try:
            lines = text.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise MalformedError("checkpoint-malformed", "The checkpoint is not UTF-8 text.") from None
        if len(lines) != 4 or lines[3]:
            raise MalformedError("checkpoint-malformed", "The checkpoint's body does not have exactly three lines.")
        try:
            return cls(lines[0], parse_decimal(lines[1]), decode_base64(lines[2], size=HASH_SIZE))
        except MalformedError as error:
            raise MalformedError("checkpoint-malformed", error.detail) from None
