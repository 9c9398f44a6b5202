// What a check that ended says, for the page and for the command alike.
import { CouldNotRun, NotVerified } from "./failures.mjs";
import { timeOf } from "./steps.mjs";

const ON_WHOSE_WORD = {
  operator: "On the word of the log's operator alone: no witness was checked, so that it could keep two logs apart.",
  witnessed: "Witnessed: the policy's quorum cosigned it, so that nobody can be shown another log.",
};

const UNCHECKED =
  "ML-DSA-44 is not in browsers yet. It is there for the day on which somebody can forge Ed25519; isa-verify checks it.";

/** `{ verdict, says }` of what a check gave: the verdict `verified`, and sentences. */
export function verified({ checkpoint, assurance, cosigners, unchecked, leaf, payload, index, entry, before }) {
  const says = [];
  if (leaf) {
    const place = `entry ${leaf.seq}, of kind ${payload.kind}, in ${checkpoint.size} entries`;
    says.push(`The log ${checkpoint.origin} holds this as ${place}.`);
    says.push(`The log states the time ${leaf.at}.`);
  } else if (index !== undefined) {
    const what = entry ? "holds exactly this" : "has the hash below";
    says.push(`The log ${checkpoint.origin}, of ${checkpoint.size} entries, ${what} as entry ${index}.`);
  } else {
    says.push(`The log ${checkpoint.origin} has ${checkpoint.size} entries.`);
    says.push(
      before
        ? `It goes on from the ${before.size} entries that it had when you last looked, unchanged.`
        : "Nothing was kept of it before. From here on it must go on from this checkpoint.",
    );
  }
  says.push(ON_WHOSE_WORD[assurance]);
  says.push(...[...cosigners].map(([name, time]) => `${name} cosigned it at ${timeOf(time)}.`));
  says.push(...unchecked.map((what) => `Not checked here: ${what}. ${UNCHECKED}`));
  return { verdict: "verified", says };
}

/** The same of what a check threw: `not verified` or `could not run`, with the code. */
export function failed(error) {
  if (error instanceof NotVerified) {
    return { verdict: "not verified", code: error.code, says: [error.detail] };
  }
  if (error instanceof CouldNotRun) {
    return { verdict: "could not run", code: error.code, says: [error.detail] };
  }
  return { verdict: "could not run", code: "internal-error", says: [`The verifier itself failed (${error.name}).`] };
}
