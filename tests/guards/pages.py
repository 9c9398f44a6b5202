"""A browser at the application in this process, and a provider that vouches for whomever a test wants to be."""

from __future__ import annotations

from typing import Any

import httpx

from isa_registry.identity.cookies import FALLBACK, SESSION, SIGN_IN
from isa_registry.identity.sign_in_uses import slug_of
from isa_registry.runtime.people.people import People
from isa_registry.runtime.people.visitors import csrf_token, id_hash, visitor_in
from people.visiting import query_of
from serving import Serving, issuer_of

SESSION_COOKIE, FALLBACK_COOKIE, SIGN_IN_COOKIE = (f"__Host-{one}" for one in (SESSION, FALLBACK, SIGN_IN))


class Page:
    """One browser, with its cookies."""

    def __init__(self, at: Serving, client: httpx.AsyncClient) -> None:
        self.at = at
        self.client = client

    @property
    def people(self) -> People:
        people: People = self.at.app.state["people"]
        return people

    @property
    def session(self) -> str | None:
        return self.client.cookies.get(SESSION_COOKIE)

    def slug(self, organisation: str) -> str:
        (use,) = self.at.registry.follower.view.issuers(issuer_of(organisation))
        return slug_of(use)

    async def begin(self, organisation: str, path: str = "/sign-in", **form: str) -> dict[str, str]:
        """Sends the form that leads to the provider; what it is asked."""
        answer = await self.client.post(path, data={"use": self.slug(organisation), **form})
        assert answer.status_code == 200, answer.text
        return query_of(answer.headers["refresh"].partition("url=")[2])

    async def come_back(self, organisation: str, subject: str, asked: dict[str, str], **claims: Any) -> httpx.Response:
        """The provider vouches for somebody, and sends the browser back."""
        return await self.answered(self.slug(organisation), organisation, subject, asked, **claims)

    async def answered(
        self, slug: str, organisation: str, subject: str, asked: dict[str, str], **claims: Any
    ) -> httpx.Response:
        """The same, to the address with this slug."""
        self.at.id_claims = {"sub": subject, "nonce": asked["nonce"], "auth_time": None, **claims}
        given = {"code": "c", "state": asked["state"], "iss": issuer_of(organisation)}
        return await self.client.get(f"/auth/{slug}/callback", params=given)

    async def sign_in(self, organisation: str, subject: str, **claims: Any) -> httpx.Response:
        return await self.come_back(organisation, subject, await self.begin(organisation), **claims)

    async def csrf(self) -> str:
        found = await self.people.sessions.find(self.session)
        assert found is not None
        return csrf_token(self.people.keys, visitor_in(found))

    async def step_up(self, organisation: str, subject: str, **claims: Any) -> httpx.Response:
        asked = await self.begin(organisation, "/sign-in/again", csrf=await self.csrf())
        return await self.come_back(organisation, subject, asked, **claims)

    async def live(self, cookie: str | None) -> bool:
        """Whether a session counts."""
        return await self.people.sessions.find(cookie) is not None

    async def changed(self, change: str) -> None:
        """The session's row, changed as time or another worker would."""
        async with self.people.sessions.pool.acquire() as connection:
            await connection.execute(f"UPDATE person_session SET {change} WHERE id_sha256 = $1", id_hash(self.session))
