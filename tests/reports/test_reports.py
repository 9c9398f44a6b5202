"""The reports over HTTP: who sees what, as JSON page by page and as CSV whole, and what they do not take."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from asking import POLICE
from isa_registry.actions.attestations import Target
from isa_registry.actions.deciding import Decider
from isa_registry.api.reports import MATRIX, REVIEWS
from isa_registry.domain.agreement_entries import AgreementOpened, AttestationDeclined, InForceRule
from isa_registry.domain.party_entries import OrganisationChanged, PartnershipRegistered, PolicyDocument
from isa_registry.domain.reporting.tables import MATRIX_COLUMNS, REVIEW_COLUMNS, csv_bytes, harmless
from isa_registry.ledger.drafts import Draft
from live import LEAD
from next_version import AGREEMENT, NEW
from serving import Serving, issuer_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

PRISON, CHARITY, CAFCASS, LEADS_OTHER = "hmp-durham", "harbour", "cafcass", "durham-community-action"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reporting(shared: Serving, databases: Any) -> AsyncIterator[Serving]:
    """1.1 is open; the prison has looked at it, Cafcass declined it; the charity's policy document is overdue; another
    partnership is led by a charity, with the prison in it."""
    await shared.admit(LEAD, roles=("business-unit", "auditor"))
    await shared.admit(POLICE, roles=("practitioner",), scopes=("agreements:read",))
    await shared.admit(LEADS_OTHER, roles=("business-unit",))
    view = shared.registry.follower.view
    changed = []
    for body, members in (
        (CHARITY, {"policy_document": PolicyDocument(reference="=APD-7", review_on="2026-11-01")}),
        (PRISON, {"partnerships": ("durham", "darlington"), "policy_document": PolicyDocument("APD-9", "2026-11-02")}),
    ):
        record = view.organisation(body)
        assert record is not None
        whole = {name: getattr(record, name) for name in record.__struct_fields__}
        changed.append(OrganisationChanged(**{**whole, **members}))
    payloads: list[Any] = [
        PartnershipRegistered(partnership="darlington", name="Darlington", lead_body=LEADS_OTHER),
        *changed,
        AgreementOpened(AGREEMENT, NEW, InForceRule(quorum=3), (PRISON, CAFCASS, POLICE)),
        AttestationDeclined(agreement=AGREEMENT, version=NEW, organisation=CAFCASS, reason="no-lawful-basis"),
    ]
    for payload in payloads:
        appended = await shared.registry.sequencer.append(Draft(payloads=(payload,)))
    await shared.registry.follower.wait_for_size(appended.size, seconds=5)
    await shared.admit(PRISON, roles=("signatory",))
    signatory = Decider(organisation=PRISON, issuer=issuer_of(PRISON), subject="signatory")
    await shared.app.state["invitations"].viewed(Target(AGREEMENT, NEW), signatory)
    yield shared


async def ask(serving: Serving, token: str | None, path: str, **headers: str) -> httpx.Response:
    async with serving.client(token, **headers) as client:
        return await client.get(path)


def state_of(found: Any, organisation: str, version: str = NEW) -> Any:
    (row,) = (row for row in found["rows"] if row["organisation"] == organisation)
    columns = [(one["agreement"], one["version"]) for one in found["columns"]]
    return row["cells"][columns.index((AGREEMENT, version))]


async def test_the_business_unit_sees_every_body_and_how_far_each_has_come(reporting: Serving) -> None:
    found = (await ask(reporting, reporting.person(LEAD, "business-unit"), MATRIX)).raise_for_status().json()
    assert [("tier-1", "1.0"), (AGREEMENT, "1.0"), (AGREEMENT, NEW)] == [
        (one["agreement"], one["version"]) for one in found["columns"]
    ]
    assert found["total"] == len(found["rows"]) == len(reporting.registry.follower.view.organisations())
    assert {"viewed": 1, "invited": 1, "declined": 1} == {
        state: found["counts"][state] for state in ("viewed", "invited", "declined")
    }
    assert "viewed" == state_of(found, PRISON)["state"]
    assert ("declined", "no-lawful-basis") == (state_of(found, CAFCASS)["state"], state_of(found, CAFCASS)["reason"])


async def test_another_body_sees_states_but_not_how_far_an_invitation_has_come_nor_why(reporting: Serving) -> None:
    for token in (reporting.person(POLICE, "practitioner"), reporting.machine(POLICE, "agreements:read")):
        found = (await ask(reporting, token, MATRIX)).raise_for_status().json()
        assert "invited" == state_of(found, PRISON)["state"]
        assert "declined" == state_of(found, CAFCASS)["state"]
        assert "reason" not in state_of(found, CAFCASS)


async def test_the_unit_of_another_partnership_sees_its_own_members_whole(reporting: Serving) -> None:
    found = (await ask(reporting, reporting.person(LEADS_OTHER, "business-unit"), MATRIX)).raise_for_status().json()
    assert "viewed" == state_of(found, PRISON)["state"]
    assert "reason" not in state_of(found, CAFCASS)


async def test_nobody_sees_it_without_a_token(reporting: Serving) -> None:
    for path in (MATRIX, REVIEWS):
        assert 401 == (await ask(reporting, None, path)).status_code


async def test_it_comes_page_by_page_and_the_pages_are_the_whole(reporting: Serving) -> None:
    token = reporting.person(LEAD, "business-unit")
    whole = (await ask(reporting, token, f"{MATRIX}?sort=-name")).json()
    rows, path = [], f"{MATRIX}?sort=-name&limit=7"
    while path:
        answer = await ask(reporting, token, path)
        page = answer.json()
        assert (whole["counts"], whole["total"]) == (page["counts"], page["total"])
        rows += page["rows"]
        link = answer.headers.get("link", "")
        assert bool(link) == (page["next"] is not None)
        path = link.partition(">")[0].removeprefix("<")
    assert whole["rows"] == rows


async def test_it_is_narrowed_and_sorted_as_asked(reporting: Serving) -> None:
    token = reporting.person(LEAD, "business-unit")
    found = (await ask(reporting, token, f"{MATRIX}?agreement={AGREEMENT}&state=declined")).json()
    assert [CAFCASS] == [row["organisation"] for row in found["rows"]]
    found = (await ask(reporting, token, f"{MATRIX}?kind=voluntary&sort=name&partnership=durham")).json()
    assert {"voluntary"} == {row["kind"] for row in found["rows"]}
    assert sorted(row["name"] for row in found["rows"]) == [row["name"] for row in found["rows"]]


async def test_as_csv_it_is_whole_with_a_line_for_each_body_and_version(reporting: Serving) -> None:
    token = reporting.person(LEAD, "business-unit")
    whole = (await ask(reporting, token, MATRIX)).json()
    by_accept = await ask(reporting, token, f"{MATRIX}?limit=1", Accept="text/csv")
    by_name = await ask(reporting, token, f"{MATRIX}?format=csv")
    assert by_accept.content == by_name.content
    assert "text/csv; header=present; charset=utf-8" == by_name.headers["content-type"]
    assert by_name.headers["content-disposition"].startswith('attachment; filename="attestation-matrix-2')
    assert "Accept" in by_name.headers["vary"]
    assert by_name.content.count(b"\r\n") == by_name.content.count(b"\n") == 1 + 3 * whole["total"]
    lines = list(csv.DictReader(io.StringIO(by_name.text, newline="")))
    assert MATRIX_COLUMNS == tuple(lines[0])
    cells = [(row["organisation"], cell["state"]) for row in whole["rows"] for cell in row["cells"]]
    assert cells == [(line["organisation"], line["state"]) for line in lines]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/csv", "text/csv"),
        ("application/json, text/csv;q=0.5", "application/json"),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("*/*", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=many", "application/json"),
    ],
)
async def test_what_is_accepted_decides_the_form(reporting: Serving, accept: str, form: str) -> None:
    answer = await ask(reporting, reporting.person(LEAD, "auditor"), REVIEWS, Accept=accept)
    assert form == answer.headers["content-type"].partition(";")[0]


async def test_the_unit_sees_what_is_due_everywhere_and_a_body_its_own(reporting: Serving) -> None:
    unit = (await ask(reporting, reporting.person(LEAD, "business-unit"), f"{REVIEWS}?within=1096")).json()
    due = [(one["what"], one.get("organisation")) for one in unit["due"]]
    assert [("policy-document-review", CHARITY), ("policy-document-review", PRISON)] == due[:2]
    assert unit["overdue"] >= 2
    assert "reference" not in unit["due"][0]
    theirs = (await ask(reporting, reporting.person(POLICE, "practitioner"), f"{REVIEWS}?within=1096")).json()
    assert {None, POLICE} >= {one.get("organisation") for one in theirs["due"]}
    assert {"tier-1", AGREEMENT} <= {one.get("agreement") for one in theirs["due"]}
    other = (await ask(reporting, reporting.person(LEADS_OTHER, "business-unit"), f"{REVIEWS}?within=0")).json()
    # What is due of an agreement is for everybody.
    assert [PRISON] == [one["organisation"] for one in other["due"] if "agreement" not in one]


async def test_an_auditor_sees_the_reference_and_a_spreadsheet_runs_nothing(reporting: Serving) -> None:
    token = reporting.person(LEAD, "auditor")
    found = (await ask(reporting, token, f"{REVIEWS}?what=policy-document-review")).json()
    assert ["=APD-7", "APD-9"] == [one["reference"] for one in found["due"]]
    table = (await ask(reporting, token, f"{REVIEWS}?what=policy-document-review&format=csv")).text
    lines = list(csv.DictReader(io.StringIO(table, newline="")))
    assert REVIEW_COLUMNS == tuple(lines[0])
    assert ["'=APD-7", "APD-9"] == [line["reference"] for line in lines]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (f"{MATRIX}?state=signed", "#/state"),
        (f"{MATRIX}?sort=colour", "#/sort"),
        (f"{MATRIX}?kind=shop", "#/kind"),
        (f"{MATRIX}?partnership=kent", "#/partnership"),
        (f"{MATRIX}?agreement=tier-9", "#/agreement"),
        (f"{MATRIX}?format=pdf", "#/format"),
        (f"{MATRIX}?limit=0", "#/limit"),
        (f"{MATRIX}?limit=1001", "#/limit"),
        (f"{MATRIX}?cursor=r0", "#/cursor"),
        (f"{MATRIX}?cursor=m-1", "#/cursor"),
        (f"{MATRIX}?state=none&state=stale", "#/state"),
        (f"{MATRIX}?colour=red", "#"),
        (f"{REVIEWS}?within=soon", "#/within"),
        (f"{REVIEWS}?within=1097", "#/within"),
        (f"{REVIEWS}?what=everything", "#/what"),
    ],
)
async def test_what_a_report_does_not_take_is_pointed_at(reporting: Serving, path: str, pointer: str) -> None:
    answer = await ask(reporting, reporting.person(LEAD, "business-unit"), path)
    assert (400, pointer) == (answer.status_code, answer.json()["errors"][0]["pointer"])


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1+1", "-1\n", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1"])
async def test_a_cell_that_looks_like_a_formula_is_made_harmless(cell: str) -> None:
    (line,) = csv.reader(io.StringIO(csv_bytes(("a",), [(cell,)]).decode().partition("\r\n")[2], newline=""))
    assert [f"'{cell}"] == line
    assert ["a =1, b", "-26", "7"] == [harmless(one) for one in ("a =1, b", "-26", "7")]


async def test_quotes_commas_and_line_ends_in_a_cell_come_back_as_they_were() -> None:
    rows = [("a,b", 'say "no"'), ("two\r\nlines", "children’s")]
    read = list(csv.reader(io.StringIO(csv_bytes(("x", "y"), rows).decode(), newline="")))
    assert [["x", "y"], *map(list, rows)] == read
