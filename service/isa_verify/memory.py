"""What an auditor remembers of a log between checks: enough to go on where it stopped, and to see through a lie."""

from dataclasses import dataclass
from typing import Final, Self

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import JsonValue, canonical_json, decode_base64, encode_base64, parse_canonical_json
from isa_verify.errors import MalformedError
from isa_verify.leaf import is_time
from isa_verify.log_keys import LogKey
from isa_verify.merkle import HASH_SIZE, Frontier
from isa_verify.note import parse_note
from isa_verify.tiles import FULL_WIDTH
from isa_verify.times import Sighting

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a log that has been read: whole tiles, up to `frontier.size`.

    `pending` are, for each level from 1 up, the hashes of the tile that is not full yet. Where `entries` were read too,
    `previous` is the last one's leaf hash in hexadecimal and `at` its time. `note` is the signed checkpoint under
    which the prefix was read: its root vouches for the prefix once the whole of it has been read.
    """

    frontier: Frontier
    pending: tuple[tuple[bytes, ...], ...]
    entries: bool
    previous: str | None
    at: str | None
    note: bytes

    @property
    def size(self) -> int:
        """How many entries."""
        return self.frontier.size

    def encode(self) -> bytes:
        """Return the prefix as `parse` reads it: canonical JSON."""
        return canonical_json(
            {
                "v": VERSION,
                "size": self.size,
                "frontier": [encode_base64(digest) for digest in self.frontier.hashes],
                "pending": [[encode_base64(digest) for digest in hashes] for hashes in self.pending],
                "entries": self.entries,
                "previous": self.previous,
                "at": self.at,
                "checkpoint": self.note.decode("utf-8"),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the prefix that these bytes spell. Raises `MalformedError` otherwise."""
        value = parse_canonical_json(data)
        names = {"v", "size", "frontier", "pending", "entries", "previous", "at", "checkpoint"}
        if not isinstance(value, dict) or value.keys() != names or value["v"] != VERSION:
            raise _malformed()
        size, pending, entries, note = value["size"], value["pending"], value["entries"], value["checkpoint"]
        previous, at = value["previous"], value["at"]
        if type(size) is not int or not isinstance(pending, list) or type(entries) is not bool:
            raise _malformed()
        if not isinstance(note, str) or size % FULL_WIDTH:
            raise _malformed()
        if not (isinstance(previous, str) and isinstance(at, str) and is_time(at)) and (previous, at) != (None, None):
            raise _malformed()
        if (previous is None) is entries or not (isinstance(previous, str) or previous is None):
            raise _malformed()
        prefix = cls(
            frontier=Frontier(size, _hashes(value["frontier"])),
            pending=tuple(_hashes(hashes) for hashes in pending),
            entries=entries,
            previous=previous,
            at=at if isinstance(at, str) else None,
            note=note.encode("utf-8"),
        )
        if [len(hashes) for hashes in prefix.pending] != _widths(size):
            raise _malformed()
        if Checkpoint.parse(parse_note(prefix.note).text).size < size:
            raise _malformed()
        return prefix


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one log.

    `note` is the last verified checkpoint, `prefix` how far the log has been read, `sightings` when witnesses saw
    which sizes, by rising size, and `keys` the keys with their sizes as rotations changed them.
    """

    note: bytes | None = None
    prefix: Prefix | None = None
    sightings: tuple[Sighting, ...] = ()
    keys: tuple[LogKey, ...] = ()


def encode_sightings(sightings: tuple[Sighting, ...]) -> bytes:
    """Return sightings as `parse_sightings` reads them: canonical JSON."""
    return canonical_json({"v": VERSION, "times": [[one.size, one.time] for one in sightings]})


def parse_sightings(data: bytes) -> tuple[Sighting, ...]:
    """Return the sightings that these bytes spell. Raises `MalformedError` otherwise."""
    value = parse_canonical_json(data)
    if not isinstance(value, dict) or value.keys() != {"v", "times"} or value["v"] != VERSION:
        raise _malformed()
    found: list[Sighting] = []
    times = value["times"]
    for pair in times if isinstance(times, list) else [None]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise _malformed()
        size, time = pair
        if type(size) is not int or type(time) is not int or size < 0 or time < 0:
            raise _malformed()
        if found and found[-1].size >= size:
            raise _malformed()
        found.append(Sighting(size, time))
    return tuple(found)


def _widths(size: int) -> list[int]:
    """How many hashes the tile that is not full yet has, for each level from 1 up that a log of this size has."""
    found = []
    while size := size // FULL_WIDTH:
        found.append(size % FULL_WIDTH)
    return found


def _hashes(value: JsonValue) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise _malformed()
    return tuple(decode_base64(text if isinstance(text, str) else "", size=HASH_SIZE) for text in value)


def _malformed() -> MalformedError:
    return MalformedError("memory-malformed", "What is remembered of the log is not in its form.")
