"""Roles that nobody uses: one date per person, written once a day, read by their own organisation alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from deciding_people import CHARITY, COUNCIL, FOUNDING, ISSUERS, POLICE, POLICE_LEAD, role
from isa_registry.actions import deciding
from isa_registry.domain.access_entries import RoleRevoked
from isa_registry.domain.dates import london_date
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.access.leavers import UNUSED_DAYS, unused_roles
from isa_registry.runtime.access.uses import PersonUses
from isa_registry.runtime.registry import Registry, wall_clock
from isa_registry.store import person_use
from isa_registry.store.pool import connect
from running import running

# At noon it is the same day in London as in UTC, however many days pass.
NOON = wall_clock().replace(hour=12, minute=0, second=0, microsecond=0)
TODAY = date.fromisoformat(london_date(NOON))


class Days:
    """A registry on which days pass as asked."""

    def __init__(self, url: str, registry: Registry, owner: asyncpg.Connection) -> None:
        self.url, self.registry, self.owner = url, registry, owner
        self.passed = 0
        registry.now = registry.sequencer._now = self.now

    def now(self) -> datetime:
        return NOON + timedelta(days=self.passed)

    def worker(self) -> PersonUses:
        return PersonUses(self.url, self.registry.follower, now=self.now)

    async def rows(self) -> list[tuple[Any, ...]]:
        found = await self.owner.fetch("SELECT organisation, subject, last_on, xmin::text FROM person_use ORDER BY 2")
        return [tuple(row) for row in found]

    async def unused(self, organisation: str = POLICE) -> dict[str, str | None]:
        report = await unused_roles(self.registry, organisation)
        return {one.subject: one.last_used for one in report.people}


@pytest.fixture
async def days(database_url: str) -> AsyncIterator[Days]:
    owner = await asyncpg.connect(database_url)
    async with running(database_url) as registry:
        found = Days(database_url, registry, owner)
        await registry.sequencer.append(Draft(payloads=FOUNDING))
        yield found
    await owner.close()


async def test_a_person_and_a_day_is_one_write_whichever_worker_comes_first(days: Days) -> None:
    one, other = days.worker(), days.worker()
    for uses in (one, other, one):
        for _ in range(3):
            uses.note(POLICE, ISSUERS[POLICE], "police-lead")
        await uses.write()
    first = await days.rows()
    assert [(POLICE, "police-lead", TODAY)] == [row[:3] for row in first]
    await other.write()
    assert first == await days.rows(), "not even rewritten"
    days.passed = 1
    other.note(POLICE, ISSUERS[POLICE], "police-lead")
    await other.write()
    assert [TODAY + timedelta(days=1)] == [row[2] for row in await days.rows()]


async def test_only_people_with_a_granted_role_are_noted_and_a_later_day_is_never_taken_back(days: Days) -> None:
    uses = days.worker()
    uses.note(POLICE, ISSUERS[POLICE], "nobody-known")
    uses.note(CHARITY, ISSUERS[POLICE], "police-lead")
    days.passed = 3
    uses.note(POLICE, ISSUERS[POLICE], "police-signatory")
    await uses.write()
    days.passed = 0
    late = days.worker()
    late.note(POLICE, ISSUERS[POLICE], "police-signatory")
    await late.write()
    assert [("police-signatory", TODAY + timedelta(days=3))] == [row[1:3] for row in await days.rows()]


async def test_whoever_holds_no_role_any_more_is_forgotten_within_a_day(days: Days) -> None:
    uses = days.worker()
    for subject in ("police-signatory", "police-lead"):
        uses.note(POLICE, ISSUERS[POLICE], subject)
    await uses.write()
    ended = RoleRevoked(organisation=POLICE, issuer=ISSUERS[POLICE], subject="police-signatory", role="signatory")
    await days.registry.sequencer.append(deciding.alone(ended, POLICE_LEAD, days.registry.follower.view))
    days.passed = 1
    await uses.write()
    assert ["police-lead"] == [row[1] for row in await days.rows()]


async def test_roles_that_were_there_and_not_used_for_90_days_are_told(days: Days) -> None:
    uses = days.worker()
    assert {} == await days.unused(), "nobody's absence means anything before use was noted"
    days.passed = UNUSED_DAYS - 1
    uses.note(POLICE, ISSUERS[POLICE], "police-lead")
    await uses.write()
    assert {} == await days.unused()
    days.passed = UNUSED_DAYS
    assert {"police-practitioner": None, "police-signatory": None} == await days.unused()
    assert "bu-1" in await days.unused(COUNCIL)
    assert {} == await days.unused(CHARITY)

    fresh = role(POLICE, "new", "practitioner")
    await days.registry.sequencer.append(deciding.alone(fresh, POLICE_LEAD, days.registry.follower.view))
    assert "new" not in await days.unused(), "a role that was granted today is no old one"
    days.passed = 2 * UNUSED_DAYS - 1
    assert {"police-lead", "police-practitioner", "police-signatory"} == set(await days.unused())
    assert (TODAY + timedelta(days=UNUSED_DAYS - 1)).isoformat() == (await days.unused())["police-lead"]


async def test_a_role_that_lapsed_is_nobodys_to_ask_after(days: Days) -> None:
    days.passed = 10 * UNUSED_DAYS
    assert "former-lead" not in await days.unused()


async def test_another_organisation_reads_nothing_of_it_in_the_database(days: Days) -> None:
    uses = days.worker()
    uses.note(POLICE, ISSUERS[POLICE], "police-lead")
    await uses.write()
    reading = await connect(days.url, "isa_read")
    try:
        for organisation, seen in (("", 0), (COUNCIL, 0), ("*", 0), (POLICE, 1)):
            await reading.execute("SELECT set_config('isa.organisation', $1, false)", organisation)
            assert seen == len(await person_use.people_used(reading, POLICE)), organisation
    finally:
        await reading.close()
