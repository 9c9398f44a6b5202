"""Asking a provider from time to time whether it still knows somebody who is signed in here.

It happens on activity and in the background: a page never waits for a provider. One worker at a time has the refresh
token of a session, since a provider that rotates them would take a second use for a theft.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.flows import SignInRefused
from isa_registry.identity.sign_in_uses import use_for
from isa_registry.runtime.people.events import access_event
from isa_registry.runtime.people.sessions import REFRESH_EVERY, Sessions
from isa_registry.runtime.people.sign_in import ProviderAwayError, SignIn
from isa_registry.store import sessions as stored
from isa_registry.store.pool import DatabaseError
from isa_registry.store.sessions import Session

RETRY_AFTER = timedelta(minutes=1)
"""Until another try, where the provider is away or the worker that had the token is gone."""

_AT_ONCE = 8

_ENDS = frozenset(f"id-token-{reason}-refused" for reason in ("organisation", "acr")) | frozenset(
    f"id-token-{kind}-assurance-too-low" for kind in ("identity", "authentication")
)
"""What a provider says of a person, in a token that is its own and in order, by which they would not be let in now."""


class Refreshing:
    """Refreshes sessions as they are used. `view` is the register as this worker has it."""

    def __init__(self, sessions: Sessions, sign_in: SignIn, view: Callable[[], RegisterView]) -> None:
        self._sessions = sessions
        self._sign_in = sign_in
        self._view = view
        self._running: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def used(self, session: Session) -> None:
        """Refreshes a session that is in use, if that is due."""
        due = session.refresh_due_at
        if due is None or due > self._sessions.now() or len(self._running) >= _AT_ONCE:
            return
        task = asyncio.create_task(self._run(session), name="refresh a session")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, session: Session) -> None:
        try:
            await self.refresh(session)
        except (ProviderAwayError, SignInRefused, *DatabaseError):
            # The session stays, to its own limits; another try follows.
            return

    async def refresh(self, session: Session) -> None:
        """One try. Ends the session where the provider knows its person no longer, says that it is another, or says of
        them what nobody is let in with: that they are of another organisation, say.

        Raises `ProviderAwayError`, `SignInRefused` for an answer that cannot be used, or one of `DatabaseError`.
        """
        now = self._sessions.now()
        use = use_for(self._view(), session.issuer, session.organisation)
        async with stored.working_for_a_page(self._sessions.pool) as connection:
            sealed = await stored.claim_refresh(connection, session.id_sha256, now=now, until=now + RETRY_AFTER)
        token = None if sealed is None else self._sessions.open_refresh_token(sealed, session)
        if use is None or token is None:
            return
        try:
            answer = await self._sign_in.refresh(use, token)
        except SignInRefused as refused:
            if refused.reason not in _ENDS:
                raise
            answer = None
        if answer is None:
            await self._sessions.revoke(session.id_sha256, "provider-refused")
            return
        following, person = answer
        if person is not None and (person.subject, person.provider_subject) != (
            session.subject,
            session.provider_subject,
        ):
            await self._sessions.revoke(session.id_sha256, "another-person")
            return
        async with stored.working_for_a_page(self._sessions.pool) as connection:
            await stored.refreshed(
                connection,
                session.id_sha256,
                token=self._sessions.seal_refresh_token(following, session.id_sha256),
                due=self._sessions.now() + REFRESH_EVERY,
                claims=None if person is None else person.claims,
                reaches=None if person is None else person.reaches,
            )
        access_event("refreshed", organisation=session.organisation, session=session.reference)

    def gave_up(self, use: Issuer, session: Session) -> None:
        """Gives the refresh token of a session that was ended by its person back to the provider."""
        token = (
            None if session.refresh_token is None else self._sessions.open_refresh_token(session.refresh_token, session)
        )
        if token is not None:
            task = asyncio.create_task(self._sign_in.give_back(use, token), name="give a refresh token back")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
