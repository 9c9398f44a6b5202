"""Logs of the sizes where trees and tiles turn a corner, made by the ledger's code and verified by Go's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from independent.go_verifier import Verifier
from independent.test_go_verifier import Change, flip
from isa_registry.domain.agreement_entries import AgreementSuspended
from isa_registry.ledger.leaves import NO_PREVIOUS, Sealed, seal
from isa_registry.ledger.tiles import TILE_WIDTH, full_tile, stored_ranges
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import encode_base64
from isa_verify.errors import MalformedError
from isa_verify.merkle import consistency_ranges, fold, inclusion_ranges, root_of
from isa_verify.note import ED25519, format_note, sign_ed25519, sign_ml_dsa_44, vkey_of
from isa_verify.proof import TlogProof
from isa_verify.tiles import encode_bundle, parse_tile_path
from listening import Quiet, listening

SIZES = [1, 2, 255, 256, 257, 1000, 70_000]
ORIGIN = "registry.example.org/durham"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LATER_KEY = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32, 64)))
VKEY = vkey_of(ORIGIN, ED25519, KEY.public_key().public_bytes_raw())


@cache
def sealed() -> list[Sealed]:
    """The entries of the largest log; the others are its beginnings."""
    made: list[Sealed] = []
    previous = NO_PREVIOUS
    for index in range(max(SIZES)):
        at = f"2026-04-{1 + index // 86400:02}T{index // 3600 % 24:02}:{index // 60 % 60:02}:{index % 60:02}.000Z"
        payload = AgreementSuspended(agreement="tier-1", version="1.0", on="2026-04-01", reason=f"made-up-{index}")
        salt = hashlib.sha256(b"salt %d" % index).digest()
        made.append(seal(origin=ORIGIN, index=index, previous=previous, at=at, payload=payload, salt=salt))
        previous = made[-1].leaf_hash
    return made


@cache
def levels() -> list[list[bytes]]:
    """The hashes of each level of tiles of the largest log; a smaller log's are their beginnings."""
    made = [[one.leaf_hash for one in sealed()]]
    while len(made[-1]) >= TILE_WIDTH:
        below = made[-1]
        starts = range(0, len(below) - TILE_WIDTH + 1, TILE_WIDTH)
        made.append(
            [full_tile(len(made) - 1, start // TILE_WIDTH, below[start : start + TILE_WIDTH]).root for start in starts]
        )
    return made


def range_hash(start: int, end: int) -> bytes:
    return fold([root_of(levels()[one.level][one.start : one.end]) for one in stored_ranges(start, end)])


@cache
def checkpoint(size: int) -> bytes:
    """Signed with both keys, of which Go knows one and passes over the other."""
    text = Checkpoint(ORIGIN, size, range_hash(0, size)).text()
    lines = [sign_ed25519(ORIGIN, KEY, text), sign_ml_dsa_44(ORIGIN, LATER_KEY, text, 1_775_001_600)]
    return format_note(text, lines)


def served_file(path: str, size: int) -> bytes | None:
    if path == "checkpoint":
        return checkpoint(size)
    try:
        level, number, width = parse_tile_path(path)
    except MalformedError:
        return None
    start = number * TILE_WIDTH
    hashes = size if level == "entries" else size >> 8 * level
    if start + width > hashes:
        return None
    if level == "entries":
        return encode_bundle(one.leaf for one in sealed()[start : start + width])
    return b"".join(levels()[level][start : start + width])


@contextmanager
def serving(size: int, change: Change = lambda _, body: body) -> Iterator[str]:
    class Handler(Quiet):
        def do_GET(self) -> None:
            body = served_file(self.path.removeprefix("/log/"), size)
            self.answer(*((404,) if body is None else (200, change(self.path, body))))

    with listening(Handler) as url:
        yield url


def file_of(directory: Path, name: str, data: bytes) -> Path:
    path = directory / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("size", SIZES)
def test_checkpoint_tiles_and_entries_are_accepted(verifier: Verifier, tmp_path: Path, size: int) -> None:
    older = file_of(tmp_path, "older", checkpoint(max([1, *(one for one in SIZES if one < size)])))
    with serving(size) as url:
        assert (0, f"OK {size}") == verifier(url, VKEY, "any", str(older))


DAMAGE = {
    "checkpoint": flip("/log/checkpoint", len(ORIGIN) + 1),
    "hash": flip(r"/log/tile/0/000(\.p/[0-9]+)?", 5),
    "entry": flip(r"/log/tile/entries/000(\.p/[0-9]+)?", 40),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE)
def test_damaged_ones_are_refused(verifier: Verifier, size: int, change: Change) -> None:
    with serving(size, change) as url:
        status, said = verifier(url, VKEY, "any")
    assert (1, "NOT VERIFIED") == (status, said[:12])


@pytest.mark.parametrize("level", [1, 2])
def test_a_damaged_tile_of_roots_is_refused(verifier: Verifier, level: int) -> None:
    with serving(70_000, flip(rf"/log/tile/{level}/000(\.p/[0-9]+)?", 5)) as url:
        assert 1 == verifier(url, VKEY)[0]


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_proofs_are_accepted_and_edited_ones_refused(verifier: Verifier, tmp_path: Path, size: int) -> None:
    for index in sorted({0, size // 2, size - 1}):
        hashes = tuple(range_hash(*found) for found in inclusion_ranges(index, size))
        proof = TlogProof(index, hashes, checkpoint(size))
        leaf = sealed()[index].leaf
        entry, text = file_of(tmp_path, "entry", leaf), file_of(tmp_path, "proof", proof.text())
        assert (0, f"OK {size}") == verifier.run("inclusion", VKEY, text, entry)
        edited = file_of(tmp_path, "edited", leaf[:-3] + b"2" + leaf[-2:])
        assert 1 == verifier.run("inclusion", VKEY, text, edited)[0]
        for forged in (
            TlogProof(index + 1, hashes, checkpoint(size)),
            TlogProof(index, (*hashes, bytes(32)), checkpoint(size)),
            TlogProof(index, tuple(bytes(32) for _ in hashes), checkpoint(size)) if hashes else None,
        ):
            if forged is not None:
                assert 1 == verifier.run("inclusion", VKEY, file_of(tmp_path, "forged", forged.text()), entry)[0]


@pytest.mark.parametrize("size", SIZES[1:])
def test_consistency_proofs_are_accepted_and_edited_ones_refused(verifier: Verifier, tmp_path: Path, size: int) -> None:
    newer = file_of(tmp_path, "newer", checkpoint(size))
    for before in [one for one in SIZES if one < size][-3:]:
        lines = [encode_base64(range_hash(*found)) + "\n" for found in consistency_ranges(before, size)]
        older = file_of(tmp_path, "older", checkpoint(before))
        proof = file_of(tmp_path, "proof", "".join(lines).encode())
        assert (0, f"OK {size}") == verifier.run("consistency", VKEY, older, newer, proof)
        nothing = encode_base64(bytes(32)) + "\n"
        for forged in ([nothing, *lines[1:]], [*lines, nothing], lines[:-1]):
            edited = file_of(tmp_path, "edited", "".join(forged).encode())
            assert 1 == verifier.run("consistency", VKEY, older, newer, edited)[0]
        assert 1 == verifier.run("consistency", VKEY, newer, older, proof)[0]
