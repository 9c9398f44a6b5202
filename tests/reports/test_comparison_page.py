"""The page on which two versions are compared: what changed is said on top, marked in place, heard as well as seen."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.comparing.words import Run, word_runs
from isa_registry.pages.comparing import marked
from next_version import old_version
from pages.browsing import Page
from serving import Serving

URL = "/agreements/tier-2-hoth/compare"


async def read(shared: Serving, path: str = URL, status: int = 200) -> tuple[Page, str]:
    async with shared.client() as client:
        answer = await client.get(path)
    assert status == answer.status_code
    return Page(answer.text), answer.text


@pytest.mark.asyncio(loop_scope="session")
async def test_without_a_choice_it_compares_the_newest_with_the_one_before(shared: Serving) -> None:
    _, chosen = await read(shared, f"{URL}?from=1.0&to=1.1")
    _, unchosen = await read(shared)
    assert chosen == unchosen
    assert "<title>" in chosen
    assert "versions 1.0 and 1.1 compared" in chosen


@pytest.mark.asyncio(loop_scope="session")
async def test_on_top_are_the_counts_and_the_schedules_in_sentences(shared: Serving) -> None:
    _, text = await read(shared)
    top = text[: text.index("Clauses with a change")]
    for sentence in (
        "9 clauses are changed", "1 clause is moved to another number", "2 clauses are new", "1 clause is gone",
        "Adds category finance to crime prevention.",
        "Delegates under a scheme of delegation may no longer sign for maintained schools.",
    ):  # fmt: skip
        assert sentence in top
    unchanged = len(parse_agreement(old_version().text)) - 9 - 1 - 1
    assert f"{unchanged} clauses did not change." in text


@pytest.mark.asyncio(loop_scope="session")
async def test_each_clause_with_a_change_is_in_the_contents_and_on_the_page(shared: Serving) -> None:
    page, text = await read(shared)
    links = [given["href"] for tag, given in page.attributes if tag == "a" and given.get("href", "").startswith("#")]
    assert {"#14.3-moved", "#10.21-new", "#18.3-gone", "#9.3-changed"} <= set(links)
    assert all(link.removeprefix("#") in page.ids for link in links)
    assert "Clause 14.2 is now clause 14.3. Not a word of it changed." in text
    assert "Most of its words come from clause 13.1." in text


@pytest.mark.asyncio(loop_scope="session")
async def test_marks_are_elements_and_are_spoken(shared: Serving) -> None:
    page, text = await read(shared)
    assert page.tags["ins"] > 10
    assert page.tags["del"] > 10
    spoken = re.findall(r'<(ins|del)><span class="govuk-visually-hidden">\[(added|removed): </span>', text)
    assert {("ins", "added"), ("del", "removed")} == set(spoken)
    # The two on top say what the marks look like, and are not spoken as a change.
    assert page.tags["ins"] + page.tags["del"] == len(spoken) + 2


@pytest.mark.asyncio(loop_scope="session")
async def test_of_a_table_only_the_rows_that_changed_are_shown(shared: Serving) -> None:
    _, text = await read(shared)
    table = text[text.index('id="A.1-changed"') : text.index('id="E.1-changed"')]
    assert "29 rows of this table did not change." in table
    assert 1 == table.count('<th scope="row">')
    assert "Money, benefits, debt" in table


@pytest.mark.asyncio(loop_scope="session")
async def test_a_version_that_is_not_there_leads_back_to_the_choice(shared: Serving) -> None:
    page, _ = await read(shared, f"{URL}?from=1.0&to=9.9", 404)
    assert URL in [given.get("href") for tag, given in page.attributes if tag == "a"]
    await read(shared, "/agreements/nothing/compare", 404)


@pytest.mark.asyncio(loop_scope="session")
async def test_one_and_the_same_version_says_so(shared: Serving) -> None:
    _, text = await read(shared, f"{URL}?from=1.1&to=1.1")
    assert "This is one and the same version. Choose another one." in text


def test_words_are_escaped_and_links_in_them_lead_nowhere() -> None:
    shown = marked(word_runs("a <b>c</b> [x](https://evil.example)", "a <script>d</script> [x](javascript:1)"))
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "href" not in shown


def test_what_is_only_space_has_no_mark() -> None:
    assert Markup("a\nb") == marked((Run("same", "a"), Run("added", "\n"), Run("same", "b")))
