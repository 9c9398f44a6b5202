"""Where a proof's hashes are found among stored ones: for every size and every leaf, the same root."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isa_registry.ledger.tiles import TILE_WIDTH, full_tile, stored_ranges
from isa_verify.merkle import fold, inclusion_ranges, root_of, verify_inclusion

HASHES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(70_000)]
LEVELS = [HASHES]
while len(LEVELS[-1]) >= TILE_WIDTH:
    below = LEVELS[-1]
    LEVELS.append(
        [root_of(below[start : start + TILE_WIDTH]) for start in range(0, len(below) - TILE_WIDTH + 1, TILE_WIDTH)]
    )


def from_stored(start: int, end: int) -> bytes:
    return fold([root_of(LEVELS[one.level][one.start : one.end]) for one in stored_ranges(start, end)])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_inclusion_proof_from_stored_hashes_verifies(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(HASHES)))
    index = data.draw(st.integers(0, size - 1))
    proof = [from_stored(*found) for found in inclusion_ranges(index, size)]

    verify_inclusion(HASHES[index], index, size, proof, from_stored(0, size))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_the_root_from_stored_hashes_is_the_trees(size: int) -> None:
    assert from_stored(0, size) == root_of(HASHES[:size])


@pytest.mark.parametrize("size", [1, 300, 65_536, 70_000])
def test_each_range_lies_within_one_tile(size: int) -> None:
    for one in stored_ranges(0, size):
        assert one.start // TILE_WIDTH == (one.end - 1) // TILE_WIDTH


def test_a_full_tile_has_256_hashes() -> None:
    tile = full_tile(0, 1, HASHES[256:512])

    assert (b"".join(HASHES[256:512]), root_of(HASHES[256:512])) == (tile.hashes, tile.root)
    with pytest.raises(ValueError, match="256"):
        full_tile(0, 1, HASHES[:255])
