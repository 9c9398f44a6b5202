"""Who is told of a professional difference: the body that did not take the step, both and the unit when a stage is
overdue, once; their systems, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from msgspec.structs import replace

from challenge_marks import STAGES
from faults.case_drafts import challenge_draft, closing_draft
from faults.drafts import furnish
from isa_registry.domain.challenge_entries import ChallengeActor, ChallengeMoved, ChallengeRaised
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.dates import instant
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.notices.making import OVERDUE_EVERY, Maker
from live import LEAD, POLICE
from notices.outboxes import Kept, outbox_on
from notices.test_of_cases import HARBOUR, Cases
from running import running

CHALLENGE = f"chl_{1:032x}"


class Told(Cases):
    def maker(self, *, mailing: bool = True) -> Maker:
        return Maker(
            self.url,
            self.out.pool,
            view=lambda: self.registry.follower.view,
            now=lambda: self.out.now,
            mailing=mailing,
            differences=Differences({"durham": STAGES}),
        )

    def raised(self) -> Draft:
        (payload,) = challenge_draft(1).payloads
        assert isinstance(payload, ChallengeRaised)
        return Draft(payloads=(replace(payload, raised_at=instant(self.out.now)),))

    def moved(self, step: str, stage: str, by: str = POLICE) -> Draft:
        return Draft(
            payloads=(
                ChallengeMoved(
                    challenge=CHALLENGE,
                    organisation=LEAD,
                    other=POLICE,
                    by_body=by,
                    client="system",
                    step=step,
                    stage=stage,
                    taken_by=ChallengeActor(role="team-manager", ref="STAFF-19"),
                    taken_at=instant(self.out.now),
                ),
            )
        )

    async def told_of(self, template: str) -> list[tuple[str, list[str], Any]]:
        rows = await self.out.rows("SELECT template, organisation, roles, parameters FROM notice ORDER BY organisation")
        return [(row["organisation"], row["roles"], row["parameters"]) for row in rows if row["template"] == template]


@pytest_asyncio.fixture
async def told(database_url: str) -> AsyncIterator[Told]:
    async with running(database_url) as registry, outbox_on(database_url) as out:
        await furnish(registry)
        out.now = registry.now()
        found = Told(database_url, out, registry)
        await found.maker().look()
        yield found


async def test_whoever_did_not_take_the_step_is_told_in_words_that_say_that_danger_waits_for_nothing(
    told: Told,
) -> None:
    await told.out.address(POLICE, "safeguarding-lead", "lead@police.test")
    await told.record(told.raised())
    await told.maker().look()
    await told.record(told.moved("answer-stands", "stage-one"), told.moved("give-more", "stage-one", by=LEAD))
    await told.maker().look()
    await told.maker().look()
    assert [body for body, _, _ in await told.told_of("challenge-raised")] == [POLICE]
    assert [body for body, _, _ in await told.told_of("challenge-moved")] == [POLICE, LEAD]
    mailer = Kept()
    await told.out.drain(mailer)
    raised, moved = sorted(mailer.letters, key=lambda one: one.template, reverse=True)
    assert (raised.template, moved.template) == ("challenge-raised", "challenge-moved")
    for letter in (raised, moved):
        assert "share now" in letter.body
        assert f"/account/challenges/{CHALLENGE}?for={POLICE}" in letter.body
        assert "STAFF" not in letter.body
        assert "CMS-99" not in letter.body


async def test_a_stage_that_is_overdue_is_told_to_both_bodies_and_the_unit_once_and_the_next_stage_anew(
    told: Told,
) -> None:
    await told.record(told.raised())
    await told.maker().look()
    told.out.later(days=3)
    await told.maker().look()
    assert await told.told_of("challenge-overdue") == []
    told.out.later(days=20)
    for _ in range(2):
        await told.maker().look()
        told.out.later(days=1)
    # The council is one of the two, and has the business unit: it is told once, in both roles.
    assert [(body, roles) for body, roles, _ in await told.told_of("challenge-overdue")] == [
        (POLICE, ["safeguarding-lead"]),
        (LEAD, ["safeguarding-lead", "business-unit"]),
    ]
    await told.record(told.moved("move-up", "stage-two"))
    told.out.later(days=30)
    await told.maker().look()
    assert len(await told.told_of("challenge-overdue")) == 4


async def test_what_is_closed_is_never_overdue(told: Told) -> None:
    await told.record(told.raised(), closing_draft(1))
    told.out.later(days=60)
    await told.maker().look()
    assert await told.told_of("challenge-overdue") == []


async def test_one_worker_does_not_look_through_every_open_challenge_each_time(told: Told) -> None:
    maker = told.maker()
    assert maker._looks_for_overdue(told.out.now)
    assert not maker._looks_for_overdue(told.out.now + timedelta(seconds=5))
    assert maker._looks_for_overdue(told.out.now + OVERDUE_EVERY)


async def test_the_systems_of_the_two_bodies_are_told_and_nobody_elses(told: Told) -> None:
    for body in (LEAD, POLICE, HARBOUR):
        await told.hook(body, "challenge.*")
    await told.record(told.raised(), told.moved("answer-stands", "stage-one"), closing_draft(1))
    await told.maker().look()
    data = {"challenge": CHALLENGE, "organisation": LEAD, "other": POLICE}
    found = await told.told()
    kinds = ["challenge.raised", "challenge.moved", "challenge.closed"]
    for body in (LEAD, POLICE):
        assert [(kind, said) for told_body, kind, said in found if told_body == body] == [(one, data) for one in kinds]
    assert not [one for one in found if one[0] == HARBOUR]
