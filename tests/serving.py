"""The real application in this process, on a database of its own: no server and no second process.

What needs a socket or several workers is tested on the demonstration instead (tests/live.py).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import msgspec
from joserfc.jwk import ECKey

import demonstration
from faults.drafts import furnish
from identity.issuing import Answer, assembled, without_none
from isa_registry.api.frame import Frame
from isa_registry.bootstrap import build
from isa_registry.domain.access_entries import ClientGranted, IssuerRegistered, RoleGranted, SignIn
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.providers import Providers
from isa_registry.identity.tokens import TokenValidator
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.log_keys.files import (
    ATTESTATION_KEY,
    SESSION_KEY,
    SIGN_IN_KEY,
    WEBHOOK_KEY,
    make_sign_in_keys,
    make_webhook_key,
    write_private,
)
from isa_registry.runtime.registry import Registry
from isa_registry.settings import Settings
from people.agency import Told
from running import ORIGIN, SIGNER, checkpointing

URL = "https://registry.test"
AUDIENCE = "urn:isa-registry"
METRICS_TOKEN = "a-metrics-token-of-tests"
CLIENT = "registry-at-the-agency"
MACHINE_SCOPES = (
    "checks:ask", "events:write", "events:read", "consents:write", "consents:read", "agreements:read", "audit:read",
    "admin",
)  # fmt: skip


class Serving:
    """The application with its registry, and tokens for whoever a test wants to be."""

    def __init__(self, frame: Frame, registry: Registry, app: Any) -> None:
        self.frame = frame
        self.registry = registry
        self.app = app
        self._keys: dict[str, ECKey] = {}
        self.id_claims: dict[str, Any] = {}

    def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        given = headers if token is None else {"Authorization": f"Bearer {token}", **headers}
        transport = httpx.ASGITransport(app=self.frame, raise_app_exceptions=False)  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url=URL, headers=given)

    async def admit(self, organisation: str, *, roles: Sequence[str] = (), scopes: Sequence[str] = ()) -> None:
        """Registers an issuer of the organisation, by which people sign in too, a client with these scopes, and a
        person for each role."""
        issuer = issuer_of(organisation)
        self._keys[issuer] = ECKey.generate_key("P-256")
        payloads: list[Any] = [
            IssuerRegistered(
                organisation=organisation,
                issuer=issuer,
                audiences=(AUDIENCE,),
                algorithms=("ES256",),
                profile="rfc9068",
                sign_in=SignIn(client=CLIENT, authentication="private_key_jwt"),
            )
        ]
        if scopes:
            payloads.append(
                ClientGranted(organisation=organisation, client=f"{organisation}-system", scopes=tuple(scopes))
            )
        payloads += [RoleGranted(organisation=organisation, issuer=issuer, subject=role, role=role) for role in roles]
        for payload in payloads:
            appended = await self.registry.sequencer.append(Draft(payloads=(payload,)))
        await self.registry.follower.wait_for_size(appended.size, seconds=5)

    def machine(self, organisation: str, scope: str, **claims: Any) -> str:
        return self.token(organisation, sub=f"{organisation}-system", scope=scope, **claims)

    def person(self, organisation: str, role: str, **claims: Any) -> str:
        """The person who has this role; `client_id` is the application that they signed in to."""
        whole = {"sub": role, "client_id": "isa-client", "auth_time": int(time.time()), **claims}
        return self.token(organisation, **whole)

    def token(self, organisation: str, **claims: Any) -> str:
        """A token of the organisation's issuer; a claim that is None is left out."""
        issuer, now = issuer_of(organisation), int(time.time())
        whole = {
            "iss": issuer, "aud": AUDIENCE, "client_id": f"{organisation}-system", "iat": now, "exp": now + 300,
            "jti": f"{time.perf_counter_ns()}", **claims,
        }  # fmt: skip
        return assembled({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}, without_none(whole), self._keys[issuer])

    async def _fetch(self, url: str) -> Answer:
        issuer = url.partition("/.well-known")[0].removesuffix("/jwks")
        if url.endswith("/jwks"):
            return Answer({"keys": [{**self._keys[issuer].as_dict(private=False), "kid": "k1"}]})
        endpoints = {f"{name}_endpoint": f"{issuer}/{name}" for name in ("authorization", "token")}
        return Answer({"issuer": issuer, "jwks_uri": f"{issuer}/jwks", **endpoints})

    async def _post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Told:
        """The token endpoint of every issuer: an ID token of `id_claims`, whatever the code."""
        token = self.signed(url.removesuffix("/token"), "JWT", **self.id_claims)
        return Told(200, {"id_token": token, "access_token": "opaque", "token_type": "bearer"})

    def signed(self, issuer: str, typ: str, **claims: Any) -> str:
        """A token for our client at the issuer."""
        now = int(time.time())
        whole = {"iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **claims}
        return assembled({"alg": "ES256", "typ": typ, "kid": "k1"}, without_none(whole), self._keys[issuer])

    def validate_here(self) -> None:
        """Puts these keys, and these providers, in the place of those that would be asked."""
        keys = IssuerKeys(self._fetch, time.time)
        self.app.state["tokens"] = TokenValidator(keys, time.time)
        sign_in = self.app.state["people"].sign_in
        sign_in._keys, sign_in._post_form = keys, self._post
        sign_in._providers = Providers(self._fetch, time.time)


def issuer_of(organisation: str) -> str:
    return f"https://idp.{organisation}.test"


@asynccontextmanager
async def serving(
    database_url: str,
    tmp_path: Path,
    *,
    attestation_key: Mapping[str, str] = demonstration.ATTESTATION_KEY,
    beside: bool = False,
    public_url: str = URL,
    **changes: Any,
) -> AsyncIterator[Serving]:
    """The application with the demonstration's register, and whoever `admit` lets in; or `beside` one,
    as another worker on the same database."""
    make_sign_in_keys(tmp_path)
    write_private(tmp_path / ATTESTATION_KEY, msgspec.json.encode(attestation_key))
    make_webhook_key(tmp_path)
    settings = Settings(
        database_url=database_url,
        session_key_file=tmp_path / SESSION_KEY,
        sign_in_key_file=tmp_path / SIGN_IN_KEY,
        webhook_key_file=tmp_path / WEBHOOK_KEY,
        origin=ORIGIN,
        public_url=public_url,
        log_vkeys=SIGNER.vkeys,
        attestation_key_file=tmp_path / ATTESTATION_KEY,
        metrics_token=METRICS_TOKEN,
        **changes,
    )
    frame: Any = build(settings)
    app = frame._app
    async with nullcontext() if beside else checkpointing(database_url), _started(app):
        found = Serving(frame, app.state["registry"], app)
        if not beside:
            await furnish(found.registry)
        found.validate_here()
        yield found


@asynccontextmanager
async def _started(app: Any) -> AsyncIterator[None]:
    """The application's lifespan, in a task of its own: a fixture may begin and end in two."""
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            ready.set()
            await over.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    try:
        if not task.done():
            yield
    finally:
        waiting.cancel()
        over.set()
        await task
