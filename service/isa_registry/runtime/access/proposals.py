"""Four eyes: one person proposes a change, another approves exactly that, and then it is logged.

Which changes, and of whom, says a `Together`: two of the business unit decide what lets others act; two of the lead
body's information-governance leads which of the law is checked (`runtime/verifying.py`).

The second person's word is kept before the entry is made, and the entry is claimed by the proposal. So a crash between
the two loses nothing and doubles nothing: whoever approves again is led to the same entry, or makes it now.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Generic

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import deciding
from isa_registry.actions.deciding import ACCESS, AccessPayload, Change, Decider, LawPayload, P, Together
from isa_registry.actions.identifiers import uuid7
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import decode_payload, encode_payload, kind_of
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.sealing import SessionKeys
from isa_registry.ledger.drafts import Draft, IdempotencyClaim
from isa_registry.runtime.access.proposal_marks import ProposalMarks
from isa_registry.runtime.registry import Registry
from isa_registry.store import person_use, proposals
from isa_registry.store.pool import Connection, DatabaseError, connect, reading_for
from isa_registry.store.proposals import Proposal

_log = structlog.get_logger("isa_registry.access_changes")

OPEN_FOR = timedelta(days=7)
MOST_OPEN = 50
"""Proposals of one person that may wait at once."""

_LISTED = 1_000
# Well within the day for which the log remembers a claim: after it, the log itself is asked.
_CLAIM_SURE = timedelta(hours=12)
# Refusals that say nothing of the change: it may still come to be logged, or has been.
_UNDECIDED = frozenset({"unavailable", "history-unconfirmed", "gone"})


class Approved(Struct, frozen=True):
    """Where an approved proposal stands in the log. `logged_at` is RFC 3339 UTC."""

    entry: int
    logged_at: str


class ProposalsOf(Generic[P]):
    """The proposals of one sort in one registry, whichever worker they reach. With `keys` each word carries a mark of
    theirs, and a row that was written past this service counts for nothing."""

    def __init__(
        self, database_url: str, registry: Registry, together: Together[P], keys: SessionKeys | None = None
    ) -> None:
        self._url = database_url
        self._registry = registry
        self._together = together
        self._marks = ProposalMarks(keys, registry.origin)

    async def propose(self, change: tuple[P, ...], by: Decider) -> Proposal:
        """A proposal that is open for a week; the same person's same one again is that one.

        Refused: `forbidden` for who is none of those who decide it; `conflict` where too many of theirs wait; and what
        the change would be refused for now.
        """
        view, now = self._registry.follower.view, self._registry.now()
        self._together.refuses(view, by, instant(now))
        for holds in self._together.preconditions(change):
            holds(view, instant(now))
        document = document_of(change)
        proposal = Proposal(
            id=self._together.prefix + uuid7(now, self._registry.randomness(10)).replace("-", ""),
            organisation=change[0].organisation,
            change=document,
            sha256=hashlib.sha256(document).digest(),
            state="open",
            proposed_by=deciding.number_of(view, by),
            proposed_at=now,
            expires_at=now + OPEN_FOR,
        )
        proposal = replace(proposal, proposed_mark=self._marks.proposed(proposal))
        async with self._working() as connection:
            await proposals.sweep(connection, now=now)
            if not await proposals.propose(connection, proposal, most=MOST_OPEN):
                return await self._same(connection, proposal, now)
            # As it is stored: a moment there is to the microsecond.
            stands = await proposals.proposal(connection, proposal.id)
        _note("proposed", proposal, proposal.proposed_by)
        return stands or proposal

    async def approve(self, identifier: str, sha256: str, by: Decider) -> Approved:
        """The second person's word for exactly the change with this SHA-256 (hex), and the entry that it makes.

        One that is an entry already is answered with that entry. Refused: `not-found`; `second-person` for whoever
        proposed it; `conflict` where it is decided, expired, or another change than this; and what the change is
        refused for at the tail: then it is open again.
        """
        view, now = self._registry.follower.view, self._registry.now()
        self._together.refuses(view, by, instant(now))
        number = deciding.number_of(view, by)
        async with self._working() as connection:
            row = await self._found(connection, identifier)
            if row.state == "open":
                _refuse_other(row, sha256)
                _refuse_late(row, now)
                draft = self._together.draft(self._change(row), self._decider(view, row.proposed_by), by, view)
                for holds in draft.preconditions:
                    holds(view, instant(now))
                digest = bytes.fromhex(sha256)
                mark = self._marks.approved(row, person=number, at=now, size=view.size)
                if await proposals.approve(
                    connection, identifier, person=number, sha256=digest, now=now, size=view.size, mark=mark
                ):
                    _note("approved", row, number)
                row = await self._found(connection, identifier)
            if row.state == "logged":
                return await self._logged(row)
            if row.state != "approved":
                raise Refused("conflict", "This proposal is decided: it was withdrawn, declined, or not approved.")
            _refuse_other(row, sha256)
            return await self._settle(connection, row, now)

    async def withdraw(self, identifier: str, sha256: str, by: Decider) -> Proposal:
        """The person who proposed it takes it back. Refused: `not-found`; `forbidden` for another; `conflict`."""
        number = self._number(by)
        async with self._working() as connection:
            row = await self._found(connection, identifier)
            if row.proposed_by != number:
                raise Refused("forbidden", "Whoever proposed this can withdraw it; another person declines it.")
            return await self._close(connection, row, sha256, "withdrawn", number)

    async def decline(self, identifier: str, sha256: str, by: Decider) -> Proposal:
        """Another person than who proposed it says no. Refused: `not-found`; `second-person`; `conflict`."""
        number = self._number(by)
        async with self._working() as connection:
            row = await self._found(connection, identifier)
            if row.proposed_by == number:
                raise Refused("second-person", "Whoever proposed this withdraws it; another person declines it.")
            return await self._close(connection, row, sha256, "declined", number)

    async def undecided(self) -> list[Proposal]:
        """What waits for a second person, oldest first."""
        async with reading_for(self._registry.reading, "*") as connection:
            found = await proposals.undecided(
                connection, now=self._registry.now(), limit=_LISTED, prefix=self._together.prefix
            )
        return [row for row in found if self._is_ours(row)]

    async def read(self, identifier: str) -> Proposal:
        """One proposal, decided or not. Raises `Refused` (`not-found`)."""
        async with reading_for(self._registry.reading, "*") as connection:
            return await self._found(connection, identifier)

    # --- from a second person's word to an entry -----------------------------------------------------------------

    async def _settle(self, connection: Connection, row: Proposal, now: datetime) -> Approved:
        assert row.approved_by is not None
        assert row.approved_at is not None
        if now - row.approved_at > _CLAIM_SURE:
            entry = await self._in_the_log(row)
            if entry is None:
                await proposals.reopen(connection, row)
                raise Refused("conflict", "An earlier approval did not reach the log. Approve it again.")
            await self._mark(connection, row, entry, now)
            return await self._logged(replace(row, entry=entry))
        try:
            appended = await self._registry.sequencer.append(self._draft(row))
        except Refused as refused:
            if refused.code not in _UNDECIDED:
                await proposals.reopen(connection, row)
            raise
        await self._mark(connection, row, appended.index, now)
        return (
            Approved(appended.index, appended.at) if not appended.repeated else await self._logged(row, appended.index)
        )

    def _draft(self, row: Proposal) -> Draft:
        assert row.approved_by is not None
        view = self._registry.follower.view
        first, second = self._decider(view, row.proposed_by), self._decider(view, row.approved_by)
        draft = self._together.draft(self._change(row), first, second, view)
        scope = hashlib.sha256(b"access-proposal\n" + row.id.encode()).digest()
        return replace(draft, idempotency=IdempotencyClaim(scope_sha256=scope, request_sha256=row.sha256 or b""))

    async def _in_the_log(self, row: Proposal) -> int | None:
        """The entry that an approval made, if it made one: the same bytes, at or after the size it was given at."""
        assert row.approved_size is not None
        assert row.approved_by is not None
        first = replace(self._change(row)[0], approved_by=(row.proposed_by, row.approved_by))
        async with reading_for(self._registry.reading, "*") as connection:
            return await proposals.logged_as(
                connection, encode_payload(first), kind=kind_of(first), start=row.approved_size
            )

    async def _mark(self, connection: Connection, row: Proposal, entry: int, now: datetime) -> None:
        assert row.approved_by is not None
        _note("logged", row, row.approved_by, entry=entry)
        try:
            await proposals.logged(connection, row.id, entry=entry, person=row.approved_by, now=now)
        except DatabaseError as error:
            # The entry is there, which is what was asked for; the next who approves is led to it.
            _log.warning("proposal-not-marked", proposal=row.id, error=type(error).__name__)

    async def _logged(self, row: Proposal, entry: int | None = None) -> Approved:
        index = row.entry if entry is None else entry
        assert index is not None
        async with reading_for(self._registry.reading, "*") as connection:
            times = await person_use.granted_at(connection, [index])
        return Approved(index, instant(times[index]))

    # --- who -----------------------------------------------------------------------------------------------------

    def _number(self, by: Decider) -> int:
        view = self._registry.follower.view
        self._together.refuses(view, by, instant(self._registry.now()))
        return deciding.number_of(view, by)

    def _decider(self, view: RegisterView, number: int) -> Decider:
        person, opened = view.known_by(number), view.opened()
        if person is None or opened is None:
            raise Refused("conflict", "What the log says of who proposed or approved this is erased. Propose it anew.")
        return Decider(organisation=opened.lead_body, issuer=person[0], subject=person[1])

    # --- rows ----------------------------------------------------------------------------------------------------

    def _change(self, row: Proposal) -> tuple[P, ...]:
        return read_change(row.change or b"", self._together.payloads)

    async def _found(self, connection: Connection, identifier: str) -> Proposal:
        ours = identifier.startswith(self._together.prefix)
        row = await proposals.proposal(connection, identifier) if ours else None
        if row is None:
            raise Refused("not-found", "There is no such proposal.")
        if not self._is_ours(row):
            raise Refused(
                "conflict",
                "Nobody proposed or approved this here as it stands. Have it proposed anew, and tell the registry's "
                "operator.",
            )
        return row

    def _is_ours(self, row: Proposal) -> bool:
        ours = self._marks.are_ours(row)
        if not ours:
            _log.error("proposal-not-ours", proposal=row.id)
        return ours

    async def _same(self, connection: Connection, proposal: Proposal, now: datetime) -> Proposal:
        assert proposal.sha256 is not None
        earlier = await proposals.same_wish(connection, proposal.proposed_by, proposal.sha256, now=now)
        if earlier is None:
            raise Refused(
                "conflict", "Too many of your proposals wait for another. Have some decided, or withdraw them."
            )
        return await self._found(connection, earlier)

    async def _close(self, connection: Connection, row: Proposal, sha256: str, state: str, number: int) -> Proposal:
        if row.state == "open":
            _refuse_other(row, sha256)
        if not await proposals.close(connection, row.id, state):
            raise Refused("conflict", "This proposal is decided already.")
        _note(state, row, number)
        return await self._found(connection, row.id)

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[Connection]:
        connection = await connect(self._url, "isa_work")
        try:
            yield connection
        finally:
            await connection.close()


class Proposals(ProposalsOf[AccessPayload]):
    """What two people of the business unit decide."""

    def __init__(self, database_url: str, registry: Registry, keys: SessionKeys | None = None) -> None:
        super().__init__(database_url, registry, ACCESS, keys)


def document_of(change: Sequence[AccessPayload | LawPayload]) -> bytes:
    """What is proposed, as canonical JSON (RFC 8785): the payloads without `approved_by`, in the order of their
    entries."""
    return b"[" + b",".join(encode_payload(payload) for payload in change) + b"]"


def read_document(document: bytes) -> Change:
    """The change that `document_of` wrote. Raises `msgspec.ValidationError`."""
    return read_change(document, ACCESS.payloads)


def read_change(document: bytes, kinds: tuple[type[P], ...]) -> tuple[P, ...]:
    """The same, of payloads of these kinds."""
    payloads = tuple(decode_payload(raw) for raw in msgspec.json.decode(document, type=tuple[msgspec.Raw, ...]))
    found = tuple(payload for payload in payloads if isinstance(payload, kinds))
    assert len(found) == len(payloads) > 0
    return found


def _refuse_other(row: Proposal, sha256: str) -> None:
    if row.sha256 is None or row.sha256.hex() != sha256:
        raise Refused("conflict", "What is proposed has another SHA-256. Read it again before you approve it.")


def _refuse_late(row: Proposal, now: datetime) -> None:
    if now >= row.expires_at:
        raise Refused("conflict", "This proposal has expired. Propose it anew.")


def _note(step: str, row: Proposal, person: int, **more: int) -> None:
    """One structured line: which proposal and which step, about which body, by which number; nothing of the change."""
    _log.info("proposal", step=step, proposal=row.id, organisation=row.organisation, person=person, **more)
