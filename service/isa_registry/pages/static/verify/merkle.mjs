// The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1), over SHA-256. Sizes and indexes are BigInts.
import { same } from "./encoding.mjs";
import { NotVerified } from "./failures.mjs";
import { sha256 } from "./webcrypto.mjs";

export const HASH_SIZE = 32;
const MAX_SIZE = 2n ** 63n - 1n;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const EMPTY = Uint8Array.of();

export function leafHash(entry) {
  return sha256(LEAF, entry);
}

export function nodeHash(left, right) {
  return sha256(NODE, left, right);
}

/** The root of a tree without entries. */
export function emptyRoot() {
  return sha256(EMPTY);
}

/** The root over hashes whose number is a power of two. */
export async function perfectRoot(hashes) {
  let level = hashes;
  while (level.length > 1) {
    const pairs = Array.from({ length: level.length / 2 }, (_, at) => [level[2 * at], level[2 * at + 1]]);
    level = await Promise.all(pairs.map(([left, right]) => nodeHash(left, right)));
  }
  return level[0];
}

/** The root over the perfect subtrees of one range, in the order of `perfectRanges`. */
export async function fold(hashes) {
  let root = hashes.at(-1);
  for (const left of hashes.slice(0, -1).reverse()) {
    root = await nodeHash(left, root);
  }
  return root;
}

/** The perfect subtrees that make up a range of a proof, largest first: each a power of two wide, at a multiple of it. */
export function perfectRanges(start, end) {
  const ranges = [];
  while (start < end) {
    const width = 1n << (bitLength(end - start) - 1n);
    ranges.push([start, start + width]);
    start += width;
  }
  return ranges;
}

/** The ranges whose hashes prove that leaf `index` is in the tree of `size`, from the leaf upward. */
export function inclusionRanges(index, size) {
  return siblings(0n, size, (start, end) => end - start > 1n, (middle) => index < middle).ranges;
}

/** The ranges whose hashes prove that the tree of size `grown` extends the tree of size `old`, 0 < old <= grown. */
export function consistencyRanges(old, grown) {
  const { ranges, start } = siblings(0n, grown, (_, end) => end !== old, (middle) => old <= middle);
  return start ? [[start, old], ...ranges] : ranges;
}

/** What one passes by on the way down to where `goOn` ends, in order from there upward. */
function siblings(start, end, goOn, isLeft) {
  const ranges = [];
  while (goOn(start, end)) {
    const middle = start + (1n << (bitLength(end - start - 1n) - 1n));
    if (isLeft(middle)) {
      ranges.unshift([middle, end]);
      end = middle;
    } else {
      ranges.unshift([start, middle]);
      start = middle;
    }
  }
  return { ranges, start };
}

function bitLength(number) {
  return BigInt(number.toString(2).length);
}

/**
 * Checks that the leaf with this hash is entry `index` of the tree of `size` leaves with this root (RFC 9162 section
 * 2.1.3.2). `told` hears of each node: its two halves and its hash.
 */
export async function verifyInclusion(leaf, index, size, proof, root, told = () => {}) {
  checkHashes(leaf, root, ...proof);
  if (!(0n <= index && index < size && size <= MAX_SIZE)) {
    throw new NotVerified("index-out-of-range", "The index does not lie within the tree.");
  }
  const climb = new Climb(index, size - 1n);
  let digest = leaf;
  for (const sibling of proof) {
    if (climb.isAtTop) {
      throw new NotVerified("inclusion-failed", "The inclusion proof has more hashes than its place needs.");
    }
    const pair = climb.step() ? [sibling, digest] : [digest, sibling];
    digest = await nodeHash(...pair);
    told(...pair, digest);
  }
  if (!climb.isAtTop) {
    throw new NotVerified("inclusion-failed", "The inclusion proof has fewer hashes than its place needs.");
  }
  if (!same(digest, root)) {
    throw new NotVerified("inclusion-failed", "The inclusion proof does not lead to the tree's root.");
  }
}

/**
 * Checks that the newer tree begins with exactly the leaves of the older one (RFC 9162 section 2.1.4.2). `told` hears
 * of each node: in which tree it is ("older", "newer" or "both"), its two halves and its hash.
 */
export async function verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof, told = () => {}) {
  checkHashes(oldRoot, newRoot, ...proof);
  if (!(0n <= oldSize && oldSize <= newSize && newSize <= MAX_SIZE)) {
    throw new NotVerified("size-out-of-range", "The older tree is larger than the newer one.");
  }
  const none = await emptyRoot();
  if ((oldSize === 0n && !same(oldRoot, none)) || (newSize === 0n && !same(newRoot, none))) {
    throw new NotVerified("consistency-failed", "A tree of size 0 does not have the empty tree's root.");
  }
  if (oldSize === newSize) {
    if (proof.length) {
      throw new NotVerified("consistency-failed", "Two trees of one size need no proof, yet one was given.");
    }
    if (!same(oldRoot, newRoot)) {
      throw new NotVerified("consistency-failed", "Two trees of the same size have different roots.");
    }
    return;
  }
  if (oldSize === 0n) {
    throw new NotVerified("size-out-of-range", "The empty tree has no consistency proof.");
  }
  // The root of an older tree that is perfect is a node of the newer one, and is not sent.
  const path = (oldSize & (oldSize - 1n)) === 0n ? [oldRoot, ...proof] : proof;
  if (!path.length) {
    throw new NotVerified("consistency-failed", "The consistency proof is empty.");
  }
  const climb = new Climb(oldSize - 1n, newSize - 1n);
  climb.pastLeft();
  let [older, newer] = [path[0], path[0]];
  for (const sibling of path.slice(1)) {
    if (climb.isAtTop) {
      throw new NotVerified("consistency-failed", "The consistency proof has too many hashes.");
    }
    if (climb.step()) {
      const below = older;
      older = await nodeHash(sibling, below);
      told("older", sibling, below, older);
      const beside = newer;
      newer = await nodeHash(sibling, beside);
      told("newer", sibling, beside, newer);
    } else {
      const below = newer;
      newer = await nodeHash(below, sibling);
      told("newer", below, sibling, newer);
    }
  }
  if (!climb.isAtTop) {
    throw new NotVerified("consistency-failed", "The consistency proof has too few hashes.");
  }
  if (!same(older, oldRoot)) {
    throw new NotVerified("consistency-failed", "The consistency proof does not lead to the older root.");
  }
  if (!same(newer, newRoot)) {
    throw new NotVerified("consistency-failed", "The consistency proof does not lead to the newer root.");
  }
}

/** The way from a node up to the root, beside the way from the level's last node. */
class Climb {
  constructor(position, last) {
    this.position = position;
    this.last = last;
  }

  get isAtTop() {
    return this.last === 0n;
  }

  /** Climbs past one sibling; whether it stands on the left. */
  step() {
    const left = (this.position & 1n) === 1n || this.position === this.last;
    if (left) {
      while (this.position && !(this.position & 1n)) {
        this.up();
      }
    }
    this.up();
    return left;
  }

  /** Climbs for as long as the node is the right one of two. */
  pastLeft() {
    while (this.position & 1n) {
      this.up();
    }
  }

  up() {
    this.position >>= 1n;
    this.last >>= 1n;
  }
}

function checkHashes(...hashes) {
  if (hashes.some((hash) => hash.length !== HASH_SIZE)) {
    throw new NotVerified("hash-malformed", "A hash is not exactly 32 bytes.");
  }
}
