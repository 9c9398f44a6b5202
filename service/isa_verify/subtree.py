"""Proofs about part of a log: a run of entries that forms a subtree of its Merkle tree.

A subtree is the entries from `start` up to `end` (exclusive), where `start` is a multiple of the smallest power of
two that is at least `end - start`. Its root is that of a tree of those entries alone. The terms and the procedures are
those of draft-davidben-tls-merkle-tree-certs; C2SP tlog-mirror and tlog-cosignature use them.
"""

from collections.abc import Sequence

from isa_verify.errors import MalformedError, VerificationError
from isa_verify.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE, node_hash, verify_inclusion


def check_subtree(start: int, end: int) -> None:
    """Raise `MalformedError` unless the entries from `start` up to `end` form a subtree."""
    if 0 <= start < end <= MAX_SIZE and start % (1 << (end - start - 1).bit_length()) == 0:
        return
    raise MalformedError("subtree-malformed", "These entries do not form a subtree of a log.")


def verify_subtree_inclusion(
    leaf_hash: bytes, index: int, start: int, end: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf with this hash is entry `index` of the log, within the subtree with this root.

    Raises `MalformedError` for what is not a subtree, an index outside it and hashes that are not 32 bytes;
    `VerificationError` `inclusion-failed` where the proof does not lead to the root.
    """
    check_subtree(start, end)
    verify_inclusion(leaf_hash, index - start, end - start, proof, root)


def verify_subtree_consistency(
    start: int, end: int, size: int, proof: Sequence[bytes], subtree_root: bytes, root: bytes
) -> None:
    """Check that the tree of `size` entries has this subtree, entry for entry. Every tree has the empty one anywhere.

    1. The subtree is one, and lies within the tree.
    2. What the subtree and the proof's beginning share is climbed past.
    3. Each further hash is joined on the side on which it stands; those within the subtree on both paths.
    4. One path ends at the subtree's root, the other at the tree's, and nothing is left over.

    Raises `MalformedError` for what is not a subtree of the tree and hashes that are not 32 bytes; `VerificationError`
    `consistency-failed` where the proof does not hold.
    """
    # 1.
    if not end <= size <= MAX_SIZE:
        raise MalformedError("size-out-of-range", "The subtree does not lie within the tree.")
    if start == end >= 0:
        if proof or subtree_root != EMPTY_ROOT:
            raise VerificationError("consistency-failed", "Of no entries the root is the empty tree's, and no proof.")
        return
    check_subtree(start, end)
    if any(len(digest) != HASH_SIZE for digest in (subtree_root, root, *proof)):
        raise MalformedError("hash-malformed", "A hash is not exactly 32 bytes.")
    # 2.
    first, position, last = start, end - 1, size - 1
    while first != position and (position == last or position & 1):
        first, position, last = first >> 1, position >> 1, last >> 1
    hashes = list(proof)
    if first == position:
        inner = outer = subtree_root
    elif hashes:
        inner = outer = hashes.pop(0)
    else:
        raise VerificationError("consistency-failed", "The consistency proof is empty.")
    # 3.
    for sibling in hashes:
        if last == 0:
            raise VerificationError("consistency-failed", "The consistency proof has too many hashes.")
        if position & 1 or position == last:
            if first < position:
                inner = node_hash(sibling, inner)
            outer = node_hash(sibling, outer)
            while position and not position & 1:
                first, position, last = first >> 1, position >> 1, last >> 1
        else:
            outer = node_hash(outer, sibling)
        first, position, last = first >> 1, position >> 1, last >> 1
    # 4.
    if last != 0:
        raise VerificationError("consistency-failed", "The consistency proof has too few hashes.")
    if inner != subtree_root:
        raise VerificationError("consistency-failed", "The consistency proof does not lead to the subtree's root.")
    if outer != root:
        raise VerificationError("consistency-failed", "The consistency proof does not lead to the tree's root.")
