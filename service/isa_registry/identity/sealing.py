"""The one secret behind cookies and tokens at rest: sealed values that nobody else can read, make or move.

Each use has a key of its own, derived from the secret (HKDF, RFC 5869), so that a value sealed for one use never
opens for another.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from isa_verify.encoding import decode_base64url, encode_base64url
from isa_verify.errors import MalformedError

SECRET_BYTES = 32
_NONCE_BYTES = 12
_LONGEST = 8 * 1024


class SessionKeys:
    """Seals and opens with the first of `secrets` (32 bytes each); the others, which it followed, still open.

    `randomness` gives that many random bytes.
    """

    def __init__(self, secrets: Sequence[bytes], randomness: Callable[[int], bytes] = os.urandom) -> None:
        if not secrets or any(len(secret) != SECRET_BYTES for secret in secrets):
            raise ValueError("a session secret is 32 bytes")
        self._secrets = tuple(secrets)
        self._randomness = randomness

    def seal(self, use: str, plain: bytes, *, bound_to: bytes = b"") -> str:
        """`plain` encrypted and authenticated (AES-256-GCM) for this use, as base64url. It opens only with the same
        `bound_to`."""
        nonce = self._randomness(_NONCE_BYTES)
        sealed = AESGCM(_derived(self._secrets[0], use)).encrypt(nonce, plain, bound_to)
        return encode_base64url(nonce + sealed)

    def open(self, use: str, sealed: str, *, bound_to: bytes = b"") -> bytes | None:
        """What was sealed for this use; None for anything else."""
        if len(sealed) > _LONGEST:
            return None
        try:
            whole = decode_base64url(sealed)
        except MalformedError:
            return None
        for secret in self._secrets:
            try:
                return AESGCM(_derived(secret, use)).decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], bound_to)
            except (InvalidTag, ValueError):
                continue
        return None

    def mark(self, use: str, message: bytes) -> str:
        """An authentication code (HMAC-SHA-256) over `message` for this use, as base64url."""
        return encode_base64url(hmac.digest(_derived(self._secrets[0], use), message, "sha256"))

    def is_mark(self, use: str, message: bytes, given: str) -> bool:
        """Whether `given` is a mark of ours over `message`. Takes as long for any that is not."""
        wanted = [encode_base64url(hmac.digest(_derived(secret, use), message, "sha256")) for secret in self._secrets]
        found = [hmac.compare_digest(one.encode(), given.encode("utf-8", "surrogatepass")) for one in wanted]
        return any(found)


@lru_cache(maxsize=64)
def _derived(secret: bytes, use: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"isa-registry/v1/{use}".encode()).derive(secret)
