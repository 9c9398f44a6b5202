"""The pages of an information-governance lead about lawful bases, from a purpose without a record to nothing left."""

from __future__ import annotations

import re
import time
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from guards.pages import Page
from isa_registry.actions import adopting
from isa_registry.domain.dates import london_date
from isa_registry.domain.lawful_bases.groups import LISTS
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.ledger.drafts import Draft
from joining.test_adopting import joined
from joining.test_pages import send, signed_in, words
from live import POLICE
from people.test_parties import errors
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
        assert f'href="{RECORDS}/adoption"' in page
        for group in re.findall(r"<article.*?</article>", page, re.DOTALL):
            assert "to share what protects a child" in group or "sharing to protect a child" in group
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


async def test_a_record_that_would_be_refused_today_says_why(served: Serving) -> None:
    body = "refused-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        await send(lead, f"{RECORDS}/adoption", agreed="yes", purposes="tier-1 early-help")
        (record,) = records_of(served, body)
        assert "would refuse it" not in await words(lead, f"{RECORDS}/{record}")
        bare = OrganisationRegistered(body, "Refused School", "maintained-school")
        await served.registry.sequencer.append(Draft(payloads=(bare,)))
        page = await words(lead, f"{RECORDS}/{record}")
        assert "would refuse it" in page
        assert page.count("What it rests on needs an appropriate policy document") == 1


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


# --- a record of one's own, step by step ---------------------------------------------------------------------------


class Steps:
    """A person who goes from step to step: each page's form is sent with what stands in it, and with changes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.address = f"{RECORDS}/new"
        self.text = ""

    async def open(self, address: str) -> Steps:
        answer = await self.page.client.get(address)
        for _ in range(3):
            if answer.status_code != 303:
                break
            address = answer.headers["location"]
            answer = await self.page.client.get(address)
        assert answer.status_code in (200, 422), answer.text
        self.address, self.text, self.status = address, answer.text, answer.status_code
        return self

    async def on(self, **changes: str | list[str]) -> Steps:
        form = fields_of(self.text)
        for name, value in changes.items():
            form[name.replace("_", "-")] = [value] if isinstance(value, str) else value
        return await self.open(f"{RECORDS}/new?{urlencode(form, doseq=True)}")

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>([^<]*)", self.text)
        assert found is not None
        return unescape(found[1])


def fields_of(page: str) -> dict[str, list[str]]:
    """What the main form would send as it stands."""
    (form,) = re.findall(r'<form method="get".*?</form>', page, re.DOTALL)
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        given = {name: unescape(value) for name, value in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if given.get("type") not in ("radio", "checkbox") or " checked" in tag:
            found.setdefault(given["name"], []).append(given.get("value", ""))
    for select in re.findall(r"<select\b.*?</select>", form, re.DOTALL):
        name = re.search(r'name="([^"]*)"', select)
        chosen = re.search(r'<option value="([^"]*)" selected', select)
        assert name is not None
        found[name[1]] = ["" if chosen is None else unescape(chosen[1])]
    return found


QUESTIONS = (
    "When does it hold?", "What lets you use personal information for this?",
    "What lets you use special category information?", "What lets you use information about crime?",
    "Which powers, duties and functions do you rely on?", "How do you meet the duty of confidentiality?",
    "Which papers does it rest on?", "Who approved it?",
)  # fmt: skip


async def to_check(steps: Steps, **changes: dict[str, str | list[str]]) -> Steps:
    """From the first step to the last look, with changes by question."""
    for _ in range(12):
        if "Check what you record" in steps.heading:
            return steps
        given = changes.get(fields_of(steps.text)["step"][0].replace("-", "_"), {})
        before = steps.address
        await steps.on(**given)
        assert steps.address != before, steps.text
        assert steps.status == 200, errors(steps.text)
    raise AssertionError(steps.heading)


async def recorded(page: Page, steps: Steps, status: int = 200) -> str:
    form = dict(parse_qsl(urlsplit(steps.address).query))
    return await send(page, f"{RECORDS}/check", status, **form)


async def test_a_record_of_ones_own_is_made_in_steps_that_begin_with_the_default(served: Serving) -> None:
    body = "stepping-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        steps = await Steps(lead).open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help")
        assert "The default for your kind of body" in steps.text
        await steps.on()
        assert (steps.status, "Choose how to begin" in errors(steps.text)) == (422, True)
        seen = []
        await steps.on(way="own")
        while "Check" not in steps.heading:
            seen.append(steps.heading)
            await steps.on(**({"by": "siro"} if "Who approved" in steps.heading else {}))
            assert len(seen) < 12
        assert tuple(seen) == QUESTIONS
        for said in ("Public task", "Senior information risk owner", "APD-2026-1, your organisation’s"):
            assert said in unescape(steps.text), said
        done = await recorded(lead, steps)
        assert "The lawful basis is recorded" in done
        (made,) = served.registry.follower.view.lawful_bases_of(body)
        assert (made.recorded.adopted, made.recorded.approved_by) == ("own", "siro")
        default = adopting.default_for(
            served.registry.follower.view, body, adopting.Purpose("tier-1", "early-help"), starts=made.recorded.starts
        )
        assert default is not None
        assert all(getattr(made.recorded, member) == getattr(default, member) for member in LISTS)


async def test_only_what_is_open_is_offered_and_what_is_closed_says_why_with_its_law(served: Serving) -> None:
    body = "shown-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        steps = await Steps(lead).open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help")
        assert "Part 3 is for competent authorities alone" in steps.text
        await steps.open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help&step=article-6")
        page = unescape(steps.text)
        assert 'value="art6-1-e"' in page
        assert 'value="art6-1-ea"' not in page
        closed = page.partition("What is closed to you here, and why")[2].partition("</details>")[0]
        assert "A public authority never relies on recognised legitimate interests" in closed
        assert "UK GDPR Article 6(1), second subparagraph" in closed
        forced = await steps.open(
            f"{RECORDS}/check?agreement=tier-1&purpose=early-help&from=2030-01-01&by=siro&a6=art6-1-ea"
        )
        assert "A public authority never relies" in errors(forced.text)
        assert f'action="{RECORDS}/check"' not in forced.text
        assert "A public authority never relies" in errors(await recorded(lead, forced, 422))
    assert served.registry.follower.view.lawful_bases_of(body) == []


async def test_what_is_wrong_is_said_at_its_field_and_nothing_that_was_said_is_lost(served: Serving) -> None:
    body = "mistaken-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        steps = await Steps(lead).open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help")
        await steps.on(way="own")
        for changes, says in (
            ({"from": "soon"}, "Enter the first day"),
            ({"from": "2030-01-01", "until": "2029-01-01"}, "A record ends on its first day or later"),
        ):
            await steps.on(**changes)
            assert (steps.status, says in errors(steps.text)) == (422, True), says
            assert fields_of(steps.text)["from"] == [changes["from"]]
            assert "art9-2-g" in fields_of(steps.text)["a9"][0]
        await steps.on(**{"from": "2030-01-01", "until": ""})
        await steps.on(**{"article-6": []})
        assert "Name the point of Article 6" in errors(steps.text)
        await steps.on(**{"article-6": ["art6-1-e"], "first": "art6-1-c"})
        assert "one of those that you ticked" in errors(steps.text)
        await steps.on(**{"article-6": ["art6-1-e"], "first": ""})
        await steps.on(**{"article-9": ["art9-2-g"], "schedule-1": []})
        assert "needs a paragraph of Part 2 of Schedule 1" in errors(steps.text)
        assert 'href="#article-9"' in steps.text
        assert fields_of(steps.text)["article-9"] == ["art9-2-g"]
        await steps.on(**{"article-9": ["art9-2-g"], "schedule-1": ["dpa-2018-sch1-para18"]})
        await to_check(steps, papers={"dpia": "DPIA-12"}, approval={"by": "data-protection-officer"})
        assert "DPIA-12" in steps.text
        await recorded(lead, steps)
    (made,) = served.registry.follower.view.lawful_bases_of(body)
    assert made.recorded.article_9 == ("art9-2-g", "dpa-2018-sch1-para18")
    assert (made.recorded.starts, made.recorded.dpia) == ("2030-01-01", "DPIA-12")


async def test_a_reference_that_names_somebody_is_refused_at_its_field(served: Serving) -> None:
    body = "naming-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        steps = await Steps(lead).open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help&from=2030-01-01&step=papers")
        await steps.on(dpia="Jane Smith", policy="APD-9")
        found = errors(steps.text)
        assert ("at least one digit" in found, "Say on which day the policy document is reviewed" in found) == (
            True,
        ) * 2
        assert fields_of(steps.text)["dpia"] == ["Jane Smith"]


async def test_an_answer_is_changed_from_the_last_look_and_comes_back_to_it(served: Serving) -> None:
    body = "going-back-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        steps = await Steps(lead).open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help")
        await steps.on(way="own")
        await to_check(steps, approval={"by": "siro"})
        change = next(one for one in re.findall(r'href="([^"]*back=check[^"]*)"', steps.text) if "step=approval" in one)
        await steps.open(unescape(change))
        assert fields_of(steps.text)["by"] == ["siro"]
        await steps.on(by="legal-adviser")
        assert (steps.heading, "Legal adviser" in steps.text) == ("Check what you record", True)


async def test_a_record_is_superseded_from_a_day_and_ended_and_its_history_says_so(served: Serving) -> None:
    body = "superseding-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        await send(lead, f"{RECORDS}/adoption", agreed="yes", purposes="tier-1 early-help")
        (first,) = records_of(served, body)
        steps = await Steps(lead).open(f"{RECORDS}/new?supersedes={first}")
        assert "a record already" in steps.text
        await steps.on(way="own")
        await steps.on(**{"from": "2026-01-01"})
        await to_check(steps, approval={"by": "siro"})
        assert "from today or a later day" in errors(await recorded(lead, steps, 422))
        await steps.open(f"{RECORDS}/new?supersedes={first}&step=when&from=2026-01-01&by=siro&a6=art6-1-e")
        await steps.on(**{"from": "2030-01-01"})
        await to_check(steps)
        assert "It takes the place of the record that stands" in steps.text
        assert "The record before it stays in the history" in await recorded(lead, steps)
        _, second = records_of(served, body)
        page = await words(lead, f"{RECORDS}/{first}")
        assert "Another has its place from 1 January 2030 on" in page
        assert "until 31 December 2029" in page
        assert "To come" in await words(lead, f"{RECORDS}/{second}")

        assert "today or a later day" in await send(lead, f"{RECORDS}/{second}/end", 422, on="2020-01-01")
        assert "Write dates as" in await send(lead, f"{RECORDS}/{second}/end", 422, on="soon")
        assert "The record is ended" in await send(lead, f"{RECORDS}/{second}/end", on="2031-01-01")
        page = await words(lead, f"{RECORDS}/{second}")
        assert "Ended: it holds no longer from 1 January 2031 on" in page
        assert "approved by: Senior information risk owner" in page


async def test_the_default_is_adopted_in_the_place_of_a_record_that_differs_from_it(served: Serving) -> None:
    body = "returning-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        steps = await Steps(lead).open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help")
        await steps.on(way="own")
        await to_check(
            steps, approval={"by": "siro"}, article_9={"article-9": [], "schedule-1": []},
            article_10={"article-10": [], "schedule-1-offences": []},
        )  # fmt: skip
        await recorded(lead, steps)
        (first,) = records_of(served, body)
        steps = await Steps(lead).open(f"{RECORDS}/new?supersedes={first}")
        assert "in the default, and not so in yours" in steps.text
        await steps.on(way="default")
        assert steps.heading == "Adopt the default"
        assert f'value="tier-1 early-help {first}" checked' in steps.text
        done = await send(
            lead, f"{RECORDS}/adoption", agreed="yes", purposes=f"tier-1 early-help {first}", by="legal-adviser"
        )
        assert "1 record counts" in done
    *_, last = served.registry.follower.view.lawful_bases_of(body)
    assert (last.recorded.adopted, last.recorded.supersedes, last.recorded.approved_by) == (
        "default", first, "legal-adviser",
    )  # fmt: skip


async def test_another_bodys_record_cannot_be_superseded_nor_ended(served: Serving) -> None:
    await joined(served, "steady-school", "tier-1")
    async with signed_in(served, "steady-school", "ig-lead") as lead:
        await send(lead, f"{RECORDS}/adoption", agreed="yes", purposes="tier-1 early-help")
    (record,) = records_of(served, "steady-school")
    async with signed_in(served, POLICE, "ig-lead") as other:
        for path in (f"{RECORDS}/new?supersedes={record}", f"{RECORDS}/{record}/end"):
            assert (await other.client.get(path)).status_code == 404
        await send(other, f"{RECORDS}/{record}/end", 404, on="2031-01-01")
        await send(other, f"{RECORDS}/check", 404, supersedes=record)


async def test_signing_in_again_before_the_last_look_loses_nothing(served: Serving) -> None:
    """The answers travel in the address, and that is where the provider sends the browser back to."""
    body = "patient-school"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        steps = await Steps(lead).open(f"{RECORDS}/new?agreement=tier-1&purpose=early-help")
        await steps.on(way="own")
        await to_check(steps, approval={"by": "siro"}, papers={"dpia": "DPIA-12"})
        await lead.changed("auth_time = now() - interval '10 minutes'")
        away = await lead.client.get(steps.address)
        assert away.headers["location"].startswith("/sign-in/again?return=")
        back = dict(parse_qsl(urlsplit(away.headers["location"]).query))["return"]
        assert back == steps.address
        asked = await lead.begin(body, "/sign-in/again", csrf=await lead.csrf(), **{"return": back})
        answer = await lead.come_back(body, "ig-lead", asked, auth_time=int(time.time()))
        assert answer.headers["location"] == steps.address
        assert "DPIA-12" in (await steps.open(answer.headers["location"])).text


# --- the record of processing activities ---------------------------------------------------------------------------


async def test_the_record_of_processing_is_a_page_and_two_files(served: Serving) -> None:
    body, address = "processing-school", "/account/processing-record"
    await joined(served, body, "tier-1")
    async with signed_in(served, body, "ig-lead") as lead:
        await send(lead, f"{RECORDS}/adoption", agreed="yes", purposes="tier-1 early-help")
        page = await words(lead, address)
        for said in (
            "Early help", "Public task", "APD-2026-1, to be reviewed on 31 March 2027", "Data protection officer",
            "What the registry cannot say", f'href="{RECORDS}/{records_of(served, body)[0]}"',
            f'href="{RECORDS}/new?agreement=tier-1&purpose=pre-birth"',
        ):  # fmt: skip
            assert said in page, said
        assert page.count("No record holds") == 5
        today = london_date(served.registry.now())
        whole = await lead.client.get(f"{address}?format=json&on={today}")
        assert whole.headers["content-disposition"] == (f'attachment; filename="processing-record-{body}-{today}.json"')
        activities = whole.json()["activities"]
        assert [one["purpose"] for one in activities if one["basis"] is not None] == ["early-help"]
        table = (await lead.client.get(f"{address}?format=csv&on={today}")).text.splitlines()
        assert (len(table), table[0].startswith("controller,")) == (7, True)
        assert "Enter the day as year-month-day" in errors(await words(lead, f"{address}?on=soon", 422))
        assert (await lead.client.get(f"{address}?on=2020-01-01")).status_code == 200
    async with signed_in(served, body, "signatory") as signatory:
        assert (await signatory.client.get(address)).status_code == 403
