"""The law on pages: read by anybody; marked, approved and taken back by two leads of the lead body."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demonstration import published
from guards.pages import Page
from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.dates import london_date
from isa_registry.domain.verifying import Point
from isa_registry.runtime.registry import wall_clock
from joining.test_pages import send, signed_in, visitor, words
from live import LEAD, POLICE
from marking import digest
from people.visiting import hidden
from serving import Serving
from verifying.conftest import SECOND

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROVISION = "/provisions/ca-1989-s47"
ROW = "/rows/voluntary/early-help"
CHECKED_ON = london_date(wall_clock() - timedelta(days=3))
FORM = {
    "word": "verify",
    "sha256": digest(Point(provision="ca-1989-s47")),
    "source": "https://www.legislation.gov.uk/ukpga/1989/41/section/47",
    "checked_on": CHECKED_ON,
    "profession": "solicitor",
    "right": "yes",
}


async def proposed(page: Page, path: str, **form: str) -> str:
    """Sends a form and gives the address of the proposal that it made."""
    answer = await page.client.post(f"/account/law{path}", data={"csrf": await page.csrf(), **form})
    assert 303 == answer.status_code, answer.text
    return str(answer.headers["location"])


async def decided(served: Serving, address: str, word: str, who: str = SECOND) -> str:
    async with signed_in(served, LEAD, who) as page:
        shown = await words(page, address)
        told = await send(page, address, sha256=hidden(shown, "sha256"), word=word)
    await served.registry.follower.wait_for_size(served.registry.follower.view.size, seconds=5)
    return told


async def test_anybody_reads_the_law_and_what_rests_on_it(served: Serving) -> None:
    async with visitor(served) as anybody:
        listed = await words(anybody, "/law?state=not-yet-checked&sort=row")
        assert "no reason to wait where a child may be at risk" in listed
        assert 'href="/law/rows/local-authority/early-help"' in listed
        assert "page=2" in listed
        point = await words(anybody, "/law/provisions/ca-2004-s16la")
        assert "Read the text on legislation.gov.uk" in point
        assert "Where answers rely on it" in point
        assert "/account/law" not in point


@pytest.mark.parametrize("path", ["/law/provisions/ca-1800-s1", "/law/rows/voluntary/tea"])
async def test_what_the_catalogue_has_not_is_not_found(served: Serving, path: str) -> None:
    async with visitor(served) as anybody:
        await words(anybody, path, 404)


@pytest.mark.parametrize("query", ["state=x", "page=0", "page=99999999", "sort=%3Cb%3E"])
async def test_a_query_that_is_no_filter_breaks_nothing(served: Serving, query: str) -> None:
    async with visitor(served) as anybody:
        await words(anybody, f"/law?{query}")


def _resting_on(provision: str) -> str:
    """A clause of Tier 1 that rests on a provision."""
    return next(one.id for one in parse_agreement(published("tier-1").text) if provision in one.cites)


async def test_one_lead_proposes_another_approves_and_the_page_says_so(served: Serving) -> None:
    async with signed_in(served, LEAD, "ig-lead") as lead:
        form = await words(lead, f"/account/law{PROVISION}")
        assert FORM["sha256"] == hidden(form, "sha256")
        address = await proposed(lead, PROVISION, **FORM)
        own = await words(lead, address)
        assert "You cannot approve what you proposed yourself" in own
        assert FORM["source"] in own
    async with signed_in(served, LEAD, SECOND) as second:
        assert address in await words(second, "/account/law")
    assert "Approved, and logged" in await decided(served, address, "approve")
    async with visitor(served) as anybody:
        point = await words(anybody, f"/law{PROVISION}")
        assert "Two people of the lead body said" in point
        assert "Solicitor" in point
        assert "Children Act 1989 s.47" in await words(anybody, "/law?state=checked")
        resting = await words(anybody, f"/agreements/tier-1/1.0/clause/{_resting_on('ca-1989-s47')}")
    lines = [line for line in resting.splitlines() if "<code>ca-1989-s47</code>" in line]
    assert lines
    assert not [line for line in lines if "not yet verified" in line]


async def test_a_mark_is_taken_back_by_two(served: Serving) -> None:
    sha256 = digest(Point(None, "voluntary", "early-help"))
    async with signed_in(served, LEAD, "ig-lead") as lead:
        assert "Take that back" not in await words(lead, f"/account/law{ROW}")
        await decided(served, await proposed(lead, ROW, **{**FORM, "sha256": sha256}), "approve")
        assert "Take that back" in await words(lead, f"/account/law{ROW}")
        address = await proposed(lead, ROW, word="withdraw", reason="reading-doubted")
    assert "Approved, and logged" in await decided(served, address, "approve")
    async with visitor(served) as anybody:
        assert "Nobody has said yet that this is right" in await words(anybody, f"/law{ROW}")


async def test_a_proposal_is_declined_or_withdrawn(served: Serving) -> None:
    async with signed_in(served, LEAD, "ig-lead") as lead:
        first = await proposed(lead, "/provisions/ca-1989-s17", **{**FORM, "sha256": _sha256("ca-1989-s17")})
        second = await proposed(lead, "/provisions/ca-1989-s27", **{**FORM, "sha256": _sha256("ca-1989-s27")})
    assert "Declined" in await decided(served, first, "decline")
    assert "Withdrawn" in await decided(served, second, "withdraw", "ig-lead")


def _sha256(code: str) -> str:
    return digest(Point(provision=code))


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"source": ""}, 422, "Enter what it was checked against"),
        ({"source": "Jo Smith"}, 422, "at least one digit"),
        ({"checked_on": "yesterday"}, 422, "Write dates as"),
        ({"profession": ""}, 422, "Say who checked it"),
        ({"right": ""}, 422, "have it put right first"),
        ({"sha256": "0" * 64}, 409, "says something else here"),
        ({"word": "withdraw"}, 422, "Say why it counts no longer"),
    ],
)
async def test_what_is_wrong_is_said_where_it_is_wrong_and_nothing_is_lost(
    served: Serving, changes: dict[str, str], status: int, says: str
) -> None:
    path = "/provisions/ca-1989-s17"
    sent = {**FORM, "sha256": _sha256("ca-1989-s17"), "source": "LEGAL-2026/114", **changes}
    async with signed_in(served, LEAD, "ig-lead") as lead:
        told = await send(lead, f"/account/law{path}", status, **sent)
        assert says in told
        assert "There is a problem" in told
        if sent["source"] == "LEGAL-2026/114":
            assert 'value="LEGAL-2026/114"' in told
        assert "Nothing waits for a second person" in await words(lead, "/account/law")


async def test_other_people_are_kept_out(served: Serving) -> None:
    for body, role in ((POLICE, "ig-lead"), (LEAD, "practitioner")):
        async with signed_in(served, body, role) as page:
            for path in ("/account/law", f"/account/law{PROVISION}", "/account/law/proposals/vfy_" + "0" * 32):
                await words(page, path, 403)
            assert 'href="/account/law"' not in await words(page, "/law")
