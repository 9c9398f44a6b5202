// A receipt (`.isa-receipt.json`): one entry, what it commits to, and the proof that the log holds it
// (docs/formats/receipt.md).
import { fromBase64, fromCanonicalJson, fromDecimal, hasExactly, hex, joined, textOf, utf8 } from "./encoding.mjs";
import { NotVerified, under } from "./failures.mjs";
import { commitment, isKind, parseLeaf } from "./leaf.mjs";
import { HASH_SIZE, leafHash, verifyInclusion } from "./merkle.mjs";
import { parseNote } from "./notes.mjs";
import { openSigned, settle } from "./signed.mjs";
import { Steps } from "./steps.mjs";

const MAX_RECEIPT_SIZE = 16 << 20;
const MEMBERS = ["v", "leaf", "payload", "salt", "proof"];
const SALT_SIZE = 32;
const RECORD = "record";

const MAX_PROOF_SIZE = (1 << 20) + (1 << 17);
const MAX_EXTRA_SIZE = 48 * 1024;
const MAX_HASHES = 63;
const MAX_SIZE = 2n ** 63n - 1n;
const HEADER = "c2sp.org/tlog-proof@v1";

/**
 * Verifies a receipt with the log's keys:
 *
 * 1. The file is a receipt in its one spelling.
 * 2. The leaf is an entry in its one spelling.
 * 3. The payload is canonical JSON of the leaf's kind (any kind, where the leaf says `record`).
 * 4. The payload and the salt give the leaf's commitment.
 * 5. The proof is a tlog-proof in its one spelling, without unauthenticated extra data.
 * 6. The checkpoint is signed (`openSigned`).
 * 7. The leaf names the same log, and its number is the proof's index.
 * 8. The leaf's hash and the proof lead to the checkpoint's root.
 */
export async function verifyReceipt(bytes, keys, policy = null, steps = new Steps()) {
  const receipt = parseReceipt(bytes);
  steps.held("The file is a receipt, with every value in its one spelling.", { Bytes: String(bytes.length) });

  const leaf = parseLeaf(receipt.leaf);
  steps.held("The entry is an entry of a registry's log.", {
    Number: String(leaf.seq),
    Kind: leaf.kind,
    "Time, as the log states it": leaf.at,
    "The entry's bytes": textOf(receipt.leaf),
  });

  const payload = readPayload(leaf, receipt.payload);
  steps.held("What the entry is about is JSON of its kind.", {
    Kind: payload.kind,
    "The payload's bytes": textOf(receipt.payload),
  });

  const committed = await commitment(leaf.kind, receipt.payload, receipt.salt);
  if (committed !== leaf.commitment) {
    throw new NotVerified("commitment-mismatch", "The payload is not the one that the entry commits to.");
  }
  const [message, key] = [`printf 'isa-registry/v1\\n${leaf.kind}\\n'; jq -r .payload FILE | base64 -d`, hex(receipt.salt)];
  steps.held("HMAC-SHA-256 with the salt as its key, over the scheme's name, kind and payload, gives the commitment.", {
    "Salt (the key)": key,
    Commitment: committed,
    "With openssl": `(${message}) | openssl dgst -sha256 -mac HMAC -macopt hexkey:${key}`,
  });

  const proof = parseProof(receipt.proof);
  if (proof.extra) {
    throw new NotVerified("proof-malformed", "The proof carries extra data, which nothing vouches for.");
  }

  const signed = await openSigned(proof.checkpoint, keys, policy, steps);
  const { checkpoint } = signed;

  if (leaf.origin !== checkpoint.origin) {
    throw new NotVerified("origin-mismatch", "The entry and the checkpoint are of different logs.");
  }
  if (BigInt(leaf.seq) !== proof.index) {
    throw new NotVerified("index-mismatch", "The entry's number is not the index that the proof is for.");
  }
  steps.held("The entry names the checkpoint's log, and carries the number that the proof is for.", {
    Log: leaf.origin,
    Number: String(proof.index),
  });

  await tellInclusion(receipt.leaf, proof, checkpoint, steps);
  settle(signed);
  return { ...signed, leaf, payload };
}

async function tellInclusion(entry, proof, { size, root }, steps) {
  const leaf = await leafHash(entry);
  const nodes = [];
  await verifyInclusion(leaf, proof.index, size, proof.hashes, root, (...node) => nodes.push(node));
  steps.held("SHA-256 over the byte 00 and the entry gives the entry's hash.", { "SHA-256": hex(leaf) });
  tellNodes(nodes, steps);
  steps.held("The last hash is the root that the checkpoint states.", { Root: hex(root) });
}

/** Tells of each node of a tree: what it was hashed from. */
export function tellNodes(nodes, steps, where = "") {
  for (const [left, right, digest] of nodes) {
    steps.held(`${where}SHA-256 over the byte 01 and two neighbours gives the hash above them.`, {
      "On the left": hex(left),
      "On the right": hex(right),
      "What is hashed": hex(joined(Uint8Array.of(1), left, right)),
      "SHA-256": hex(digest),
    });
  }
}

function parseReceipt(bytes) {
  if (bytes.length > MAX_RECEIPT_SIZE) {
    throw new NotVerified("receipt-malformed", "The receipt is larger than 16 mebibytes.");
  }
  return under("receipt-malformed", () => {
    const value = fromCanonicalJson(bytes);
    if (!hasExactly(value, MEMBERS)) {
      throw new NotVerified("receipt-malformed", "The file does not have exactly a receipt's members.");
    }
    if (value.v !== 1) {
      throw new NotVerified("receipt-malformed", "The receipt is of a version not known here.");
    }
    if (!["leaf", "payload", "salt", "proof"].every((name) => typeof value[name] === "string")) {
      throw new NotVerified("receipt-malformed", "A member of the receipt that must be text is not.");
    }
    return {
      leaf: fromBase64(value.leaf),
      payload: fromBase64(value.payload),
      salt: fromBase64(value.salt, SALT_SIZE),
      proof: utf8(value.proof),
    };
  });
}

function readPayload(leaf, bytes) {
  const payload = under("payload-not-canonical", () => fromCanonicalJson(bytes));
  const isObject = payload !== null && typeof payload === "object" && !Array.isArray(payload);
  if (!isObject || !Object.hasOwn(payload, "kind") || typeof payload.kind !== "string" || !isKind(payload.kind)) {
    throw new NotVerified("payload-malformed", "The payload is not an object that names its kind.");
  }
  if (leaf.kind !== RECORD && leaf.kind !== payload.kind) {
    throw new NotVerified("kind-mismatch", "The payload is of another kind than the entry says.");
  }
  return payload;
}

/** The proof whose text is exactly these bytes: `{ index, hashes, checkpoint, extra }`. */
export function parseProof(bytes) {
  if (bytes.length > MAX_PROOF_SIZE) {
    throw new NotVerified("proof-malformed", "The proof is too large.");
  }
  const end = bytes.findIndex((byte, at) => byte === 10 && bytes[at + 1] === 10);
  const [head, checkpoint] = end < 0 ? [bytes, bytes.slice(0, 0)] : [bytes.slice(0, end), bytes.slice(end + 2)];
  if (head.some((byte) => byte >= 0x80)) {
    throw new NotVerified("proof-malformed", "The proof's head is not ASCII text.");
  }
  const lines = textOf(head).split("\n");
  if (lines.shift() !== HEADER) {
    throw new NotVerified("proof-malformed", "The proof does not begin with its format's name.");
  }
  const proof = under("proof-malformed", () => {
    const extra = lines[0]?.startsWith("extra ") ? fromBase64(lines.shift().slice("extra ".length)) : null;
    if (!lines[0]?.startsWith("index ")) {
      throw new NotVerified("proof-malformed", "The proof has no index line where one belongs.");
    }
    const index = fromDecimal(lines.shift().slice("index ".length));
    return { index, hashes: lines.map((line) => fromBase64(line, HASH_SIZE)), checkpoint, extra };
  });
  if (proof.index >= MAX_SIZE) {
    throw new NotVerified("proof-malformed", "The proof's index is out of range.");
  }
  if (proof.hashes.length > MAX_HASHES) {
    throw new NotVerified("proof-malformed", "The proof has too many hashes, or one that is not 32 bytes.");
  }
  if (proof.extra && proof.extra.length > MAX_EXTRA_SIZE) {
    throw new NotVerified("proof-malformed", "The proof's extra data is too large.");
  }
  parseNote(checkpoint);
  return proof;
}
