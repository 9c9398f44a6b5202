"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1), over SHA-256.

A *range* `(start, end)` stands for the subtree over the leaves start to end-1. Builders of proofs get the
ranges whose hashes make up the proof, in order, and take those hashes from wherever they keep them.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from isa_verify.errors import MalformedError, VerificationError

HASH_SIZE = 32
_PAIRS = struct.Struct(f"{2 * HASH_SIZE}s")
EMPTY_ROOT = hashlib.sha256(b"").digest()
MAX_SIZE = 2**63 - 1


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two 32-byte hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose leaf hashes are given; `EMPTY_ROOT` for none."""
    return Frontier().extend(hashes).root()


def perfect_root(hashes: bytes) -> bytes:
    """Return the root over leaf hashes that stand one after the other and whose number is a power of two."""
    count = len(hashes) // HASH_SIZE
    if len(hashes) % HASH_SIZE or count.bit_count() != 1:
        raise MalformedError("hash-malformed", "The hashes of a perfect tree are not a power of two in number.")
    if count == 1:
        return hashes
    sha256 = hashlib.sha256
    # Each node's input is made in one step from its two hashes, so that a level costs little more than its hashing.
    nodes = [b"\x01" + pair for (pair,) in _PAIRS.iter_unpack(hashes)]
    while True:
        level = [sha256(node).digest() for node in nodes]
        if len(level) == 1:
            return level[0]
        halves = iter(level)
        nodes = [b"\x01%b%b" % pair for pair in zip(halves, halves, strict=True)]


@dataclass(frozen=True, slots=True)
class Frontier:
    """The least that a tree must remember in order to grow: its perfect subtrees' roots, largest first.

    There is one hash per set bit of `size`. Raises `MalformedError` where the two disagree.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE or len(self.hashes) != self.size.bit_count():
            raise MalformedError("frontier-malformed", "The tree's frontier does not fit its size.")
        if any(len(digest) != HASH_SIZE for digest in self.hashes):
            raise MalformedError("frontier-malformed", "A hash of the tree's frontier is not 32 bytes.")

    def append(self, leaf: bytes) -> Self:
        """Return the frontier of the tree with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Self:
        """Return the frontier of the tree with these leaf hashes added, in order."""
        size, stack = self.size, list(self.hashes)
        for digest in leaves:
            if len(digest) != HASH_SIZE:
                raise MalformedError("hash-malformed", "A leaf hash is not 32 bytes.")
            carry, merged = digest, size
            while merged & 1:
                carry = node_hash(stack.pop(), carry)
                merged >>= 1
            stack.append(carry)
            size += 1
        return type(self)(size, tuple(stack))

    def join(self, width: int, root: bytes) -> Self:
        """Return the frontier of the tree with one more perfect subtree: a power of two wide, at a multiple of that.

        Raises `MalformedError` `frontier-malformed` where it does not fit.
        """
        if width < 1 or width.bit_count() != 1 or self.size % width or len(root) != HASH_SIZE:
            raise MalformedError("frontier-malformed", "A subtree does not fit at the tree's edge.")
        stack, merged, carry = list(self.hashes), self.size // width, root
        while merged & 1:
            carry = node_hash(stack.pop(), carry)
            merged >>= 1
        stack.append(carry)
        return type(self)(self.size + width, tuple(stack))

    def root(self) -> bytes:
        """Return the root of the tree."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over the perfect subtrees of one range, in the order of `perfect_ranges`."""
    root = hashes[-1]
    for digest in reversed(hashes[:-1]):
        root = node_hash(digest, root)
    return root


def perfect_ranges(start: int, end: int) -> list[tuple[int, int]]:
    """Return the perfect subtrees that make up a range of a proof, largest first; `fold` joins their hashes.

    Each is a power of two wide and aligned to its width, so a tile of the level concerned holds its hash.
    """
    ranges = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        ranges.append((start, start + width))
        start += width
    return ranges


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges whose hashes prove that leaf `index` is in the tree of `size`, from the leaf upward.

    Raises `ValueError` unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError("an inclusion proof needs 0 <= index < size")
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """Return the ranges whose hashes prove that the tree of size `new` extends the tree of size `old`.

    The list is empty for equal sizes. Raises `ValueError` unless 0 < old <= new: every tree extends the empty
    one, and there is nothing to prove.
    """
    if not 0 < old <= new:
        raise ValueError("a consistency proof needs 0 < old <= new")
    ranges = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with this hash is entry `index` of the tree of `size` leaves with this root.

    Follows RFC 9162 section 2.1.3.2. Raises `MalformedError` for impossible sizes and hashes that are not 32
    bytes, `VerificationError` `inclusion-failed` where the proof does not lead to the root.
    """
    _check_hashes(leaf_hash, root, *proof)
    if not 0 <= index < size <= MAX_SIZE:
        raise MalformedError("index-out-of-range", "The index does not lie within the tree.")
    position, last, digest = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise VerificationError("inclusion-failed", "The inclusion proof has more hashes than its place needs.")
        if position & 1 or position == last:
            digest = node_hash(sibling, digest)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise VerificationError("inclusion-failed", "The inclusion proof has fewer hashes than its place needs.")
    if digest != root:
        raise VerificationError("inclusion-failed", "The inclusion proof does not lead to the tree's root.")


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the newer tree begins with exactly the leaves of the older one.

    Follows RFC 9162 section 2.1.4.2. Raises `MalformedError` for sizes that fall, for an old size of 0 with a
    larger new one (callers decide that themselves: it needs no proof) and for hashes that are not 32 bytes;
    `VerificationError` `consistency-failed` where the proof does not hold.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise MalformedError("size-out-of-range", "The older tree is larger than the newer one.")
    if (old_size == 0 and old_root != EMPTY_ROOT) or (new_size == 0 and new_root != EMPTY_ROOT):
        raise VerificationError("consistency-failed", "A tree of size 0 does not have the empty tree's root.")
    if old_size == new_size:
        if proof:
            raise VerificationError("consistency-failed", "Two trees of one size need no proof, yet one was given.")
        if old_root != new_root:
            raise VerificationError("consistency-failed", "Two trees of the same size have different roots.")
        return
    if old_size == 0:
        raise MalformedError("size-out-of-range", "The empty tree has no consistency proof.")

    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise VerificationError("consistency-failed", "The consistency proof is empty.")
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_digest = new_digest = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise VerificationError("consistency-failed", "The consistency proof has too many hashes.")
        if position & 1 or position == last:
            old_digest = node_hash(sibling, old_digest)
            new_digest = node_hash(sibling, new_digest)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_digest = node_hash(new_digest, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise VerificationError("consistency-failed", "The consistency proof has too few hashes.")
    if old_digest != old_root:
        raise VerificationError("consistency-failed", "The consistency proof does not lead to the older root.")
    if new_digest != new_root:
        raise VerificationError("consistency-failed", "The consistency proof does not lead to the newer root.")


def _split(width: int) -> int:
    """Return the largest power of two strictly below `width`, which is at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _check_hashes(*hashes: bytes) -> None:
    if any(len(digest) != HASH_SIZE for digest in hashes):
        raise MalformedError("hash-malformed", "A hash is not exactly 32 bytes.")
