"""Acknowledgements go with their event, searches and closed challenges when their own periods end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from asking import POLICE
from faults.case_drafts import acknowledgement_draft, challenge_draft, closing_draft, search_draft
from isa_registry.actions.erasures import change_retention, read_rules
from isa_registry.domain.refusals import Refused
from isa_registry.domain.retention import BELONGING, rule_faults
from isa_registry.ledger.drafts import Appended, Draft
from running import running
from runtime.test_erasure import AFTER, DUE, NOTICE, SHIPPED, Scene


@pytest.fixture
async def scene(database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with running(database_url) as registry:
        scene = Scene(database_url, registry, tmp_path / "erasures.jsonl")
        await scene.furnish()
        yield scene


async def test_what_its_recipient_said_of_an_event_goes_with_it(scene: Scene) -> None:
    append = scene.registry.sequencer.append
    await append(search_draft())
    said = (await append(acknowledgement_draft(1))).index
    kept = (await append(acknowledgement_draft(3))).index
    assert scene.event in await scene.announce()
    await scene.run()
    assert await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", [scene.event, said]) == 0
    assert await scene.value("SELECT count(*) FROM erasure WHERE index = ANY ($1)", [scene.event, said]) == 2
    assert await scene.value("SELECT count(*) FROM acknowledgement") == 1
    assert await scene.value("SELECT count(*) FROM payload WHERE index = $1", kept) == 1
    report = await scene.fsck()
    assert report.findings == ()


async def test_a_hold_on_an_acknowledgement_keeps_its_event(scene: Scene) -> None:
    said = (await scene.registry.sequencer.append(acknowledgement_draft(1))).index
    await scene.announce()
    await scene.hold(entries=(said,))
    assert "on-hold" in {one.code for one in await scene.run() if one.index == scene.event}
    assert await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", [scene.event, said]) == 2


async def test_what_is_said_of_an_event_while_it_is_erased_keeps_it_until_the_next_run(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise what its recipient said would be left of an event that is gone."""
    await scene.announce()
    append, said = scene.registry.sequencer.append, list[int]()

    async def late(draft: Draft) -> Appended:
        if not said:
            said.append((await append(acknowledgement_draft(1))).index)
        return await append(draft)

    eraser = scene.eraser()
    monkeypatch.setattr(eraser, "_append", late)
    async with eraser:
        outcomes = {one.index: one.code for one in await eraser.run()}
    assert (outcomes[scene.event], outcomes[scene.plain]) == ("no-longer-due", "erased")
    assert "erased" == {one.index: one.code for one in await scene.run()}[scene.event]
    assert 0 == await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", [scene.event, *said])


async def test_a_search_is_due_two_years_after_its_day(scene: Scene) -> None:
    appended = await scene.registry.sequencer.append(search_draft())
    made = datetime.fromisoformat(appended.at)
    before = made.replace(year=made.year + 2) - timedelta(days=1)
    after = made.replace(year=made.year + 2) + timedelta(days=1)
    assert appended.index not in {one.index for one in await scene.due(before)}
    found = {one.index: one for one in await scene.due(after)}[appended.index]
    assert (found.kind, found.rule, found.organisation) == ("records.searched", "search", POLICE)
    await scene.announce(after)
    outcomes = {one.index: one.code for one in await scene.run(after + NOTICE)}
    assert outcomes[appended.index] == "erased"
    assert await scene.value("SELECT count(*) FROM search_record") == 0


async def test_a_challenge_is_due_with_its_end_six_years_after_it_was_closed_and_not_before(scene: Scene) -> None:
    append = scene.registry.sequencer.append
    open_one = (await append(challenge_draft(1))).index
    raised = (await append(challenge_draft(2))).index
    closed = (await append(closing_draft(2))).index
    found = {one.index: one for one in await scene.due(DUE)}
    assert raised in found
    assert not {open_one, closed} & set(found)
    assert found[raised].rule == "challenge"
    await scene.announce()
    await scene.run()
    assert await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", [raised, closed]) == 0
    assert await scene.value("SELECT count(*) FROM payload WHERE index = $1", open_one) == 1
    assert (await scene.fsck()).findings == ()


async def test_a_bodys_own_rule_is_the_one_that_its_records_fall_due_by(scene: Scene) -> None:
    (search,) = (one for one in read_rules(SHIPPED) if one.code == "search")
    appended = await scene.registry.sequencer.append(search_draft())
    own = replace(search, code="our-searches", years=20)
    await scene.registry.sequencer.append(change_retention([own], POLICE))
    assert appended.index not in {one.index for one in await scene.due(AFTER)}
    later = datetime(2060, 1, 1, tzinfo=UTC)
    assert {one.index: one.rule for one in await scene.due(later)}[appended.index] == "our-searches"


@pytest.mark.parametrize("kind", BELONGING)
def test_no_rule_is_about_what_goes_with_something_else(kind: str) -> None:
    (search,) = (one for one in read_rules(SHIPPED) if one.code == "search")
    assert [one.pointer for one in rule_faults([replace(search, kinds=(kind,))])] == ["#/rules/0/kinds"]
    with pytest.raises(Refused):
        change_retention([replace(search, kinds=(kind,))])
