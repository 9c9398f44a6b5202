"""Proofs about part of a log: all subtrees of all small trees, against the definition itself."""

import hashlib

import pytest

from isa_verify.errors import MalformedError, VerificationError
from isa_verify.merkle import inclusion_ranges, root_of
from isa_verify.subtree import check_subtree, verify_subtree_consistency, verify_subtree_inclusion

HASHES = [hashlib.sha256(bytes([number])).digest() for number in range(40)]
SMALL = 20


def subtrees(size: int) -> list[tuple[int, int]]:
    found = []
    for start in range(size):
        for end in range(start + 1, size + 1):
            width = 1
            while width < end - start:
                width *= 2
            if start % width == 0:
                found.append((start, end))
    return found


def subtree_proof(start: int, end: int, leaves: list[bytes], *, known: bool = True) -> list[bytes]:
    """The proof by its recursive definition."""
    if start == 0 and end == len(leaves):
        return [] if known else [root_of(leaves)]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    if end <= middle:
        return [*subtree_proof(start, end, leaves[:middle], known=known), root_of(leaves[middle:])]
    if middle <= start:
        return [*subtree_proof(start - middle, end - middle, leaves[middle:], known=known), root_of(leaves[:middle])]
    return [*subtree_proof(0, end - middle, leaves[middle:], known=False), root_of(leaves[:middle])]


def flipped(hashes: list[bytes], position: int) -> list[bytes]:
    return [bytes([h[0] ^ 1]) + h[1:] if number == position else h for number, h in enumerate(hashes)]


@pytest.mark.parametrize("size", range(1, SMALL))
def test_every_subtree_of_a_small_tree_is_proved_and_no_changed_proof_is(size: int) -> None:
    leaves = HASHES[:size]
    for start, end in subtrees(size):
        proof, inner, root = subtree_proof(start, end, leaves), root_of(leaves[start:end]), root_of(leaves)
        verify_subtree_consistency(start, end, size, proof, inner, root)

        for position in range(len(proof)):
            with pytest.raises(VerificationError):
                verify_subtree_consistency(start, end, size, flipped(proof, position), inner, root)
            with pytest.raises(VerificationError):
                verify_subtree_consistency(start, end, size, proof[:position], inner, root)
        with pytest.raises(VerificationError):
            verify_subtree_consistency(start, end, size, [*proof, HASHES[-1]], inner, root)
        with pytest.raises(VerificationError):
            verify_subtree_consistency(start, end, size, proof, HASHES[-1], root)
        with pytest.raises(VerificationError):
            verify_subtree_consistency(start, end, size, proof, inner, HASHES[-1])


@pytest.mark.parametrize("size", range(1, SMALL))
def test_every_entry_of_every_subtree_is_proved(size: int) -> None:
    for start, end in subtrees(size):
        leaves = HASHES[start:end]
        for index in range(start, end):
            proof = [root_of(leaves[low:high]) for low, high in inclusion_ranges(index - start, end - start)]
            verify_subtree_inclusion(HASHES[index], index, start, end, proof, root_of(leaves))


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 3), (4, 2), (1, 3), (2, 5), (2, 6), (-2, 0), (4, 12)])
def test_what_is_not_a_subtree_is_refused(start: int, end: int) -> None:
    with pytest.raises(MalformedError, match="subtree-malformed"):
        check_subtree(start, end)
