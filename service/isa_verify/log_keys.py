"""The keys of a log, and the log sizes that each holds for (docs/formats/key-rotation.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

from isa_verify.encoding import parse_decimal
from isa_verify.errors import MalformedError
from isa_verify.note import ED25519, ML_DSA_44, VerifierKey

OPEN: Final = "-"
MAX_KEYS_SIZE: Final = 1 << 20
"""In bytes."""


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of a log, and the first and last size (None while it is open) that it holds for, both included."""

    key: VerifierKey
    first: int = 0
    last: int | None = None

    def __post_init__(self) -> None:
        if self.first < 0 or (self.last is not None and self.last < self.first):
            raise MalformedError("key-range-malformed", "The sizes that a key holds for do not run upward.")

    def holds_for(self, size: int) -> bool:
        """Return whether the log signs checkpoints of this size with this key."""
        return self.first <= size and (self.last is None or size <= self.last)

    def ended_before(self, size: int) -> bool:
        """Return whether the last size of this key lies below this one: to sign it now is an alarm."""
        return self.last is not None and self.last < size

    @classmethod
    def parse(cls, line: str) -> Self:
        """Return the key of a line `vkey` or `vkey from to`, where `to` is `-` for an open one.

        Raises `MalformedError`: `keys-line-malformed`, `key-range-malformed`, and as `VerifierKey.parse`.
        """
        items = line.split(" ")
        if len(items) == 1:
            return cls(VerifierKey.parse(items[0]))
        if len(items) != 3:
            raise MalformedError("keys-line-malformed", "A line of keys is neither `vkey` nor `vkey from to`.")
        try:
            first = parse_decimal(items[1])
            last = None if items[2] == OPEN else parse_decimal(items[2])
        except MalformedError:
            raise MalformedError("key-range-malformed", "The sizes that a key holds for are not numbers.") from None
        return cls(VerifierKey.parse(items[0]), first, last)

    def __str__(self) -> str:
        return f"{self.key} {self.first} {OPEN if self.last is None else self.last}"


Keys: TypeAlias = Sequence[VerifierKey | LogKey]
"""Keys of one log. One without sizes holds for all."""


def log_keys(keys: Keys) -> tuple[LogKey, ...]:
    """Return the keys with the sizes that they hold for.

    Raises `MalformedError`: `keys-unsuitable` for no key, keys of several logs, and keys of witnesses;
    `key-ambiguous` where one public key appears twice.
    """
    ranged = tuple(key if isinstance(key, LogKey) else LogKey(key) for key in keys)
    names = {held.key.name for held in ranged}
    if len(names) != 1 or any(held.key.type not in (ED25519, ML_DSA_44) for held in ranged):
        raise MalformedError("keys-unsuitable", "The keys given are not the keys of one log.")
    if len({held.key.public for held in ranged}) != len(ranged):
        raise MalformedError("key-ambiguous", "One key is given twice.")
    return ranged


def log_origin(keys: Keys) -> str:
    """Return the origin of the log that these keys belong to: their common name. Raises as `log_keys` does."""
    return log_keys(keys)[0].key.name


def parse_keys(data: bytes) -> tuple[LogKey, ...]:
    """Return the keys of a file: a line each as `LogKey.parse` reads them, blank lines and `#` comments aside.

    It is the form of `GET /log/keys`. Raises `MalformedError`: `keys-not-text`, and as `LogKey.parse` and `log_keys`,
    with the number of the line.
    """
    try:
        text = data.decode("ascii") if len(data) <= MAX_KEYS_SIZE else ""
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise MalformedError("keys-not-text", "The file of keys is not ASCII text of at most one mebibyte.")
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                found.append(LogKey.parse(line))
            except MalformedError as error:
                raise MalformedError(error.code, f"Line {number} of the keys: {error.detail}") from None
    return log_keys(found)


def format_keys(keys: Iterable[LogKey]) -> bytes:
    """Return keys as `parse_keys` reads them, a line each."""
    return "".join(f"{held}\n" for held in keys).encode("ascii")
