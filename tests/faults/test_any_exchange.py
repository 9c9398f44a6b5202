"""Any interleaving of events, corrections, acknowledgements, retries and crashes, of two agencies on two workers, ends
with lists that are the same on both sides, and are what a model says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from databases import Databases
from faults.drafts import furnish
from faults.exchange import (
    BODIES,
    Agency,
    Item,
    Word,
    ended_in_the_middle,
    lists_of,
    model_of,
    register,
    until_it_is_told,
    with_answers_lost,
)
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.acknowledging import Acknowledged
from isa_registry.runtime.fsck.check import check_log
from isa_registry.runtime.recording_events import Recorded
from running import ORIGIN, SIGNER, checkpointing, working

_DECISIONS = st.sampled_from(["shared", "shared", "part-shared", "not-shared"])
_ITEMS, _FIRST = 10, 3


class Send(Struct, frozen=True):
    """A request of one body to one worker; whoever sent it has gone after `gone` milliseconds."""

    body: int
    worker: int
    items: tuple[int, ...]
    gone: int | None


class Say(Struct, frozen=True):
    body: int
    worker: int
    word: Word
    gone: int | None


class Round(Struct, frozen=True):
    """What happens at once; the sessions that append end after `ended` milliseconds."""

    steps: tuple[Send | Say, ...]
    ended: int | None


class Plan(Struct, frozen=True):
    items: tuple[tuple[Item, ...], ...]
    rounds: tuple[Round, ...]


@st.composite
def items(draw: st.DrawFn) -> tuple[Item, ...]:
    """Of which the later ones correct one before them, mostly one of the first, so that several want to correct the
    same."""
    found = []
    for number in range(_ITEMS):
        first = st.integers(0, min(number, _FIRST) - 1)
        corrects = draw(first | first | st.integers(0, number - 1)) if number >= _FIRST else None
        found.append(Item(draw(_DECISIONS), corrects))
    return tuple(found)


_WHO, _WORKER = st.integers(0, 1), st.integers(0, 1)
_GONE = st.none() | st.none() | st.integers(0, 15)
_CORRECTIONS = st.lists(st.integers(_FIRST, _ITEMS - 1), min_size=1, max_size=4).map(tuple)
_WORDS = st.builds(Word, st.integers(0, 3), st.booleans(), st.integers(0, 1))
_STEPS = st.builds(Send, _WHO, _WORKER, _CORRECTIONS, _GONE) | st.builds(Say, _WHO, _WORKER, _WORDS, _GONE)
_ROUNDS = st.builds(Round, st.lists(_STEPS, min_size=6, max_size=12).map(tuple), st.none() | st.integers(0, 15))
_BEGINS = Round(tuple(Send(body, body, tuple(range(_FIRST)), None) for body in (0, 1)), None)
"""Each body's first items, so that there is something to correct and to acknowledge at once."""
PLANS = st.builds(
    Plan, st.tuples(items(), items()), st.lists(_ROUNDS, min_size=1, max_size=3).map(lambda rest: (_BEGINS, *rest))
)


async def found(url: str) -> None:
    """A register that every example begins with."""
    async with checkpointing(url), working(url) as worker:
        await furnish(worker)


async def carry_out(url: str, plan: Plan) -> None:
    now = datetime.now(UTC) - timedelta(seconds=5)
    agencies = [
        Agency(name, other, list(own), now)
        for name, other, own in zip(BODIES, reversed(BODIES), plan.items, strict=True)
    ]
    async with checkpointing(url), working(url) as first, working(url) as second:
        workers = (first, second)
        size = await register(first, agencies)
        assert await second.follower.wait_for_size(size, seconds=10)
        sent: list[set[int]] = [set(), set()]
        said: list[set[Word]] = [set(), set()]
        for one in plan.rounds:
            work: list[Awaitable[Any]] = [] if one.ended is None else [ended_in_the_middle(url, one.ended)]
            for step in one.steps:
                agency, worker = agencies[step.body], workers[step.worker]
                if isinstance(step, Send):
                    sent[step.body].update(step.items)
                    work.append(with_answers_lost(agency.send(worker, list(step.items)), step.gone))
                else:
                    said[step.body].add(step.word)
                    work.append(with_answers_lost(agency.say(worker, agencies[1 - step.body], step.word), step.gone))
            await asyncio.gather(*work)

        # Whoever was not told sends it all again: what was sent is then recorded, or refused for good.
        for number, agency in enumerate(agencies):
            for which in sorted(sent[number]):
                (outcome,) = await until_it_is_told(lambda a=agency, w=which: a.send(first, [w]))  # type: ignore[misc]
                assert_rightly(agency, which, outcome)
        for number, agency in enumerate(agencies):
            other = agencies[1 - number]
            for word in sorted(said[number], key=lambda word: (word.item, word.nth, word.matches)):
                answer = await until_it_is_told(lambda a=agency, o=other, w=word: a.say(second, o, w))  # type: ignore[misc]
                seen = word.item in other.told and other.shows(word.item)
                assert isinstance(answer, Acknowledged) if seen else answer.code == "not-found"

        await assert_agreed(url, agencies, workers, size)


def assert_rightly(agency: Agency, number: int, outcome: Recorded | Refused) -> None:
    """An item is refused only where it corrects what is not there, or what another corrects."""
    if isinstance(outcome, Recorded):
        return
    corrects = agency.items[number].corrects
    codes = [fault.code for fault in outcome.faults]
    assert corrects is not None
    if corrects in agency.told:
        assert codes == ["already-corrected"]
        assert any(agency.items[other].corrects == corrects for other in agency.told)
    else:
        assert codes == ["unknown-event"]


async def assert_agreed(url: str, agencies: list[Agency], workers: tuple[Any, Any], size: int) -> None:
    """Nothing is there twice, nothing is corrected twice, and every list of either side is what the model says."""
    for agency, other in zip(agencies, reversed(agencies), strict=True):
        corrected = [
            agency.items[number].corrects for number in agency.told if agency.items[number].corrects is not None
        ]
        assert len(corrected) == len(set(corrected))
        assert all(agency.told[target] < agency.told[number] for number in agency.told
                   if (target := agency.items[number].corrects) is not None)  # fmt: skip
        size += sum(1 if agency.items[number].decision == "shared" else 2 for number in agency.told)
        size += len(other.heard)
    for worker in workers:
        assert await worker.follower.wait_for_size(size, seconds=10)
        assert worker.follower.view.size == size
        for agency, other in zip(agencies, reversed(agencies), strict=True):
            wanted = model_of(agency, other.heard)
            assert await lists_of(worker, agency.name, agency.name) == wanted
            assert await lists_of(worker, other.name, agency.name) == wanted
    report = await check_log(url, origin=ORIGIN, vkeys=SIGNER.vkeys, signatures=True)
    assert (report.findings, report.size) == ((), size)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.long)], ids=["short", "long"])
def test_any_exchange_ends_the_same_on_both_sides(databases: Databases, template_database: str, examples: int) -> None:
    founded = databases.create(template_database)
    asyncio.run(found(databases.url(founded)))

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, database=None
    )
    @given(plan=PLANS)
    def any_exchange(plan: Plan) -> None:
        name = databases.copy(founded)
        try:
            asyncio.run(carry_out(databases.url(name), plan))
        finally:
            databases.drop(name)

    any_exchange()
    databases.drop(founded)
