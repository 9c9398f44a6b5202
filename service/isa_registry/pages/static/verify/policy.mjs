// Which witnesses must have cosigned a checkpoint (C2SP tlog-policy, a draft; docs/formats/policy.md).
import { fromDecimal, hex, same, textOf, utf8 } from "./encoding.mjs";
import { NotVerified } from "./failures.mjs";
import { checkpointText } from "./checkpoint.mjs";
import { ED25519, ED25519_COSIGNATURE, ML_DSA_44, checkLine, parseKey, parseNote } from "./notes.mjs";

const MAX_POLICY_SIZE = 1 << 20;
const MAX_LINES_OF_A_SORT = 256;
const NO_QUORUM = "none";
// In POSIX seconds: the end of the year 9999.
const LAST_TIME = 253402300799n;

/** The policy that a file holds: `{ logs, witnesses, groups, quorum }`. */
export async function parsePolicy(bytes) {
  const reading = new Reading();
  for (const [at, line] of linesOf(bytes).entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item);
    if (items.length && !items[0].startsWith("#")) {
      await reading.take(at + 1, items);
    }
  }
  if (reading.quorum === null) {
    throw new NotVerified("policy-quorum-missing", "The policy has no quorum line.");
  }
  const { logs, witnesses, groups, quorum } = reading;
  return { logs, witnesses, groups, quorum };
}

/** Whether the quorum is more than `none`. */
export function demandsWitnesses(policy) {
  return policy.quorum !== NO_QUORUM;
}

/** Whether the witnesses with these names make up the quorum. */
export function isSatisfied(policy, names) {
  if (!demandsWitnesses(policy)) {
    return true;
  }
  const have = new Set(policy.witnesses.map(({ name }) => name).filter((name) => names.includes(name)));
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => have.has(member)).length >= threshold) {
      have.add(name);
    }
  }
  return have.has(policy.quorum);
}

/**
 * The policy's witnesses whose lines a checkpoint's note carries: `checked` and `unchecked` map their names to times,
 * of several lines by one the newest. A line that does not hold, or states no time of the
 * calendar, refuses the note.
 */
export async function cosigners(bytes, checkpoint, policy) {
  const note = parseNote(bytes);
  if (!same(note.text, utf8(checkpointText(checkpoint)))) {
    throw new NotVerified("checkpoint-malformed", "The note is not that of the checkpoint.");
  }
  const found = { checked: new Map(), unchecked: new Map() };
  for (const line of note.lines) {
    const witness = policy.witnesses.find(({ key }) => key.name === line.name && key.id === line.id);
    if (!witness) {
      continue;
    }
    const { time, checked } = await cosignature(witness.key, note.text, line.signature);
    if (!time || time > LAST_TIME) {
      throw new NotVerified(
        "cosignature-undated",
        "A witness's cosignature states no time, or one beyond the calendar.",
      );
    }
    const times = checked ? found.checked : found.unchecked;
    if (time > (times.get(witness.name) ?? 0n)) {
      times.set(witness.name, time);
    }
  }
  return found;
}

async function cosignature(key, text, signature) {
  try {
    return await checkLine(key, text, signature);
  } catch (error) {
    throw error instanceof NotVerified
      ? new NotVerified(
          "cosignature-invalid",
          "A cosignature under the name of one of the policy's witnesses is not by it.",
        )
      : error;
  }
}

class Reading {
  logs = [];
  witnesses = [];
  groups = [];
  quorum = null;
  #names = new Set();
  #members = new Set();
  #keys = new Set();

  async take(number, items) {
    const [word, ...rest] = items;
    const read = { log: this.#log, witness: this.#witness, group: this.#group, quorum: this.#quorum };
    if (!Object.hasOwn(read, word)) {
      throw new NotVerified("policy-line-unknown", `Line ${number} of the policy begins with no known word.`);
    }
    await read[word].call(this, number, rest);
    if (Math.max(this.logs.length, this.witnesses.length, this.groups.length) > MAX_LINES_OF_A_SORT) {
      throw new NotVerified("policy-too-large", `Line ${number} of the policy is one too many of its sort.`);
    }
  }

  async #log(number, items) {
    counted(number, "log", [1, 2].includes(items.length));
    const key = await this.#key(number, items[0], [ED25519, ML_DSA_44]);
    checkUrl(number, items.slice(1));
    this.logs.push({ key });
  }

  async #witness(number, items) {
    counted(number, "witness", [2, 3].includes(items.length));
    this.#define(number, items[0]);
    const key = await this.#key(number, items[1], [ED25519_COSIGNATURE, ML_DSA_44]);
    checkUrl(number, items.slice(2));
    this.witnesses.push({ name: items[0], key });
  }

  #group(number, items) {
    counted(number, "group", items.length >= 3);
    const [name, rule, ...members] = items;
    for (const member of members) {
      this.#demand(number, member);
      if (this.#members.has(member)) {
        throw new NotVerified(
          "policy-member-twice",
          `Line ${number} of the policy names a member that is in a group already.`,
        );
      }
      this.#members.add(member);
    }
    this.#define(number, name);
    this.groups.push({ name, threshold: thresholdOf(number, rule, members.length), members });
  }

  #quorum(number, items) {
    counted(number, "quorum", items.length === 1);
    if (this.quorum !== null) {
      throw new NotVerified("policy-quorum-twice", `Line ${number} of the policy is a second quorum line.`);
    }
    if (items[0] !== NO_QUORUM) {
      this.#demand(number, items[0]);
    }
    this.quorum = items[0];
  }

  #define(number, name) {
    if (name === NO_QUORUM) {
      throw new NotVerified("policy-name-reserved", `Line ${number} of the policy defines the reserved name none.`);
    }
    if (this.#names.has(name)) {
      throw new NotVerified("policy-name-taken", `Line ${number} of the policy defines a name a second time.`);
    }
    this.#names.add(name);
  }

  #demand(number, name) {
    if (!this.#names.has(name)) {
      throw new NotVerified("policy-name-unknown", `Line ${number} of the policy uses a name not yet defined.`);
    }
  }

  async #key(number, text, types) {
    let key;
    try {
      key = await parseKey(text);
    } catch (error) {
      throw error instanceof NotVerified
        ? new NotVerified("policy-key-malformed", `Line ${number} of the policy: ${error.detail}`)
        : error;
    }
    if (!types.includes(key.type)) {
      throw new NotVerified(
        "policy-key-unsuitable",
        `Line ${number} of the policy has a key of a type that cannot sign for this.`,
      );
    }
    // The same bytes under another name or type are the same signer: it would count twice.
    const marks = [hex(key.public), `${key.name} ${key.id}`];
    if (marks.some((mark) => this.#keys.has(mark))) {
      throw new NotVerified("policy-key-duplicate", `Line ${number} of the policy repeats a public key.`);
    }
    marks.forEach((mark) => this.#keys.add(mark));
    return key;
  }
}

function linesOf(bytes) {
  if (bytes.length > MAX_POLICY_SIZE) {
    throw new NotVerified("policy-too-large", "The policy is larger than one mebibyte.");
  }
  const lines = textOf(bytes)?.split("\n");
  if (!lines) {
    throw new NotVerified("policy-not-text", "The policy is not UTF-8 text.");
  }
  const controlled = lines.findIndex((line) => /[\0-\x08\x0b-\x1f\x7f]/.test(line));
  if (controlled >= 0) {
    throw new NotVerified("policy-not-text", `Line ${controlled + 1} of the policy holds a control character.`);
  }
  if (lines.pop()) {
    throw new NotVerified("policy-line-unended", "The last line of the policy does not end with a line feed.");
  }
  return lines;
}

function counted(number, word, fits) {
  if (!fits) {
    throw new NotVerified(
      "policy-line-malformed",
      `Line ${number} of the policy does not have the items of a ${word} line.`,
    );
  }
}

function thresholdOf(number, rule, count) {
  if (rule === "any" || rule === "all") {
    return rule === "any" ? 1 : count;
  }
  let threshold = 0n;
  try {
    threshold = fromDecimal(rule);
  } catch {
    // No number is no threshold.
  }
  if (threshold < 1n || threshold > BigInt(count)) {
    throw new NotVerified(
      "policy-threshold-malformed",
      `Line ${number} of the policy has a threshold that is not all, any, or 1 up to its number of members.`,
    );
  }
  return Number(threshold);
}

/** Where a witness takes checkpoints is for the log to know; here it only has to be an address. */
function checkUrl(number, [address]) {
  const usable = /^https?:\/\/(?:\[[0-9a-f:.]+\]|[^/?#@:[\]]+)(?::([0-9]*))?(?:\/[^?#]*)?\??#?$/i;
  const port = address === undefined ? "" : usable.exec(address)?.[1] ?? "";
  if (address !== undefined && (!usable.test(address) || Number(port) > 65535)) {
    throw new NotVerified(
      "policy-url-malformed",
      `Line ${number} of the policy has no usable http or https address.`,
    );
  }
}
