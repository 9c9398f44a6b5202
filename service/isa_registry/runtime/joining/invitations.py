"""Invitations of bodies: a link that is sent, filled in once by whoever has it, and looked at by the business unit.

The link's token is random and is kept here as its SHA-256 alone; where the link goes by mail, the outbox has it until
the letter is sent. A link leads to its page until it is over, so that whoever filled it in sees what became of it; it
is filled in once. The address to which it was sent is forgotten as soon as it is used, withdrawn or over, and is
written to no log.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from msgspec import Struct

from isa_registry.actions import deciding, joining
from isa_registry.actions.deciding import Decider
from isa_registry.actions.identifiers import uuid7
from isa_registry.actions.joining import Told, Wish
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.notices import worked
from isa_registry.domain.notices.addresses import is_address
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.runtime.registry import Registry
from isa_registry.store import invitations
from isa_registry.store.invitations import Invitation
from isa_registry.store.pool import Connection, DatabaseError, Pool, close_pool, open_pool, reading_for
from isa_verify.encoding import encode_base64url

_log = structlog.get_logger("isa_registry.invitations")

OPEN_FOR = timedelta(days=14)
"""How long a link leads anywhere: a school has a half term."""

KEPT_FOR = timedelta(days=60)
"""How long an invitation is kept after the last that became of it; an answer that nobody decided goes with it."""

_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_ID = re.compile(r"inv_[0-9a-f]{32}")
_LISTED = 3_000
_SWEEP_SECONDS = 900.0

Deliver = Callable[[Notice, str, str], Awaitable[None]]
"""Tells an address that its body is invited; the token of the link is what nobody else is told."""


class Sent(Struct, frozen=True):
    """An invitation and its link, which is told this once; None where it was sent to its address."""

    invitation: Invitation
    link: str | None


class Invitations:
    """The invitations of one registry, whichever worker they reach. `deliver` sends links; without it the business unit
    is told each once, to pass it on."""

    def __init__(
        self, database_url: str, registry: Registry, *, public_url: str, deliver: Deliver | None = None
    ) -> None:
        self._url = database_url
        self._registry = registry
        self._public_url = public_url
        self._deliver = deliver
        self._pool: Pool | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._pool = await open_pool(self._url, "isa_work", size=2)
        self._sweeping = asyncio.create_task(self._keep_swept(), name="sweep invitations")

    async def stop(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        if self._pool is not None:
            await close_pool(self._pool)

    # --- the business unit ---------------------------------------------------------------------------------------

    async def invite(self, record: OrganisationRegistered, address: str | None, by: Decider) -> Sent:
        """Invites a body to confirm a record, or to complete that which stands.

        Refused: `forbidden` for who is not of the business unit; `conflict` where an invitation of the body waits, or
        it has a lead of its own; what registering it would be refused for; `unprocessable` for an address that is none.
        """
        view, now = self._registry.follower.view, self._registry.now()
        deciding.refuse_outside_business_unit(view, by, instant(now))
        refuse_address(address)
        record = joining.invitable(record, view, instant(now))
        token = self._fresh_token()
        one = Invitation(
            id="inv_" + uuid7(now, self._registry.randomness(10)).replace("-", ""),
            organisation=record.organisation,
            body=joining.encode_record(record),
            state="invited",
            token_sha256=_hash(token),
            address=address,
            invited_by=deciding.number_of(view, by),
            invited_at=now,
            expires_at=now + OPEN_FOR,
        )
        async with self._working() as connection:
            await invitations.sweep(connection, now=now, kept=KEPT_FOR)
            if not await invitations.invite(connection, one):
                detail = "An invitation of this organisation waits already. Send its link again, or withdraw it."
                raise Refused("conflict", detail, (Fault("#/organisation", "invited", detail),))
            stands = await _found(connection, one.id)
        _note("invited", stands, one.invited_by)
        return await self._send(stands, token, address)

    async def send_again(self, identifier: str, address: str | None, by: Decider) -> Sent:
        """Another link; the one before leads nowhere from then on, and what was answered is to be answered anew.

        Refused: `forbidden`, `not-found`, `conflict` where it is decided, `unprocessable` for an address that is none.
        """
        number = self._number(by)
        refuse_address(address)
        token, now = self._fresh_token(), self._registry.now()
        async with self._working() as connection:
            row = await _found(connection, identifier)
            record = joining.decode_record(row.body)
            joining.invitable(record, self._registry.follower.view, instant(now))
            again = await invitations.send_again(
                connection, row.id, token_sha256=_hash(token), address=address, expires_at=now + OPEN_FOR
            )
            if not again:
                raise Refused("conflict", "This invitation is decided already. Invite the organisation anew.")
            stands = await _found(connection, row.id)
        _note("sent-again", stands, number)
        return await self._send(stands, token, stands.address)

    async def withdraw(self, identifier: str, by: Decider) -> Invitation:
        """Takes an invitation back, or turns its answer down. Refused: `forbidden`, `not-found`, `conflict`."""
        number = self._number(by)
        async with self._working() as connection:
            row = await _found(connection, identifier)
            if not await invitations.withdraw(connection, row.id, person=number, now=self._registry.now()):
                raise Refused("conflict", "This invitation is decided already.")
            _note("withdrawn", row, number)
            return await _found(connection, row.id)

    async def listed(self) -> list[Invitation]:
        """Every invitation that is kept: what waits for the business unit first."""
        async with reading_for(self._registry.reading, "*") as connection:
            return await invitations.listed(connection, limit=_LISTED)

    async def read(self, identifier: str) -> Invitation:
        """One invitation. Raises `Refused` (`not-found`)."""
        async with reading_for(self._registry.reading, "*") as connection:
            return await _found(connection, identifier)

    async def confirmed(
        self, row: Invitation, answer_sha256: bytes, by: Decider, *, entry: int | None, proposal: str | None
    ) -> Invitation:
        """Notes what came of an answer, which is forgotten. Refused (`conflict`) where it is another by now."""
        number = self._number(by)
        async with self._working() as connection:
            done = await invitations.confirm(
                connection,
                row.id,
                answer_sha256=answer_sha256,
                person=number,
                now=self._registry.now(),
                entry=entry,
                proposal=proposal,
            )
            if not done:
                raise Refused("conflict", "This invitation was decided, or answered anew, at this moment.")
            _note("confirmed", row, number)
            return await _found(connection, row.id)

    # --- whoever has the link ------------------------------------------------------------------------------------

    async def of_link(self, token: str) -> Invitation:
        """The invitation to which a link leads. Raises `Refused` (`not-found`) where it leads nowhere, or no more."""
        found = None
        if _TOKEN.fullmatch(token):
            async with self._working() as connection:
                found = await invitations.by_token(connection, _hash(token), now=self._registry.now())
        if found is None or not hmac.compare_digest(found.token_sha256 or b"", _hash(token)):
            raise Refused("not-found", "This link leads nowhere, or no more. Ask whoever invited you for another.")
        return found

    async def answer(self, token: str, told: Told) -> Wish:
        """Keeps what was filled in, for the business unit to look at. Refused: `not-found`; `conflict` where the link
        was used; `unprocessable` with a pointer to each field to mend."""
        row = await self.of_link(token)
        if row.state != "invited":
            raise Refused("conflict", "This was filled in already.")
        view, now = self._registry.follower.view, self._registry.now()
        wish = joining.wish_of(told, joining.decode_record(row.body), view, instant(now))
        written = joining.encode_wish(wish)
        async with self._working() as connection:
            done = await invitations.answer(
                connection, _hash(token), now=now, answer=written, answer_sha256=hashlib.sha256(written).digest()
            )
        if not done:
            raise Refused("conflict", "This was filled in already.")
        _note("answered", row, None)
        return wish

    # -------------------------------------------------------------------------------------------------------------

    def _fresh_token(self) -> str:
        return encode_base64url(self._registry.randomness(_TOKEN_BYTES))

    def _number(self, by: Decider) -> int:
        view = self._registry.follower.view
        deciding.refuse_outside_business_unit(view, by, instant(self._registry.now()))
        return deciding.number_of(view, by)

    async def _send(self, one: Invitation, token: str, address: str | None) -> Sent:
        link = f"{self._public_url}/join/{token}"
        if self._deliver is None or address is None:
            return Sent(one, link)
        notice = worked.body_invited(
            one.organisation,
            invitation=one.id,
            until=london_date(one.expires_at),
            sending=_hash(token).hex()[:16],
        )
        await self._deliver(notice, address, token)
        return Sent(one, None)

    async def sweep(self) -> None:
        """Forgets what is over."""
        async with self._working() as connection:
            await invitations.sweep(connection, now=self._registry.now(), kept=KEPT_FOR)

    async def _keep_swept(self) -> None:
        while True:
            try:
                await self.sweep()
            except DatabaseError as error:
                _log.warning("sweep-failed", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[Connection]:
        assert self._pool is not None
        async with self._pool.acquire(timeout=5) as connection:
            yield connection


def refuse_address(address: str | None) -> None:
    """Raises `Refused` (`unprocessable`) for what is no mail address."""
    if address is not None and not is_address(address):
        detail = "Enter a mail address of a post or team, like office@school.example."
        raise Refused("unprocessable", detail, (Fault("#/address", "malformed", detail),))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def _found(connection: Connection, identifier: str) -> Invitation:
    row = await invitations.invitation(connection, identifier) if _ID.fullmatch(identifier) else None
    if row is None:
        raise Refused("not-found", "There is no such invitation.")
    return row


def _note(step: str, row: Invitation, person: int | None) -> None:
    """One structured line: which invitation and step, of which body; no link, no address, nothing of an answer."""
    _log.info("invitation", step=step, invitation=row.id, organisation=row.organisation, person=person)
