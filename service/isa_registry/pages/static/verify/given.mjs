// The keys and the policy that a person gives. What is wrong with them is no verdict on anything.
import { same } from "./encoding.mjs";
import { CouldNotRun, usable } from "./failures.mjs";
import { logKeys, parseKeys } from "./keys.mjs";
import { parsePolicy } from "./policy.mjs";

/** `{ keys, policy }` from the bytes of two files, either of which may be null; the policy's logs where no key is given. */
export function given(keysFile, policyFile) {
  return usable(async () => {
    const policy = policyFile && (await parsePolicy(policyFile));
    const listed = policy?.logs ?? [];
    const keys = keysFile
      ? await parseKeys(keysFile)
      : logKeysOrNone(listed.map(({ key }) => ({ key, first: 0n, last: null })));
    const isListed = ({ key }) => listed.some((one) => one.key.type === key.type && same(one.key.public, key.public));
    if (listed.length && !keys.every(isListed)) {
      throw new CouldNotRun("keys-unsuitable", "The policy is for other logs than that of the keys given.");
    }
    return { keys, policy };
  });
}

function logKeysOrNone(keys) {
  if (!keys.length) {
    throw new CouldNotRun("keys-missing", "Give the log's keys, or a policy with log lines.");
  }
  return logKeys(keys);
}
