// The keys of a log, and the log sizes that each holds for (docs/formats/key-rotation.md).
import { fromDecimal, hex, textOf } from "./encoding.mjs";
import { NotVerified } from "./failures.mjs";
import { ED25519, ML_DSA_44, parseKey } from "./notes.mjs";

const OPEN = "-";
const MAX_KEYS_SIZE = 1 << 20;

/** The key of a line `vkey` or `vkey from to`, as `{ key, first, last }`; `last` is null while it is open. */
export async function parseKeyLine(line) {
  const items = line.split(" ");
  if (items.length === 1) {
    return { key: await parseKey(items[0]), first: 0n, last: null };
  }
  if (items.length !== 3) {
    throw new NotVerified("keys-line-malformed", "A line of keys is neither `vkey` nor `vkey from to`.");
  }
  let first, last;
  try {
    first = fromDecimal(items[1]);
    last = items[2] === OPEN ? null : fromDecimal(items[2]);
  } catch {
    throw new NotVerified("key-range-malformed", "The sizes that a key holds for are not numbers.");
  }
  const key = await parseKey(items[0]);
  if (last !== null && last < first) {
    throw new NotVerified("key-range-malformed", "The sizes that a key holds for do not run upward.");
  }
  return { key, first, last };
}

/** The keys of one log, as they are given: at least one, none twice, none of a witness. */
export function logKeys(held) {
  const ofALog = held.every(({ key }) => key.type === ED25519 || key.type === ML_DSA_44);
  if (new Set(held.map(({ key }) => key.name)).size !== 1 || !ofALog) {
    throw new NotVerified("keys-unsuitable", "The keys given are not the keys of one log.");
  }
  if (new Set(held.map(({ key }) => hex(key.public))).size !== held.length) {
    throw new NotVerified("key-ambiguous", "One key is given twice.");
  }
  return held;
}

/** The keys of a file: a line each, blank lines and `#` comments aside. It is the form of `/log/keys`. */
export async function parseKeys(bytes) {
  const text = bytes.length <= MAX_KEYS_SIZE && bytes.every((byte) => byte < 0x80) ? textOf(bytes) : "";
  if (!text) {
    throw new NotVerified("keys-not-text", "The file of keys is not ASCII text of at most one mebibyte.");
  }
  const held = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (/^[\t-\r\x1c-\x20]*(?:#|$)/.test(line)) {
      continue;
    }
    try {
      held.push(await parseKeyLine(line));
    } catch (error) {
      throw error instanceof NotVerified
        ? new NotVerified(error.code, `Line ${at + 1} of the keys: ${error.detail}`)
        : error;
    }
  }
  return logKeys(held);
}
