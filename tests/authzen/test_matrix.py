"""These recipients x these purposes: a cell for each, with its own answer or problem."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from asking import COUNCIL, ICB, POLICE
from authzen.speaking import Json
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

URL = "/api/v1/checks/matrix"
MATRIX: Json = {
    "recipients": [COUNCIL, {"kind": "voluntary"}, "home-office"],
    "purposes": ["child-protection-enquiry", "mappa"],
    "categories": ["identity", "health"],
    "circumstances": {"would_help_recipient": True},
}
OWN = ("id", "decided_at")


async def cells(client: httpx.AsyncClient, matrix: Json) -> list[Json]:
    answer = await client.post(URL, json=matrix)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["cells"]
    return found


async def test_each_cell_is_the_answer_to_its_check_in_order(police: httpx.AsyncClient) -> None:
    found = await cells(police, MATRIX)
    assert [(one["recipient"], one["purpose"]) for one in found] == [
        (recipient, purpose) for recipient in MATRIX["recipients"] for purpose in MATRIX["purposes"]
    ]
    assert len({one["result"]["outcome"] for one in found}) > 1
    for one in found:
        question = {name: value for name, value in MATRIX.items() if name not in ("recipients", "purposes")}
        question |= {"recipient": one["recipient"], "purpose": one["purpose"], "record": False}
        check = (await police.post("/api/v1/checks", json=question)).json()
        assert {**one["result"], **dict.fromkeys(OWN)} == {**check, **dict.fromkeys(OWN)}


async def test_it_is_recorded_only_where_that_is_asked_for(
    running: Serving, police: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the machine is: an answer that waits too long is told as one that was not recorded.
    monkeypatch.setattr("isa_registry.runtime.asking.RECORDING_SECONDS", 60.0)
    before = running.registry.follower.view.size
    assert {one["result"]["recorded"] for one in await cells(police, MATRIX)} == {False}
    assert running.registry.follower.view.size == before
    found = await cells(police, {**MATRIX, "record": True})
    assert {one["result"]["recorded"] for one in found} == {True}
    assert running.registry.follower.view.size == before + 6
    read = await police.get(f"/api/v1/checks/{found[2]['result']['id']}")
    assert read.json() == found[2]["result"]


async def test_a_bad_cell_harms_no_other_and_points_into_the_matrix(police: httpx.AsyncClient) -> None:
    matrix = {**MATRIX, "recipients": [COUNCIL, "No Id", {"kind": "circus"}], "purposes": ["mappa", "shopping"]}
    found = await cells(police, matrix)
    told = [one["result"].get("outcome") or [error["pointer"] for error in one["result"]["errors"]] for one in found]
    assert isinstance(told[0], str)
    assert told[1:] == [
        ["#/purposes/1"],
        ["#/recipients/1"],
        ["#/recipients/1"],
        ["#/recipients/2/kind"],
        ["#/recipients/2/kind", "#/purposes/1"],
    ]
    assert all("share now" in one["result"]["immediate_danger"] for one in found[1:])


async def test_what_is_wrong_for_all_is_told_of_each(police: httpx.AsyncClient) -> None:
    for more, status, pointer in (
        ({"categories": ["unicorns"]}, 422, "#/categories/0"),
        ({"provider": COUNCIL}, 403, "#/provider"),
        ({"record": True, "on": "2026-11-01"}, 422, "#/record"),
        ({"as_of": 10**12}, 422, "#/as_of"),
    ):
        found = await cells(police, {**MATRIX, **more})
        assert {one["result"]["status"] for one in found} == {status}
        assert {one["result"]["errors"][0]["pointer"] for one in found} == {pointer}


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"recipients": []}, "#/recipients"),
        ({"purposes": []}, "#/purposes"),
        ({"purposes": ["mappa", "mappa"]}, "#/purposes"),
        ({"recipients": [COUNCIL, ICB, COUNCIL]}, "#/recipients"),
        ({"recipients": [f"body-{number}" for number in range(501)]}, "#/recipients"),
        ({"recipients": COUNCIL}, "#/recipients"),
        ({"surprise": 1}, "#"),
        ({"record": None}, "#/record"),
    ],
)
async def test_what_is_wrong_with_the_whole_is_refused(
    police: httpx.AsyncClient, more: dict[str, Any], pointer: str
) -> None:
    answer = await police.post(URL, json={**MATRIX, **more})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert "share now" in answer.json()["immediate_danger"]


async def test_a_thousand_cells_are_answered(police: httpx.AsyncClient) -> None:
    found = await cells(police, {**MATRIX, "recipients": [f"body-{number}" for number in range(500)]})
    assert len({one["result"]["id"] for one in found}) == 1_000


async def test_the_past_and_another_day_are_asked_about_at_once(running: Serving, police: httpx.AsyncClient) -> None:
    size = running.registry.follower.view.size - 1
    found = await cells(police, {**MATRIX, "as_of": size, "on": "2026-05-01", "explain": True})
    assert {one["result"]["register"]["log_size"] for one in found} == {size}
    assert all(one["result"]["explained"] for one in found)


async def test_an_auditor_asks_for_another_body(auditor: httpx.AsyncClient) -> None:
    found = await cells(auditor, {**MATRIX, "provider": POLICE})
    assert all("outcome" in one["result"] for one in found)
