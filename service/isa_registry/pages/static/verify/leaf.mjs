// An entry of a registry's log: small canonical JSON that commits to a payload without showing it (docs/formats/leaf.md).
import { fromCanonicalJson, fromHex, hasExactly, hex, joined, utf8 } from "./encoding.mjs";
import { isOrigin } from "./checkpoint.mjs";
import { NotVerified, under } from "./failures.mjs";
import { hmacSha256 } from "./webcrypto.mjs";

const MAX_ENTRY_SIZE = 65535;
const MEMBERS = ["v", "origin", "seq", "prev", "at", "kind", "commitment"];
const TEXTS = ["origin", "prev", "at", "kind", "commitment"];
const FIRST_PREV = "0".repeat(64);

/** The entry that is stored as exactly these bytes. */
export function parseLeaf(bytes) {
  if (bytes.length > MAX_ENTRY_SIZE) {
    throw new NotVerified("leaf-too-large", `The entry is larger than ${MAX_ENTRY_SIZE} bytes.`);
  }
  const leaf = under("leaf-not-canonical", () => fromCanonicalJson(bytes));
  if (!hasExactly(leaf, MEMBERS)) {
    throw malformed("The entry does not have exactly the members of a leaf.");
  }
  if (typeof leaf.v !== "number" || typeof leaf.seq !== "number") {
    throw malformed("The entry's version or number is not an integer.");
  }
  if (!TEXTS.every((name) => typeof leaf[name] === "string")) {
    throw malformed("A member of the entry that must be text is not.");
  }
  if (!isOrigin(leaf.origin)) {
    throw malformed("The log's origin is not a usable name.");
  }
  under("leaf-malformed", () => [fromHex(leaf.prev, 32), fromHex(leaf.commitment, 32)]);
  if (leaf.v !== 1) {
    throw malformed("The entry is of a version that this verifier does not know.");
  }
  if (leaf.seq < 0) {
    throw malformed("The entry's number is out of range.");
  }
  if (leaf.seq === 0 && leaf.prev !== FIRST_PREV) {
    throw malformed("The first entry names an entry before it.");
  }
  if (!isTime(leaf.at)) {
    throw malformed("The entry's time is not a UTC time with milliseconds.");
  }
  if (!isKind(leaf.kind)) {
    throw malformed("The entry's kind is not a dotted lower-case name.");
  }
  return leaf;
}

/** What an entry of this kind commits to its payload with, in hexadecimal: HMAC-SHA-256, keyed with the salt. */
export async function commitment(kind, payload, salt) {
  return hex(await hmacSha256(salt, joined(utf8(`isa-registry/v1\n${kind}\n`), payload)));
}

/** Whether this can name a kind of entry: lower-case words, joined by hyphens and dots. */
export function isKind(text) {
  return text.length <= 64 && /^[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)*$/.test(text);
}

/** Whether this is a real UTC time as the log writes it, such as 2026-04-01T09:30:00.000Z. */
export function isTime(text) {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/.test(text) || text.startsWith("0000")) {
    return false;
  }
  const time = new Date(text);
  // A day that is not in the calendar is read as one that is, or as none.
  return !Number.isNaN(time.valueOf()) && time.toISOString() === text;
}

function malformed(detail) {
  return new NotVerified("leaf-malformed", detail);
}
