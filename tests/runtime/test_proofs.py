"""Proofs and checks over stored tiles at sizes that fill more than one level, held against the tree itself."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from isa_registry.ledger.log_keys import LogKeys
from isa_registry.runtime import proofs
from isa_registry.runtime.fsck.findings import Findings
from isa_registry.runtime.fsck.tree import TreeCheck
from isa_registry.runtime.proofs import Tree
from isa_registry.store import fsck, log
from isa_verify.merkle import Frontier, root_of, verify_consistency, verify_inclusion

SIZE = 70_000
SIZES = [1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537, SIZE]


class Stored:
    """The hashes of every tile level of a log, as the database would give them."""

    def __init__(self) -> None:
        self.levels = [[hashlib.sha256(b"%d" % index).digest() for index in range(SIZE)]]
        while len(self.levels[-1]) >= 256:
            below = self.levels[-1]
            self.levels.append([root_of(below[start : start + 256]) for start in range(0, len(below) - 255, 256)])
        self.reads = 0

    def tile(self, level: int, number: int) -> tuple[bytes, bytes]:
        return b"".join(self.levels[level][number * 256 : number * 256 + 256]), self.levels[level + 1][number]


@pytest.fixture(scope="module")
def whole() -> Stored:
    return Stored()


@pytest.fixture
def stored(whole: Stored, monkeypatch: pytest.MonkeyPatch) -> Stored:
    async def tile_hashes(_connection: object, level: int, start: int, end: int) -> list[bytes]:
        whole.reads += 1
        return whole.levels[level][start:end]

    async def tiles(_connection: object, level: int, start: int, end: int) -> dict[int, tuple[bytes, bytes]]:
        full = len(whole.levels[level]) // 256
        return {number: whole.tile(level, number) for number in range(start, min(end, full))}

    async def tiles_beyond(_connection: object, _size: int) -> list[tuple[int, int]]:
        return []

    monkeypatch.setattr(log, "tile_hashes", tile_hashes)
    monkeypatch.setattr(fsck, "tiles", tiles)
    monkeypatch.setattr(fsck, "tiles_beyond", tiles_beyond)
    return whole


CONNECTION: Any = None


@pytest.mark.parametrize("size", SIZES)
async def test_an_inclusion_proof_holds_at_every_size(stored: Stored, size: int) -> None:
    tree = Tree(size)
    root = await tree.root(CONNECTION)
    assert root == Frontier().extend(stored.levels[0][:size]).root()
    for index in {0, size // 3, size // 2, max(size - 2, 0), size - 1}:
        proof = await tree.inclusion(CONNECTION, index)
        verify_inclusion(stored.levels[0][index], index, size, proof, root)


@pytest.mark.parametrize("old", SIZES)
async def test_a_consistency_proof_holds_between_any_two_sizes(stored: Stored, old: int) -> None:
    before = await Tree(old).root(CONNECTION)
    for new in (size for size in SIZES if size >= old):
        tree = Tree(new)
        proof = await tree.consistency(CONNECTION, old)
        verify_consistency(old, before, new, await tree.root(CONNECTION), proof)


async def test_neighbouring_proofs_share_what_was_read(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "_KEPT_RANGES", 500)
    tree = Tree(SIZE)
    root = await tree.root(CONNECTION)
    stored.reads = 0
    for index in range(1000, 2000):
        proof = await tree.inclusion(CONNECTION, index)
        verify_inclusion(stored.levels[0][index], index, SIZE, proof, root)
    assert stored.reads < 20


@pytest.mark.parametrize("step", [255, 256, 1_000, SIZE])
async def test_a_tree_that_is_checked_as_it_grows_has_the_root_of_every_size(stored: Stored, step: int) -> None:
    findings = Findings()
    tree = TreeCheck(CONNECTION, findings, LogKeys(origin="log", vkeys=()))
    expected = Frontier()
    for start in range(0, SIZE, step):
        leaves = stored.levels[0][start : start + step]
        await tree.extend(leaves)
        expected = expected.extend(leaves)
        assert tree.root() == expected.root()
    await tree.end()
    assert (findings.kept, tree.size) == ([], SIZE)


@pytest.mark.parametrize(("level", "number"), [(0, 0), (0, 131), (0, 272), (1, 0)])
async def test_a_tile_of_any_level_that_is_not_the_leaves_is_found(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, level: int, number: int
) -> None:
    honest = stored.tile

    def tile(at: int, which: int) -> tuple[bytes, bytes]:
        hashes, root = honest(at, which)
        return (hashes, root[:-1] + bytes([root[-1] ^ 1])) if (at, which) == (level, number) else (hashes, root)

    monkeypatch.setattr(stored, "tile", tile)
    findings = Findings()
    tree = TreeCheck(CONNECTION, findings, LogKeys(origin="log", vkeys=()))
    await tree.extend(stored.levels[0])
    assert [("tile", f"level {level} tile {number}")] == [(one.code, one.where) for one in findings.kept]
