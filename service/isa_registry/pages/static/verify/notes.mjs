// Signed notes (C2SP signed-note) and the keys that verify them: Ed25519 (0x01), Ed25519 with a time (0x04), and
// ML-DSA-44 with a time (0x06), which no browser offers to pages. A line of the last is read and never believed.
import { parseCheckpoint } from "./checkpoint.mjs";
import { fromBase64, fromHex, hex, joined, same, textOf, utf8 } from "./encoding.mjs";
import { NotVerified, under } from "./failures.mjs";
import { sha256, signedBy } from "./webcrypto.mjs";

export const ED25519 = 0x01;
export const ED25519_COSIGNATURE = 0x04;
export const ML_DSA_44 = 0x06;
export const ALGORITHMS = { [ED25519]: "Ed25519", [ED25519_COSIGNATURE]: "Ed25519", [ML_DSA_44]: "ML-DSA-44" };

const PUBLIC_KEY_SIZES = { [ED25519]: 32, [ED25519_COSIGNATURE]: 32, [ML_DSA_44]: 1312 };
const ED25519_SIGNATURE_SIZE = 64;
const ML_DSA_44_SIGNATURE_SIZE = 2420;
const TIMESTAMP_SIZE = 8;
const MAX_TIMESTAMP = 2n ** 63n - 1n;
const MAX_SIGNATURES = 100;
const MAX_NOTE_SIZE = 1 << 20;
const SPACE = /[\0-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** The key that `name+id+key` spells: `{ name, type, public, id, text }`, its id in hexadecimal. */
export async function parseKey(text) {
  const [, name, id, encoded] = /^([^+]*)\+([^+]*)\+([^]*)$/.exec(text) ?? [];
  if (name === undefined) {
    throw new NotVerified("key-malformed", "A verifier key does not have the form name+id+key.");
  }
  const [expected, bytes] = under("key-malformed", () => [fromHex(id, 4), fromBase64(encoded)]);
  if (!bytes.length) {
    throw new NotVerified("key-malformed", "A verifier key holds no public key.");
  }
  const [type, publicKey] = [bytes[0], bytes.slice(1)];
  checkName(name);
  if (!(type in PUBLIC_KEY_SIZES)) {
    throw new NotVerified("key-type-unsupported", "A verifier key is of a type that is not supported.");
  }
  if (publicKey.length !== PUBLIC_KEY_SIZES[type]) {
    throw new NotVerified("key-malformed", "A verifier key's public key does not have its type's length.");
  }
  const computed = (await sha256(utf8(`${name}\n`), bytes)).slice(0, 4);
  if (!same(computed, expected)) {
    throw new NotVerified("key-id-mismatch", "A verifier key's id does not belong to its name and key.");
  }
  return { name, type, public: publicKey, id, text };
}

/** A note that was read, `{ text, lines }`. Nothing about it has been verified. */
export function parseNote(bytes) {
  if (bytes.length > MAX_NOTE_SIZE) {
    throw new NotVerified("note-too-large", "The signed note is larger than one mebibyte.");
  }
  const whole = textOf(bytes);
  if (whole === null) {
    throw new NotVerified("note-malformed", "The signed note is not UTF-8 text.");
  }
  if (/[\0-\x09\x0b-\x1f]/.test(whole)) {
    throw new NotVerified("note-malformed", "The signed note holds a control character.");
  }
  const end = whole.lastIndexOf("\n\n");
  if (end < 0 || !whole.endsWith("\n")) {
    throw new NotVerified("note-malformed", "The signed note has no empty line before its signatures.");
  }
  const lines = whole.slice(end + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) {
    throw new NotVerified("note-malformed", "The signed note has more than 100 signatures.");
  }
  return { text: utf8(whole.slice(0, end + 1)), lines: lines.map(parseLine) };
}

function parseLine(line) {
  const [, name, encoded] = /^\u2014 ([^ ]*) ([^]*)$/.exec(line) ?? [];
  if (name === undefined) {
    throw new NotVerified("note-malformed", "A signature line does not have the form dash, name, base64.");
  }
  checkName(name);
  const bytes = fromBase64(encoded);
  if (bytes.length < 5) {
    throw new NotVerified("note-malformed", "A signature line is too short to hold a key id and a signature.");
  }
  return { name, id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
}

/**
 * The note with its lines sorted: `signed` holds `{ key, line, time, checked }` of each given key's line, `unknown` the
 * lines of others. A line that does not hold refuses the whole note. `checked` is false for what a browser cannot check.
 */
export async function openNote(bytes, keys) {
  const known = new Map();
  for (const key of keys) {
    const other = known.get(`${key.name} ${key.id}`);
    if (other && (other.type !== key.type || !same(other.public, key.public))) {
      throw new NotVerified("key-ambiguous", "Two different verifier keys share a name and a key id.");
    }
    known.set(`${key.name} ${key.id}`, key);
  }
  const note = parseNote(bytes);
  const [signed, unknown] = [[], []];
  for (const line of note.lines) {
    const key = known.get(`${line.name} ${line.id}`);
    if (key) {
      signed.push({ key, line, ...(await checkLine(key, note.text, line.signature)) });
    } else {
      unknown.push(line);
    }
  }
  if (!signed.length) {
    throw new NotVerified("signature-missing", "None of the given keys has signed this note.");
  }
  return { text: note.text, signed, unknown };
}

/** What a key's line says: `{ time, checked }`, the time a BigInt, or null where the type has none. */
export async function checkLine(key, text, signature) {
  let [time, signatureAlone, message] = [null, signature, text];
  if (key.type === ML_DSA_44) {
    [time] = split(signature, ML_DSA_44_SIGNATURE_SIZE);
    await parseCheckpoint(text);
    if (utf8(key.name).length > 255) {
      throw new NotVerified("key-name-malformed", "An ML-DSA-44 key's name is longer than 255 bytes.");
    }
    return { time, checked: false };
  }
  if (key.type === ED25519_COSIGNATURE) {
    [time, signatureAlone] = split(signature, ED25519_SIGNATURE_SIZE);
    message = joined(utf8(`cosignature/v1\ntime ${time}\n`), text);
  }
  if (!(await signedBy(key.public, signatureAlone, message))) {
    throw new NotVerified("signature-invalid", "A signature under the name of a given key is not by that key.");
  }
  return { time, checked: true };
}

function split(payload, size) {
  if (payload.length !== TIMESTAMP_SIZE + size) {
    throw new NotVerified("signature-malformed", "A timestamped signature does not have its type's length.");
  }
  const time = BigInt(`0x${hex(payload.slice(0, TIMESTAMP_SIZE))}`);
  if (time > MAX_TIMESTAMP) {
    throw new NotVerified("signature-malformed", "A timestamped signature names a time beyond 2^63-1.");
  }
  return [time, payload.slice(TIMESTAMP_SIZE)];
}

function checkName(name) {
  if (!name || name.includes("+") || SPACE.test(name)) {
    throw new NotVerified("key-name-malformed", "A key's name is empty or holds a space or a plus sign.");
  }
}
