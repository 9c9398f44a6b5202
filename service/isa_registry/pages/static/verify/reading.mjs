// The log's files from its server. No answer is believed; what cannot be read is no verdict.
import { CouldNotRun } from "./failures.mjs";

const LARGEST = 1 << 20;

/** Reads what a log serves below an address that ends with a slash. */
export function readerOf(address, fetch = globalThis.fetch) {
  return async (path) => {
    let answer;
    try {
      answer = await fetch(address + path, { credentials: "omit", redirect: "error" });
    } catch {
      throw new CouldNotRun("network-failed", "The log's server could not be reached or broke off.");
    }
    if (answer.status === 404) {
      throw new CouldNotRun("not-found", "The log's server has nothing under a path that was asked for.");
    }
    if (!answer.ok) {
      throw new CouldNotRun("network-failed", `The log's server answered with status ${answer.status}.`);
    }
    const bytes = await contents(answer);
    if (bytes.length > LARGEST) {
      throw new CouldNotRun("response-unusable", "The log's server sent more than any part of a log can hold.");
    }
    return bytes;
  };
}

async function contents(answer) {
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch {
    throw new CouldNotRun("network-failed", "The log's server broke off in the middle.");
  }
}
