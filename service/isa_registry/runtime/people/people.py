"""Everything about people on the pages that one worker runs, put together."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.client_proof import ClientProofs
from isa_registry.identity.cookies import Cookies
from isa_registry.identity.issuers import FetchJson, IssuerKeys
from isa_registry.identity.providers import Providers
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.signing import Jwk
from isa_registry.runtime.people.refreshing import Refreshing
from isa_registry.runtime.people.sessions import Sessions
from isa_registry.runtime.people.sign_in import PostForm, SignIn
from isa_registry.runtime.registry import Registry


class People:
    """Sign-in and sessions. `secrets` are those behind cookies, `sign_in_keys` and `client_secrets` what the registry
    proves itself with at agencies' providers. `loopback` allows a demonstration's providers on this machine."""

    def __init__(
        self,
        registry: Registry,
        *,
        database_url: str,
        secrets: tuple[bytes, ...],
        sign_in_keys: tuple[Jwk, ...],
        client_secrets: Path | None,
        issuer_keys: IssuerKeys,
        fetch_json: FetchJson,
        post_form: PostForm,
        public_url: str,
        loopback: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        fresh = registry.randomness

        def view() -> RegisterView:
            return registry.follower.view

        self.keys = SessionKeys(secrets, fresh)
        self.cookies = Cookies(secure=public_url.startswith("https://"))
        self.sessions = Sessions(database_url, self.keys, now=registry.now, randomness=fresh, view=view)
        self.sign_in = SignIn(
            providers=Providers(fetch_json, clock, loopback=loopback),
            proofs=ClientProofs(sign_in_keys, client_secrets, now=clock, randomness=fresh, loopback=loopback),
            keys=issuer_keys,
            post_form=post_form,
            sessions=self.sessions,
            view=view,
            public_url=public_url,
            randomness=fresh,
        )
        self.refreshing = Refreshing(self.sessions, self.sign_in, view)

    async def start(self) -> None:
        await self.sessions.start()

    async def stop(self) -> None:
        await self.refreshing.stop()
        await self.sessions.stop()


def required(people: People | None) -> People:
    """Raises `Refused`: `not-found` where nobody can sign in on the pages of this service."""
    if people is None:
        raise Refused("not-found", "Nobody signs in on the pages of this service: it has no session key.")
    return people
