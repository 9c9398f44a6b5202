"""The pages of an information-governance lead about lawful bases, from a purpose without a record to nothing left."""

from __future__ import annotations

import pytest

from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.ledger.drafts import Draft
from joining.test_adopting import joined
from joining.test_pages import send, signed_in, words
from live import POLICE
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

TO_DO, RECORDS = "/account/to-do", "/account/lawful-bases"


def records_of(served: Serving, body: str) -> list[str]:
    return [one.recorded.record for one in served.registry.follower.view.lawful_bases_of(body)]


async def test_the_list_of_what_is_to_do_leads_to_what_mends_each_thing_and_empties(served: Serving) -> None:
    body = "emptying-school"
    await joined(served, body, "tier-1")
    bare = OrganisationRegistered(body, "Emptying School", "maintained-school")
    await served.registry.sequencer.append(Draft(payloads=(bare,)))
    async with signed_in(served, body, "ig-lead") as lead:
        page = await words(lead, TO_DO)
        assert "7 things are left" in page
        assert f'href="{RECORDS}/new?agreement=tier-1&purpose=early-help"' in page
        assert 'href="/account/particulars"' in page
        assert page.count("to share what protects a child") + page.count("sharing to protect a child") >= 7
        purposes = [
            "early-help", "child-in-need", "child-protection-enquiry", "pre-birth", "practice-review",
            "quality-assurance",
        ]  # fmt: skip
        adopting = {"csrf": await lead.csrf(), "agreed": "yes", "purposes": [f"tier-1 {one}" for one in purposes]}
        early = await lead.client.post(f"{RECORDS}/adoption", data=adopting)
        assert (early.status_code, "Name your appropriate policy document first" in early.text) == (422, True)
        form = await words(lead, "/account/particulars")
        entry = form.partition('name="changed_from" value="')[2].partition('"')[0]
        await send(lead, "/account/particulars", changed_from=entry, reference="APD-1-2026", review_on="2030-01-01")
        assert "6 things are left" in await words(lead, TO_DO)
        assert (await lead.client.post(f"{RECORDS}/adoption", data=adopting)).status_code == 200
        assert "Nothing is left to do" in await words(lead, TO_DO)


async def test_the_records_are_listed_by_agreement_and_each_says_in_words_what_it_rests_on(served: Serving) -> None:
    await joined(served, "listing-school", "tier-1")
    async with signed_in(served, "listing-school", "ig-lead") as lead:
        page = await words(lead, RECORDS)
        assert page.count("No record yet") == 6
        await send(lead, f"{RECORDS}/adoption", agreed="yes", purposes="tier-1 early-help")
        page = await words(lead, RECORDS)
        assert (page.count("No record yet"), page.count("Holds today")) == (5, 1)
        (record,) = records_of(served, "listing-school")
        assert f'href="{RECORDS}/{record}"' in page
        page = await words(lead, f"{RECORDS}/{record}")
        for said in (
            "Lawful basis for Early help", "The default for your kind of body", "Data protection officer",
            "no last day", "Public task", "https://www.legislation.gov.uk/", "This record", "Recorded, to hold from",
        ):  # fmt: skip
            assert said in page, said


async def test_anothers_record_is_as_if_it_were_not_there_and_the_pages_are_the_leads_alone(served: Serving) -> None:
    await joined(served, "owning-school", "tier-1")
    async with signed_in(served, "owning-school", "ig-lead") as lead:
        await send(lead, f"{RECORDS}/adoption", agreed="yes", purposes="tier-1 early-help")
    (record,) = records_of(served, "owning-school")
    async with signed_in(served, POLICE, "ig-lead") as other:
        anothers = await other.client.get(f"{RECORDS}/{record}")
        nobodys = await other.client.get(f"{RECORDS}/lb_{'0' * 32}")
        assert (anothers.status_code, nobodys.status_code) == (404, 404)
    async with signed_in(served, "owning-school", "signatory") as signatory:
        for path in (TO_DO, RECORDS, f"{RECORDS}/{record}"):
            assert (await signatory.client.get(path)).status_code == 403
