"""Sessions of people on the pages, in PostgreSQL: opened, found, ended, for every worker alike.

Each request reads its session anew, so that what is ended on one worker is ended on all. What was revoked lately is
also kept in memory, as far as this worker could read, and is held against the fallback while the database is away.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from msgspec.structs import replace

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.id_tokens import LoggedOut, Person
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.sign_in_uses import use_for
from isa_registry.runtime.people.events import access_event
from isa_registry.runtime.people.visitors import FALLBACK_SECONDS, ID_BYTES, Visitor, id_cookie, id_hash
from isa_registry.store import sessions
from isa_registry.store.pool import DatabaseError, Pool, close_pool, open_pool
from isa_registry.store.sessions import Ended, Session

_log = structlog.get_logger(__name__)

IDLE = timedelta(minutes=30)
"""A session ends when nothing was done in it for this long: machines are shared in schools, stations and wards. Times
of use are kept by the minute, so that it may end up to a minute sooner."""

ABSOLUTE = timedelta(hours=12)
"""A session ends this long after its person signed in: one shift, the longest that social care and health work."""

MOST_SESSIONS = 10
"""Sessions of one person; a further one ends the one longest unused."""

REFRESH_EVERY = timedelta(minutes=10)
"""How often the provider is asked whether it still knows a person, where it gave a token to ask with."""

_LOOK_SECONDS = 1.0
_LOOKS_BACK = timedelta(minutes=1)
"""How far, as a rule: what takes longest to be committed, and by how much the clocks of workers may differ. Every so
many looks, and after one that failed, the whole time is read anew."""
_WHOLE_EVERY = 60
_SWEEP_SECONDS = 300.0
_KEPT_REVOKED = timedelta(seconds=FALLBACK_SECONDS + 300)
_REFRESH = "refresh-token"


class Sessions:
    """`now` is the clock, `randomness` gives that many random bytes, `view` is the register as this worker has it."""

    def __init__(
        self,
        database_url: str,
        keys: SessionKeys,
        *,
        now: Callable[[], datetime],
        randomness: Callable[[int], bytes],
        view: Callable[[], RegisterView],
    ) -> None:
        self._url = database_url
        self.keys = keys
        self.now = now
        self._randomness = randomness
        self._view = view
        self._pool: Pool | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._revoked: dict[bytes, datetime] = {}
        self._to_end: set[bytes] = set()

    async def start(self) -> None:
        self._pool = await open_pool(self._url, "isa_work", size=4)
        self._tasks = [
            asyncio.create_task(self._look_for_revoked(), name="revoked sessions"),
            asyncio.create_task(self._keep_swept(), name="sweep sessions"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._pool is not None:
            await close_pool(self._pool)

    @property
    def pool(self) -> Pool:
        assert self._pool is not None
        return self._pool

    async def find(self, cookie: str | None) -> Session | None:
        """The live session that a cookie names, its use noted. One whose issuer signs nobody in for the organisation
        any more is ended. Raises one of `DatabaseError` while the database is away."""
        identifier = id_hash(cookie)
        if identifier is None:
            return None
        now = self.now()
        async with sessions.working_for_a_page(self.pool) as connection:
            session = await sessions.live_session(connection, identifier, now=now, idle=IDLE)
            if session is None:
                return None
            if use_for(self._view(), session.issuer, session.organisation) is None:
                self._note(await sessions.revoke_session(connection, identifier, now=now), now, "issuer-removed")
                return None
            if now - session.last_used_at >= timedelta(minutes=1):
                await sessions.touch_session(connection, identifier, now=now)
        return session

    async def open(
        self,
        use: Issuer,
        person: Person,
        *,
        browser: str,
        refresh_token: str | None = None,
        replacing: bytes | None = None,
    ) -> tuple[str, Session]:
        """A new session with an id that nobody knew before, and the cookie's value. The session that it replaces in the
        browser ends."""
        now = self.now()
        identifier = self._randomness(ID_BYTES)
        hashed = id_hash(id_cookie(identifier))
        assert hashed is not None
        session = Session(
            id_sha256=hashed,
            issuer=person.issuer,
            subject=person.subject,
            organisation=use.organisation,
            provider_subject=person.provider_subject,
            provider_session=person.provider_session,
            auth_time=None if person.auth_time is None else datetime.fromtimestamp(person.auth_time, UTC),
            reaches=person.reaches,
            claims=person.claims,
            browser=browser,
            signed_in_at=now,
            last_used_at=now,
            expires_at=now + ABSOLUTE,
            refresh_token=None if refresh_token is None else self.seal_refresh_token(refresh_token, hashed),
            refresh_due_at=None if refresh_token is None else now + REFRESH_EVERY,
            id_token_sha256=person.id_token_sha256,
            acr=person.acr,
            amr=person.amr,
        )
        await self._put(session, replacing, now)
        return id_cookie(identifier), session

    async def switch(self, session: Session, organisation: str) -> tuple[str, Session]:
        """The same person's session at another organisation, under a new id; the limits stay. What was proved lately
        was proved for the first one, so it does not count for the second."""
        now = self.now()
        identifier = self._randomness(ID_BYTES)
        hashed = id_hash(id_cookie(identifier))
        assert hashed is not None
        token = None if session.refresh_token is None else self.open_refresh_token(session.refresh_token, session)
        switched = replace(
            session,
            id_sha256=hashed,
            organisation=organisation,
            auth_time=None,
            id_token_sha256=None,
            acr=None,
            amr=(),
            claims=(),
            refresh_token=None if token is None else self.seal_refresh_token(token, hashed),
            refresh_due_at=None if token is None else session.refresh_due_at,
        )
        await self._put(switched, session.id_sha256, now)
        return id_cookie(identifier), switched

    async def _put(self, session: Session, replacing: bytes | None, now: datetime) -> None:
        async with sessions.working_for_a_page(self.pool) as connection, connection.transaction():
            replaced = [] if replacing is None else await sessions.revoke_session(connection, replacing, now=now)
            await sessions.open_session(connection, session)
            surplus = await sessions.revoke_oldest_of_person(connection, session, keep=MOST_SESSIONS, now=now)
        self._note(replaced, now, "replaced")
        self._note(surplus, now, "too-many")

    async def of_person(self, visitor: Visitor) -> list[Session]:
        """The person's live sessions at every organisation, the last used first."""
        async with sessions.working_for_a_page(self.pool) as connection:
            return await sessions.sessions_of_person(
                connection, visitor.issuer, visitor.subject, now=self.now(), idle=IDLE
            )

    async def revoke(self, identifier: bytes, reason: str) -> None:
        now = self.now()
        async with sessions.working_for_a_page(self.pool) as connection:
            self._note(await sessions.revoke_session(connection, identifier, now=now), now, reason)

    def end_when_possible(self, identifier: bytes) -> None:
        """Ends a session while the database is away: for its fallback on this worker at once, and everywhere as soon as
        this worker reaches the database again."""
        self._revoked[identifier] = self.now()
        self._to_end.add(identifier)

    async def revoke_own(self, visitor: Visitor, reference: str) -> bool:
        """Ends one of the person's own sessions, by its reference. False: they have none of that name."""
        found = [one for one in await self.of_person(visitor) if one.reference == reference]
        for session in found:
            await self.revoke(session.id_sha256, "by-the-person")
        return bool(found)

    async def revoke_others(self, session: Session) -> int:
        now = self.now()
        async with sessions.working_for_a_page(self.pool) as connection:
            ended = await sessions.revoke_others_of_person(connection, session, now=now)
        self._note(ended, now, "by-the-person")
        return len(ended)

    async def revoke_of_organisation(self, organisation: str) -> int:
        now = self.now()
        async with sessions.working_for_a_page(self.pool) as connection:
            ended = await sessions.revoke_of_organisation(connection, organisation, now=now)
        self._note(ended, now, "by-the-organisation")
        return len(ended)

    async def log_out(self, named: LoggedOut) -> int | None:
        """Ends the sessions that a provider's logout token names, how many; None for a token that was seen before.

        One transaction: a token counts as seen where its sessions ended with it, so that whoever was told "not now"
        can send it again."""
        now = self.now()
        digest = hashlib.sha256(f"{named.issuer}\0{named.token}".encode()).digest()
        forget_at = datetime.fromtimestamp(named.expires_at, UTC)
        async with sessions.working_for_a_page(self.pool) as connection, connection.transaction():
            if not await sessions.see_logout_token(connection, digest, forget_at=forget_at):
                return None
            ended = await sessions.revoke_by_provider(
                connection, named.issuer, subject=named.provider_subject, session=named.provider_session, now=now
            )
        self._note(ended, now, "by-the-provider")
        return len(ended)

    def knows_revoked(self, identifier: bytes) -> bool:
        """Whether this worker has read that a session was revoked, in the last quarter of an hour."""
        return identifier in self._revoked

    def seal_refresh_token(self, token: str, id_sha256: bytes) -> str:
        """Encrypted for its own session: moved to another, it does not open."""
        return self.keys.seal(_REFRESH, token.encode(), bound_to=id_sha256)

    def open_refresh_token(self, sealed: str, session: Session) -> str | None:
        plain = self.keys.open(_REFRESH, sealed, bound_to=session.id_sha256)
        return None if plain is None else plain.decode()

    def _note(self, ended: list[Ended], now: datetime, reason: str) -> None:
        for one in ended:
            self._revoked[one.id_sha256] = now
            access_event("revoked", organisation=one.organisation, session=one.id_sha256.hex()[:8], reason=reason)

    async def _look_for_revoked(self) -> None:
        """Reads every second what other workers revoked."""
        looks = 0
        while True:
            now = self.now()
            self._revoked = {one: at for one, at in self._revoked.items() if at > now - _KEPT_REVOKED}
            back = _LOOKS_BACK if looks % _WHOLE_EVERY else _KEPT_REVOKED
            try:
                for identifier in tuple(self._to_end):
                    await self.revoke(identifier, "signed-out")
                    self._to_end.discard(identifier)
                async with sessions.working_for_a_page(self.pool) as connection:
                    self._revoked.update(await sessions.revoked_since(connection, now - back))
                looks += 1
            except DatabaseError as error:
                looks = 0
                _log.debug("revoked sessions not read", error=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)

    async def sweep(self) -> None:
        """Deletes what ended so long ago that no fallback of it can live, and logout tokens that are to be
        forgotten."""
        now = self.now()
        async with sessions.working_for_a_page(self.pool) as connection:
            await sessions.sweep(connection, ended_before=now - _KEPT_REVOKED, idle_since=now - IDLE - _KEPT_REVOKED)

    async def _keep_swept(self) -> None:
        while True:
            try:
                await self.sweep()
            except DatabaseError as error:
                _log.debug("sessions not swept", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)
