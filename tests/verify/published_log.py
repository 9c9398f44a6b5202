"""A small log as its server publishes it: files under paths, made for tests and then tampered with."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import canonical_json
from isa_verify.errors import NotFoundError
from isa_verify.leaf import FIRST_PREV, Leaf, commitment
from isa_verify.merkle import inclusion_ranges, leaf_hash
from isa_verify.note import ED25519, ML_DSA_44, VerifierKey, format_note, sign_ed25519, sign_ml_dsa_44
from isa_verify.proof import TlogProof
from isa_verify.receipt import build
from isa_verify.tiles import encode_bundle, tile_path, tiles_of
from verify.naive_merkle import naive_root

ORIGIN = "registry.example.org/durham"
_ED25519_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_ML_DSA_PRIVATE = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32, 64)))
ED25519_KEY = VerifierKey(ORIGIN, ED25519, _ED25519_PRIVATE.public_key().public_bytes_raw())
ML_DSA_KEY = VerifierKey(ORIGIN, ML_DSA_44, _ML_DSA_PRIVATE.public_key().public_bytes_raw())
KEYS = (ED25519_KEY, ML_DSA_KEY)


def payload_of(index: int) -> bytes:
    return canonical_json({"kind": "check.answered", "outcome": "may-share", "number": index})


def salt_of(index: int, seed: str = "salt") -> bytes:
    return hashlib.sha256(f"{seed} {index}".encode()).digest()


def make_entries(count: int, *, seed: str = "salt", start: list[bytes] | None = None) -> list[bytes]:
    """The entries of a log, `start` first: canonical leaves, one second apart, each a record of a check."""
    entries = list(start or [])
    for index in range(len(entries), count):
        leaf = Leaf(
            origin=ORIGIN,
            seq=index,
            prev=leaf_hash(entries[-1]).hex() if entries else FIRST_PREV,
            at=f"2026-04-01T{index // 3600:02}:{index // 60 % 60:02}:{index % 60:02}.000Z",
            kind="record",
            commitment=commitment("record", payload_of(index), salt_of(index, seed)),
        )
        entries.append(leaf.encode())
    return entries


def sign(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as a note signed by both keys of the log."""
    text = checkpoint.text()
    lines = [
        sign_ed25519(ORIGIN, _ED25519_PRIVATE, text),
        sign_ml_dsa_44(ORIGIN, _ML_DSA_PRIVATE, text, 1_775_000_000),
    ]
    return format_note(text, lines)


def make_receipt(entries: list[bytes], index: int) -> bytes:
    """A receipt for one entry of the log made of these entries."""
    hashes = tuple(naive_root(entries[start:end]) for start, end in inclusion_ranges(index, len(entries)))
    note = sign(Checkpoint(ORIGIN, len(entries), naive_root(entries)))
    proof = TlogProof(index, hashes, note)
    return build(entries[index], payload_of(index), salt_of(index), proof.text())


@dataclass
class PublishedLog:
    """The files of a log. `fetch` serves them and remembers what was asked for."""

    entries: list[bytes]
    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.publish()

    @classmethod
    def of(cls, count: int) -> "PublishedLog":
        return cls(make_entries(count))

    def publish(self) -> None:
        """Write every file anew from the entries, and sign."""
        self.files = {"checkpoint": sign(Checkpoint(ORIGIN, len(self.entries), naive_root(self.entries)))}
        for level, number, width in tiles_of(len(self.entries)):
            span = 256**level
            starts = [(number * 256 + slot) * span for slot in range(width)]
            hashes = [naive_root(self.entries[start : start + span]) for start in starts]
            self.files[tile_path(level, number, width)] = b"".join(hashes)
            if level == 0:
                entries = self.entries[number * 256 : number * 256 + width]
                self.files[tile_path("entries", number, width)] = encode_bundle(entries)

    def fetch(self, path: str) -> bytes:
        self.fetched.append(path)
        if path not in self.files:
            raise NotFoundError("not-found", "There is no such file.")
        return self.files[path]


def written(log: PublishedLog, directory: Path) -> Path:
    """The directory, with the log's files in it."""
    for path, data in log.files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    return directory


def flipped(data: bytes, position: int) -> bytes:
    """The data with one bit of one byte changed."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
