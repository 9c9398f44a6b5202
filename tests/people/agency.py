"""An agency's provider with a token endpoint, the register that knows it, and workers that sign people in by it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from identity.issuing import Answer, Clock, Facts, Network, Provider, issuer_registered
from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved, RoleGranted, SignIn
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.client_proof import ClientProofs
from isa_registry.identity.flows import PendingFlows, answered
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.providers import Providers
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.sign_in_uses import slug_of
from isa_registry.identity.signing import Jwk
from isa_registry.outbound.fetching import OutboundError
from isa_registry.runtime.people import sign_in as people_sign_in
from isa_registry.runtime.people.entering import enter
from isa_registry.runtime.people.refreshing import Refreshing
from isa_registry.runtime.people.sessions import Sessions
from isa_registry.store.sessions import Session
from isa_verify.encoding import JsonValue
from people.visiting import query_of

ISSUER = "https://id.council.example"
CLIENT = "registry-at-council"
SECRETS = [bytes(range(32))]


class Told(Struct, frozen=True):
    status: int
    document: dict[str, JsonValue]


class Agency:
    """The provider: what its token endpoint answers, and what was posted there."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.provider = Provider(ISSUER)
        self.network = Network(self.provider)
        self.network.discovery = {
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "revocation_endpoint": f"{ISSUER}/revoke",
            "end_session_endpoint": f"{ISSUER}/end",
        }
        self.claims: dict[str, Any] = {"sub": "somebody", "sid": "s-1"}
        self.nonce = ""
        self.offline = False
        self.issued = 0
        self.refuses: str | None = None
        self.down = False
        self.posted: list[tuple[str, dict[str, str]]] = []

    async def fetch_json(self, url: str) -> Answer:
        return await self.network(url)

    async def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Told:
        self.posted.append((url, dict(form)))
        if self.down:
            raise OutboundError("unreachable", urlsplit(url).hostname or "")
        if self.refuses is not None:
            return Told(400, {"error": self.refuses})
        if url.endswith("/revoke"):
            return Told(200, {})
        return Told(200, self._tokens(form))

    def _tokens(self, form: Mapping[str, str]) -> dict[str, JsonValue]:
        now = int(self.clock())
        claims: dict[str, Any] = {
            "aud": CLIENT, "iat": now, "exp": now + 300, "jti": None, "client_id": None, "scope": None, **self.claims,
        }  # fmt: skip
        if form["grant_type"] == "authorization_code":
            claims["nonce"] = self.nonce
        tokens: dict[str, JsonValue] = {
            "id_token": self.provider.token({"typ": "JWT"}, **claims),
            "access_token": "opaque",
            "token_type": "bearer",
        }
        if self.offline:
            self.issued += 1
            tokens["refresh_token"] = f"refresh-{self.issued}"
        return tokens

    def refreshes(self) -> list[str]:
        """The refresh tokens that were used, in order."""
        return [form["refresh_token"] for _, form in self.posted if form.get("grant_type") == "refresh_token"]


class Worker:
    """One worker's sign-in and sessions."""

    def __init__(self, database_url: str, agency: Agency, facts: Facts, keys: tuple[Jwk, ...]) -> None:
        self.agency = agency
        self._facts = facts
        clock = agency.clock

        def now() -> datetime:
            return datetime.fromtimestamp(clock(), UTC)

        self.now = now
        self.keys = SessionKeys(SECRETS)
        self.sessions = Sessions(database_url, self.keys, now=now, randomness=os.urandom, view=self.view)
        self.sign_in = people_sign_in.SignIn(
            providers=Providers(agency.fetch_json, clock),
            proofs=ClientProofs(keys, None, now=clock, randomness=os.urandom),
            keys=IssuerKeys(agency.fetch_json, clock),
            post_form=agency.post_form,
            sessions=self.sessions,
            view=self.view,
            public_url="https://registry.example",
            randomness=os.urandom,
        )
        self.refreshing = Refreshing(self.sessions, self.sign_in, self.view)

    def view(self) -> RegisterView:
        return self._facts.register.at(self._facts.size)

    async def signed_in(
        self, use: IssuerRegistered, *, held: Session | None = None, again: bool = False
    ) -> tuple[str, Session]:
        """A whole sign-in; the cookie's value and the session."""
        step_up = held.id_sha256.hex() if again and held is not None else None
        flow, address = await self.sign_in.start(use, return_to="/ask", again=step_up)
        self.agency.nonce = query_of(address)["nonce"]
        answer = [("code", "c"), ("state", query_of(address)["state"]), ("iss", ISSUER)]
        found, given = answered(PendingFlows((flow,)), slug_of(use), answer)
        signed_in = await self.sign_in.finish(found, given)
        return await enter(self.sessions, signed_in, self.view(), held=held, browser="firefox")


@asynccontextmanager
async def workers(
    database_url: str, agency: Agency, facts: Facts, keys: tuple[Jwk, ...], count: int = 1
) -> AsyncIterator[list[Worker]]:
    found = [Worker(database_url, agency, facts, keys) for _ in range(count)]
    try:
        for one in found:
            await one.sessions.start()
        yield found
    finally:
        for one in found:
            await one.refreshing.stop()
            await one.sessions.stop()


def organisation(name: str) -> OrganisationRegistered:
    return OrganisationRegistered(organisation=name, name=name.title(), organisation_kind="local-authority")


def use_of(agency: Agency, name: str = "council", client: str = CLIENT, **changes: Any) -> IssuerRegistered:
    sign_in = SignIn(client=client, authentication="private_key_jwt")
    return issuer_registered(agency.provider, name, sign_in=sign_in, **changes)


def role(name: str = "council", granted: str = "practitioner", subject: str = "somebody") -> RoleGranted:
    return RoleGranted(organisation=name, issuer=ISSUER, subject=subject, role=granted)


def removed(name: str = "council") -> IssuerRemoved:
    return IssuerRemoved(organisation=name, issuer=ISSUER)


def later(agency: Agency, **passed: float) -> None:
    agency.clock.now += timedelta(**passed).total_seconds()
