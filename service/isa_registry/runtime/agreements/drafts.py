"""Drafts: one person of a business unit writes and submits the words of a version, a second checks exactly those, and
then they can be published.

A draft is working state, and its life is the table's (`domain/lifecycles.py`), which the database holds too. Who
publishes names the SHA-256 of words and schedule, so what was read and checked is what is logged. The entry names in
`approved_by` who submitted it, who checked it and who published it, and all of them are held at the tail.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from msgspec.structs import replace

from isa_registry.actions import agreements, leading
from isa_registry.actions.deciding import Decider
from isa_registry.actions.identifiers import uuid7
from isa_registry.domain.agreement_codes import RETURN_REASONS
from isa_registry.domain.agreement_loading import AgreementVersion as LoadedAgreement
from isa_registry.domain.agreement_loading import read_schedule
from isa_registry.domain.agreements import encode_schedule
from isa_registry.domain.dates import instant
from isa_registry.domain.lifecycles import NEW, events, step
from isa_registry.domain.notices import worked
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft, IdempotencyClaim
from isa_registry.runtime.notices.telling import Tell, nobody_is_told
from isa_registry.runtime.registry import Registry
from isa_registry.store import agreement_drafts, log
from isa_registry.store.agreement_drafts import AgreementDraft
from isa_registry.store.pool import NOBODY, Connection, connect, reading_for

_log = structlog.get_logger("isa_registry.agreement_drafts")

_LISTED = 500
_OTHER = "Another person of the business unit, signed in through the same issuer, checks what one wrote and submitted."


class Published(AgreementDraft, frozen=True):
    """A draft that is an entry; `repeated` says that it was before."""

    repeated: bool = False


class AgreementDrafts:
    """The drafts of one registry, whichever worker they reach."""

    def __init__(self, database_url: str, registry: Registry, *, tell: Tell = nobody_is_told) -> None:
        self._url = database_url
        self._registry = registry
        self._tell = tell

    async def begin(
        self, text: bytes, schedule: bytes, by: Decider, *, partnership: str | None = None
    ) -> AgreementDraft:
        """A new draft. Refused: `forbidden`; `unprocessable` for words and a schedule that do not make a version;
        `conflict` where the version is published, or drafted already."""
        view, now = self._registry.follower.view, self._registry.now()
        partnership = agreements.own_partnership(view, partnership)
        number = self._number(view, by, partnership)
        loaded = self._read(view, text, schedule, partnership)
        draft = AgreementDraft(
            id="agd_" + uuid7(now, self._registry.randomness(10)).replace("-", ""),
            organisation=by.organisation,
            partnership=partnership,
            agreement=loaded.schedule.agreement,
            version=loaded.schedule.version,
            state=_after(NEW, "begin"),
            event="begin",
            reason=None,
            begun_at=now,
            changed_at=now,
            written_by=number,
            **_words(loaded),
        )
        async with self._working() as connection:
            await agreement_drafts.sweep(connection, now=now)
            if not await agreement_drafts.begin(connection, draft):
                raise Refused("conflict", "There is a draft of this version already: revise or discard that one.")
        _note(draft, number)
        return await self.read(draft.id, by)

    async def revise(self, identifier: str, text: bytes, schedule: bytes, by: Decider) -> AgreementDraft:
        """Other words for the same version. Refused: as `begin`; `not-found`; `conflict` where it is not drafted."""
        async with self._changing(identifier, by) as (connection, row, number):
            to = _after(row.state, "revise")
            loaded = self._read(self._registry.follower.view, text, schedule, row.partnership)
            if (loaded.schedule.agreement, loaded.schedule.version) != (row.agreement, row.version):
                detail = "These are the words of another agreement or version: begin a draft of that."
                raise Refused("unprocessable", detail, (Fault("#/schedule/version", "another-version", detail),))
            changed = replace(row, state=to, written_by=number, **_words(loaded))
            return await self._keep(connection, changed, "revise", number)

    async def submit(self, identifier: str, by: Decider) -> AgreementDraft:
        """The words are to be checked. Refused: `not-found`; `conflict`."""
        async with self._changing(identifier, by) as (connection, row, number):
            changed = replace(row, state=_after(row.state, "submit"), submitted_by=number)
            words = worked.draft_waits(
                row.organisation,
                draft=row.id,
                agreement=row.agreement,
                version=row.version,
                text_sha256=row.text_sha256.hex(),
            )
            await self._tell(connection, words)
            return await self._keep(connection, changed, "submit", number)

    async def send_back(self, identifier: str, reason: str, by: Decider) -> AgreementDraft:
        """Back to whoever writes, with a code. Refused: `not-found`; `unprocessable`; `conflict`."""
        if reason not in RETURN_REASONS:
            fault = Fault("#/reason", "unknown-code", f"One of {', '.join(RETURN_REASONS)}.")
            raise Refused("unprocessable", "Say by a code why the draft is returned.", (fault,))
        async with self._changing(identifier, by) as (connection, row, number):
            to = _after(row.state, "return")
            changed = replace(row, state=to, reason=reason, submitted_by=None, passed_by=None)
            return await self._keep(connection, changed, "return", number)

    async def check(self, identifier: str, text_sha256: str, schedule_sha256: str, by: Decider) -> AgreementDraft:
        """The second person's word that exactly these words may be published. Refused: `not-found`; `second-person`
        for whoever wrote or submitted them; `conflict` for another state, or other words than these."""
        async with self._changing(identifier, by) as (connection, row, number):
            to = _after(row.state, "pass")
            self._refuse_first(row, by, number)
            _refuse_other(row, text_sha256, schedule_sha256)
            return await self._keep(connection, replace(row, state=to, passed_by=number), "pass", number)

    async def discard(self, identifier: str, by: Decider) -> AgreementDraft:
        """The words are given up, and gone. Refused: `not-found`; `conflict`."""
        async with self._changing(identifier, by) as (connection, row, number):
            to = _after(row.state, "discard")
            changed = replace(row, state=to, words=None, schedule=None, passed_by=None)
            return await self._keep(connection, changed, "discard", number)

    async def publish(
        self,
        identifier: str,
        text_sha256: str,
        schedule_sha256: str,
        by: Decider,
        *,
        claim: IdempotencyClaim | None = None,
    ) -> Published:
        """The checked words become an entry; once they are, the answer is that entry again.

        Refused: `not-found`; `second-person` for a draft that nobody checked; `conflict` for other words than these;
        and what publishing is refused for at the tail.
        """
        async with self._changing(identifier, by) as (connection, row, number):
            _refuse_other(row, text_sha256, schedule_sha256)
            if row.state == "published":
                return _published(row, repeated=True)
            if row.state != "quality-checked":
                raise Refused("second-person", f"This draft was not checked by a second person. {_OTHER}")
            entry = self._entry_of(row)
            repeated = entry is not None
            if entry is None:
                try:
                    appended = await self._registry.sequencer.append(replace(self._draft(row, by), idempotency=claim))
                    entry, repeated = appended.index, appended.repeated
                except Refused as refused:
                    # Another worker's request, or an earlier one whose answer was lost.
                    entry, repeated = self._entry_of(row), True
                    if entry is None or refused.code != "conflict":
                        raise
            # Where this fails the entry is there all the same, and whoever publishes again is led to it.
            changed = replace(row, state=_after(row.state, "publish"), words=None, schedule=None, entry=entry)
            changed = await self._keep(connection, changed, "publish", number)
            return _published(changed, repeated=repeated)

    async def checked_draft_of(self, loaded: LoadedAgreement, by: Decider) -> str:
        """The draft of exactly these words and this schedule. Refused: `second-person` where there is none."""
        schedule = loaded.schedule
        async with reading_for(self._registry.reading, by.organisation) as connection:
            found = await agreement_drafts.draft_of(connection, by.organisation, schedule.agreement, schedule.version)
            row = None if found is None else await agreement_drafts.draft(connection, found, by.organisation)
        hashes = (bytes.fromhex(loaded.text_sha256), bytes.fromhex(loaded.schedule_sha256))
        if row is None or (row.text_sha256, row.schedule_sha256) != hashes:
            raise Refused("second-person", f"Begin a draft of exactly these words and submit it. {_OTHER}")
        return row.id

    async def read(self, identifier: str, by: Decider) -> AgreementDraft:
        """One draft of the person's own unit. Refused: `not-found`."""
        async with reading_for(self._registry.reading, by.organisation) as connection:
            found = await agreement_drafts.draft(connection, identifier, by.organisation)
        if found is None:
            raise _unknown()
        return found

    async def logged_at(self, entry: int) -> str:
        """When an entry that publishes a version was logged (RFC 3339 UTC)."""
        async with reading_for(self._registry.reading, NOBODY) as connection:
            stored = await log.entry(connection, entry)
        assert stored is not None
        return stored.at

    async def all(self, by: Decider) -> list[AgreementDraft]:
        """The drafts of the person's own unit without their words, the last changed first."""
        async with reading_for(self._registry.reading, by.organisation) as connection:
            return await agreement_drafts.drafts(connection, by.organisation, limit=_LISTED)

    # --- what an entry is made of ----------------------------------------------------------------------------------

    def _draft(self, row: AgreementDraft, by: Decider) -> Draft:
        view = self._registry.follower.view
        assert row.words is not None
        assert row.schedule is not None
        assert row.submitted_by is not None
        assert row.passed_by is not None
        people = dict.fromkeys((*(_known(view, row, one) for one in (row.submitted_by, row.passed_by)), by))
        words = [leading.unit_of(row.partnership, one, view) for one in people]
        loaded = agreements.read_version(row.words, row.schedule, view)
        draft = agreements.publish(row.words, loaded.schedule, loaded.schedule_sha256, partnership=row.partnership)
        return leading.on_the_word_of(draft, *words)

    def _entry_of(self, row: AgreementDraft) -> int | None:
        """The entry that publishes exactly these words, if one does."""
        history = self._registry.follower.view.agreement_history(row.agreement, row.version)
        if not history:
            return None
        entry, version = history[0]
        same = (version.text_sha256, version.schedule_sha256) == (row.text_sha256.hex(), row.schedule_sha256.hex())
        return entry if same else None

    def _read(self, view: RegisterView, text: bytes, schedule: bytes, partnership: str | None) -> LoadedAgreement:
        loaded = agreements.read_version(text, schedule, view)
        agreements.refuse_published(view, loaded.schedule.agreement, loaded.schedule.version)
        agreements.refuse_unfounded(view, loaded.schedule, partnership)
        agreements.refuse_breaking_links(view, loaded.text, loaded.schedule)
        return loaded

    # --- who, and what is kept -------------------------------------------------------------------------------------

    def _number(self, view: RegisterView, by: Decider, partnership: str | None) -> int:
        word = leading.unit_of(partnership, by, view)
        word.holds(view, instant(self._registry.now()))
        return word.number

    def _refuse_first(self, row: AgreementDraft, by: Decider, number: int) -> None:
        """Raises `Refused` (`second-person`) unless somebody is another person than who wrote and who submitted the
        words, which within one issuer alone is known."""
        view = self._registry.follower.view
        for one in (row.written_by, row.submitted_by):
            assert one is not None
            person = view.known_by(one)
            if number == one or person is None or person[0] != by.issuer or person[1] == by.subject:
                raise Refused("second-person", _OTHER)

    @asynccontextmanager
    async def _changing(self, identifier: str, by: Decider) -> AsyncIterator[tuple[Connection, AgreementDraft, int]]:
        """The draft, kept from everybody else until it is done with, and the number of who changes it."""
        async with self._working() as connection, connection.transaction():
            row = await agreement_drafts.draft(connection, identifier, by.organisation, to_change=True)
            if row is None:
                raise _unknown()
            yield connection, row, self._number(self._registry.follower.view, by, row.partnership)

    async def _keep(self, connection: Connection, changed: AgreementDraft, event: str, number: int) -> AgreementDraft:
        kept = replace(changed, event=event, changed_at=self._registry.now())
        await agreement_drafts.change(connection, kept)
        _note(kept, number)
        return kept

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[Connection]:
        connection = await connect(self._url, "isa_work")
        try:
            yield connection
        finally:
            await connection.close()


def _after(state: str, event: str) -> str:
    taken = step("draft", state, event)
    if taken is None:
        what = ", ".join(dict.fromkeys(events("draft", state))) or "nothing more"
        raise Refused("conflict", f"This draft is {state.replace('-', ' ')}, and takes {what}.")
    return taken.to


def _words(loaded: LoadedAgreement) -> dict[str, Any]:
    text, schedule = loaded.text.encode(), encode_schedule(loaded.schedule)
    return {
        "words": text,
        "schedule": schedule,
        "text_sha256": hashlib.sha256(text).digest(),
        "schedule_sha256": hashlib.sha256(schedule).digest(),
    }


def title_of(draft: AgreementDraft) -> str | None:
    """The title that a draft's schedule gives; None once its words are gone."""
    return None if draft.schedule is None else read_schedule(draft.schedule).title


def _known(view: RegisterView, row: AgreementDraft, number: int) -> Decider:
    person = view.known_by(number)
    if person is None:
        raise Refused("conflict", "What the log says of who wrote or checked this is erased. Have it checked anew.")
    return Decider(organisation=row.organisation, issuer=person[0], subject=person[1])


def _refuse_other(row: AgreementDraft, text_sha256: str, schedule_sha256: str) -> None:
    if (row.text_sha256.hex(), row.schedule_sha256.hex()) != (text_sha256, schedule_sha256):
        raise Refused("conflict", "These words or this schedule have another SHA-256. Read the draft again first.")


def _published(row: AgreementDraft, *, repeated: bool) -> Published:
    members = {name: getattr(row, name) for name in AgreementDraft.__struct_fields__}
    return Published(**members, repeated=repeated)


def _unknown() -> Refused:
    return Refused("not-found", "There is no such draft.")


def _note(draft: AgreementDraft, person: int) -> None:
    """One structured line: which draft and which event, by which number; nothing of the words."""
    _log.info(
        "agreement-draft",
        step=draft.event,
        draft=draft.id,
        organisation=draft.organisation,
        agreement=draft.agreement,
        version=draft.version,
        person=person,
    )
