// The page /log/verify: reads its fields, runs the checks, and shows the verdict and every step. It decides nothing.
import { fromDecimal, textOf, utf8 } from "./encoding.mjs";
import { CouldNotRun, NotVerified } from "./failures.mjs";
import { given } from "./given.mjs";
import { verifyEntry, verifyLog } from "./log.mjs";
import { readerOf } from "./reading.mjs";
import { verifyReceipt } from "./receipt.mjs";
import { Steps } from "./steps.mjs";
import { failed, verified } from "./words.mjs";

const HEADINGS = { verified: "Verified", "not verified": "Not verified", "could not run": "Could not be checked" };
const BY_ITS_OWN_KEYS =
  "By keys that this registry itself showed: all of it rests on the server's word. Keys from elsewhere make it independent.";
const WHAT_NOW =
  "Keep what you have, and the checkpoint that is published now: they are the evidence. Then ask the operator, and another auditor.";
const LONGEST = 80;
const SHOWN = 40;
const KEPT = "isa-log-checkpoint";

const one = (id) => document.getElementById(id);
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;
const log = readerOf("/log/");

const CHECKS = {
  async receipt(keys, policy, steps) {
    const [file] = one("receipt-file").files;
    const pasted = one("receipt-text").value;
    if (!file && !pasted.trim()) {
      throw new CouldNotRun("nothing-given", "Choose a receipt's file, or paste what it holds.");
    }
    const bytes = file ? new Uint8Array(await file.arrayBuffer()) : utf8(pasted.trim());
    return verifyReceipt(bytes, keys, policy, steps);
  },

  async entry(keys, policy, steps) {
    const entry = one("entry-text").value.trim();
    return verifyEntry(numberIn("entry-index"), entry ? utf8(entry) : null, log, keys, policy, steps);
  },

  async growth(keys, policy, steps) {
    const pasted = one("kept").value;
    const kept = pasted.trim() ? utf8(`${pasted.trimEnd()}\n`) : null;
    const progress = one("progress");
    const heard = (read) => (progress.textContent = `${read} tiles read`);
    const found = await verifyLog(kept, log, keys, policy, steps, { whole: one("whole").checked, heard });
    const note = textOf(found.bytes);
    steps.held("Keep this checkpoint. When you look again, the log must go on from it.", { "The checkpoint": note });
    remember(note);
    return found;
  },
};

function numberIn(id) {
  try {
    return fromDecimal(one(id).value.trim());
  } catch {
    throw new CouldNotRun("nothing-given", "Enter the entry's number, in digits.");
  }
}

/** Keeps the newest checkpoint that held on this device, where the person asks for it, and takes it away where not. */
function remember(note) {
  try {
    if (one("remember").checked) {
      localStorage.setItem(KEPT, note);
      one("kept").value = note;
    } else {
      localStorage.removeItem(KEPT);
    }
  } catch {
    // A browser that keeps nothing for pages remembers nothing: the checkpoint is shown to be saved by hand.
  }
}

function recall() {
  try {
    const note = localStorage.getItem(KEPT);
    one("kept").value = note ?? "";
    one("remember").checked = note !== null;
  } catch {
    // As above.
  }
}

let isRunning = false;

async function run(name) {
  if (isRunning) {
    return;
  }
  isRunning = true;
  const section = one("result");
  const steps = one("steps");
  steps.replaceChildren();
  one("verdict").hidden = true;
  one("progress").textContent = "Checking";
  section.hidden = false;
  const fromHere = chosen("keys-from") === "here";
  let told;
  try {
    const keysFile = fromHere ? await log("keys") : utf8(one("keys").value.trim());
    const policyFile = one("policy").value.trim() ? utf8(`${one("policy").value.trim()}\n`) : null;
    const { keys, policy } = await given(keysFile.length ? keysFile : null, policyFile);
    told = verified(await CHECKS[name](keys, policy, new Steps((step) => steps.append(shown(step)))));
    if (fromHere) {
      told.says.push(BY_ITS_OWN_KEYS);
    }
  } catch (error) {
    told = failed(error);
    if (error instanceof NotVerified) {
      told.says.push(WHAT_NOW);
    }
  }
  isRunning = false;
  one("progress").textContent = "";
  showVerdict(told);
}

function showVerdict({ verdict, code, says }) {
  const box = one("verdict");
  box.dataset.verdict = verdict;
  box.hidden = false;
  one("verdict-heading").textContent = code ? `${HEADINGS[verdict]}: ${code}` : HEADINGS[verdict];
  one("verdict-words").replaceChildren(...says.map((sentence) => made("p", inPrint(sentence))));
  one("steps-heading").hidden = !one("steps").children.length;
  one("verdict-heading").focus();
}

function shown({ says, values, state }) {
  const item = made("li");
  const line = made("p", inPrint(says));
  if (state !== "held") {
    line.prepend(made("strong", "Not checked. "));
  }
  item.append(line);
  if (Object.keys(values).length) {
    const list = made("dl");
    for (const [name, value] of Object.entries(values)) {
      const row = made("div");
      const cell = made("dd");
      cell.append(inFull(name, value));
      row.append(made("dt", inPrint(name)), cell);
      list.append(row);
    }
    item.append(list);
  }
  return item;
}

/** A value, shortened where it is long; the whole of it opens. */
function inFull(name, value) {
  if (value.length <= LONGEST && !value.includes("\n")) {
    return made("code", value);
  }
  const whole = made("details");
  const summary = made("summary");
  summary.append(made("code", `${value.slice(0, SHOWN).split("\n")[0]}…`), ` (${value.length} characters)`);
  const text = made("pre");
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", `${name}, in full`);
  text.append(made("code", value));
  whole.append(summary, text);
  return whole;
}

function inPrint(words) {
  return words.replaceAll("'", "’");
}

function made(name, text = "") {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

for (const form of document.querySelectorAll("form[data-check]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form.dataset.check);
  });
}
one("keys").addEventListener("input", () => (one("keys-from").checked = true));
addEventListener("beforeprint", () => {
  for (const details of one("steps").querySelectorAll("details")) {
    details.open = true;
  }
});
recall();
one("in-the-browser").hidden = false;
one("without-scripts").hidden = true;
