// The body of a checkpoint (C2SP tlog-checkpoint): which log, how many entries, which root.
import { base64, fromBase64, fromDecimal, same, textOf, utf8 } from "./encoding.mjs";
import { NotVerified, under } from "./failures.mjs";
import { HASH_SIZE, emptyRoot } from "./merkle.mjs";

const MAX_ORIGIN_SIZE = 255;

/** The checkpoint whose body is exactly these bytes. Extension lines are refused. */
export async function parseCheckpoint(bytes) {
  const lines = textOf(bytes)?.split("\n");
  if (!lines) {
    throw new NotVerified("checkpoint-malformed", "The checkpoint is not UTF-8 text.");
  }
  if (lines.length !== 4 || lines[3]) {
    throw new NotVerified("checkpoint-malformed", "The checkpoint's body does not have exactly three lines.");
  }
  const [size, root] = under("checkpoint-malformed", () => [fromDecimal(lines[1]), fromBase64(lines[2], HASH_SIZE)]);
  if (!isLine(lines[0])) {
    throw new NotVerified("checkpoint-malformed", "The log's origin is not a usable name.");
  }
  if (size === 0n && !same(root, await emptyRoot())) {
    throw new NotVerified("checkpoint-malformed", "An empty log does not have the empty tree's root.");
  }
  return { origin: lines[0], size, root };
}

/** A checkpoint's body. */
export function checkpointText({ origin, size, root }) {
  return `${origin}\n${size}\n${base64(root)}\n`;
}

/** Whether this can name a log and its keys: 1 to 255 bytes, printable, without spaces and plus signs. */
export function isOrigin(text) {
  return isLine(text) && !/[ +]/.test(text);
}

function isLine(text) {
  const size = utf8(text).length;
  return 0 < size && size <= MAX_ORIGIN_SIZE && !/[\p{C}\p{Z}]/u.test(text.replaceAll(" ", ""));
}
