// A checkpoint together with the signatures of the log that made it, and of the witnesses that saw it.
import { parseCheckpoint } from "./checkpoint.mjs";
import { base64, hex, same, textOf } from "./encoding.mjs";
import { CouldNotRun, NotVerified } from "./failures.mjs";
import { ALGORITHMS, openNote } from "./notes.mjs";
import { cosigners, demandsWitnesses, isSatisfied } from "./policy.mjs";
import { logKeys } from "./keys.mjs";
import { timeOf } from "./steps.mjs";

/**
 * The checkpoint of a note that its log has signed, and the quorum cosigned where a policy is given:
 *
 * 1. Every line of a given key holds, and there is one.
 * 2. The checkpoint is of the log that the keys belong to.
 * 3. No key has signed a size beyond its last.
 * 4. Every key that holds for the size has signed, and there is one.
 * 5. With a policy: every line of a witness holds, and those witnesses make up the quorum.
 *
 * What a browser cannot check is `unchecked`: `settle` says whether what remains is enough.
 */
export async function openSigned(bytes, keys, policy, steps) {
  const held = logKeys(keys);
  const note = await openNote(bytes, held.map(({ key }) => key));

  const checkpoint = await parseCheckpoint(note.text);
  if (checkpoint.origin !== held[0].key.name) {
    throw new NotVerified("origin-mismatch", "The checkpoint is of another log than the keys given.");
  }

  const signers = new Set(note.signed.map(({ key }) => key));
  const hasSigned = ({ key }) => signers.has(key);
  const ended = ({ last }) => last !== null && last < checkpoint.size;
  if (held.some((one) => ended(one) && hasSigned(one))) {
    throw new NotVerified(
      "key-beyond-range",
      "A key has signed a checkpoint of a size that it no longer holds for: keep the checkpoint.",
    );
  }

  const holding = held.filter((one) => one.first <= checkpoint.size && !ended(one));
  if (!holding.length || !holding.every(hasSigned)) {
    throw new NotVerified("signature-missing", "One of the given keys has not signed the checkpoint.");
  }
  const signed = note.signed.filter(({ key }) => holding.some((one) => one.key === key));
  steps.held("The checkpoint says how many entries the log has, and which root they give.", {
    Log: checkpoint.origin,
    Entries: String(checkpoint.size),
    "Root (base64)": base64(checkpoint.root),
    "Root (hexadecimal)": hex(checkpoint.root),
    "The text that is signed": textOf(note.text),
  });
  const unchecked = [];
  for (const { key, line, time, checked } of signed) {
    const its = `the log's ${ALGORITHMS[key.type]}`;
    const values = { Key: key.text, Signature: hex(line.signature), ...(time === null ? {} : { Time: timeOf(time) }) };
    if (checked) {
      steps.held(`It is signed by ${its} key.`, values);
    } else {
      unchecked.push(`${its} signature`);
      steps.unchecked(`There is a line by ${its} key. Whether it holds was not checked here.`, values);
    }
  }
  for (const { name, id } of note.unknown) {
    if (!policy?.witnesses.some(({ key }) => key.name === name && key.id === id)) {
      const values = { Name: name, "Key id": id };
      steps.unchecked("There is a line by a key that was not given. Nothing is known about it.", values);
    }
  }
  const enough = signed.some(({ checked }) => checked);
  const found = { checkpoint, bytes, unchecked, enough, assurance: "operator", cosigners: new Map() };
  return policy ? witnessed(found, policy, steps) : found;
}

async function witnessed(found, policy, steps) {
  const { checked, unchecked } = await cosigners(found.bytes, found.checkpoint, policy);
  const all = [...checked.keys(), ...unchecked.keys()];
  if (!isSatisfied(policy, all)) {
    throw new NotVerified(
      "quorum-short",
      `${new Set(all).size} of the policy's ${policy.witnesses.length} witnesses have cosigned, which is not its quorum.`,
    );
  }
  for (const [name, time] of checked) {
    steps.held("A witness of the policy cosigned that text, and says when.", { Witness: name, Time: timeOf(time) });
  }
  for (const [name, time] of unchecked) {
    steps.unchecked("There is a line by a witness whose kind of key was not checked here. It was not counted.", {
      Witness: name,
      Time: timeOf(time),
    });
  }
  const demanded = demandsWitnesses(policy);
  const quorum = isSatisfied(policy, [...checked.keys()]);
  if (demanded && quorum) {
    steps.held("Those witnesses make up the policy's quorum.", { Quorum: policy.quorum });
  }
  return {
    ...found,
    unchecked: [...found.unchecked, ...[...unchecked.keys()].map((name) => `the cosignature of ${name}`)],
    enough: found.enough && quorum,
    assurance: demanded ? "witnessed" : "operator",
    cosigners: checked,
  };
}

/** Ends a check in which all else held: without a signature that was checked here there is no verdict. */
export function settle(signed) {
  if (!signed.enough) {
    throw new CouldNotRun(
      "ml-dsa-unavailable",
      "All depends on an ML-DSA-44 signature, which no browser can check. Use isa-verify.",
    );
  }
}

/** Refuses a log that has fewer entries than it had, or others. */
export function refuseRollback(kept, now) {
  if (now.checkpoint.size < kept.checkpoint.size) {
    throw new NotVerified(
      "log-shrank",
      `The log has ${now.checkpoint.size} entries, fewer than the ${kept.checkpoint.size} last seen.`,
    );
  }
  if (now.checkpoint.size === kept.checkpoint.size && !same(now.checkpoint.root, kept.checkpoint.root)) {
    throw new NotVerified(
      "log-forked",
      `The log has signed two different histories of its first ${kept.checkpoint.size} entries.`,
    );
  }
}
