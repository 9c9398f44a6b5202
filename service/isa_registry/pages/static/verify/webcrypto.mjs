// SHA-256, HMAC and Ed25519 as the browser (or Node) has them. None of the three is written here.
import { joined } from "./encoding.mjs";
import { CouldNotRun } from "./failures.mjs";

function subtle() {
  const found = globalThis.crypto?.subtle;
  if (!found) {
    throw new CouldNotRun(
      "webcrypto-unavailable",
      "This browser offers no cryptography to a page that did not come over https. Use isa-verify.",
    );
  }
  return found;
}

/** The SHA-256 of the parts, one after the other. */
export async function sha256(...parts) {
  return new Uint8Array(await subtle().digest("SHA-256", joined(...parts)));
}

export async function hmacSha256(secret, message) {
  const key = await subtle().importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle().sign("HMAC", key, message));
}

/** Whether this Ed25519 signature is by that key. */
export async function signedBy(publicKey, signature, message) {
  try {
    const key = await subtle().importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await subtle().verify("Ed25519", key, signature, message);
  } catch (error) {
    if (error instanceof CouldNotRun || ["NotSupportedError", "SyntaxError", "TypeError"].includes(error.name)) {
      throw new CouldNotRun(
        "ed25519-unavailable",
        "This browser cannot check Ed25519 signatures. Use a newer one (Chrome or Edge 137, Firefox 129, Safari 17), or isa-verify.",
      );
    }
    // A key that is no point of the curve has signed nothing.
    return false;
  }
}
