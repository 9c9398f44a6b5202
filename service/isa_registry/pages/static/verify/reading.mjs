// The log's files from its server. No answer is believed; what cannot be read is no verdict.
import { joined } from "./encoding.mjs";
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
    return contents(answer);
  };
}

async function contents(answer) {
  const parts = [];
  let size = 0;
  try {
    const reader = answer.body.getReader();
    while (size <= LARGEST) {
      const { done, value } = await reader.read();
      if (done) {
        return joined(...parts);
      }
      parts.push(value);
      size += value.length;
    }
    await reader.cancel();
  } catch {
    throw new CouldNotRun("network-failed", "The log's server broke off in the middle.");
  }
  throw new CouldNotRun("response-unusable", "The log's server sent more than any part of a log can hold.");
}
