"""Two published versions are compared in public, exactly, and the same way each time."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from isa_registry.api.comparing import VersionComparison
from isa_registry.domain.comparing.comparison import Wording, compare
from isa_registry.domain.comparing.words import after, before
from next_version import next_version, old_version
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

URL = "/api/v1/agreements/tier-2-hoth/compare"


async def compared(shared: Serving, query: str = "from=1.0&to=1.1", **headers: str) -> Any:
    async with shared.client() as client:
        return await client.get(f"{URL}?{query}", headers=headers)


async def test_the_answer_is_the_comparison_of_exactly_these_two_versions(shared: Serving) -> None:
    answer = await compared(shared)
    assert 200 == answer.status_code
    found = answer.json()
    assert ["1.0", "1.1"] == [found[side]["version"] for side in ("from", "to")]
    for side, edition in (("from", old_version()), ("to", next_version())):
        assert found[side]["text_sha256"] == hashlib.sha256(edition.text.encode()).hexdigest()
    wordings = [Wording(one.text, one.read) for one in (old_version(), next_version())]
    expected = compare(*wordings, next_version().read.heirs)
    typed = msgspec.json.decode(answer.content, type=VersionComparison)
    assert (expected.counts, expected.clauses, expected.schedule) == (typed.counts, typed.clauses, typed.schedule)


async def test_words_are_there_in_runs_that_lead_from_one_version_to_the_other(shared: Serving) -> None:
    typed = msgspec.json.decode((await compared(shared)).content, type=VersionComparison)
    changed = next(one for one in typed.clauses if one.id == "9.3")
    assert "".join(before(block.runs) for block in changed.blocks) in old_version().text
    assert "".join(after(block.runs) for block in changed.blocks) in next_version().text


async def test_the_other_way_round_added_and_removed_change_places(shared: Serving) -> None:
    there, back = (await compared(shared)).json(), (await compared(shared, "from=1.1&to=1.0")).json()
    assert (there["counts"]["words_added"], there["counts"]["new"]) == (
        back["counts"]["words_removed"],
        back["counts"]["gone"],
    )
    assert there["from"] == back["to"]


async def test_it_never_changes_so_whoever_has_it_need_not_fetch_it_again(shared: Serving) -> None:
    first = await compared(shared)
    tag = first.headers["etag"]
    assert tag == f'"{hashlib.sha256(first.content).hexdigest()}"'
    assert "public, max-age=86400" == first.headers["cache-control"]
    again = await compared(shared, **{"If-None-Match": tag})
    assert (304, b"", tag) == (again.status_code, again.content, again.headers["etag"])
    assert first.content == (await compared(shared)).content


async def test_a_version_beside_itself_has_no_difference(shared: Serving) -> None:
    found = (await compared(shared, "from=1.1&to=1.1")).json()
    assert {"unchanged"} == {one["state"] for one in found["clauses"]}
    assert [] == found["schedule"]


@pytest.mark.parametrize(
    ("query", "status", "pointer", "code"),
    [
        ("", 400, "#/from", "missing"),
        ("from=1.0", 400, "#/to", "missing"),
        ("from=1.0&to=1.1&to=1.0", 400, "#/to", "repeated"),
        ("from=1.0&to=1.1&words=no", 400, "#", "unknown-parameter"),
        ("from=1.0&to=9.9", 404, "#/to", "unknown"),
        ("from=%00&to=1.1", 404, "#/from", "unknown"),
    ],
)
async def test_what_cannot_be_compared_is_pointed_at(
    shared: Serving, query: str, status: int, pointer: str, code: str
) -> None:
    answer = await compared(shared, query)
    assert status == answer.status_code
    assert (pointer, code) == (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"])


async def test_an_agreement_that_is_not_there_is_not_found(shared: Serving) -> None:
    async with shared.client() as client:
        answer = await client.get("/api/v1/agreements/nothing/compare?from=1.0&to=1.1")
    assert 404 == answer.status_code


async def test_two_versions_are_compared_once_however_often_they_are_asked_for(shared: Serving) -> None:
    view, comparisons = shared.registry.follower.view, shared.app.state["comparisons"]
    versions = [view.agreement_version("tier-2-hoth", one) for one in ("1.0", "1.1")]
    assert all(versions)
    assert await comparisons.of(view, *versions) is await comparisons.of(view, *versions)
