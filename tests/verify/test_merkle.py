import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.errors import MalformedError, VerificationError
from isa_verify.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    fold,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    perfect_ranges,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from verify.naive_merkle import naive_consistency, naive_path, naive_root
from verify.published_log import flipped

ENTRIES = [f"entry {number}".encode() for number in range(64)]
HASHES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [naive_root(ENTRIES[:size]) for size in range(65)]
SIZES = range(1, 65)


def inclusion_proof(index: int, size: int) -> list[bytes]:
    return [naive_root(ENTRIES[start:end]) for start, end in inclusion_ranges(index, size)]


def consistency_proof(old: int, new: int) -> list[bytes]:
    return [naive_root(ENTRIES[start:end]) for start, end in consistency_ranges(old, new)]


def includes(digest: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    try:
        verify_inclusion(digest, index, size, proof, root)
    except VerificationError:
        return False
    return True


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    try:
        verify_consistency(old, old_root, new, new_root, proof)
    except VerificationError:
        return False
    return True


class TestRoots:
    def test_the_empty_tree_has_the_hash_of_nothing(self) -> None:
        assert hashlib.sha256(b"").digest() == EMPTY_ROOT == root_of([]) == Frontier().root()

    def test_leaves_and_nodes_are_hashed_under_different_prefixes(self) -> None:
        assert hashlib.sha256(b"\x00ab").digest() == leaf_hash(b"ab")
        assert hashlib.sha256(b"\x01" + bytes(64)).digest() == node_hash(bytes(32), bytes(32))

    def test_every_small_tree_has_the_root_of_the_recursive_definition(self) -> None:
        assert [root_of(HASHES[:size]) for size in range(65)] == ROOTS

    @given(st.lists(st.binary(max_size=3), max_size=300), st.data())
    def test_a_frontier_grows_to_the_same_root_in_any_steps(self, entries: list[bytes], data: st.DataObject) -> None:
        cut = data.draw(st.integers(0, len(entries)))
        hashes = [leaf_hash(entry) for entry in entries]
        frontier = Frontier().extend(hashes[:cut])
        restored = Frontier(frontier.size, frontier.hashes)
        assert naive_root(entries[:cut]) == restored.root()
        assert naive_root(entries) == restored.extend(hashes[cut:]).root()

    def test_appending_leaves_the_older_frontier_as_it_was(self) -> None:
        frontier = Frontier().extend(HASHES[:3])
        frontier.append(HASHES[3])
        assert ROOTS[3] == frontier.root()

    @pytest.mark.parametrize(
        ("size", "hashes"), [(-1, ()), (0, (bytes(32),)), (3, (bytes(32),)), (1, (bytes(31),)), (2**63, (bytes(32),))]
    )
    def test_a_frontier_that_does_not_fit_its_size_is_refused(self, size: int, hashes: tuple[bytes, ...]) -> None:
        with pytest.raises(MalformedError, match="frontier-malformed"):
            Frontier(size, hashes)

    def test_a_leaf_hash_of_another_length_is_refused(self) -> None:
        with pytest.raises(MalformedError, match="hash-malformed"):
            Frontier().append(b"short")


class TestRanges:
    def test_proofs_are_those_of_the_recursive_definition(self) -> None:
        for size in SIZES:
            for index in range(size):
                assert naive_path(index, ENTRIES[:size]) == inclusion_proof(index, size)
            for old in range(1, size + 1):
                assert naive_consistency(old, ENTRIES[:size]) == consistency_proof(old, size)

    def test_each_range_of_a_proof_folds_from_aligned_perfect_subtrees(self) -> None:
        for size in SIZES:
            ranges = [found for index in range(size) for found in inclusion_ranges(index, size)]
            ranges += [found for old in range(1, size + 1) for found in consistency_ranges(old, size)]
            for start, end in set(ranges):
                parts = perfect_ranges(start, end)
                assert all((b - a).bit_count() == 1 and a % (b - a) == 0 for a, b in parts)
                assert naive_root(ENTRIES[start:end]) == fold([naive_root(ENTRIES[a:b]) for a, b in parts])

    @pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 3)])
    def test_an_index_outside_the_tree_has_no_proof(self, index: int, size: int) -> None:
        with pytest.raises(ValueError, match="index < size"):
            inclusion_ranges(index, size)

    @pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (2, 1), (-1, 1)])
    def test_an_empty_or_larger_old_tree_has_no_proof(self, old: int, new: int) -> None:
        with pytest.raises(ValueError, match="old <= new"):
            consistency_ranges(old, new)


class TestInclusion:
    def test_every_leaf_of_every_small_tree_is_proved_and_no_altered_proof_is(self) -> None:
        for size in SIZES:
            for index in range(size):
                proof = inclusion_proof(index, size)
                verify_inclusion(HASHES[index], index, size, proof, ROOTS[size])
                for position in range(len(proof)):
                    changed = [*proof[:position], flipped(proof[position], 31), *proof[position + 1 :]]
                    assert not includes(HASHES[index], index, size, changed, ROOTS[size])
                assert not includes(HASHES[index], index, size, [*proof, bytes(32)], ROOTS[size])
                assert not includes(HASHES[index], index, size, proof[:-1], ROOTS[size]) or size == 1
                assert not includes(HASHES[index], index, size, proof, flipped(ROOTS[size], 0))
                assert not includes(flipped(HASHES[index], 0), index, size, proof, ROOTS[size])

    def test_a_proof_for_one_place_proves_no_other(self) -> None:
        for size in range(1, 33):
            for index in range(size):
                proof = inclusion_proof(index, size)
                places = [other for other in range(size) if includes(HASHES[index], other, size, proof, ROOTS[size])]
                assert [index] == places

    @pytest.mark.parametrize(("index", "size"), [(1, 1), (-1, 1), (0, 0), (0, 2**63)])
    def test_impossible_places_are_refused(self, index: int, size: int) -> None:
        with pytest.raises(MalformedError, match="index-out-of-range"):
            verify_inclusion(HASHES[0], index, size, [], HASHES[0])

    def test_hashes_of_another_length_are_refused(self) -> None:
        for digest, proof, root in ((b"x", [], ROOTS[1]), (HASHES[0], [b"x"], ROOTS[2]), (HASHES[0], [], b"x")):
            with pytest.raises(MalformedError, match="hash-malformed"):
                verify_inclusion(digest, 0, 1 + len(proof), proof, root)


class TestConsistency:
    def test_every_older_tree_is_proved_and_no_altered_proof_is(self) -> None:
        for new in SIZES:
            for old in range(1, new + 1):
                proof = consistency_proof(old, new)
                verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)
                for position in range(len(proof)):
                    changed = [*proof[:position], flipped(proof[position], 0), *proof[position + 1 :]]
                    assert not consistent(old, ROOTS[old], new, ROOTS[new], changed)
                assert not consistent(old, ROOTS[old], new, ROOTS[new], [*proof, bytes(32)])
                assert not consistent(old, ROOTS[old], new, ROOTS[new], proof[:-1]) or old == new
                assert not consistent(old, flipped(ROOTS[old], 0), new, ROOTS[new], proof)
                assert not consistent(old, ROOTS[old], new, flipped(ROOTS[new], 0), proof)

    def test_two_empty_trees_are_consistent(self) -> None:
        verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])

    def test_the_empty_tree_has_no_proof_of_its_own(self) -> None:
        with pytest.raises(MalformedError, match="size-out-of-range"):
            verify_consistency(0, EMPTY_ROOT, 1, ROOTS[1], [])

    def test_an_empty_tree_with_another_root_is_refused(self) -> None:
        assert not consistent(0, ROOTS[1], 0, ROOTS[1], [])
        assert not consistent(0, ROOTS[1], 1, ROOTS[1], [])

    def test_a_tree_that_shrank_is_refused(self) -> None:
        with pytest.raises(MalformedError, match="size-out-of-range"):
            verify_consistency(2, ROOTS[2], 1, ROOTS[1], [])
