"""Versions that come into force by their rule, and checks that follow on both workers from the next entry on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from asking import COUNCIL, POLICE
from demonstration import attested
from isa_registry.actions import agreement_decisions as decisions
from isa_registry.actions import agreements
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementResumed,
    AgreementSuspended,
    AgreementWithdrawn,
    AttestationWithdrawn,
    InForceRule,
)
from isa_registry.domain.dates import london_date
from isa_registry.domain.decisions.coverage import coverages
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.agreement_life import shown_as
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.agreements.coming_into_force import ComingIntoForce, follow_rule
from isa_registry.runtime.registry import Registry, wall_clock
from unit_at_work import Unit, unit_at_work
from versions import TIER_1, TIER_2, schedule_of, words_of

TODAY = london_date(wall_clock())
PURPOSE = "harm-outside-the-home"


@pytest.fixture
async def unit(database_url: str) -> AsyncIterator[Unit]:
    async with unit_at_work(database_url) as found:
        yield found


async def opened(unit: Unit, rule: InForceRule) -> None:
    view = unit.one.follower.view
    loaded = agreements.read_version(words_of(), schedule_of(), view)
    await unit.one.sequencer.append(agreements.publish(loaded.text.encode(), loaded.schedule, loaded.schedule_sha256))
    await unit.one.sequencer.append(
        decisions.open_version(AgreementOpened(TIER_2, "1.1", rule, (COUNCIL, POLICE, "nenc-icb")))
    )
    await unit.same_size()


def version(registry: Registry) -> AgreementVersion:
    found = registry.follower.view.agreement_version(TIER_2, "1.1")
    assert found is not None
    return found


def attest(body: str) -> Draft:
    return Draft(payloads=(attested(body, TIER_2, version="1.1", identifier=f"att-{body}-1.1"),))


async def test_the_last_attestation_that_the_rule_asks_for_brings_it_into_force(unit: Unit) -> None:
    await opened(unit, InForceRule(quorum=2))
    await unit.one.sequencer.append(attest(COUNCIL))
    assert await follow_rule(unit.one, TIER_2, "1.1") is None
    await unit.one.sequencer.append(attest(POLICE))
    done = await follow_rule(unit.one, TIER_2, "1.1")
    assert done is not None
    await unit.same_size()
    for registry in (unit.one, unit.other):
        found = version(registry)
        assert (TODAY, found.schedule.review_due) == (found.in_force_on, found.review_due)
        first = registry.follower.view.agreement_version(TIER_2, "1.0")
        assert first is not None
        assert "superseded" == shown_as(registry.follower.view, first, TODAY)
    assert await follow_rule(unit.other, TIER_2, "1.1") is None
    assert await follow_rule(unit.other, TIER_2, "9.9") is None


async def test_two_workers_that_see_the_same_make_one_entry(unit: Unit) -> None:
    await opened(unit, InForceRule(quorum=1))
    await unit.one.sequencer.append(attest(COUNCIL))
    await unit.same_size()
    done = await asyncio.gather(
        *(follow_rule(registry, TIER_2, "1.1") for registry in (unit.one, unit.other, unit.one, unit.other))
    )
    assert 1 == len([one for one in done if isinstance(one, Appended)])
    assert 1 == await unit.owner.fetchval("SELECT count(*) FROM payload WHERE kind = 'agreement.in-force'") - 2


async def test_a_crash_between_attestation_and_entry_is_made_good_by_whichever_worker_is_there(unit: Unit) -> None:
    await opened(unit, InForceRule(bodies=(POLICE,)))
    await unit.one.sequencer.append(attest(POLICE))
    await unit.same_size()
    assert version(unit.other).in_force_on is None
    assert 1 == len(await ComingIntoForce(unit.other).look())
    assert TODAY == version(unit.other).in_force_on
    assert [] == await ComingIntoForce(unit.other).look()


async def test_a_worker_looks_of_itself(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("isa_registry.runtime.agreements.coming_into_force._LOOK_SECONDS", 0.05)
    eye = ComingIntoForce(unit.other)
    await eye.start()
    try:
        await opened(unit, InForceRule(quorum=1))
        done = await unit.one.sequencer.append(attest(POLICE))
        assert await unit.other.follower.wait_for_size(done.size + 1, seconds=20)
        assert TODAY == version(unit.other).in_force_on
    finally:
        await eye.stop()


async def test_what_a_life_does_not_take_is_refused_whoever_drafts_it_and_harms_no_other(unit: Unit) -> None:
    """Without this the database would refuse the whole batch."""
    await opened(unit, InForceRule(quorum=1))
    wrong = AgreementResumed(TIER_2, "1.1", TODAY)
    half = Draft(payloads=(AgreementInForce(TIER_2, "1.1", TODAY), wrong))
    results = await asyncio.gather(
        unit.one.sequencer.append(attest(COUNCIL)),
        unit.one.sequencer.append(Draft(payloads=(wrong,))),
        unit.one.sequencer.append(half),
        unit.one.sequencer.append(attest(POLICE)),
        return_exceptions=True,
    )
    assert [Appended, Refused, Refused, Appended] == [type(one) for one in results]
    assert {"conflict"} == {one.code for one in results if isinstance(one, Refused)}
    await unit.same_size()
    assert version(unit.one).in_force_on is version(unit.other).in_force_on is None


async def test_checks_follow_on_both_workers_from_the_next_entry_on(unit: Unit) -> None:
    """Suspended, resumed, left by a body, withdrawn: each time the Tier 2 that rests on the Tier 1 follows at once."""

    def stands(registry: Registry) -> tuple[bool, bool]:
        (found,) = coverages(registry.follower.view, PURPOSE, POLICE, COUNCIL, TODAY)
        return found.lapsed, found.complete

    async def after(draft: Draft) -> set[tuple[bool, bool]]:
        done = await unit.one.sequencer.append(draft)
        for registry in (unit.one, unit.other):
            assert await registry.follower.wait_for_size(done.size, seconds=20)
        return {stands(unit.one), stands(unit.other)}

    whole, lapsed = {(False, True)}, {(True, False)}
    assert whole == {stands(unit.one), stands(unit.other)}
    assert lapsed == await after(decisions.suspend(AgreementSuspended(TIER_1, "1.0", TODAY, "law-changed")))
    assert whole == await after(decisions.resume(AgreementResumed(TIER_1, "1.0", TODAY)))
    left = AttestationWithdrawn(f"att-{POLICE}-{TIER_1}-1.0", TIER_1, "1.0", POLICE, TODAY, "other")
    assert lapsed == await after(Draft(payloads=(left,)))
    assert whole == await after(
        Draft(payloads=(attested(POLICE, TIER_1, identifier="again", at=f"{TODAY}T00:00:00.000Z"),))
    )
    assert lapsed == await after(decisions.withdraw(AgreementWithdrawn(TIER_1, "1.0", TODAY, "purpose-ended")))
