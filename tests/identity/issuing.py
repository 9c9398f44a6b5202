"""Identity providers for tests: real keys and real signatures, no network and no clock but the test's own."""

import hashlib
import hmac
import json
from typing import Any

from joserfc.jwk import ECKey, JWKRegistry, Key
from msgspec import Struct

from isa_registry.domain import access_entries, entries
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.identity.compact import _MODELS
from isa_verify.encoding import encode_base64url

NOW = 1_800_000_000
AUDIENCE = "https://isa.example/api"


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


class Answer(Struct, frozen=True):
    document: dict[str, Any]
    max_age: float | None = None


def segment(value: Any) -> str:
    return encode_base64url(value if isinstance(value, bytes) else json.dumps(value).encode())


def assembled(header: Any, payload: Any, key: Key) -> str:
    """A compact JWS of anything at all, signed as `header["alg"]` says."""
    signing_input = f"{segment(header)}.{segment(payload)}"
    signature = _MODELS[header["alg"]].sign(signing_input.encode(), key)
    return f"{signing_input}.{encode_base64url(signature)}"


def hmac_signed(header: Any, payload: Any, secret: bytes) -> str:
    signing_input = f"{segment(header)}.{segment(payload)}"
    return f"{signing_input}.{encode_base64url(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}"


class Provider:
    """One issuer with one key of its own."""

    def __init__(self, issuer: str, kid: str = "k1", kty: str = "EC", size: str | int = "P-256") -> None:
        self.issuer = issuer
        self.kid = kid
        self.key = JWKRegistry.generate_key(kty, size)
        self.algorithm = {"EC": "ES256", "OKP": "Ed25519", "RSA": "RS256"}[kty]
        self.published = [(kid, self.key)]

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**key.as_dict(private=False), "kid": kid} for kid, key in self.published]}

    def rotate(self, kid: str) -> None:
        self.kid, self.key = kid, ECKey.generate_key("P-256")
        self.published = [(kid, self.key)]

    def header(self, **changes: Any) -> dict[str, Any]:
        return without_none({"alg": self.algorithm, "typ": "at+jwt", "kid": self.kid, **changes})

    def claims(self, **changes: Any) -> dict[str, Any]:
        """A machine's claims under RFC 9068; a change to None leaves the claim out."""
        return without_none(
            {
                "iss": self.issuer,
                "sub": "council-system",
                "aud": AUDIENCE,
                "exp": NOW + 300,
                "iat": NOW,
                "jti": "1",
                "client_id": "council-system",
                "scope": "checks:ask events:write",
                **changes,
            }
        )

    def token(self, header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        return assembled(self.header(**(header or {})), self.claims(**claims), self.key)


class Network:
    """Serves the documents of providers by URL, counts what is fetched, and can go down."""

    def __init__(self, *providers: Provider) -> None:
        self.providers = {provider.issuer: provider for provider in providers}
        self.fetched: list[str] = []
        self.down = False
        self.max_age: float | None = None
        self.discovery: dict[str, Any] = {}

    async def __call__(self, url: str) -> Answer:
        self.fetched.append(url)
        if self.down:
            raise OSError("unreachable")
        issuer, _, document = url.rpartition("/.well-known/")
        if document == "openid-configuration":
            provider = self.providers.get(issuer) or self.providers[f"{issuer}/"]
            return Answer({"issuer": provider.issuer, "jwks_uri": f"{provider.issuer}#keys"} | self.discovery)
        return Answer(self.providers[url.removesuffix("#keys")].jwks(), self.max_age)

    @property
    def key_fetches(self) -> int:
        return sum(url.endswith("#keys") for url in self.fetched)


class Facts:
    """A register that grows one fact at a time."""

    def __init__(self) -> None:
        self.register = Register()
        self.size = 0

    def log(self, *payloads: entries.RegisterPayload) -> RegisterView:
        for payload in payloads:
            apply(self.register, self.size, "2026-11-23T00:00:00.000Z", payload)
            self.size += 1
        return self.register.at(self.size)


def issuer_registered(
    provider: Provider, organisation: str = "council", **changes: Any
) -> access_entries.IssuerRegistered:
    members: dict[str, Any] = {
        "organisation": organisation,
        "issuer": provider.issuer,
        "audiences": (AUDIENCE,),
        "algorithms": (provider.algorithm,),
        "profile": "rfc9068",
        **changes,
    }
    return access_entries.IssuerRegistered(**members)


def client_granted(
    *scopes: str, organisation: str = "council", client: str = "council-system"
) -> access_entries.ClientGranted:
    return access_entries.ClientGranted(organisation=organisation, client=client, scopes=scopes)


def without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
