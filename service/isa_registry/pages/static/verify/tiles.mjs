// A log's hashes as it publishes them (C2SP tlog-tiles): a tile of level L holds up to 256 hashes, each the root over
// 256^L entries. One with fewer is partial, and its path names its width.
import { same } from "./encoding.mjs";
import { CouldNotRun, NotVerified } from "./failures.mjs";
import { HASH_SIZE, fold, perfectRanges, perfectRoot } from "./merkle.mjs";

const FULL_WIDTH = 256n;
const AT_ONCE = 16n;

/** The path of a tile, relative to the log's. */
export function tilePath(level, number, width) {
  const digits = String(number).padStart(3 * Math.ceil(String(number).length / 3), "0");
  const groups = digits.match(/[0-9]{3}/g);
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${path}${width === FULL_WIDTH ? "" : `.p/${width}`}`;
}

/** The hashes of a log of `size` entries. `fetchPath` gives what the log serves under a path. */
export class Tiles {
  #fetchPath;
  #read = new Map();

  constructor(fetchPath, size) {
    this.#fetchPath = fetchPath;
    this.size = size;
  }

  /** The root over a range of a proof, from the fewest published hashes. */
  async hash([start, end]) {
    const hashes = [];
    for (const range of perfectRanges(start, end)) {
      hashes.push(await this.#perfect(range));
    }
    return fold(hashes);
  }

  hashes(ranges) {
    return Promise.all(ranges.map((range) => this.hash(range)));
  }

  async #perfect([start, end]) {
    let [level, span] = [0, 1n];
    while (end - start >= span * FULL_WIDTH) {
      level += 1;
      span *= FULL_WIDTH;
    }
    const tile = await this.tile(level, start / span / FULL_WIDTH);
    const first = Number((start / span) % FULL_WIDTH);
    return perfectRoot(tile.slice(first, first + Number((end - start) / span)));
  }

  /** The hashes of a tile. Each is fetched once. */
  tile(level, number) {
    const path = `${level} ${number}`;
    if (!this.#read.has(path)) {
      this.#read.set(path, this.#fetchTile(level, number));
    }
    return this.#read.get(path);
  }

  /** How many hashes a level has. */
  count(level) {
    return this.size / FULL_WIDTH ** BigInt(level);
  }

  async #fetchTile(level, number) {
    const left = this.count(level) - number * FULL_WIDTH;
    const width = left < FULL_WIDTH ? left : FULL_WIDTH;
    let bytes = await this.#under(tilePath(level, number, width));
    if (bytes === null && width < FULL_WIDTH) {
      // A log may drop a partial tile once it has the full one.
      bytes = await this.#under(tilePath(level, number, FULL_WIDTH));
      bytes &&= checked(bytes, FULL_WIDTH).slice(0, Number(width) * HASH_SIZE);
    }
    if (bytes === null) {
      throw new NotVerified("tile-missing", `The log does not serve tile ${number} of its level ${level}.`);
    }
    checked(bytes, width);
    return Array.from({ length: Number(width) }, (_, at) => bytes.slice(at * HASH_SIZE, (at + 1) * HASH_SIZE));
  }

  async #under(path) {
    try {
      return await this.#fetchPath(path);
    } catch (error) {
      if (error instanceof CouldNotRun && error.code === "not-found") {
        return null;
      }
      throw error;
    }
  }

  /**
   * Reads every tile, and checks that each above level 0 holds the roots of the tiles below it. `heard` is told how
   * many have been read. The root that the hashes give is `hash([0n, size])`.
   */
  async readAll(heard = () => {}) {
    let read = 0;
    for (let level = 0; this.count(level); level += 1) {
      const tiles = (this.count(level) + FULL_WIDTH - 1n) / FULL_WIDTH;
      for (let first = 0n; first < tiles; first += AT_ONCE) {
        const left = tiles - first < AT_ONCE ? tiles - first : AT_ONCE;
        await Promise.all(Array.from({ length: Number(left) }, (_, at) => this.#checkTile(level, first + BigInt(at))));
        read += Number(left);
        heard(read);
      }
    }
    return read;
  }

  async #checkTile(level, number) {
    const isFull = this.count(level) - number * FULL_WIDTH >= FULL_WIDTH;
    if (!isFull) {
      await this.tile(level, number);
      return;
    }
    // The tiles of level 0 are too many to be kept, and are not asked for again: those above stand for them.
    const hashes = level === 0 ? await this.#fetchTile(level, number) : await this.tile(level, number);
    const above = await this.tile(level + 1, number / FULL_WIDTH);
    if (!same(await perfectRoot(hashes), above[Number(number % FULL_WIDTH)])) {
      throw new NotVerified(
        "tile-mismatch",
        `Tile ${number / FULL_WIDTH} of level ${level + 1} does not hold the roots of the tiles below it.`,
      );
    }
  }
}

function checked(bytes, width) {
  const size = Number(width) * HASH_SIZE;
  if (bytes.length !== size) {
    throw new NotVerified("tile-malformed", `A tile holds ${bytes.length} bytes instead of ${size}.`);
  }
  return bytes;
}
