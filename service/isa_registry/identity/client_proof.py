"""How the registry proves to an agency's provider that it is the client that the agency registered there."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.identity.compact import algorithm_of, make_compact, private_key
from isa_registry.identity.sign_in_uses import slug_of
from isa_registry.identity.signing import Jwk
from isa_verify.encoding import JsonValue, canonical_json, encode_base64url

METHODS = ("private_key_jwt", "client_secret_basic", "none")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 120
"""An assertion's life: for one request, with room for clocks that differ."""

_SECRET = re.compile(r"[\x21-\x7e]{8,512}")


class ClientProofError(Exception):
    """This registry has not what it would prove itself with. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ClientProof(Struct, frozen=True):
    """What goes with a request to a token endpoint: further parameters of the form, and headers."""

    form: dict[str, str]
    headers: dict[str, str]


class ClientProofs:
    """Proves who we are at each provider, as its registration says.

    `keys` are the registry's private sign-in keys (JWK), of which the first signs; `secrets` is the directory with a
    file for each use that has a secret, named by its slug. `loopback` lets a demonstration's provider do without proof.
    """

    def __init__(
        self,
        keys: Sequence[Jwk],
        secrets: Path | None,
        *,
        now: Callable[[], float],
        randomness: Callable[[int], bytes],
        loopback: bool = False,
    ) -> None:
        self._keys = tuple(keys)
        self._secrets = secrets
        self._now = now
        self._randomness = randomness
        self._loopback = loopback

    def public_keys(self) -> dict[str, JsonValue]:
        """The public halves of the sign-in keys, as a JWK Set (RFC 7517 section 5): providers read them here."""
        return {"keys": [_public(jwk) for jwk in self._keys]}

    def proof(self, use: Issuer) -> ClientProof:
        """A proof for one request: an assertion is never sent twice. Raises `ClientProofError`."""
        assert use.sign_in is not None
        method, client = use.sign_in.authentication, use.sign_in.client
        if method == "private_key_jwt":
            return ClientProof({"client_id": client, **self._assertion(client, use.issuer)}, {})
        if method == "client_secret_basic":
            # RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
            pair = f"{quote(client, safe='')}:{quote(self._secret(use), safe='')}"
            return ClientProof({}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"})
        if method == "none" and self._loopback:
            return ClientProof({"client_id": client}, {})
        raise ClientProofError("client-proof-refused")

    def _assertion(self, client: str, issuer: str) -> dict[str, str]:
        """RFC 7523 section 3. Its audience is the issuer itself, so that no other endpoint can use it
        (draft-ietf-oauth-rfc7523bis)."""
        if not self._keys:
            raise ClientProofError("sign-in-key-missing")
        now = int(self._now())
        claims: dict[str, JsonValue] = {
            "iss": client,
            "sub": client,
            "aud": issuer,
            "jti": encode_base64url(self._randomness(24)),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        key = private_key(self._keys[0])
        header = {"alg": algorithm_of(key), "kid": self._keys[0]["kid"], "typ": "JWT"}
        return {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": make_compact(header, canonical_json(claims), key),
        }

    def _secret(self, use: Issuer) -> str:
        """Read anew each time: a new secret counts without a restart, and none stays in memory."""
        if self._secrets is None:
            raise ClientProofError("client-secret-missing")
        try:
            secret = (self._secrets / slug_of(use)).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            raise ClientProofError("client-secret-missing") from None
        if not _SECRET.fullmatch(secret):
            raise ClientProofError("client-secret-missing")
        return secret


def _public(jwk: Jwk) -> JsonValue:
    key = private_key(jwk)
    members: dict[str, JsonValue] = {name: str(value) for name, value in key.as_dict(private=False).items()}
    return {**members, "kid": jwk["kid"], "use": "sig", "alg": algorithm_of(key)}
