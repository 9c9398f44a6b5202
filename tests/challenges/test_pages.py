"""Professional differences on pages: raised from an answer, taken further, and what is overdue for the unit."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from challenges.conftest import THIRD
from challenges.raising import PATH, raised, step, system, taken, wanted
from guards.pages import Page
from joining.test_pages import signed_in, words
from live import LEAD, POLICE
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

MINE, NEW, OVERDUE = "/account/challenges", "/account/challenges/new", "/reports/challenges-overdue"
FORM = {
    "other": POLICE,
    "kind": "request",
    "id": "REQ-2026-118",
    "ground": "not-answered",
    "role": "social-worker",
    "ref": "STAFF-17",
    "case_record": "CMS-99",
}
BY = {"role": "team-manager", "ref": "STAFF-18", "stage": "stage-one"}
DANGER = "Nothing here delays a share."


async def send(page: Page, path: str, status: int, **form: str) -> str:
    answer = await page.client.post(path, data={"csrf": await page.csrf(), **form})
    assert answer.status_code == status, answer.text
    return str(answer.headers["location"]) if status == 303 else answer.text


async def test_a_practitioner_raises_a_challenge_and_the_other_body_answers_it(served: Serving) -> None:
    async with signed_in(served, LEAD, "practitioner") as council:
        assert DANGER in await words(council, NEW)
        address = await send(council, NEW, 303, **FORM)
        shown = await words(council, address)
        assert "The challenge is raised, and logged." in shown
        assert "Durham County Council challenges Durham Constabulary" in shown
        assert "Waits for Durham Constabulary" in shown
        assert DANGER in shown
        assert "To be confirmed by the partnership" in shown
        challenge = address.partition("?")[0]
        assert f'href="{challenge}"' in await words(council, MINE)
    async with signed_in(served, POLICE, "practitioner") as police:
        assert f'href="{challenge}"' in await words(police, f"{MINE}?side=received&state=open")
        assert "Waits for your organisation" in await words(police, challenge)
        answered = await send(police, challenge, 303, **BY, step="answer-shares")
        shown = await words(police, answered)
        assert "The step is taken, and logged." in shown
        assert "Team manager, STAFF-18" in shown
        assert "Close it." not in shown
    async with signed_in(served, LEAD, "ig-lead") as lead:
        closed = await send(lead, challenge, 303, **BY, step="close resolved-shared")
        shown = await words(lead, closed)
        assert "Settled: the information was shared" in shown
        assert "The next step" not in shown
        assert f'href="{challenge}"' in await words(lead, f"{MINE}?state=closed")


async def test_a_challenge_that_is_sent_twice_is_raised_once(served: Serving) -> None:
    async with signed_in(served, LEAD, "practitioner") as council:
        once = re.search(r'name="once" value="([0-9a-f]{32})"', await words(council, NEW))
        assert once is not None
        sent = {**FORM, "id": "REQ-2026-119", "once": once[1]}
        first = await send(council, NEW, 303, **sent)
        assert await send(council, NEW, 303, **sent) == first
        # From a page of its own it is another.
        assert await send(council, NEW, 303, **{**sent, "once": "0" * 32}) != first
        # What was changed after going back is another too.
        assert await send(council, NEW, 303, **{**sent, "ground": "not-shared"}) != first


async def test_a_link_brings_what_it_is_about_and_nothing_else(served: Serving) -> None:
    check = f"chk_{'0' * 32}"
    async with signed_in(served, LEAD, "practitioner") as council:
        shown = await words(council, f"{NEW}?check={check}&ground=not-shared&ref=STAFF-1&other={POLICE}")
        assert f'value="{check}"' in shown
        assert re.search(r'value="check"[^>]*checked', shown)
        assert re.search(rf'value="{POLICE}" selected', shown)
        assert 'STAFF-1"' not in shown
        refused = await send(council, NEW, 422, **{**FORM, "kind": "check", "id": check})
        assert "Your organisation has recorded no such check" in refused


async def test_an_answer_leads_to_a_challenge_about_it(served: Serving) -> None:
    question = {"recipient": POLICE, "purpose": "child-protection-enquiry", "categories": ["identity"]}
    async with served.client(served.machine(LEAD, "checks:ask")) as asking:
        check = (await asking.post("/api/v1/checks", json=question)).json()["id"]
    async with signed_in(served, LEAD, "practitioner") as council:
        assert f'href="{NEW}?check={check}"' in await words(council, f"/ask/answers/{check}")
    async with signed_in(served, LEAD, "business-unit") as unit:
        assert f"{NEW}?check=" not in await words(unit, f"/ask/answers/{check}")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("other", "", "Choose the other organisation"),
        ("other", LEAD, "Name the other body"),
        ("other", "nobody", "No such organisation takes part here"),
        ("kind", "", "Choose what it is about"),
        ("kind", "rumour", "Choose what it is about"),
        ("id", "", "Enter the reference of what it is about"),
        ("id", "Kate Smith", "never a name"),
        ("ground", "", "Choose what is disputed"),
        ("ground", "unkind", "Use one of"),
        ("role", "", "Choose your role"),
        ("role", "wizard", "Use one of"),
        ("ref", "", "Enter your staff reference"),
        ("ref", "jo@council.example", "at least one digit"),
        ("case_record", "2014-02-28", "This looks like a date"),
    ],
)
async def test_a_wrong_field_is_told_at_the_field(served: Serving, field: str, value: str, told: str) -> None:
    async with signed_in(served, LEAD, "practitioner") as council:
        before = served.registry.follower.view.size
        shown = await send(council, NEW, 422, **{**FORM, field: value})
    assert "<title>Error: " in shown
    assert told in shown
    assert re.search(rf'href="#{field}', shown), "the summary leads to the field"
    assert served.registry.follower.view.size == before


async def test_a_step_that_cannot_be_taken_is_told_in_the_form(served: Serving) -> None:
    challenge = f"{MINE}/{(await raised(served))['id']}"
    async with signed_in(served, LEAD, "practitioner") as council:
        assert "Say what was done" in await send(council, challenge, 422, **BY)
        assert "Use one of" in await send(council, challenge, 422, **{**BY, "role": ""}, step="move-up")
        assert "at least one digit" in await send(council, challenge, 422, **{**BY, "ref": "me"}, step="move-up")
        assert "cannot take this step" in await send(council, challenge, 409, **BY, step="answer-shares")
        await send(council, challenge, 303, **BY, step="move-up")
        moved = await send(council, challenge, 409, **BY, step="move-up")
        assert "It has moved to another stage meanwhile" in moved
        assert 'name="stage" value="stage-two"' in moved


async def test_the_unit_sees_what_is_overdue_between_any_two_and_can_do_nothing_in_it(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with system(served, POLICE) as police:
        found = (await police.post(PATH, json=wanted(other=THIRD))).json()
    challenge = f"{MINE}/{found['id']}"
    async with signed_in(served, LEAD, "business-unit") as unit:
        assert f'href="{challenge}"' not in await words(unit, OVERDUE)
        shown = await words(unit, challenge)
        assert "The next step" not in shown
        assert (await unit.client.get(MINE)).status_code == 403
        answer = await unit.client.post(challenge, data={"csrf": await unit.csrf(), **BY, "step": "move-up"})
        assert answer.status_code == 403
    async with signed_in(served, LEAD, "business-unit") as unit:
        later = served.registry.now() + timedelta(days=20)
        monkeypatch.setattr(served.registry, "now", lambda: later)
        shown = await words(unit, OVERDUE)
        assert f'href="{challenge}"' in shown
        assert "Durham Constabulary to Harbour" in shown
        assert "Overdue" in shown


async def test_anothers_challenge_is_not_there(served: Serving) -> None:
    found = await raised(served)
    async with signed_in(served, THIRD, "practitioner") as third:
        await words(third, f"{MINE}/{found['id']}", 404)
        await words(third, f"{MINE}/chl_{'0' * 32}", 404)
        assert found["id"] not in await words(third, MINE)


async def test_a_closed_challenge_is_counted_nowhere_as_open(served: Serving) -> None:
    found = await raised(served)
    await taken(served, LEAD, found["id"], step("close", outcome="withdrawn-by-raiser"))
    async with signed_in(served, LEAD, "practitioner") as council:
        assert found["id"] not in await words(council, f"{MINE}?state=open")


@pytest.mark.parametrize("query", ["state=x", "side=%3Cb%3E", "cursor=x", f"cursor=c{'9' * 40}", "done=x"])
async def test_a_query_that_is_no_filter_breaks_nothing(served: Serving, query: str) -> None:
    async with signed_in(served, LEAD, "practitioner") as council:
        await words(council, f"{MINE}?{query}")
        await words(council, f"{NEW}?{query}")
