// The same verifier at a terminal, from copies of these files: node command.mjs receipt|entry|log …
// Exit status: 0 verified, 1 not verified, 2 could not run.
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { fromDecimal } from "./encoding.mjs";
import { CouldNotRun } from "./failures.mjs";
import { given } from "./given.mjs";
import { verifyEntry, verifyLog } from "./log.mjs";
import { readerOf } from "./reading.mjs";
import { verifyReceipt } from "./receipt.mjs";
import { Steps } from "./steps.mjs";
import { failed, verified } from "./words.mjs";

const USAGE = `node command.mjs receipt FILE --vkeys FILE [--policy FILE] [--steps]
node command.mjs entry URL INDEX --vkeys FILE [--policy FILE] [--steps]
node command.mjs log URL --vkeys FILE [--policy FILE] [--kept FILE] [--whole] [--steps]

The log must go on from the checkpoint in the file of --kept, which then holds the newest. It is made the first time.`;
const STATUS = { verified: 0, "not verified": 1, "could not run": 2 };
const OPTIONS = {
  vkeys: { type: "string" },
  policy: { type: "string" },
  kept: { type: "string" },
  whole: { type: "boolean" },
  steps: { type: "boolean" },
};

async function run(words) {
  const { values, positionals } = read(words);
  const { keys, policy } = await given(await contents(values.vkeys), await contents(values.policy));
  const steps = new Steps(values.steps ? tell : undefined);
  const [command, target, index] = positionals;
  if (command === "receipt" && positionals.length === 2) {
    return verifyReceipt(await contents(target), keys, policy, steps);
  }
  if (command === "entry" && positionals.length === 3) {
    return verifyEntry(fromDecimal(index), null, readerOf(logAt(target)), keys, policy, steps);
  }
  if (command === "log" && positionals.length === 2) {
    const before = await contents(values.kept, { isNew: true });
    const found = await verifyLog(before, readerOf(logAt(target)), keys, policy, steps, { whole: values.whole });
    await keep(values.kept, found.bytes);
    return found;
  }
  throw new CouldNotRun("usage", USAGE);
}

function read(words) {
  try {
    return parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
  } catch {
    throw new CouldNotRun("usage", USAGE);
  }
}

async function contents(file, { isNew = false } = {}) {
  try {
    return file === undefined ? null : new Uint8Array(await readFile(file));
  } catch (error) {
    if (isNew && error.code === "ENOENT") {
      return null;
    }
    throw new CouldNotRun("file-unreadable", "A file that was named cannot be read.");
  }
}

async function keep(file, bytes) {
  try {
    await (file === undefined ? null : writeFile(file, bytes));
  } catch {
    throw new CouldNotRun("state-unwritable", "The newest checkpoint cannot be written.");
  }
}

function logAt(url) {
  const address = url.replace(/\/+$/, "");
  return `${address.endsWith("/log") ? address : `${address}/log`}/`;
}

function tell({ says, values, state }) {
  console.log(`${state === "held" ? "-" : "? NOT CHECKED:"} ${says}`);
  for (const [name, value] of Object.entries(values)) {
    console.log(`    ${name}: ${value}`);
  }
}

const told = await run(process.argv.slice(2)).then(verified, failed);
console.log([told.verdict.toUpperCase(), told.code].filter((word) => word).join(" "));
told.says.forEach((sentence) => console.log(`  ${sentence}`));
process.exitCode = STATUS[told.verdict];
