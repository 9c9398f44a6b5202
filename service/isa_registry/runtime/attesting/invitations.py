"""Invitations to attest, and questions about the words: working state, held to the table of lives.

A body's way towards a version begins when it is invited or asks to join; the parties of an opened version, and whoever
attested it, are invited without a word. What binds is not here: attesting and declining are entries of the log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from msgspec.structs import replace

from isa_registry.actions import leading
from isa_registry.actions.attestations import Target, refuse_outside_partnership
from isa_registry.actions.deciding import Decider, number_of, refuse_without_role
from isa_registry.actions.identifiers import uuid7
from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.attesting_codes import ANSWERS, QUESTIONS
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.lifecycles import NEW, step
from isa_registry.domain.notices import worked
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.attestation_states import INVITED, standing, why_not_open
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.runtime.notices.telling import Tell, nobody_is_told
from isa_registry.runtime.registry import Registry
from isa_registry.store import attesting as rows
from isa_registry.store.attesting import Invitation, Query
from isa_registry.store.pool import EVERYTHING, Connection, connect, reading_for

_log = structlog.get_logger("isa_registry.attesting")

MOST_WAITING = 50
"""Questions of one body about one version that may wait at once."""


class Invitations:
    """The invitations and the questions of one registry, whichever worker they reach."""

    def __init__(self, database_url: str, registry: Registry, *, tell: Tell = nobody_is_told) -> None:
        self._url = database_url
        self._registry = registry
        self._tell = tell

    # --- reading ----------------------------------------------------------------------------------------------------

    async def of_version(self, target: Target, reader: str, by: Decider) -> list[Invitation]:
        """The invitations that somebody sees, by organisation: those of their own body; with `EVERYTHING`, all of a
        version of the partnership whose business unit they are of."""
        async with reading_for(self._registry.reading, self._seen(target, reader, by)) as connection:
            return await rows.invitations_of_version(connection, target.agreement, target.version)

    async def of_body(self, organisation: str) -> list[Invitation]:
        async with reading_for(self._registry.reading, organisation) as connection:
            return await rows.invitations_of_body(connection, organisation)

    async def queries(self, target: Target, reader: str) -> list[Query]:
        """What was asked about a version, oldest first: the same for every body of its partnership, and nothing for
        others. Raises `Refused` (`not-found`, `conflict`)."""
        if reader != EVERYTHING:
            refuse_outside_partnership(self._registry.follower.view, self._version(target), reader)
        async with reading_for(self._registry.reading, reader) as connection:
            return await rows.queries_of_version(connection, target.agreement, target.version)

    async def query(self, identifier: str) -> Query:
        """Raises `Refused` (`not-found`)."""
        async with reading_for(self._registry.reading, EVERYTHING) as connection:
            found = await rows.query(connection, identifier)
        if found is None:
            raise Refused("not-found", "There is no such question.")
        return found

    # --- the business unit ------------------------------------------------------------------------------------------

    async def invite(self, target: Target, organisation: str, by: Decider) -> Invitation:
        """The partnership's business unit asks a body to attest a version. Raises `Refused`: `forbidden`, `not-found`,
        `conflict` where the body is invited already, or nobody attests the version any more."""
        version, number = self._version(target), self._unit(target, by)
        self._refuse_closed(version)
        view = self._registry.follower.view
        body = view.organisation(organisation)
        if body is None:
            detail = "There is no such organisation."
            raise Refused("unprocessable", detail, (Fault("#/organisation", "unknown-organisation", detail),))
        refuse_outside_partnership(view, version, organisation)
        if not body.takes_part(self._today()):
            raise Refused("conflict", "This organisation is suspended or closed.")
        return await self._move(version, organisation, "invite", number)

    async def turn_down(self, target: Target, organisation: str, by: Decider) -> Invitation:
        """The unit does not invite a body that asked to join. Raises `Refused`."""
        version, number = self._version(target), self._unit(target, by)
        return await self._move(version, organisation, "turn-down", number)

    async def answer(self, identifier: str, answer: str, clause: str | None, by: Decider) -> Query:
        """The unit answers a question, once, by a code and where it helps another clause. Raises `Refused`:
        `forbidden`, `not-found`, `unprocessable`, `conflict` where it is answered or settled."""
        found = await self.query(identifier)
        target = Target(found.agreement, found.version)
        version, number = self._version(target), self._unit(target, by)
        faults = [] if answer in ANSWERS else [Fault("#/answer", "unknown-code", f"Use one of {', '.join(ANSWERS)}.")]
        if clause is not None:
            faults += _clause_faults(version, clause)
        elif answer == "see-clause":
            faults.append(Fault("#/clause", "missing", "Name the clause that answers it."))
        if faults:
            raise Refused("unprocessable", "The question cannot be answered like this.", tuple(faults))
        async with self._working() as connection, connection.transaction():
            done = await rows.answer(connection, identifier, answer, clause, person=number, now=self._registry.now())
            if not done:
                raise Refused("conflict", "This question is answered or settled already.")
            view = self._registry.follower.view
            words = worked.answered(
                view,
                version,
                found.organisation,
                query=identifier,
                question=found.question,
                answer=answer,
                on=self._today(),
            )
            await self._tell(connection, words)
            row = await rows.invitation(connection, *_named(target), found.organisation)
            if row is not None and step("invitation", row.state, "answer") is not None:
                await self._step(connection, row, "answer", number)
        _note("answered", version, found.organisation, number)
        return await self.query(identifier)

    # --- a body's signatories ---------------------------------------------------------------------------------------

    async def ask_to_join(self, target: Target, by: Decider) -> Invitation:
        """A body that was not invited asks to be. Raises `Refused`: `forbidden`, `conflict` where it is invited or has
        asked already."""
        version, number = self._version(target), self._signatory(by)
        self._refuse_closed(version)
        refuse_outside_partnership(self._registry.follower.view, version, by.organisation)
        return await self._move(version, by.organisation, "ask-to-join", number)

    async def viewed(self, target: Target, by: Decider) -> None:
        """A signatory looked at the words. Nothing where their body is not invited, or is further on already."""
        version, number = self._version(target), self._signatory(by)
        async with self._working() as connection, connection.transaction():
            row = await self._row(connection, version, by.organisation, number)
            if row is not None and step("invitation", row.state, "view") is not None:
                await self._step(connection, row, "view", number)

    async def ask(self, target: Target, question: str, clause: str, reference: str | None, by: Decider) -> Query:
        """A signatory asks about a clause, by a code and their own reference.

        Raises `Refused`: `forbidden`, `unprocessable`, `conflict` where the body is not invited, the same question
        waits already, or too many do.
        """
        version, number = self._version(target), self._signatory(by)
        faults = _clause_faults(version, clause)
        if question not in QUESTIONS:
            faults.append(Fault("#/question", "unknown-code", f"Use one of {', '.join(QUESTIONS)}."))
        unfit = None if reference is None else own_reference_fault(reference)
        if unfit is not None:
            faults.append(Fault("#/reference", "not-a-reference", unfit))
        if faults:
            raise Refused("unprocessable", "The question cannot be asked like this.", tuple(faults))
        now = self._registry.now()
        query = Query(
            id="qry_" + uuid7(now, self._registry.randomness(10)).replace("-", ""),
            agreement=target.agreement,
            version=target.version,
            organisation=by.organisation,
            clause=clause,
            question=question,
            reference=reference,
            state="asked",
            asked_by=number,
            asked_at=now,
        )
        async with self._working() as connection, connection.transaction():
            row = await self._row(connection, version, by.organisation, number)
            if row is None or step("invitation", row.state, "query") is None:
                raise Refused("conflict", "Your organisation is not invited to attest this version. Ask to join first.")
            if await rows.waiting(connection, *_named(target), by.organisation) >= MOST_WAITING:
                raise Refused(
                    "conflict", "Too many questions of your organisation wait. Settle those that are answered."
                )
            if not await rows.ask(connection, query):
                raise Refused("conflict", "Your organisation has asked this about the clause already.")
            view = self._registry.follower.view
            words = worked.queried(view, version, by.organisation, query=query.id, question=question, on=self._today())
            await self._tell(connection, words)
            await self._step(connection, row, "query", number)
        return await self.query(query.id)

    async def settle(self, identifier: str, by: Decider) -> Query:
        """The body that asked says that the question is settled, answered or not. Raises `Refused`: `not-found`, also
        for another body's; `forbidden`; `conflict`."""
        found = await self.query(identifier)
        version, number = self._version(Target(found.agreement, found.version)), self._signatory(by)
        if found.organisation != by.organisation:
            raise Refused("not-found", "There is no such question of your organisation.")
        async with self._working() as connection, connection.transaction():
            if not await rows.settle(connection, identifier, person=number, now=self._registry.now()):
                raise Refused("conflict", "This question is settled already.")
            left = await rows.waiting(connection, found.agreement, found.version, by.organisation)
            row = await self._row(connection, version, by.organisation, number)
            if left == 0 and row is not None and step("invitation", row.state, "settle") is not None:
                await self._step(connection, row, "settle", number)
        return await self.query(identifier)

    # --- held to the table of lives ---------------------------------------------------------------------------------

    async def _move(self, version: AgreementVersion, organisation: str, event: str, number: int) -> Invitation:
        async with self._working() as connection, connection.transaction():
            row = await self._row(connection, version, organisation, number)
            await self._tell(connection, self._said(version, organisation, event))
            if row is not None:
                return await self._step(connection, row, event, number)
            first = step("invitation", NEW, event)
            if first is None:
                raise _not_now(NEW)
            begun = self._first(version, organisation, first.to, number)
            if not await rows.begin_invitation(connection, begun, event):
                raise _at_once()
        _note(event, version, organisation, number)
        return begun

    def _said(self, version: AgreementVersion, organisation: str, event: str) -> list[Notice]:
        if event == "invite":
            return worked.invited(version, organisation)
        if event == "ask-to-join":
            return worked.asked_to_join(self._registry.follower.view, version, organisation)
        return []

    async def _row(
        self, connection: Connection, version: AgreementVersion, organisation: str, number: int
    ) -> Invitation | None:
        """How far a body has come; for one that is invited without a word the row that says so, made now."""
        found = await rows.invitation(connection, version.agreement, version.version, organisation)
        if found is not None and found.state in INVITED:
            return found
        view = self._registry.follower.view
        party = version.opened is not None and organisation in version.opened.parties
        state = standing(view, version, organisation, self._today()).state
        if not party and state in ("none", "declined", "withdrawn"):
            return found
        if found is not None:
            return await self._step(connection, found, "invite", number)
        first = self._first(version, organisation, "invited", number)
        return (
            first
            if await rows.begin_invitation(connection, first, "invite")
            else await self._row(connection, version, organisation, number)
        )

    async def _step(self, connection: Connection, row: Invitation, event: str, number: int) -> Invitation:
        taken, now = step("invitation", row.state, event), self._registry.now()
        if taken is None:
            raise _not_now(row.state)
        if not await rows.move_invitation(connection, row, event, taken.to, now=now, person=number):
            raise _at_once()
        return replace(row, state=taken.to, since=now.replace(second=0, microsecond=0), decided_by=number)

    def _first(self, version: AgreementVersion, organisation: str, state: str, number: int) -> Invitation:
        now = self._registry.now().replace(second=0, microsecond=0)
        return Invitation(version.agreement, version.version, organisation, state, now, number)

    # --- who ----------------------------------------------------------------------------------------------------------

    def _unit(self, target: Target, by: Decider) -> int:
        """Raises `Refused` unless somebody is of the business unit of the agreement's partnership."""
        view = self._registry.follower.view
        word = leading.unit_of(self._version(target).partnership, by, view)
        word.holds(view, instant(self._registry.now()))
        return word.number

    def _seen(self, target: Target, reader: str, by: Decider) -> str:
        """For whom rows are read: a unit oversees its own partnership's agreements and nobody else's."""
        view, version = self._registry.follower.view, self._version(target)
        try:
            leading.refuse_outside_unit_of(view, version.partnership, by)
        except Refused:
            return by.organisation
        return reader

    def _signatory(self, by: Decider) -> int:
        """Raises `Refused` unless somebody is a signatory of their body, by name."""
        view = self._registry.follower.view
        number = number_of(view, by)
        refuse_without_role(view, by, "signatory", at=instant(self._registry.now()), number=number)
        return number

    def _version(self, target: Target) -> AgreementVersion:
        found = self._registry.follower.view.agreement_version(target.agreement, target.version)
        if found is None:
            raise Refused("not-found", "There is no such version.")
        return found

    def _refuse_closed(self, version: AgreementVersion) -> None:
        reason = why_not_open(self._registry.follower.view, version, self._today())
        if reason is not None:
            raise Refused("conflict", reason)

    def _today(self) -> str:
        return london_date(self._registry.now())

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[Connection]:
        connection = await connect(self._url, "isa_work")
        try:
            yield connection
        finally:
            await connection.close()


def _named(target: Target) -> tuple[str, str]:
    return target.agreement, target.version


def _clause_faults(version: AgreementVersion, clause: str) -> list[Fault]:
    if any(one.id == clause for one in parse_agreement(version.text)):
        return []
    return [Fault("#/clause", "unknown-clause", "This version has no such clause. Write its number, like 5.3.")]


_SAYS = {
    NEW: "This organisation has not asked to join.",
    "asked": "Your organisation has asked to join already. The business unit decides.",
    "turned-down": "The business unit has turned this down already.",
}


def _not_now(state: str) -> Refused:
    return Refused("conflict", _SAYS.get(state, "This organisation is invited already."))


def _at_once() -> Refused:
    return Refused("conflict", "Somebody else did something about this at the same moment. Look again.")


def _note(event: str, version: AgreementVersion, organisation: str, person: int) -> None:
    _log.info("invitation", step=event, agreement=version.agreement, organisation=organisation, person=person)
