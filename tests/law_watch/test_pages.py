"""A provision's page for anybody, and the business unit's list of changes that empties."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from isa_registry.actions.catalogues import changed
from isa_registry.domain.catalogue_loading import load_catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.law_watch.looking import OUTCOMES
from isa_registry.domain.law_watch.resting import bodies_of, resting_by_code
from isa_registry.ledger.drafts import Draft
from joining.test_pages import send, signed_in, visitor, words
from law_watch.catalogues import CHANGED, files
from law_watch.conftest import Worked
from live import LEAD
from people.visiting import hidden
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

WATCH = "/account/law/watch"
OUTCOME = f"{WATCH}/{CHANGED}/outcome"
PAGE = f"/law/provisions/{CHANGED}"


class Adopted(NamedTuple):
    served: Serving
    entry: int
    sha256: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def adopted(worked: Worked) -> AsyncIterator[Adopted]:
    """A catalogue that says something else of a provision on which much rests."""
    served = worked.first
    new = files(ca_2004_s11={"says": "Said anew for these pages.", "confidence": "uncertain", "verified": False})
    fact = changed(new, load_catalogue(new))
    appended = await served.registry.sequencer.append(Draft(payloads=(fact,)))
    await served.registry.follower.wait_for_size(appended.size, seconds=5)
    yield Adopted(served, appended.index, fact.sha256)


async def test_anybody_reads_what_a_provision_lets_whom_do_and_what_rests_on_it(adopted: Adopted) -> None:
    async with visitor(adopted.served) as anybody:
        page = await words(anybody, PAGE)
    rests = resting_by_code(adopted.served.registry.follower.view, london_date(adopted.served.registry.now()))[CHANGED]
    assert 1 < len(rests.records)
    for part in (
        "Said anew for these pages.",
        "Framework: gives a task",
        "Any organisation",
        "It gives a task, and the power to share comes from elsewhere.",
        "In force today",
        "Uncertain: changed lately or not found",
        "Gateways",
        'href="/agreements/tier-1/1.0#5.3"',
        f"{len(rests.records)} lawful-basis records of {len(bodies_of(rests.records))} organisations",
        "Recorded answers are not public",
        f"Entry {adopted.entry} of the log",
        "How sure it is: was ",
        "In the catalogue that the register began with",
    ):
        assert part in page, part
    # Names of bodies and what they rely on are for those who oversee the law; so is how many answers rest on it.
    assert "Durham Constabulary" not in page
    assert "newest recorded answers" not in page
    assert WATCH not in page


async def test_the_pages_on_which_most_rests_are_short_enough(adopted: Adopted) -> None:
    rests = resting_by_code(adopted.served.registry.follower.view, london_date(adopted.served.registry.now()))
    most = sorted(rests, key=lambda code: -len(rests[code].clauses))[:3]
    async with visitor(adopted.served) as anybody:
        for code in (*most, "ca-2004-s16la", "dsa-2018-not-there"):
            answer = await anybody.client.get(f"/law/provisions/{code}")
            assert answer.status_code == (200 if code in rests else 404)
            assert len(answer.content) < 100_000, code


async def test_the_unit_looks_at_a_change_says_what_follows_and_the_list_empties(adopted: Adopted) -> None:
    async with signed_in(adopted.served, LEAD, "business-unit") as unit:
        assert f'href="{WATCH}/{CHANGED}"' in await words(unit, PAGE)
        waits = (await words(unit, WATCH)).partition("In the next 90 days")[0]
        assert f"({CHANGED})" in waits
        page = await words(unit, f"{WATCH}/{CHANGED}")
        assert "Durham Constabulary" in page
        assert "newest recorded answers rest on it" in page
        assert f'href="{OUTCOME}"' in page
        assert hidden(await words(unit, OUTCOME), "catalogue") == adopted.sha256

        assert "There is a problem" in await send(unit, OUTCOME, 422, catalogue=adopted.sha256)
        await send(unit, OUTCOME, 404, catalogue="0" * 64, outcome="nothing-follows")

        done = await send(unit, OUTCOME, catalogue=adopted.sha256, outcome="agreement-to-change")
        assert OUTCOMES["agreement-to-change"] in done
        before, _, after = (await words(unit, WATCH)).partition("Looked at, or nothing rests on it")
        assert f"({CHANGED})" not in before
        assert OUTCOMES["agreement-to-change"] in after
        again = await send(unit, OUTCOME, 409, catalogue=adopted.sha256, outcome="agreement-to-change")
        assert "exactly this already" in again
    view = adopted.served.registry.follower.view
    found = view.looked_at(adopted.sha256, CHANGED)
    assert found is not None
    assert (LEAD, 1) == (found[1].organisation, len(found[1].approved_by))


async def test_law_leads_and_auditors_see_it_and_say_nothing(adopted: Adopted) -> None:
    async with signed_in(adopted.served, LEAD, "auditor") as auditor:
        page = await words(auditor, f"{WATCH}/{CHANGED}")
        assert "newest recorded answers rest on it" in page
        assert OUTCOME not in page
        await send(auditor, OUTCOME, 403, catalogue=adopted.sha256, outcome="nothing-follows")
        assert "It has not changed since the register began" in await words(auditor, f"{WATCH}/ca-1989-s17")
        await words(auditor, f"{WATCH}/no-such-provision", 404)


async def test_others_are_kept_out(adopted: Adopted) -> None:
    async with signed_in(adopted.served, LEAD, "practitioner") as page:
        for path in (WATCH, f"{WATCH}/{CHANGED}", OUTCOME):
            await words(page, path, 403)
    async with visitor(adopted.served) as anybody:
        assert 303 == (await anybody.client.get(WATCH)).status_code
