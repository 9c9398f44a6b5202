// The verifier of the pages as tests ask it: a question in JSON on each line of the input, a verdict on each line out.
import { createInterface } from "node:readline";

const place = process.argv[2];
const part = (name) => import(`${place}/${name}.mjs`);
const encoding = await part("encoding");
const failures = await part("failures");
const { parseCheckpoint } = await part("checkpoint");
const { parseKeyLine, parseKeys } = await part("keys");
const leaf = await part("leaf");
const { verifyEntry, verifyLog } = await part("log");
const merkle = await part("merkle");
const notes = await part("notes");
const policyOf = await part("policy");
const { parseProof, verifyReceipt } = await part("receipt");
const { openSigned, settle } = await part("signed");
const { Steps } = await part("steps");
const { tilePath } = await part("tiles");

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const maybe = (text) => (text === null || text === undefined ? null : bytes(text));
const inWords = (ranges) => ranges.map((range) => range.map(String));
const heldBy = (asked) => Promise.all(asked.keys.map(parseKeyLine));
const policyFor = async (asked) => (asked.policy ? policyOf.parsePolicy(bytes(asked.policy)) : null);

function served(files) {
  return async (path) => {
    if (!(path in files)) {
      throw new failures.CouldNotRun("not-found", "There is no such file.");
    }
    return bytes(files[path]);
  };
}

const QUESTIONS = {
  base64: (asked) => encoding.fromBase64(asked.text),
  decimal: (asked) => encoding.fromDecimal(asked.text),
  hex: (asked) => encoding.fromHex(asked.text, asked.size),
  json: (asked) => encoding.fromCanonicalJson(bytes(asked.data)),
  time: (asked) => ({ met: leaf.isTime(asked.text) }),
  leaf: (asked) => leaf.parseLeaf(bytes(asked.data)),
  proof: (asked) => parseProof(bytes(asked.data)),
  key: (asked) => notes.parseKey(asked.text),
  keys: (asked) => parseKeys(bytes(asked.data)),
  policy: (asked) => policyOf.parsePolicy(bytes(asked.data)),
  satisfied: async (asked) => ({ met: policyOf.isSatisfied(await policyFor(asked), asked.names) }),
  checkpoint: (asked) => parseCheckpoint(bytes(asked.data)),
  note: async (asked) => notes.openNote(bytes(asked.data), await Promise.all(asked.keys.map(notes.parseKey))),
  inclusion: ({ leaf: one, index, size, proof, root }) =>
    merkle.verifyInclusion(bytes(one), BigInt(index), BigInt(size), proof.map(bytes), bytes(root)),
  consistency: ({ old, oldRoot, size, root, proof }) =>
    merkle.verifyConsistency(BigInt(old), bytes(oldRoot), BigInt(size), bytes(root), proof.map(bytes)),
  inclusionRanges: ({ index, size }) => ({ ranges: inWords(merkle.inclusionRanges(BigInt(index), BigInt(size))) }),
  consistencyRanges: ({ old, size }) => ({ ranges: inWords(merkle.consistencyRanges(BigInt(old), BigInt(size))) }),
  tilePath: ({ level, number, width }) => ({ path: tilePath(level, BigInt(number), BigInt(width)) }),
  signed: async (asked) => {
    const found = await openSigned(bytes(asked.data), await heldBy(asked), await policyFor(asked), new Steps());
    settle(found);
    return found;
  },
  receipt: async (asked) => verifyReceipt(bytes(asked.data), await heldBy(asked), await policyFor(asked)),
  log: async (asked) => {
    const [keys, policy] = [await heldBy(asked), await policyFor(asked)];
    return verifyLog(maybe(asked.kept), served(asked.files), keys, policy, new Steps(), { whole: asked.whole });
  },
  entry: async (asked) => {
    const [keys, policy] = [await heldBy(asked), await policyFor(asked)];
    return verifyEntry(BigInt(asked.index), maybe(asked.entry), served(asked.files), keys, policy);
  },
};

async function answer(asked) {
  try {
    const found = await QUESTIONS[asked.ask](asked);
    const { unchecked = [], assurance, met, ranges, path } = found ?? {};
    const lines = found?.signed?.map(({ checked }) => checked);
    const cosigners = found?.cosigners && Object.fromEntries([...found.cosigners].map(([name, time]) => [name, String(time)]));
    return { verdict: "verified", unchecked, assurance, met, ranges, path, signed: lines, cosigners };
  } catch (error) {
    if (error instanceof failures.NotVerified) {
      return { verdict: "not verified", code: error.code, detail: error.detail };
    }
    if (error instanceof failures.CouldNotRun) {
      return { verdict: "could not run", code: error.code, detail: error.detail };
    }
    return { verdict: "failed", code: String(error.stack) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
