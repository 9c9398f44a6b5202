// Text forms of bytes, numbers and JSON, each with exactly one spelling per value: a generous reader would let two
// different files carry the same signature.
import { NotVerified } from "./failures.mjs";

const MAX_DEPTH = 32;
const MAX_DECIMAL = 2n ** 63n - 1n;
const CHUNK = 0x8000;
const encoder = new TextEncoder();
// Without ignoreBOM the decoder would drop a byte order mark, and two files would read the same.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The parts one after the other. */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(left, right) {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

export function utf8(text) {
  return encoder.encode(text);
}

/** The text of these bytes, or null where they are not UTF-8. */
export function textOf(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

export function base64(bytes) {
  let characters = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(characters);
}

/** The bytes of canonical standard base64, of exactly `size` bytes where that is given. */
export function fromBase64(text, size = null) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new NotVerified("base64-malformed", "A value is not standard base64.");
  }
  if (base64(bytes) !== text) {
    throw new NotVerified("base64-malformed", "A value is base64, but not in its one canonical spelling.");
  }
  if (size !== null && bytes.length !== size) {
    throw new NotVerified("base64-malformed", `A base64 value holds ${bytes.length} bytes instead of ${size}.`);
  }
  return bytes;
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The `size` bytes that lower-case hexadecimal spells. */
export function fromHex(text, size) {
  if (text.length !== 2 * size || !/^[0-9a-f]*$/.test(text)) {
    throw new NotVerified("hex-malformed", `A value is not ${size} bytes in lower-case hexadecimal.`);
  }
  return Uint8Array.from({ length: size }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** A number from 0 to 2^63-1, as a BigInt, from ASCII digits without sign, spaces or leading zeros. */
export function fromDecimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) > MAX_DECIMAL) {
    throw new NotVerified("decimal-malformed", "A number is not a plain decimal between 0 and 2^63-1.");
  }
  return BigInt(text);
}

/** The RFC 8785 form of null, booleans, integers within ±(2^53-1), strings, lists and objects, 32 deep at most. */
export function canonicalJson(value, depth = 0) {
  if (value === null || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "string") {
    return quoted(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new NotVerified("json-number-refused", "A JSON number is not an integer within ±(2^53-1).");
    }
    return String(value);
  }
  if (depth >= MAX_DEPTH) {
    throw new NotVerified("json-too-deep", `The JSON is nested deeper than ${MAX_DEPTH} levels.`);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  }
  // Strings sort by UTF-16 code units here, which is the order of RFC 8785.
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${quoted(name)}:${canonicalJson(value[name], depth + 1)}`).join(",")}}`;
}

function quoted(text) {
  if (/\p{Surrogate}/u.test(text)) {
    throw new NotVerified("json-lone-surrogate", "A string holds half of a surrogate pair, which is no character.");
  }
  return JSON.stringify(text);
}

/** The value of JSON that is already in the form that `canonicalJson` writes, and in no other. */
export function fromCanonicalJson(bytes) {
  const text = textOf(bytes);
  let value;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    throw new NotVerified("json-malformed", "The text is not UTF-8 JSON.");
  }
  // A member named twice is read once, and so is written otherwise than it was.
  if (canonicalJson(value) !== text) {
    throw new NotVerified("json-not-canonical", "The JSON is valid but not in its RFC 8785 canonical form.");
  }
  return value;
}

/** Whether this is an object with exactly these members. */
export function hasExactly(value, members) {
  const found = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : [];
  return found.length === members.length && members.every((name) => Object.hasOwn(value, name));
}
