"""A quarter's figures: what is counted, as a plain count over the same entries gives it; who sees which; and what a
number on the scale takes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from asking import COUNCIL, POLICE
from databases import Databases
from faults.case_drafts import acknowledgement_draft, challenge_draft, consent_draft, withdrawal_draft
from faults.drafts import check_draft, event_id, submitted
from isa_registry.api.quarterly import QUARTERLY, SCALING
from isa_registry.domain.entries import CheckAnswered, Payload, SharingEventFlagged, SharingEventRecorded
from isa_registry.domain.reporting.quarterly_table import COLUMNS
from isa_registry.domain.reporting.safety_frame import QUESTIONS
from isa_registry.domain.reporting.small_numbers import STEP
from isa_registry.identity.signing import new_signing_key, sign_document
from isa_registry.ledger.drafts import Draft
from isa_verify.encoding import decode_base64url
from live import LEAD
from serving import Serving, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
KEY, _ = new_signing_key("police-1")


def event(number: int, **members: Any) -> Payload:
    """An event of the police's that says what it is told to; nobody looks at its signature here."""
    claims = {**json.loads(decode_base64url(submitted(1).event.split(".")[1])), "id": event_id(number), **members}
    return SharingEventRecorded(jws=sign_document(claims, "isa-sharing-event+jws", KEY, KEY["kid"]))


def check(number: int, at: str) -> Payload:
    payload = check_draft(number).payloads[0]
    assert isinstance(payload, CheckAnswered)
    return replace(payload, check=f"chk_{number:032x}", decided_at=at)


WITHHELD = {"decision": "not-shared", "shared_at": None, "withheld_sha256": "0" * 64}
AT = "2026-11-23T09:00:00.000Z"


def history() -> list[tuple[Payload, ...]]:
    """Fourteen questions, and what became of them."""
    found: list[tuple[Payload, ...]] = [
        (check(number, f"2026-11-23T08:{number:02}:00.000Z"),) for number in range(1, 15)
    ]
    found.append((check(99, "2026-09-30T22:59:00.000Z"),))
    for number in range(1, 9):
        found.append((event(number, check=f"chk_{number:032x}"),))
        if number < 7:
            found.append(acknowledgement_draft(number).payloads)
    consent = {"article_6": ["art6-1-a"], "article_9": [], "article_10": [], "part_3": [], "gateways": []}
    found += [(event(number, basis=consent),) for number in range(20, 26)]
    for number in range(30, 37):
        flagged = SharingEventFlagged(provider=POLICE, event=event_id(number), flags=("withheld-against-duty",))
        found.append((event(number, **WITHHELD), flagged))
    # Of five that were shared in the end, four at once and one after a correction that still did not.
    found += [(event(40 + number, corrects=event_id(30 + number)),) for number in range(4)]
    found += [(event(60, corrects=event_id(34), **WITHHELD),), (event(44, corrects=event_id(60)),)]
    found.append((event(50, decided_at="2026-09-30T22:59:59.999Z"),))
    found += [consent_draft(1).payloads, withdrawal_draft(1).payloads, challenge_draft(1).payloads]
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reported(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("serving")) as running:
            for payloads in history():
                appended = await running.registry.sequencer.append(Draft(payloads=payloads))
            await running.registry.follower.wait_for_size(appended.size, seconds=5)
            await running.admit(LEAD, roles=("business-unit", "ig-lead"))
            await running.admit(POLICE, roles=("ig-lead", "practitioner"), scopes=("events:read",))
            yield running


async def ask(reported: Serving, body: str, role: str, query: str = "quarter=2026-Q4", **headers: str) -> Any:
    async with reported.client(reported.person(body, role), **headers) as client:
        return await client.get(f"{QUARTERLY}?{query}")


def by_code(measures: list[Any]) -> dict[str, Any]:
    return {one["code"]: {**one["values"], "total": one["total"]} for one in measures}


async def test_the_figures_are_those_of_a_plain_count(reported: Serving) -> None:
    found = (await ask(reported, LEAD, "business-unit")).raise_for_status().json()["figures"]
    measured = by_code(found["measures"])
    # Fourteen, thirteen, six and nineteen, each to the nearest five.
    assert 15 == measured["checks"]["total"] == measured["checks"]["may-share"]
    assert {"public-task": 15, "consent": 5, "none": 0, "total": 20} == {
        code: measured["shared-by-basis"][code] for code in ("public-task", "consent", "none", "total")
    }
    # Five of seven decisions not to share were corrected since, and count as what they are now.
    assert (20, None) == (measured["decisions"]["shared"], measured["decisions"]["not-shared"])
    assert {"stands": None, "shared-since": 5, "changed-otherwise": 0, "total": 5} == measured["not-shared"]
    assert {"withheld-against-duty": None, "review-basis": 0, "total": None} == measured["flags"]
    assert {"matched": 5, "disputed": 0, "unmatched": 15, "total": 20} == measured["acknowledgements"]
    assert {"given": None, "withdrawn": None} == {code: measured["consents"][code] for code in ("given", "withdrawn")}
    assert {"raised": None, "closed": 0, "open": None} == {
        code: measured["challenges"][code] for code in ("raised", "closed", "open")
    }
    assert found["times"] == {"count": 10, "median_minutes": 56, "ninth_minutes": 58}
    assert ("2026-10-01", "2026-12-31") == (found["first"], found["last"])
    assert [("tier-1", "1.0"), ("tier-2-hoth", "1.0")] == [
        (one["agreement"], one["version"]) for one in found["coverage"]
    ]


async def test_what_was_just_before_midnight_in_london_is_of_the_quarter_before(reported: Serving) -> None:
    found = (await ask(reported, LEAD, "business-unit", "quarter=2026-Q3")).json()["figures"]
    assert by_code(found["measures"])["checks"]["may-share"] is None
    assert by_code(found["measures"])["decisions"]["shared"] is None
    assert found["times"] == {"count": 0, "median_minutes": None, "ninth_minutes": None}


async def test_a_body_sees_its_own_and_no_number_of_others(reported: Serving) -> None:
    whole = (await ask(reported, LEAD, "business-unit")).json()["figures"]
    police = (await ask(reported, POLICE, "ig-lead")).raise_for_status().json()["figures"]
    council = (await ask(reported, LEAD, "ig-lead")).raise_for_status().json()["figures"]
    assert [POLICE] == [body["organisation"] for body in police["bodies"]]
    assert [COUNCIL] == [body["organisation"] for body in council["bodies"]]
    assert len(whole["bodies"]) == len(reported.registry.follower.view.organisations())
    assert by_code(police["measures"])["checks"]["total"] == 15
    assert by_code(council["measures"])["checks"]["total"] == 0
    async with reported.client(reported.machine(POLICE, "events:read")) as client:
        assert police == (await client.get(f"{QUARTERLY}?quarter=2026-Q4")).json()["figures"]
    assert 403 == (await ask(reported, POLICE, "practitioner")).status_code


async def test_the_table_holds_what_the_json_holds(reported: Serving) -> None:
    answer = await ask(reported, LEAD, "business-unit", accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == COLUMNS
    found = (await ask(reported, LEAD, "business-unit")).json()["figures"]
    told = {(row["organisation"], row["measure"], row["code"]): row["value"] for row in rows}
    for body in (*found["bodies"], {"organisation": "", "measures": found["measures"]}):
        for one in body["measures"]:
            for code, value in {**one["values"], "total": one["total"]}.items():
                shown = "suppressed" if value is None else str(value)
                assert told[body["organisation"], one["code"], code] == shown
    assert 'filename="quarterly-2026-Q4.csv"' in answer.headers["content-disposition"]


async def test_no_number_of_a_few_people_is_anywhere_in_an_answer(reported: Serving) -> None:
    report = (await ask(reported, LEAD, "business-unit")).json()
    for body in (report["figures"], *report["figures"]["bodies"]):
        for one in body["measures"]:
            assert [] == [n for n in (*one["values"].values(), one["total"]) if n is not None and n % STEP]
    said = report["signs_of_safety"]
    assert {"withheld-against-duty", "consent-as-basis", "unacknowledged"} <= {
        one["code"] for one in said["worried_about"]
    }
    assert {"acknowledge", "look-at-withheld"} <= {one["code"] for one in said["needs_to_happen"]}
    assert {"looked-again", "differences-raised"} <= {one["code"] for one in said["working_well"]}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("quarter=2026-Q5", "#/quarter"),
        ("quarter=2026-q4", "#/quarter"),
        ("quarter=2031-Q1", "#/quarter"),
        ("partnership=elsewhere", "#/partnership"),
        ("quarter=2026-Q4&quarter=2026-Q3", "#/quarter"),
        ("body=x", "#"),
    ],
)
async def test_a_query_that_it_does_not_take_is_refused_with_a_pointer(
    reported: Serving, query: str, pointer: str
) -> None:
    answer = await ask(reported, LEAD, "business-unit", query)
    assert answer.status_code in (400, 422)
    assert [pointer] == [one["pointer"] for one in answer.json()["errors"]]


async def test_a_body_gives_a_number_and_gives_it_again(reported: Serving) -> None:
    token = reported.person(POLICE, "ig-lead")
    async with reported.client(token) as client:
        for value in (3, 7):
            said = {"quarter": "2026-Q4", "question": "basis-understood", "value": value}
            assert value == (await client.post(SCALING, json=said)).raise_for_status().json()["value"]
    for body, role in ((POLICE, "ig-lead"), (LEAD, "business-unit")):
        frame_of = (await ask(reported, body, role)).json()["signs_of_safety"]
        assert [(POLICE, "basis-understood", 7)] == [
            (one["organisation"], one["question"], one["value"]) for one in frame_of["scaling"]
        ]
        assert set(QUESTIONS) == set(frame_of["questions"])
    assert [] == (await ask(reported, LEAD, "ig-lead")).json()["signs_of_safety"]["scaling"]


@pytest.mark.parametrize(
    ("member", "value", "pointer"),
    [
        ("value", 11, "#/value"),
        ("value", -1, "#/value"),
        ("value", 7.5, "#/value"),
        ("value", "7", "#/value"),
        ("question", "other", "#/question"),
        ("quarter", "2030-Q1", "#/quarter"),
        ("quarter", "Q1", "#/quarter"),
        ("partnership", "elsewhere", "#/partnership"),
        ("note", "text", "#"),
    ],
)
async def test_a_number_that_is_none_is_refused_with_a_pointer(
    reported: Serving, member: str, value: object, pointer: str
) -> None:
    said = {"quarter": "2026-Q4", "question": "sharing-in-time", "value": 5, member: value}
    async with reported.client(reported.person(LEAD, "business-unit")) as client:
        answer = await client.post(SCALING, json=said)
    assert answer.status_code in (400, 422)
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
