"""From an invitation on a page to a person who signs in for the body that joined; lists, imports and what is left."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import pytest
from joserfc.jwk import ECKey

from guards.pages import Page
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.ledger.drafts import Draft
from joining.conftest import SECOND
from joining.counties import as_csv, county
from joining.test_invitations import office, token_of
from live import LEAD, POLICE
from people.visiting import hidden
from serving import CLIENT, Serving, issuer_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

IMPORT, INVITATIONS = "/organisations/import", "/organisations/invitations"
SCHOOL = "linked-school"
FORM = {
    "name": "Linked School",
    "contact_urgent": "School office 0191 496 0000",
    "ico_registration": "ZA123456",
    "policy_reference": "APD-2026-1",
    "policy_review_on": "2099-09-01",
    "sign_in": "own",
    "profile": "generic",
    "issuer": issuer_of(SCHOOL),
    "client": CLIENT,
    "subject": "head-1",
}


@asynccontextmanager
async def visitor(served: Serving) -> AsyncIterator[Page]:
    async with served.client(**{"Sec-Fetch-Site": "same-origin"}) as client:
        yield Page(served, client)


@asynccontextmanager
async def signed_in(served: Serving, body: str, subject: str) -> AsyncIterator[Page]:
    async with visitor(served) as page:
        answer = await page.sign_in(body, subject, auth_time=int(time.time()))
        assert answer.status_code == 303, answer.text
        yield page


async def words(page: Page, path: str, status: int = 200) -> str:
    answer = await page.client.get(path)
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


async def send(page: Page, path: str, status: int = 200, **form: str) -> str:
    answer = await page.client.post(path, data={"csrf": await page.csrf(), **form})
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


async def test_from_the_link_of_an_invitation_to_a_body_whose_lead_signs_in(served: Serving) -> None:
    served._keys[issuer_of(SCHOOL)] = ECKey.generate_key("P-256")
    async with signed_in(served, LEAD, "business-unit") as unit, visitor(served) as school:
        told = await send(
            unit, f"{INVITATIONS}/new", organisation=SCHOOL, name="A School", kind="maintained-school",
            address="office@linked.example",
        )  # fmt: skip
        link = re.search(r"<code>https://registry\.test(/join/[A-Za-z0-9_-]{43})</code>", told)
        assert link is not None
        page = await words(school, link[1])
        assert 'value="A School"' in page
        assert "Durham County Council" in page
        before = served.registry.follower.view.size
        sent = await school.client.post(link[1], data=FORM)
        assert (sent.status_code, sent.headers["location"]) == (303, link[1])
        page = await words(school, link[1])
        assert "It is sent" in page
        callback = re.search(r"<code>https://registry\.test(/auth/[a-z0-9-]+/callback)</code>", page)
        assert callback is not None
        assert "ZA123456" not in page, "whoever else has the link is shown nothing of what was filled in"
        assert served.registry.follower.view.size == before

        waiting = await words(unit, INVITATIONS)
        (address,) = set(re.findall(rf'href="({INVITATIONS}/inv_[0-9a-f]+)">A School<', waiting))
        page = await words(unit, address)
        for value in (*FORM.values(), "Let an issuer speak for"):
            assert value in page or value in ("own", "generic")
        assert "Let an issuer speak for Linked School" in page
        done = await send(unit, address, word="confirm", sha256=hidden(page, "sha256"))
        proposal = re.search(r'href="(/account/proposals/prp_[0-9a-f]+)"', done)
        assert proposal is not None
        assert "You are registered" in await words(school, link[1])
        async with signed_in(served, LEAD, SECOND) as second:
            page = await words(second, proposal[1])
            assert "And grant a role at Linked School" in page
            done = await send(second, proposal[1], word="approve", sha256=hidden(page, "sha256"))
            assert "Approved, and logged" in done
        assert "Your people can" in await words(school, link[1])

        (use,) = served.registry.follower.view.issuers(issuer_of(SCHOOL))
        assert use.sign_in is not None
        assert callback[1] == f"/auth/{school.slug(SCHOOL)}/callback"
        answer = await school.sign_in(SCHOOL, "head-1", auth_time=int(time.time()))
        assert (answer.status_code, school.session is not None) == (303, True), answer.text
        page = await words(school, "/account/set-up")
        assert "Linked School" in page
        (sub,) = re.findall(r"(\d+) steps? (?:is|are) left", page)
        assert sub == "1", "who signs is left, and nothing else"
        done = await school.client.post(
            "/account/people/grant", data={"csrf": await school.csrf(), "subject": "head-1", "role": "signatory"}
        )
        assert done.status_code == 200
        assert "Nothing left" in await words(school, "/account/set-up")
        assert "Nothing left" in await words(unit, f"/organisations/{SCHOOL}/set-up")


async def test_a_form_of_a_link_says_what_is_wrong_at_its_field_and_keeps_what_was_filled_in(served: Serving) -> None:
    async with signed_in(served, LEAD, "business-unit") as unit, visitor(served) as school:
        told = await send(unit, f"{INVITATIONS}/new", organisation="odd-school", name="Odd", kind="academy")
        link = re.findall(r"/join/[A-Za-z0-9_-]{43}", told)[0]
        answer = await school.client.post(link, data={**FORM, "issuer": "login", "subject": "Jo Bloggs"})
        page = unescape(answer.text)
        assert answer.status_code == 422
        assert '<a href="#issuer">' in page
        assert '<a href="#subject">' in page
        assert 'value="School office 0191 496 0000"' in page
        (one,) = [one for one in await office(served).listed() if one.organisation == "odd-school"]
        assert one.state == "invited"
        page = await send(unit, f"{INVITATIONS}/{one.id}", word="withdraw")
        assert "The invitation is withdrawn" in page
        await words(school, link, 404)
        assert (await school.client.post(link, data=FORM)).status_code == 404


async def test_another_site_sends_no_answer(served: Serving) -> None:
    async with signed_in(served, LEAD, "business-unit") as unit, visitor(served) as school:
        told = await send(unit, f"{INVITATIONS}/new", organisation="tricked-school", name="T", kind="academy")
        link = re.findall(r"/join/[A-Za-z0-9_-]{43}", told)[0]
        answer = await school.client.post(link, data=FORM, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert (await office(served).of_link(token_of(f"https://registry.test{link}"))).state == "invited"


async def test_nothing_keeps_the_page_of_a_link_or_tells_others_where_it_is(served: Serving) -> None:
    async with signed_in(served, LEAD, "business-unit") as unit, visitor(served) as school:
        told = await send(unit, f"{INVITATIONS}/new", organisation="kept-school", name="K", kind="academy")
        link = re.findall(r"/join/[A-Za-z0-9_-]{43}", told)[0]
        wrong = {**FORM, "issuer": "login"}
        answers = [await school.client.get(link), await school.client.post(link, data=wrong)]
        answers += [await school.client.post(link, data=FORM), await school.client.get(link)]
        answers.append(await school.client.get(f"/join/{'A' * 43}"))
    assert [200, 422, 303, 200, 404] == [answer.status_code for answer in answers]
    for answer in answers:
        assert ("no-store", "no-referrer") == (answer.headers["cache-control"], answer.headers["referrer-policy"])
        assert not re.search(r'(?:href|src)="(?:https?:)?//', answer.text), "nothing leads or loads from elsewhere"


async def test_nothing_of_a_link_is_in_any_line_of_the_log(served: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    async with signed_in(served, LEAD, "business-unit") as unit, visitor(served) as school:
        told = await send(
            unit, f"{INVITATIONS}/new", organisation="quiet-school", name="Q", kind="academy",
            address="office@quiet.example",
        )  # fmt: skip
        link = re.findall(r"/join/[A-Za-z0-9_-]{43}", told)[0]
        await words(school, link)
        await school.client.post(link, data=FORM)
    written = capsys.readouterr().out
    assert "/join/{token}" in written
    assert link.rpartition("/")[2] not in written
    assert "quiet.example" not in written
    assert "head-1" not in written


async def test_a_list_is_pasted_looked_at_and_done_exactly_so(served: Serving) -> None:
    text = (
        "id,name,kind,contact_urgent\n"
        'pasted-1,Pasted “One”,college,"The <b>office</b>, always"\n'
        "pasted-2,Two,college,\n"
    )
    async with signed_in(served, LEAD, "business-unit") as unit:
        page = await send(unit, IMPORT, list=text)
        assert "2 to register" in page
        assert served.registry.follower.view.organisation("pasted-1") is None
        done = await send(unit, IMPORT, list=hidden_list(page), plan=hidden(page, "plan"))
        assert "The list is imported" in done
        assert "2 registered" in done
    found = served.registry.follower.view.organisation("pasted-1")
    assert found is not None
    assert (found.name, found.contacts) == ("Pasted “One”", {"urgent": "The <b>office</b>, always"})


async def test_a_file_with_three_bad_lines_names_them_first_and_offers_nothing(served: Serving) -> None:
    rows = [{**one, "id": f"f-{one['id']}", "parent": ""} for one in county(20, 2)]
    rows[3]["kind"], rows[7]["id"], rows[11]["name"] = "lighthouse", "Not An Id", "=1+1"
    async with signed_in(served, LEAD, "business-unit") as unit:
        answer = await unit.client.post(
            IMPORT, data={"csrf": await unit.csrf()}, files={"file": ("list.csv", as_csv(rows), "text/csv")}
        )
        page = unescape(answer.text)
    assert answer.status_code == 422
    assert [f'<a href="#line-{line}">' in page and f'id="line-{line}"' in page for line in (5, 9, 13)] == [True] * 3
    assert "3 refused" in page
    assert "Do exactly this" not in page
    assert served.registry.follower.view.organisation("f-school-0001") is None


async def test_a_list_that_would_do_something_else_by_now_is_shown_anew(served: Serving) -> None:
    text = "id,name,kind\nraced,New,college\n"
    async with signed_in(served, LEAD, "business-unit") as unit:
        page = await send(unit, IMPORT, list=text)
        raced = OrganisationRegistered("raced", "Old", "college")
        await served.registry.sequencer.append(Draft(payloads=(raced,)))
        again = await send(unit, IMPORT, 409, list=text, plan=hidden(page, "plan"))
        assert "would do something else now" in again
        assert "from “Old” to “New”" in again
        assert "1 to change" in again


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Choose a file, or paste the list"),
        ({"list": "a;b\n"}, "separated by commas"),
        ({"list": "id,name\n"}, "kind"),
    ],
)
async def test_what_is_no_list_is_said_at_its_field(served: Serving, form: dict[str, str], says: str) -> None:
    async with signed_in(served, LEAD, "business-unit") as unit:
        assert says in await send(unit, IMPORT, 422, **form)


async def test_the_list_of_all_is_searched_narrowed_and_goes_page_by_page(served: Serving) -> None:
    more = tuple(OrganisationRegistered(f"paged-{n:03}", f"Paged College {n:03}", "college") for n in range(120))
    await served.registry.sequencer.append(Draft(payloads=more))
    async with signed_in(served, POLICE, "practitioner") as somebody:
        seen: list[str] = []
        path = "/organisations?q=paged+college&kind=college"
        for _ in range(3):
            page = await words(somebody, path)
            assert "120 organisations" in page
            seen += re.findall(r"<code>(paged-\d+)</code>", page)
            onward = re.findall(r'href="(/organisations\?[^"]*after=[^"]*)"', page)
            path = onward[0] if onward else ""
        assert seen == [f"paged-{n:03}" for n in range(120)]
        assert "To set up" not in page
        assert "No organisation is like that" in await words(somebody, "/organisations?q=nothing-like-it")
        assert "Import many" not in page
    async with signed_in(served, LEAD, "business-unit") as unit:
        page = await words(unit, "/organisations/set-up?q=paged&left=some")
        assert "120 organisations" in page
        assert 'href="/organisations/paged-000/set-up"' in page
        assert "0 organisations" in await words(unit, "/organisations/set-up?q=paged&left=none")


@pytest.mark.parametrize(
    "query", ["q=%00&kind=x", "after=nothing-here", "left=maybe", "q=" + "a" * 5000, "partnership=*"]
)
async def test_what_the_list_is_asked_that_makes_no_sense_is_answered_all_the_same(served: Serving, query: str) -> None:
    async with signed_in(served, LEAD, "business-unit") as unit:
        await words(unit, f"/organisations/set-up?{query}")


async def test_the_pages_of_joining_are_the_business_units_and_a_leads_own(served: Serving) -> None:
    async with signed_in(served, POLICE, "ig-lead") as lead:
        assert "steps are left" in await words(lead, "/account/set-up")
        for path in (
            IMPORT,
            INVITATIONS,
            "/organisations/set-up",
            f"{INVITATIONS}/new",
            f"/organisations/{LEAD}/set-up",
        ):
            await words(lead, path, 403)
    async with signed_in(served, LEAD, "business-unit") as unit:
        await words(unit, "/organisations/nobody-here/set-up", 404)
        await words(unit, f"{INVITATIONS}/inv_{'0' * 32}", 404)
        assert "registered already" in await words(unit, f"{INVITATIONS}/new?organisation=example-gp-practice")


def hidden_list(page: str) -> str:
    found: Any = re.search(r'name="list" value="(.*?)">\n', page, re.DOTALL)
    return str(found[1])
