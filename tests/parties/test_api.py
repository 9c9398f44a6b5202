"""Who belongs, by the interface: registered, changed, suspended, closed, delegated, and read again."""

from __future__ import annotations

import re

import pytest

from asking import POLICE
from isa_registry.domain.dates import london_date
from live import LEAD
from parties.calling import GROUP, call, read, refused, taken
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNIT, POLICE_UNIT, POLICE_LEAD = (LEAD, "business-unit"), (POLICE, "unit"), (POLICE, "ig-lead")
SCHOOL = {"organisation": "framwellgate", "name": "Framwellgate School", "kind": "academy"}


async def entry_of(partners: Serving, organisation: str) -> int:
    return int((await read(partners, UNIT, f"/organisations/{organisation}"))["record_entry"])


async def test_a_body_is_registered_changed_and_read_by_every_partner(partners: Serving) -> None:
    await refused(
        partners, UNIT, "/organisations", {**SCHOOL, "kind": "coven", "parent": "nobody", "ico_registration": "1"},
        422, "unprocessable", "#/ico_registration malformed",
    )  # fmt: skip
    await refused(
        partners, UNIT, "/organisations", {**SCHOOL, "kind": "coven", "parent": "nobody"},
        422, "unprocessable", "#/kind unknown-code", "#/parent unknown-code",
    )  # fmt: skip
    await refused(partners, UNIT, "/organisations", {**SCHOOL, "head": "x"}, 400, "malformed", "# unknown-member")
    new = {**SCHOOL, "parent": "example-academy-trust", "contacts": {"urgent": "School office, 0191 000 0000"}}
    made = await taken(partners, UNIT, "/organisations", new)
    await refused(partners, UNIT, "/organisations", new, 409, "conflict", "#/organisation taken")

    seen = await read(partners, ("harbour", "ig-lead"), "/organisations/framwellgate")
    assert seen["record_entry"] == made["entry"]
    assert (seen["parent"], seen["partnerships"], seen["standing"]) == (
        "example-academy-trust", ["durham"], "taking-part",
    )  # fmt: skip
    above = await read(partners, ("harbour", "ig-lead"), "/organisations/example-academy-trust")
    assert above["children"] == ["example-academy", "framwellgate"]

    changed = {**SCHOOL, "name": "Framwellgate School Durham", "changed_from": made["entry"]}
    del changed["organisation"]
    await taken(partners, UNIT, "/organisations/framwellgate/record", changed)
    await refused(
        partners, UNIT, "/organisations/framwellgate/record", {**changed, "name": "Another"},
        409, "conflict", "#/changed_from changed-since",
    )  # fmt: skip
    record = await read(partners, UNIT, "/organisations/framwellgate/record")
    assert (record["name"], record["parent"], record["contacts"]) == ("Framwellgate School Durham", None, {})
    assert len(record["approved_by"]) == 1


async def test_a_body_says_of_itself_what_is_its_own_to_say(partners: Serving) -> None:
    entry = await entry_of(partners, POLICE)
    said = {"contacts": {"urgent": "Control room, 101"}, "ico_registration": "Z4875094", "changed_from": entry}
    path = f"/organisations/{POLICE}/particulars"
    await refused(
        partners, POLICE_LEAD, path, {**said, "contacts": {"urgent": "Sgt Jo Bloggs, jo.bloggs@police.example"}},
        422, "unprocessable", "#/contacts/urgent a-person",
    )  # fmt: skip
    await refused(partners, ("harbour", "ig-lead"), path, said, 403, "not-your-organisation")
    await refused(partners, (POLICE, "signatory"), path, said, 403, "forbidden")
    await refused(partners, POLICE_LEAD, path, {**said, "name": "x"}, 400, "malformed", "# unknown-member")
    await taken(partners, POLICE_LEAD, path, said)
    record = await read(partners, POLICE_LEAD, f"/organisations/{POLICE}/record")
    assert (record["contacts"], record["ico_registration"]) == ({"urgent": "Control room, 101"}, "Z4875094")
    members = {name: record[name] for name in ("name", "kind", "contacts", "policy_document")}
    await refused(
        partners, UNIT, f"/organisations/{POLICE}/record", {**members, "changed_from": record["record_entry"]},
        403, "forbidden", "#/ico_registration own-ig-lead",
    )  # fmt: skip


async def test_a_suspension_and_a_closure_are_said_and_taken_back(partners: Serving) -> None:
    for path, body in (("suspension", {"on": "2020-01-01"}), ("closure", {"on": "soon"})):
        code = "over" if path == "suspension" else "not-a-date"
        await refused(partners, UNIT, f"/organisations/cafcass/{path}", body, 422, "unprocessable", f"#/on {code}")
    for path, body, standing in (
        ("suspension", {"on": "2099-01-01"}, "taking-part"),
        ("suspension/end", {}, "taking-part"),
        ("closure", {"on": "2026-11-01", "successor": "national-panel"}, "closed"),
        ("closure/end", {}, "taking-part"),
    ):
        await taken(partners, UNIT, f"/organisations/cafcass/{path}", body)
        assert standing == (await read(partners, UNIT, "/organisations/cafcass"))["standing"]
    await refused(
        partners, UNIT, f"/organisations/{LEAD}/closure", {"on": "2027-04-01"},
        409, "conflict", "#/closed_on leads-a-partnership",
    )  # fmt: skip
    await refused(partners, UNIT, "/organisations/nobody-here/suspension/end", {}, 404, "not-found")
    for who in (POLICE_UNIT, POLICE_LEAD, (LEAD, "ig-lead")):
        await refused(partners, who, "/organisations/cafcass/suspension", {"on": "2099-01-01"}, 403, "forbidden")


async def test_checks_follow_a_suspension_from_the_next_entry_on(partners: Serving) -> None:
    asked = {
        "recipient": "nenc-icb", "purpose": "early-help", "categories": ["identity"], "subjects": [{"kind": "child"}],
        "record": False,
    }  # fmt: skip

    async def reasons() -> list[str]:
        async with partners.client(partners.machine(POLICE, "checks:ask")) as client:
            answer = await client.post("/api/v1/checks", json=asked)
        assert answer.status_code == 200, answer.text
        return [one["code"] for one in answer.json()["reasons"]]

    assert "recipient-not-signatory" not in await reasons()
    await taken(partners, UNIT, "/organisations/nenc-icb/suspension", {"on": london_date(partners.registry.now())})
    assert "recipient-not-signatory" in await reasons()
    await taken(partners, UNIT, "/organisations/nenc-icb/suspension/end", {})
    assert "recipient-not-signatory" not in await reasons()


async def test_delegations_are_given_ended_and_shown_to_partners_without_the_reference(partners: Serving) -> None:
    path = f"/organisations/{POLICE}/delegations"
    new = {"starts": "2099-01-01", "until": "2099-12-31", "ref": "POST-17", "agreements": ["tier-1"]}
    await refused(
        partners, POLICE_LEAD, path, {**new, "to": "harbour", "agreements": ["tier-9"]},
        422, "unprocessable", "#/to one-of-two",
    )  # fmt: skip
    key = {"Idempotency-Key": "delegating-once"}
    made = await taken(partners, POLICE_LEAD, path, new, **key)
    assert re.fullmatch(r"dlg_[0-9a-f]{32}", made["delegation"])
    again = await call(partners, POLICE_LEAD, "POST", path, new, **key)
    assert (again.status_code, again.json()) == (200, made)
    other = await taken(partners, POLICE_LEAD, path, {"starts": "2099-01-01", "until": "2099-12-31", "to": "harbour"})

    own = (await read(partners, POLICE_LEAD, path))["delegations"]
    assert [(one["delegation"], one["ref"], one["to"]) for one in own] == [
        (made["delegation"], "POST-17", None), (other["delegation"], None, "harbour"),
    ]  # fmt: skip
    seen = (await read(partners, ("harbour", "ig-lead"), f"/organisations/{POLICE}"))["delegations"]
    assert seen == [
        {"to": None, "agreements": ["tier-1"], "starts": "2099-01-01", "until": "2099-12-31"},
        {"to": "harbour", "agreements": [], "starts": "2099-01-01", "until": "2099-12-31"},
    ]
    await taken(partners, POLICE_LEAD, f"{path}/{made['delegation']}/end", {"on": "2098-01-01"})
    await refused(partners, POLICE_LEAD, f"{path}/dlg_unknown/end", {"on": "2098-01-01"}, 404, "not-found")
    assert [one["over"] for one in (await read(partners, POLICE_LEAD, path))["delegations"]] == [True, False]
    assert [None] != [one["to"] for one in (await read(partners, UNIT, f"/organisations/{POLICE}"))["delegations"]]


async def test_a_unit_decides_who_belongs_to_its_own_partnership_and_nothing_else(partners: Serving) -> None:
    members = f"/partnerships/{GROUP}/members"
    await refused(partners, UNIT, members, {"organisation": "harbour"}, 403, "forbidden")
    await refused(partners, POLICE_UNIT, "/partnerships/durham/members", {"organisation": "x"}, 403, "forbidden")
    await refused(partners, POLICE_UNIT, "/partnerships/nothing/members", {"organisation": "x"}, 403, "forbidden")
    await refused(partners, POLICE_LEAD, members, {"organisation": "harbour"}, 403, "forbidden")
    await taken(partners, POLICE_UNIT, members, {"organisation": "harbour"})
    await refused(partners, POLICE_UNIT, members, {"organisation": "harbour"}, 409, "conflict")
    listed = await read(partners, POLICE_UNIT, f"/organisations?partnership={GROUP}")
    assert [one["organisation"] for one in listed["organisations"]] == [POLICE, "harbour"]
    assert listed["organisations"][1]["partnerships"] == [GROUP, "durham"]
    await taken(partners, POLICE_UNIT, f"{members}/removal", {"organisation": "harbour"})
    await refused(partners, POLICE_UNIT, f"{members}/removal", {"organisation": POLICE}, 409, "conflict")
    for method, path in (
        ("GET", "/proposals"),
        ("GET", f"/organisations/{LEAD}/members"),
        ("GET", "/organisations/harbour/record"),
        ("POST", "/organisations"),
        ("POST", "/partnerships"),
        ("POST", f"/partnerships/{GROUP}/record"),
        ("POST", "/organisations/harbour/suspension"),
        ("POST", f"/organisations/{POLICE}/issuers"),
        ("POST", "/checks"),
        ("GET", "/audit/entries"),
    ):
        answer = await call(partners, POLICE_UNIT, method, path, {} if method == "POST" else None)
        assert answer.status_code == 403, (method, path, answer.text)


async def test_partnerships_are_begun_changed_and_listed(partners: Serving) -> None:
    new = {"partnership": "teesside", "name": "Teesside", "lead_body": "nobody"}
    await refused(partners, UNIT, "/partnerships", new, 422, "unprocessable", "#/lead_body unknown-organisation")
    made = await taken(partners, UNIT, "/partnerships", {**new, "lead_body": "nenc-icb"})
    changed = {"name": "Tees Valley", "lead_body": "nenc-icb", "changed_from": made["entry"]}
    await taken(partners, UNIT, "/partnerships/teesside/record", changed)
    await refused(
        partners, UNIT, "/partnerships/teesside/record", changed, 409, "conflict", "#/changed_from changed-since"
    )
    own = {"name": "Durham", "lead_body": POLICE, "changed_from": 0}
    await refused(partners, UNIT, "/partnerships/durham/record", own, 422, "unprocessable", "#/lead_body fixed")
    listed = (await read(partners, ("harbour", "ig-lead"), "/partnerships"))["partnerships"]
    assert [(one["partnership"], one["lead_body"], one["own"], one["members"]) for one in listed] == [
        (GROUP, POLICE, False, 1), ("durham", LEAD, True, len(partners.registry.follower.view.organisations())),
        ("teesside", "nenc-icb", False, 1),
    ]  # fmt: skip
    assert listed[2] == await read(partners, UNIT, "/partnerships/teesside")
    assert 404 == (await call(partners, UNIT, "GET", "/partnerships/nothing")).status_code


async def test_the_list_is_read_page_by_page_in_order_and_narrowed(partners: Serving) -> None:
    whole = [one.organisation for one in partners.registry.follower.view.organisations()]
    found: list[str] = []
    path: str | None = "/organisations?limit=7"
    pages = 0
    while path is not None:
        answer = await call(partners, UNIT, "GET", path)
        page = answer.json()
        found += [one["organisation"] for one in page["organisations"]]
        assert len(page["organisations"]) <= 7
        link = re.fullmatch(r'</api/v1(/[^>]*)>; rel="next"', answer.headers.get("link", ""))
        assert (link is None) == (page["next"] is None)
        path, pages = None if link is None else link.group(1), pages + 1
    assert (found, pages) == (whole, -(-len(whole) // 7))

    async def ids(query: str) -> list[str]:
        listed = await read(partners, UNIT, f"/organisations?{query}")
        return [one["organisation"] for one in listed["organisations"]]

    assert await ids("kind=academy-trust") == ["example-academy-trust"]
    assert await ids("name=ACADEMY%20trust") == ["example-academy-trust"]
    assert await ids("name=icb") == ["nenc-icb"]
    assert await ids("kind=police&name=icb") == []
    assert await ids("partnership=nothing") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "#/limit"), ("limit=201", "#/limit"), ("limit=x", "#/limit"), ("cursor=x", "#/cursor"),
        ("cursor=oA", "#/cursor"), ("name=", "#/name"), (f"name={'x' * 101}", "#/name"), ("kind=a&kind=b", "#/kind"),
    ],
)  # fmt: skip
async def test_a_list_that_cannot_be_asked_for_is_refused(partners: Serving, query: str, pointer: str) -> None:
    answer = await call(partners, UNIT, "GET", f"/organisations?{query}")
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (400, [pointer])


async def test_whoever_signed_in_long_ago_changes_nothing(partners: Serving) -> None:
    old = partners.person(*UNIT, auth_time=1)
    async with partners.client(old) as client:
        answer = await client.post("/api/v1/organisations", json=SCHOOL)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (401, "sign-in-too-old")
