"""Many organisations by one file: looked at line by line, then done as it was looked at, or not at all."""

from __future__ import annotations

import asyncio
import json
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from isa_registry.actions.deciding import Decider
from isa_registry.domain import organisation_files
from isa_registry.domain.dates import london_date
from isa_registry.domain.organisation_files import COLUMNS
from isa_registry.domain.party_entries import OrganisationChanged
from isa_registry.domain.refusals import Refused
from isa_registry.domain.set_up import left
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.joining import imports
from isa_registry.store import log
from isa_registry.store.pool import EVERYTHING, reading_for
from joining.counties import as_csv, county
from live import LEAD, POLICE
from serving import Serving, issuer_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

URL = "/api/v1/organisations/import"
HEAD = "id,name,kind,parent\n"
CSV = {"Content-Type": "text/csv"}


def unit(served: Serving, **claims: Any) -> httpx.AsyncClient:
    return served.client(served.person(LEAD, "business-unit", **claims))


async def look(client: httpx.AsyncClient, data: bytes | str) -> dict[str, Any]:
    answer = await client.post(URL, params={"dry_run": "true"}, content=data, headers=CSV)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def do(client: httpx.AsyncClient, data: bytes | str, sha256: str, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(URL, params={"plan": sha256}, content=data, headers={**CSV, **given})


def problem(answer: httpx.Response, status: int, code: str) -> list[tuple[str, str]]:
    body = answer.json()
    assert (answer.status_code, body["type"].rpartition("/")[2]) == (status, code), answer.text
    return [(one["pointer"], one["code"]) for one in body.get("errors", [])]


def body(served: Serving, organisation: str) -> Any:
    return served.registry.follower.view.organisation(organisation)


async def test_a_dry_run_says_what_would_happen_and_does_nothing(served: Serving) -> None:
    before = served.registry.follower.view.size
    async with unit(served) as client:
        plan = await look(
            client,
            HEAD + f"new-one,New,academy,new-trust\nnew-trust,Trust,academy-trust,\n{POLICE},The Police,police,\n",
        )
    assert [(one["line"], one["action"]) for one in plan["lines"]] == [(2, "register"), (3, "register"), (4, "change")]
    assert plan["counts"] == {"register": 2, "change": 1, "nothing": 0, "refused": 0}
    (change,) = plan["lines"][2]["changes"]
    assert (change["column"], change["after"]) == ("name", "The Police")
    assert served.registry.follower.view.size == before


async def test_what_was_looked_at_is_logged_parents_first_by_the_person_who_decided(served: Serving) -> None:
    data = HEAD + "b-school,B,academy,z-trust\nz-trust,Z,academy-trust,a-group\na-group,A,academy-trust,\n"
    async with unit(served) as client:
        plan = await look(client, data)
        answer = await do(client, data, plan["sha256"])
        assert answer.status_code == 201
        done = answer.json()
    assert int(answer.headers["isa-log-size"]) == done["entry"] + 3
    view = served.registry.follower.view
    assert [view.organisation(one) is not None for one in ("a-group", "z-trust", "b-school")] == [True] * 3
    number = view.first_known_by(f"https://idp.{LEAD}.test", "business-unit")
    assert {body(served, one).approved_by for one in ("a-group", "z-trust", "b-school")} == {(number,)}
    order = [await _logged_at(served, done["entry"] + place) for place in range(3)]
    assert order == ["a-group", "z-trust", "b-school"]


async def _logged_at(served: Serving, index: int) -> str:
    async with reading_for(served.registry.reading, EVERYTHING) as connection:
        found = await log.entry(connection, index)
    assert found is not None
    return str(json.loads(found.payload)["organisation"])


async def test_the_same_file_again_has_nothing_to_do(served: Serving) -> None:
    data = HEAD + "again,Again,college,\n"
    async with unit(served) as client:
        assert (await do(client, data, (await look(client, data))["sha256"])).status_code == 201
        plan = await look(client, data)
        assert plan["counts"] == {"register": 0, "change": 0, "nothing": 1, "refused": 0}
        problem(await do(client, data, plan["sha256"]), 409, "conflict")


async def test_a_column_that_is_not_there_leaves_what_stands_and_an_empty_cell_takes_it_away(served: Serving) -> None:
    full = "id,name,kind,contact_urgent,contact_advice,policy_document_reference,policy_document_review_on,designated\n"
    async with unit(served) as client:
        data = full + "kept,Kept,academy,The office,The desk,APD-1,2027-01-01,yes\n"
        assert (await do(client, data, (await look(client, data))["sha256"])).status_code == 201
        data = "id,name,kind,contact_advice,policy_document_review_on\nkept,Kept,academy,,2027-02-02\n"
        plan = await look(client, data)
        assert plan["lines"][0]["changes"] == [
            {"column": "policy_document_review_on", "before": "2027-01-01", "after": "2027-02-02"},
            {"column": "contact_advice", "before": "The desk", "after": ""},
        ]
        assert (await do(client, data, plan["sha256"])).status_code == 201
    kept = body(served, "kept")
    assert (kept.contacts, kept.designated) == ({"urgent": "The office"}, True)
    assert (kept.policy_document.reference, kept.policy_document.review_on) == ("APD-1", "2027-02-02")


async def test_three_bad_lines_in_three_hundred_are_each_named_and_nothing_is_done(served: Serving) -> None:
    rows = county()[:-3]
    rows += [
        {"id": "Not An Id", "name": "One", "kind": "academy"},
        {"id": "two", "name": "Two", "kind": "lighthouse"},
        {"id": "three", "name": "Three", "kind": "academy", "parent": "no-such-trust"},
        *county()[-3:],
        {"id": "five", "name": "Five", "kind": "voluntary"},
        {"id": "six", "name": "Six", "kind": "voluntary"},
        {"id": "seven", "name": "Seven", "kind": "voluntary"},
    ]
    data = as_csv(rows)
    assert len(rows) == 303
    before = served.registry.follower.view.size
    async with unit(served) as client:
        plan = await look(client, data)
        assert plan["counts"]["refused"] == 3
        bad = [(one["line"], one["faults"][0]["column"]) for one in plan["lines"] if one["faults"]]
        first = len(county()) - 3 + 2
        assert bad == [
            (first, "id"),
            (first + 1, "kind"),
            (first + 2, "parent"),
        ]
        answer = await do(client, data, plan["sha256"])
    found = problem(answer, 422, "unprocessable")
    assert [one for one, _ in found] == [f"#/{first}/id", f"#/{first + 1}/kind", f"#/{first + 2}/parent"]
    assert all(f"Line {first + place}" in one["detail"] for place, one in enumerate(answer.json()["errors"]))
    assert "lighthouse" not in answer.text
    assert served.registry.follower.view.size == before


async def test_a_county_is_registered_whole(served: Serving) -> None:
    data = as_csv(county())
    async with unit(served) as client:
        plan = await look(client, data)
        assert plan["counts"] == {"register": 297, "change": 0, "nothing": 0, "refused": 0}
        done = await do(client, data, plan["sha256"])
    assert done.status_code == 201
    assert served.registry.follower.view.size == done.json()["entry"] + 297
    kinds = Counter(
        one.organisation_kind
        for one in served.registry.follower.view.organisations()
        if one.organisation[:6] in ("school", "trust-")
    )
    assert kinds["academy-trust"] == 23
    assert kinds["academy"] + kinds["maintained-school"] == 274


async def test_the_worked_example_of_the_format_page_is_taken_whole(served: Serving) -> None:
    """docs/formats/organisations-csv.md, "organisations-csv.md" of the formats."""
    page = (Path(__file__).parents[2] / "docs" / "formats" / "organisations-csv.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```csv\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for column in COLUMNS:
        assert f"`{column}`" in page
    async with unit(served) as client:
        plan = await look(client, example)
        assert plan["counts"] == {"register": 4, "change": 0, "nothing": 0, "refused": 0}
        assert (await do(client, example, plan["sha256"])).status_code == 201
    hill = body(served, "example-hill-academy")
    assert (hill.name, hill.parent, hill.named_out) == (
        "Example Academy, The Hill", "example-north-trust", ("tier-2-hoth",),
    )  # fmt: skip
    codes = set(re.findall(r'"([a-z-]+)", ', source_of_faults()))
    named = set(re.findall(r"`([a-z-]+)`", page.partition("## The answer")[2]))
    assert codes
    assert codes <= named, codes - named


def source_of_faults() -> str:
    """Every line of the reader that makes a fault, with its code."""
    text = Path(organisation_files.__file__).read_text(encoding="utf-8")
    made = re.findall(r'(?:_Wrong|_no_file)\(\s*("[a-z-]+", )|LineFault\([^,]*, [^,]*, ("[a-z-]+", )', text)
    return "".join(one or other for one, other in made)


async def test_a_circle_of_parents_is_refused_with_its_lines_and_with_nobody_else(served: Serving) -> None:
    async with unit(served) as client:
        data = HEAD + "x-a,A,academy-trust,x-c\nx-b,B,academy-trust,x-a\nx-c,C,academy-trust,x-b\nx-d,D,academy,x-a\n"
        plan = await look(client, data)
        refused = {one["line"]: one["faults"] for one in plan["lines"] if one["action"] == "refused"}
        assert {2, 3, 4} <= set(refused)
        assert all(
            refused[line][0]["code"] == "cycle" and "lines 2, 3, 4" in refused[line][0]["detail"] for line in (2, 3, 4)
        )
        itself = await look(client, HEAD + "x-e,E,academy,x-e\n")
        assert itself["lines"][0]["faults"][0]["column"] == "parent"
        # By way of what is registered already.
        data = HEAD + "y-a,A,academy-trust,\ny-b,B,academy-trust,y-a\n"
        assert (await do(client, data, (await look(client, data))["sha256"])).status_code == 201
        round_about = await look(client, HEAD + "y-a,A,academy-trust,y-b\n")
        assert round_about["lines"][0]["faults"][0]["code"] == "cycle"


async def test_a_register_that_moved_so_that_the_plan_would_differ_refuses_it(served: Serving) -> None:
    data = HEAD + "moved,New name,college,\n"
    async with unit(served) as client:
        first = HEAD + "moved,Old name,college,\n"
        assert (await do(client, first, (await look(client, first))["sha256"])).status_code == 201
        plan = await look(client, data)
        stands = body(served, "moved")
        record = OrganisationChanged(**{one: getattr(stands, one) for one in stands.__struct_fields__})
        await served.registry.sequencer.append(Draft(payloads=(replace(record, contacts={"urgent": "Its desk"}),)))
        found = problem(await do(client, data, plan["sha256"]), 409, "conflict")
        assert found == [("#/plan", "another-plan")]
        assert body(served, "moved").contacts == {"urgent": "Its desk"}
        # What has nothing to do with the file is in nobody's way.
        plan = await look(client, data)
        await served.registry.sequencer.append(Draft(payloads=(OrganisationChanged("elsewhere", "E", "college"),)))
        assert (await do(client, data, plan["sha256"])).status_code == 201
    assert (body(served, "moved").name, body(served, "moved").contacts) == ("New name", {"urgent": "Its desk"})


async def test_another_file_than_was_looked_at_is_refused(served: Serving) -> None:
    async with unit(served) as client:
        plan = await look(client, HEAD + "other-1,Other,college,\n")
        problem(await do(client, HEAD + "other-2,Other,college,\n", plan["sha256"]), 409, "conflict")
    assert body(served, "other-2") is None


async def test_what_a_bodys_own_lead_decides_is_left_to_them(served: Serving) -> None:
    stands = body(served, POLICE)
    data = f"id,name,kind,contact_urgent\n{POLICE},{stands.name},police,Control room\n"
    async with unit(served) as client:
        plan = await look(client, data)
        (fault,) = plan["lines"][0]["faults"]
        assert (fault["column"], fault["code"]) == ("contact_urgent", "not-yours")


async def test_a_review_date_without_a_document_is_refused_whether_or_not_there_is_a_column_for_it(
    served: Serving,
) -> None:
    async with unit(served) as client:
        for head, cells in (("", ""), (",policy_document_reference", ",")):
            data = f"id,name,kind,policy_document_review_on{head}\nundocumented,U,college,2027-03-31{cells}\n"
            (fault,) = (await look(client, data))["lines"][0]["faults"]
            assert (fault["column"], fault["code"]) == ("policy_document_review_on", "not-a-pair")


async def test_a_partnership_that_is_not_there_is_refused(served: Serving) -> None:
    async with unit(served) as client:
        plan = await look(client, "id,name,kind,partnerships\np-1,P,college,durham;nowhere\np-2,P,college,durham\n")
    assert [one["action"] for one in plan["lines"]] == ["refused", "register"]
    assert plan["lines"][0]["faults"][0]["column"] == "partnerships"


async def test_the_same_request_again_is_one_import(served: Serving) -> None:
    data = HEAD + "once,Once,college,\n"
    async with unit(served) as client:
        sha256 = (await look(client, data))["sha256"]
        first = await do(client, data, sha256, Idempotency_Key="import-once-1")
        again = await do(client, data, sha256, Idempotency_Key="import-once-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["entry"] == again.json()["entry"]


async def test_only_the_business_unit_signed_in_just_now_imports(served: Serving) -> None:
    data = HEAD + "nobodys,N,college,\n"
    for token, status in (
        (served.person(LEAD, "ig-lead"), 403),
        (served.person(POLICE, "ig-lead"), 403),
        (served.person(LEAD, "business-unit", auth_time=int(time.time()) - 3600), 401),
    ):
        async with served.client(token) as client:
            answer = await client.post(URL, params={"dry_run": "true"}, content=data, headers=CSV)
            assert answer.status_code == status


async def test_who_is_not_of_the_business_unit_looks_at_no_plan_and_carries_none_out(served: Serving) -> None:
    """Whatever an edge let in: the action asks too, and at the tail again."""
    data = (HEAD + "strangers,S,college,\n").encode()
    by = Decider(organisation=POLICE, issuer=issuer_of(POLICE), subject="ig-lead")
    with pytest.raises(Refused) as looked:
        imports.look(served.registry, data, by)
    with pytest.raises(Refused) as done:
        await imports.carry_out(served.registry, data, "0" * 64, by)
    assert (looked.value.code, done.value.code) == ("forbidden", "forbidden")


@pytest.mark.parametrize("query", [{}, {"dry_run": "false"}, {"plan": "abc"}, {"dry_run": "true", "plan": "0" * 64}])
async def test_what_is_neither_a_dry_run_nor_a_plan_does_nothing(served: Serving, query: dict[str, str]) -> None:
    async with unit(served) as client:
        answer = await client.post(URL, params=query, content=HEAD + "neither,N,college,\n", headers=CSV)
    problem(answer, 400, "malformed")


async def test_a_file_that_is_none_is_a_problem_that_repeats_nothing(served: Serving) -> None:
    async with unit(served) as client:
        answer = await client.post(URL, params={"dry_run": "true"}, content=b"secret;words\n", headers=CSV)
        assert problem(answer, 422, "unprocessable")[0][1] == "separator"
        assert "secret" not in answer.text
        large = await client.post(URL, params={"dry_run": "true"}, content=b"x" * 1_200_000, headers=CSV)
        problem(large, 413, "too-large")


async def test_a_new_body_sees_its_list_and_so_does_the_unit_and_nobody_else(served: Serving) -> None:
    async with unit(served) as client:
        found = (await client.get(f"/api/v1/organisations/{POLICE}/set-up")).json()
        assert found["left"] == sum(one["needed"] and not one["done"] for one in found["steps"])
        assert [one["code"] for one in found["steps"]][:3] == ["issuer", "ig-lead", "signatory"]
        assert (await client.get("/api/v1/organisations/nobody-here/set-up")).status_code == 404
    async with served.client(served.person(POLICE, "ig-lead")) as own:
        assert (await own.get(f"/api/v1/organisations/{POLICE}/set-up")).json() == found
        assert (await own.get(f"/api/v1/organisations/{LEAD}/set-up")).status_code == 403


@asynccontextmanager
async def pauses() -> AsyncIterator[list[float]]:
    """How long at most this worker answered nobody, in seconds: one number at the end."""
    longest = [0.0]

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            longest[0] = max(longest[0], time.perf_counter() - began - 0.005)

    ticking = asyncio.create_task(tick())
    try:
        yield longest
    finally:
        ticking.cancel()


@pytest.mark.long
async def test_two_thousand_are_imported_in_one_turn(served: Serving, record_property: Any) -> None:
    rows = [{**one, "id": f"n-{one['id']}"} for one in county(1_900, 100)]
    for one in rows:
        one.update({"parent": f"n-{one['parent']}"} if one.get("parent") else {})
    renamed = as_csv([{**one, "name": f"{one['name']} again"} for one in rows])
    shown = []
    async with unit(served) as client:
        for what, data in (("registered", as_csv(rows)), ("changed", renamed)):
            started = time.perf_counter()
            plan = await look(client, data)
            looked = time.perf_counter() - started
            async with pauses() as longest:
                started = time.perf_counter()
                done = await do(client, data, plan["sha256"])
                took = time.perf_counter() - started
            assert (plan["counts"]["refused"], done.status_code) == (0, 201)
            assert int(done.headers["isa-log-size"]) == done.json()["entry"] + 2_000
            shown.append(f"looked at in {looked:.2f} s, {what} in {took:.2f} s (longest pause {longest[0]:.2f} s)")
        tracemalloc.start()
        await look(client, renamed)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        started = time.perf_counter()
        day = london_date(served.registry.now())
        view = served.registry.follower.view
        waiting = sum(bool(left(view, one.organisation, day)) for one in view.organisations())
        listed = time.perf_counter() - started
    assert waiting > 2_000
    shown.append(f"a look takes {peak / 2**20:.0f} MiB; what {waiting} have left, in {listed:.2f} s")
    record_property("shown", f"2,000 organisations: {'; '.join(shown)}")
