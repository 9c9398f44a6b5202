"""What a recipient said of an event goes with the event, wherever in the log it stands."""

from __future__ import annotations

import pytest

from faults.case_drafts import acknowledgement_draft
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.erasure.requests import ErasureRequests
from runtime.test_erasure import DUE, NOTICE, Scene, scene  # noqa: F401 - the fixture


async def said(scene: Scene, number: int) -> int:  # noqa: F811
    """Where the council's acknowledgement of an event is logged."""
    return (await scene.registry.sequencer.append(acknowledgement_draft(number))).index


async def test_it_is_erased_with_its_event(scene: Scene) -> None:  # noqa: F811
    """The log goes on being whole, and what was said of another event is kept."""
    await scene.announce()
    gone = [await said(scene, 1), await said(scene, 2), await said(scene, 2)]
    kept = await said(scene, 3)
    outcomes = {one.index: one.code for one in await scene.run()}
    assert (outcomes[scene.event], outcomes[scene.plain]) == ("erased", "erased")
    assert 0 == await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", gone)
    assert [kept] == await scene.value("SELECT array_agg(index) FROM acknowledgement")
    report = await scene.fsck()
    assert ((), 4 + len(gone)) == (report.findings, report.erased)
    assert {*gone} < {line.index for line in scene.journal.read()}


async def test_a_hold_on_what_was_said_keeps_the_event_too(scene: Scene) -> None:  # noqa: F811
    entry = await said(scene, 2)
    await scene.announce()
    await scene.hold(entries=(entry,))
    assert "on-hold" == {one.index: one.code for one in await scene.run()}[scene.plain]
    assert 2 == await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", [entry, scene.plain])


async def test_what_is_said_while_it_is_erased_keeps_it_until_the_next_run(
    scene: Scene,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await scene.announce()
    append, entries = scene.registry.sequencer.append, []

    async def late(draft: object) -> object:
        if not entries:
            entries.append(await said(scene, 1))
        return await append(draft)  # type: ignore[arg-type]

    eraser = scene.eraser()
    monkeypatch.setattr(eraser, "_append", late)
    async with eraser:
        outcomes = {one.index: one.code for one in await eraser.run()}
    assert (outcomes[scene.event], outcomes[scene.plain]) == ("no-longer-due", "erased")
    assert "erased" == {one.index: one.code for one in await scene.run()}[scene.event]
    assert 0 == await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", [scene.event, *entries])


async def test_nobody_asks_for_it_alone(scene: Scene) -> None:  # noqa: F811
    entry = await said(scene, 2)
    requests = ErasureRequests(scene.url, notice=NOTICE, now=lambda: DUE)
    view, pool = scene.registry.follower.view, scene.registry.reading
    with pytest.raises(Refused) as refused:
        await requests.ask(pool, view, index=entry, reason="erasure-right", person=1)
    assert ["part-of-an-event"] == [one.code for one in refused.value.faults]
