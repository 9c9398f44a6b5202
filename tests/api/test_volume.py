"""What numbers, times and lengths show to somebody who may read nothing: less than a case, and more than nothing."""

from __future__ import annotations

import time

import asyncpg
import httpx

from api.speaking import QUESTION, Database, Signer
from faults.drafts import POLICE, check_draft, event_draft, furnish
from isa_registry.domain.entries import PayloadRead
from isa_registry.ledger.drafts import Draft
from isa_verify.leaf import Leaf
from running import running


def shown_size(nobody: httpx.Client, *, after: int = 0) -> int:
    """The size that the public checkpoint states, once it is above another."""
    end = time.monotonic() + 20
    while True:
        size = int(nobody.get("/log/checkpoint").text.splitlines()[1])
        if size > after:
            return size
        assert time.monotonic() < end
        time.sleep(0.05)


def test_anybody_can_count_entries_and_see_that_one_came_with_another(
    nobody: httpx.Client, police: httpx.Client, signer: Signer, database: Database
) -> None:
    """An entry for a check, one for an event, one more for what was withheld of it: the threat model says so."""
    before = shown_size(nobody, after=database.size() - 1)
    police.post("/api/v1/checks", json=QUESTION).raise_for_status()
    assert before + 1 == shown_size(nobody, after=before)
    shared = {"event": signer.sign(signer.event())}
    police.post("/api/v1/sharing-events", json=shared).raise_for_status()
    assert before + 2 == shown_size(nobody, after=before + 1)
    police.post("/api/v1/sharing-events", json=signer.held_back("part-shared")).raise_for_status()
    assert before + 4 <= shown_size(nobody, after=before + 2)


async def leaves(url: str, first: int) -> list[bytes]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch("SELECT leaf FROM entry WHERE index >= $1 ORDER BY 1", first)]
    finally:
        await connection.close()


async def test_the_same_twice_is_two_different_leaves(database_url: str) -> None:
    """Who knows, or guesses, what was recorded cannot find it by its leaf."""
    payload = PayloadRead(
        organisation=POLICE, client="police-system", role="audit:read", purpose="entry", first=1, last=1, count=1
    )
    async with running(database_url) as registry:
        first = await furnish(registry)
        for _ in range(2):
            await registry.sequencer.append(Draft(payloads=(payload,)))
    one, other = (Leaf.parse(leaf) for leaf in await leaves(database_url, first))
    assert one.kind == other.kind == "record"
    assert one.commitment != other.commitment


async def test_the_length_of_an_entry_says_nothing_of_its_payload(database_url: str) -> None:
    async with running(database_url) as registry:
        first = await furnish(registry)
        await registry.sequencer.append(check_draft(1))
        await registry.sequencer.append(event_draft(1, registry.follower.view, part=True))
    found = await leaves(database_url, first)
    assert 3 == len(found)
    assert 1 == len({len(leaf) for leaf in found})
