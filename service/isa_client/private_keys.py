"""Private keys as JWK (RFC 7517): of which kinds they are, and what each signs with."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from isa_verify.encoding import canonical_json, decode_base64url, encode_base64url, parse_json_strict
from isa_verify.errors import MalformedError

MIN_RSA_BITS = 2048

_MATERIAL = frozenset(("kty", "crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi"))
_PUBLIC = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
"""What a public key is, and no more: the members of its RFC 7638 thumbprint."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key that is whole, the algorithm that it signs with, and the members of its JWK that are text."""

    key: ECKey | OKPKey | RSAKey
    algorithm: str
    members: Mapping[str, str]

    @classmethod
    def from_jwk(cls, text: bytes, algorithms: Mapping[str, tuple[str, ...]]) -> "PrivateKey | None":
        """Return the key of a private JWK, or None where it is none, not whole, or of no kind of `algorithms`.

        These name for a curve, or for `RSA`, what it may sign with; the first one unless the JWK's `alg` names another.
        """
        try:
            members = parse_json_strict(text)
            if not isinstance(members, dict):
                return None
            strings = {name: value for name, value in members.items() if isinstance(value, str)}
            allowed = algorithms.get(strings.get("crv", strings.get("kty", "")), ())
            algorithm = strings.get("alg", allowed[0] if allowed else "")
            if algorithm not in allowed:
                return None
            if strings.get("kty") == "RSA" and _bits(strings["n"]) < MIN_RSA_BITS:
                return None
            key = JWKRegistry.import_key({name: value for name, value in strings.items() if name in _MATERIAL})
            # A key whose halves do not belong together would sign what nobody can verify.
            if not isinstance(key, ECKey | OKPKey | RSAKey) or not key.is_private or _halves_differ(key, strings):
                return None
        except (MalformedError, JoseError, ValueError, KeyError):
            return None
        return cls(key, algorithm, strings)

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half alone."""
        return {name: self.members[name] for name in _PUBLIC[self.members["kty"]]}

    @property
    def thumbprint(self) -> str:
        """The public key's RFC 7638 thumbprint under SHA-256, in base64url."""
        return encode_base64url(hashlib.sha256(canonical_json(dict(self.public_jwk))).digest())


def _halves_differ(key: ECKey | OKPKey | RSAKey, members: Mapping[str, str]) -> bool:
    public = _PUBLIC[members["kty"]]
    if isinstance(key, OKPKey):
        # Unlike the others it is made from `d` alone.
        assert key.private_key is not None
        raw = key.private_key.public_key().public_bytes_raw()
        return any(len(decode_base64url(members[name])) != len(raw) for name in ("d", "x")) or (
            encode_base64url(raw) != members["x"]
        )
    shown = key.as_dict(private=False)
    return any(shown[name] != members[name] for name in public)


def _bits(number: str) -> int:
    return int.from_bytes(decode_base64url(number), "big").bit_length()
