// What can be asked of a published log, from its checkpoint and its hash tiles: where an entry is, that it goes on from
// the checkpoint that one kept, and that all of its hashes belong together.
import { hex, same } from "./encoding.mjs";
import { NotVerified } from "./failures.mjs";
import { consistencyRanges, emptyRoot, inclusionRanges, leafHash, verifyConsistency, verifyInclusion } from "./merkle.mjs";
import { tellNodes } from "./receipt.mjs";
import { openSigned, refuseRollback, settle } from "./signed.mjs";
import { Steps } from "./steps.mjs";
import { Tiles } from "./tiles.mjs";

/**
 * Verifies that the log's tree has a hash at `index`, and that it is that of `entry` where its bytes are given. The
 * proof is made here, from the published tiles.
 */
export async function verifyEntry(index, entry, fetchPath, keys, policy = null, steps = new Steps()) {
  const signed = await openSigned(await fetchPath("checkpoint"), keys, policy, steps);
  const { size, root } = signed.checkpoint;
  if (index >= size) {
    throw new NotVerified("index-out-of-range", "The index does not lie within the tree.");
  }
  const tiles = new Tiles(fetchPath, size);
  const leaf = await tiles.hash([index, index + 1n]);
  if (entry === null) {
    steps.held("The log publishes this hash for the entry.", { Number: String(index), "SHA-256": hex(leaf) });
  } else if (same(await leafHash(entry), leaf)) {
    steps.held("SHA-256 over the byte 00 and the entry gives the hash that the log publishes for it.", {
      Number: String(index),
      "SHA-256": hex(leaf),
    });
  } else {
    throw new NotVerified("entry-mismatch", `Entry ${index} is not the one that its hash stands for.`);
  }
  const nodes = [];
  const proof = await tiles.hashes(inclusionRanges(index, size));
  await verifyInclusion(leaf, index, size, proof, root, (...node) => nodes.push(node));
  tellNodes(nodes, steps);
  steps.held("The last hash is the root that the checkpoint states.", { Root: hex(root) });
  settle(signed);
  return { ...signed, index, entry };
}

/**
 * Verifies the newest checkpoint, that the log goes on from the one that was `kept` (a note, or null), and with `whole`
 * that all published hashes give its root. `heard` is told how many tiles have been read.
 */
export async function verifyLog(kept, fetchPath, keys, policy = null, steps = new Steps(), { whole = false, heard } = {}) {
  const signed = await openSigned(await fetchPath("checkpoint"), keys, policy, steps);
  const { size, root } = signed.checkpoint;
  const tiles = new Tiles(fetchPath, size);
  const before = kept === null ? null : await openKept(kept, keys);
  if (before) {
    refuseRollback(before, signed);
  }
  if (whole) {
    const read = await readWhole(tiles, signed.checkpoint, heard);
    steps.held("All published hashes were read, each level is made of the one below, and together they give the root.", {
      Tiles: String(read),
      Root: hex(root),
    });
  }
  if (before) {
    await checkGrowth(before.checkpoint, signed.checkpoint, tiles, steps);
  }
  settle(signed);
  return { ...signed, before: before?.checkpoint ?? null };
}

async function openKept(kept, keys) {
  try {
    return await openSigned(kept, keys, null, new Steps());
  } catch (error) {
    throw error instanceof NotVerified
      ? new NotVerified(error.code, `The checkpoint that was kept: ${error.detail}`)
      : error;
  }
}

async function readWhole(tiles, { size, root }, heard) {
  const read = await tiles.readAll(heard);
  if (!same(size ? await tiles.hash([0n, size]) : await emptyRoot(), root)) {
    throw new NotVerified("root-mismatch", "The published hashes do not give the root that the log signed.");
  }
  return read;
}

async function checkGrowth(old, now, tiles, steps) {
  const values = { "Entries then": String(old.size), "Root then": hex(old.root), "Entries now": String(now.size) };
  if (old.size === now.size) {
    steps.held("The log is the one that it was when you last looked, entry for entry.", values);
    return;
  }
  if (old.size === 0n) {
    steps.held("The log was empty when you last looked. Every log goes on from there.", values);
    return;
  }
  const nodes = [];
  const proof = await tiles.hashes(consistencyRanges(old.size, now.size));
  try {
    await verifyConsistency(old.size, old.root, now.size, now.root, proof, (...node) => nodes.push(node));
  } catch (error) {
    if (!(error instanceof NotVerified)) {
      throw error;
    }
    // Only the whole log shows whether it was rewritten, or a hash that the proof is made of is damaged.
    await readWhole(tiles, now);
    throw new NotVerified(
      "log-forked",
      "The log no longer begins with the entries that it had when it was last checked.",
    );
  }
  for (const [tree, ...node] of nodes) {
    tellNodes([node], steps, `In the ${tree} tree: `);
  }
  steps.held("One way up ends at the root that you kept, the other at the newest: the log has only grown.", values);
}
