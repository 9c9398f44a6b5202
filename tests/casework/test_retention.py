"""How long a body's records are kept: its own rules by API, and what goes with what."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from asking import COUNCIL, POLICE
from casework.conftest import HARBOUR
from casework.recorded import event
from isa_registry.actions.erasures import change_retention
from isa_registry.actions.sharing_events import _register_faults
from isa_registry.domain.own_retention import RULED, OwnRule, as_rule
from isa_registry.domain.retention import rule_for
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVENTS = "sharing-event.recorded"


def path(body: str) -> str:
    return f"/api/v1/organisations/{body}/retention"


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "code": "missing-children",
        "kind": EVENTS,
        "starts": "decision",
        "schedule": "RET-2026/4",
        "years": 10,
        **changes,
    }


async def set_rules(case: Serving, body: str, *rules: dict[str, Any], role: str = "ig-lead") -> httpx.Response:
    async with case.client(case.person(POLICE, role)) as client:
        return await client.post(path(body), json={"rules": list(rules)})


async def test_a_bodys_own_lead_sets_its_rules_and_they_come_before_the_partnerships(case: Serving) -> None:
    answer = await set_rules(case, POLICE, rule(record_class="missing"), rule(code="all-else", years=7))
    assert answer.status_code == 201, answer.text
    await case.registry.follower.wait_for_size(answer.json()["entry"] + 1, seconds=5)
    async with case.client(case.machine(POLICE, "events:read")) as client:
        own = (await client.get(path(POLICE))).json()["own"]
    assert [(one["code"], one["years"], one["source"]) for one in own] == [
        ("missing-children", 10, "The organisation’s own retention schedule, RET-2026/4."),
        ("all-else", 7, "The organisation’s own retention schedule, RET-2026/4."),
    ]
    rules = case.registry.follower.view.retention_rules(POLICE)
    found = rule_for(rules, EVENTS, "police")
    assert found is not None
    assert (found.code, found.says) == ("all-else", "7 years from the day of the decision.")
    assert case.registry.follower.view.retention_rules(HARBOUR) == case.registry.follower.view.retention_rules(None)


async def test_none_at_all_leaves_a_body_the_partnerships(case: Serving) -> None:
    answer = await set_rules(case, POLICE)
    assert answer.status_code == 201
    await case.registry.follower.wait_for_size(answer.json()["entry"] + 1, seconds=5)
    view = case.registry.follower.view
    assert view.retention_rules(POLICE) == view.retention_rules(None)


async def test_nobody_sets_anothers_rules_and_no_practitioner_their_own(case: Serving) -> None:
    for body in (COUNCIL, "nobody-here"):
        assert (await set_rules(case, body, rule())).status_code == 403
    assert (await set_rules(case, POLICE, rule(), role="practitioner")).status_code == 403
    async with case.client(case.machine(POLICE, "events:read")) as client:
        answers = [await client.get(path(body)) for body in (COUNCIL, "nobody-here")]
    assert [one.status_code for one in answers] == [403, 403]


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"code": "Not A Code"}, 422, "#/rules/0/code"),
        ({"kind": "role.granted"}, 422, "#/rules/0/kind"),
        ({"kind": "sharing-event.acknowledged"}, 422, "#/rules/0/kind"),
        ({"starts": "superseded"}, 422, "#/rules/0/starts"),
        ({"starts": "soon"}, 400, "#/rules/0/starts"),
        ({"starts": "closure"}, 422, "#/rules/0/years"),
        ({"years": 0}, 422, "#/rules/0/years"),
        ({"years": 151}, 422, "#/rules/0/years"),
        ({"years": "ten"}, 400, "#/rules/0/years"),
        ({"schedule": "ours"}, 422, "#/rules/0/schedule"),
        ({"record_class": "No Class"}, 422, "#/rules/0/record_class"),
        ({"kind": "check.answered", "record_class": "missing"}, 422, "#/rules/0/record_class"),
        ({"says": "about somebody"}, 400, "#/rules/0"),
    ],
)
async def test_a_rule_that_cannot_be_is_pointed_at(
    case: Serving, changes: dict[str, Any], status: int, pointer: str
) -> None:
    before = case.registry.follower.view.size
    answer = await set_rules(case, POLICE, rule(**changes))
    assert answer.status_code == status, answer.text
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}
    assert case.registry.follower.view.size == before


async def test_a_rule_for_what_somebody_answered_is_for_yes_and_for_no(case: Serving) -> None:
    consents = as_rule(OwnRule("consents", "consent.given", "decision", "RET-1", record_class="missing", years=9))
    assert consents.kinds == ("consent.given", "consent.refused")
    answer = await set_rules(case, POLICE, rule(kind="consent.given", record_class="missing"))
    assert answer.status_code == 201
    await case.registry.follower.wait_for_size(answer.json()["entry"] + 1, seconds=5)
    assert "missing" in case.registry.follower.view.retention_classes(POLICE)
    assert "missing" not in case.registry.follower.view.retention_classes(HARBOUR)
    assert (await set_rules(case, POLICE)).status_code == 201


async def test_two_rules_for_the_same_records_and_too_many_are_refused(case: Serving) -> None:
    twice = await set_rules(case, POLICE, rule(), rule(code="another"))
    assert "repeated" in {one["code"] for one in twice.json()["errors"]}
    many = await set_rules(case, POLICE, *(rule(code=f"r-{n}", record_class=f"c-{n}") for n in range(51)))
    assert "count" in {one["code"] for one in many.json()["errors"]}


async def test_every_kind_that_a_body_rules_can_be_ruled() -> None:
    rules = [
        as_rule(OwnRule(code=f"r-{place}", kind=kind, starts="decision", schedule="RET-1", years=3))
        for place, kind in enumerate(RULED)
    ]
    assert change_retention(rules, POLICE)


async def test_an_event_may_name_a_class_of_its_bodys_own_rules_and_of_nobody_elses(case: Serving) -> None:
    answer = await set_rules(case, POLICE, rule(record_class="missing"))
    await case.registry.follower.wait_for_size(answer.json()["entry"] + 1, seconds=5)
    view = case.registry.follower.view
    for named, fault in (("missing", False), ("of-nobody", True)):
        pointers = {one.pointer for one in _register_faults(event(1, retention=named), view)}
        assert ("#/retention" in pointers) is fault
    theirs = _register_faults(event(5, provider=COUNCIL, recipient=POLICE, retention="missing"), view)
    assert "#/retention" in {one.pointer for one in theirs}
    assert (await set_rules(case, POLICE)).status_code == 201
