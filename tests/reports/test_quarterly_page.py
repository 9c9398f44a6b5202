"""The figures of a quarter on their page: those of the interface, in words, and a number that somebody gives."""

from __future__ import annotations

import re

import pytest

from isa_registry.domain.reporting.quarterly import MEASURES
from isa_registry.domain.reporting.quarters import quarter
from isa_registry.pages.quarterly import ADDRESS
from isa_registry.pages.quarterly_words import CODES, NO_TOTAL, quarter_in_words
from joining.test_pages import send, signed_in, words
from live import LEAD, POLICE
from reports.test_quarterly import ask, reported
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
__all__ = ["reported"]

OF_Q4 = f"{ADDRESS}?quarter=2026-Q4"


async def test_every_code_that_is_counted_has_its_words() -> None:
    assert {one.code: set(one.codes) for one in MEASURES} == {code: set(of) for code, of in CODES.items()}
    assert set(CODES) > NO_TOTAL


async def test_the_page_shows_the_numbers_of_the_interface_and_its_files_are_the_interfaces(reported: Serving) -> None:
    found = (await ask(reported, LEAD, "business-unit")).json()
    async with signed_in(reported, LEAD, "business-unit") as unit:
        shown = await words(unit, OF_Q4)
        for one in found["figures"]["measures"]:
            rows = re.search(rf'aria-labelledby="measure-{one["code"]}-caption".*?</table>', shown, re.DOTALL)
            counted = any(value != 0 for value in one["values"].values())
            assert (rows is not None) == counted, one["code"]
            for code, value in one["values"].items() if counted else ():
                assert rows is not None
                told = re.search(rf">{re.escape(CODES[one['code']][code])}</th>\s*<td[^>]*>([^<]*)<", rows[0])
                assert told is not None
                assert told[1] == ("a few" if value is None else f"{value:,}")
        for column in ("working_well", "worried_about", "needs_to_happen"):
            assert all(one["text"] in shown for one in found["signs_of_safety"][column])
        as_json = await unit.client.get(f"{OF_Q4}&format=json")
        as_csv = await unit.client.get(f"{OF_Q4}&format=csv")
    assert as_json.json() == found
    assert as_csv.content == (await ask(reported, LEAD, "business-unit", accept="text/csv")).content
    assert 'filename="quarterly-2026-Q4.csv"' in as_csv.headers["content-disposition"]


async def test_one_organisation_is_shown_alone_and_nobody_elses_to_a_body(reported: Serving) -> None:
    async with signed_in(reported, LEAD, "business-unit") as unit:
        assert "The numbers of Durham Constabulary" in await words(unit, f"{OF_Q4}&organisation={POLICE}")
        assert "The numbers of all together" in await words(unit, f"{OF_Q4}&organisation=nobody")
    async with signed_in(reported, POLICE, "ig-lead") as police:
        shown = await words(police, f"{OF_Q4}&organisation={LEAD}")
        assert "Numbers of" not in shown
        assert "The numbers of Durham County Council" not in shown


@pytest.mark.parametrize("code", ["2026-Q5", "soon", "2030-Q1"])
async def test_a_quarter_that_is_none_or_has_not_begun_is_told_at_the_field(reported: Serving, code: str) -> None:
    async with signed_in(reported, LEAD, "business-unit") as unit:
        assert "Choose a quarter that has begun" in await words(unit, f"{ADDRESS}?quarter={code}", 400)
        scaled = {"quarter": code, "question": "basis-understood", "value": "7"}
        assert "Choose a quarter that has begun" in await send(unit, ADDRESS, 422, **scaled)


async def test_a_number_is_given_and_replaces_the_one_before(reported: Serving) -> None:
    async with signed_in(reported, LEAD, "ig-lead") as lead:
        for value in ("4", "6"):
            sent = {"quarter": "2026-Q4", "question": "decisions-recorded", "value": value}
            answer = await lead.client.post(ADDRESS, data={"csrf": await lead.csrf(), **sent})
            assert answer.status_code == 303
        assert answer.headers["location"] == f"{OF_Q4}&partnership=durham&done=said#scale"
        shown = await words(lead, answer.headers["location"].partition("#")[0])
        assert "The number of your organisation is kept." in shown
    frame = (await ask(reported, LEAD, "business-unit")).json()["signs_of_safety"]
    assert [6] == [one["value"] for one in frame["scaling"] if one["organisation"] == LEAD]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("question", "", "Choose the question"),
        ("question", "other", "Choose the question"),
        ("value", "", "Choose a number from 0 to 10"),
        ("value", "11", "Choose a number from 0 to 10"),
        ("value", "+7", "Choose a number from 0 to 10"),
    ],
)
async def test_a_wrong_field_is_told_at_the_field(reported: Serving, field: str, value: str, told: str) -> None:
    sent = {"quarter": "2026-Q4", "question": "decisions-recorded", "value": "5", field: value}
    async with signed_in(reported, LEAD, "ig-lead") as lead:
        assert f'href="#{field}">{told}</a>' in await send(lead, ADDRESS, 422, **sent)


async def test_what_a_quarter_is_called() -> None:
    running, over = quarter("2026-Q4"), quarter("2026-Q3")
    assert running is not None
    assert over is not None
    assert quarter_in_words(running, "2026-12-31") == "October to December 2026 (so far)"
    assert quarter_in_words(over, "2026-10-01") == "July to September 2026"
