"""How an agency's system proves itself to its own identity provider without a shared secret: `private_key_jwt`
(OpenID Connect Core section 9, RFC 7523)."""

import secrets
from pathlib import Path

from joserfc import jwt

from isa_client.errors import InputError
from isa_client.private_keys import PrivateKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
"""How long an assertion is good for: it is used at once, and once."""

_ALGORITHMS = {"P-256": ("ES256",), "Ed25519": ("Ed25519",), "RSA": ("PS256", "RS256")}


class ClientKey:
    """A private key whose public half, or certificate, the provider knows for a client."""

    def __init__(self, key: PrivateKey, header: dict[str, str]) -> None:
        self._key = key.key
        self._header = header

    def __repr__(self) -> str:
        return f"ClientKey(kid={self._header.get('kid')!r})"

    @classmethod
    def from_jwk(cls, text: bytes) -> "ClientKey":
        """Return the key of a private JWK: P-256, Ed25519, or RSA of at least 2,048 bits, with a `kid`, or with
        `x5t#S256` where the provider knows a certificate (Entra). An RSA key signs PS256, or what its `alg` says.

        Raises `InputError`, which never repeats it.
        """
        key = PrivateKey.from_jwk(text, _ALGORITHMS)
        named = {name: key.members[name] for name in ("kid", "x5t#S256") if key.members.get(name)} if key else {}
        if key is None or not named:
            raise InputError(
                "client-key-malformed",
                "The client key is not a private P-256, Ed25519 or RSA JWK with a kid or x5t#S256.",
            )
        return cls(key, {"alg": key.algorithm, "typ": "JWT", **named})

    @classmethod
    def read(cls, path: Path) -> "ClientKey":
        """Return the key that the file holds as a JWK. Raises `InputError`."""
        try:
            return cls.from_jwk(path.read_bytes())
        except OSError:
            raise InputError("client-key-unreadable", f"The client key {path} cannot be read.") from None

    def assertion(self, client: str, audience: str, now: int) -> str:
        """Return a fresh assertion by which `client` proves itself to `audience` once. `now` is seconds since 1970."""
        claims: dict[str, str | int] = {
            "iss": client,
            "sub": client,
            "aud": audience,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        return jwt.encode(dict(self._header), claims, self._key, algorithms=[self._header["alg"]])
