"""The business unit chases the bodies that have not answered: each at most once a day, whoever chases."""

from __future__ import annotations

import structlog
from msgspec import Struct

from isa_registry.actions import leading
from isa_registry.actions.attestations import Target
from isa_registry.actions.deciding import Decider
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.notices import chasing
from isa_registry.domain.notices.chasing import Reminder
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.attestation_states import INVITED, why_not_open
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.runtime.attesting.invitations import Invitations
from isa_registry.runtime.notices.notices import Notices
from isa_registry.runtime.registry import Registry
from isa_registry.store import outbox
from isa_registry.store.pool import EVERYTHING, Connection

_log = structlog.get_logger("isa_registry.attesting")


class Outlook(Struct, frozen=True):
    """How chasing stands today. `now`: whom a reminder would be made for. `today`: who was told today already.
    `asking`: who waits for the unit's answer. `by_itself`: the day of the next reminder that nobody has to send.
    `not_now`: why the unit can chase nobody."""

    now: tuple[str, ...]
    today: tuple[str, ...]
    asking: tuple[str, ...]
    by_itself: str | None
    not_now: str | None


class Chasing:
    """Reminders by hand, beside those that go by themselves."""

    def __init__(self, registry: Registry, invitations: Invitations, notices: Notices) -> None:
        self._registry = registry
        self._invitations = invitations
        self._notices = notices

    async def outlook(self, target: Target, by: Decider) -> Outlook:
        """Raises `Refused`: `not-found`, `forbidden` for who is not of the partnership's business unit."""
        version, view, today = self._version(target, by), self._registry.follower.view, self._today()
        reminders, asking = await self._reminders(version, by, today)
        async with self._notices.pool.acquire(timeout=5) as connection:
            wanted = {one.organisation for one in await _wanted(connection, reminders, today)}
        bodies = [one.organisation for one in reminders]
        return Outlook(
            now=tuple(body for body in bodies if body in wanted),
            today=tuple(body for body in bodies if body not in wanted),
            asking=asking,
            by_itself=chasing.next_by_itself(view, version, today) if self._notices.mailing else None,
            not_now=self._not_now(version, today),
        )

    async def chase(self, target: Target, by: Decider) -> int:
        """Reminds now whoever has not answered and was not told today. Returns how many bodies that were.

        Raises `Refused`: `not-found`, `forbidden`, `conflict` where nobody can be chased, or nobody is left to be.
        """
        version, view, today = self._version(target, by), self._registry.follower.view, self._today()
        word = leading.unit_of(version.partnership, by, view)
        word.holds(view, instant(self._registry.now()))
        reason = self._not_now(version, today)
        if reason is not None:
            raise Refused("conflict", reason)
        reminders, _ = await self._reminders(version, by, today)
        async with self._notices.pool.acquire(timeout=5) as connection, connection.transaction():
            wanted = await _wanted(connection, reminders, today)
            if not wanted:
                raise Refused("conflict", "Nobody is left to remind today.")
            await self._notices.tell(connection, wanted)
        self._notices.wake()
        _log.info("chased", agreement=version.agreement, bodies=len(wanted), person=word.number)
        return len(wanted)

    async def _reminders(
        self, version: AgreementVersion, by: Decider, today: str
    ) -> tuple[list[Reminder], tuple[str, ...]]:
        """Whom the unit may chase, told today or not, and who waits for its answer."""
        target, view = Target(version.agreement, version.version), self._registry.follower.view
        invited = [
            one.organisation
            for one in await self._invitations.of_version(target, EVERYTHING, by)
            if one.state in INVITED
        ]
        queries = await self._invitations.queries(target, EVERYTHING)
        asking = tuple(sorted({one.organisation for one in queries if one.answer is None and one.state == "asked"}))
        return list(chasing.by_hand(view, version, invited, today, asking=asking)), asking

    def _not_now(self, version: AgreementVersion, today: str) -> str | None:
        reason = why_not_open(self._registry.follower.view, version, today)
        first = chasing.first_by_hand(version)
        if reason is not None:
            return reason
        if not self._notices.mailing:
            return "This registry sends no mail, so nobody can be reminded from here."
        if first is None or today < first:
            return f"Whoever is asked was told so when it opened. You can remind them {chasing.FIRST_DAY} days later."
        return None

    def _version(self, target: Target, by: Decider) -> AgreementVersion:
        view = self._registry.follower.view
        found = view.agreement_version(target.agreement, target.version)
        if found is None:
            raise Refused("not-found", "There is no such version.")
        leading.refuse_outside_unit_of(view, found.partnership, by)
        return found

    def _today(self) -> str:
        return london_date(self._registry.now())


async def _wanted(connection: Connection, reminders: list[Reminder], today: str) -> list[Notice]:
    """The notice of each body that was told nothing of the kind today."""
    made = await outbox.made_at(connection, [key for one in reminders for key in one.before])
    told_today = {key for key, at in made.items() if london_date(at) == today}
    return [
        next(notice for notice in one.notices if notice.key not in made)
        for one in reminders
        if not told_today & set(one.before)
    ]
