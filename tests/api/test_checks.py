"""Asking: what is answered, what is recorded, and reading it again."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from api.speaking import QUESTION, Database, assert_problem, at
from isa_verify.note import VerifierKey
from isa_verify.receipt import verify_receipt
from live import LEAD, POLICE, Demonstration
from loudly import shared

URL = "/api/v1/checks"


def ask(client: httpx.Client, headers: dict[str, str] | None = None, **members: object) -> dict[str, Any]:
    answer = client.post(URL, json={**QUESTION, **members}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_answer_is_recorded_and_the_size_includes_it(police: httpx.Client, database: Database) -> None:
    before = database.size()
    answer = police.post(URL, json=QUESTION)
    assert answer.json()["recorded"] is True
    assert answer.json()["register"]["log_size"] <= before
    assert (database.size(), int(answer.headers["isa-log-size"])) == (before + 1, before + 1)


@pytest.mark.parametrize(
    "members", [{"record": False}, {"on": "2026-11-01"}, {"as_of": 325}, {"on": "2026-11-01", "as_of": 325}]
)
def test_a_what_if_is_not_recorded(police: httpx.Client, database: Database, members: dict[str, object]) -> None:
    before = database.size()
    found = ask(police, **members)
    assert (found["recorded"], found["receipt"]) == (False, None)
    assert database.size() == before
    assert_problem(police.get(f"{URL}/{found['id']}"), 404, "not-found")


def test_reading_a_check_again_gives_the_first_answer(police: httpx.Client) -> None:
    first = ask(police, explain=True, subjects=[{"kind": "child", "roles": ["victim"]}])
    size = police.get("/livez").headers["isa-log-size"]
    again = police.get(f"{URL}/{first['id']}", headers={"ISA-Min-Log-Size": size})
    assert again.json() == first
    assert again.headers["cache-control"] == "no-store"


def test_the_receipt_of_a_check_verifies_and_holds_the_answer(
    police: httpx.Client, demonstration: Demonstration
) -> None:
    first = ask(police)
    answer = police.get(first["receipt"]).raise_for_status()
    verified = verify_receipt(answer.content, [VerifierKey.parse(vkey) for vkey in demonstration.vkeys])
    assert verified.payload["kind"] == "check.answered"
    assert verified.payload["check"] == first["id"]
    assert verified.payload["organisation"] == POLICE
    kept = verified.payload["answer"]
    assert isinstance(kept, dict)
    assert (kept["outcome"], kept["headline"]) == (first["outcome"], first["headline"])
    assert answer.headers["content-disposition"] == f'attachment; filename="{verified.index}.isa-receipt.json"'


def test_an_explanation_is_given_where_it_is_asked_for(police: httpx.Client) -> None:
    assert ask(police)["explained"] is None
    assert ask(police, explain=True)["explained"]


def test_a_person_asks_as_a_system_does(lead: httpx.Client) -> None:
    assert ask(lead)["outcome"] == "may-share"


def test_an_auditor_asks_what_another_body_would_be_told_and_it_is_not_recorded(
    auditor: httpx.Client, database: Database
) -> None:
    before = database.size()
    found = ask(auditor, provider=POLICE, record=False)
    assert (found["recorded"], database.size()) == (False, before)
    answer = auditor.post(URL, json={**QUESTION, "provider": POLICE})
    assert_problem(answer, 403, "not-your-organisation", "#/provider")


def test_an_unknown_recipient_is_an_answer_and_no_error(police: httpx.Client) -> None:
    for recipient in ("nobody-here", {"kind": "voluntary"}):
        found = ask(police, recipient=recipient, purpose="mappa")
        assert found["outcome"] == "seek-advice"
        assert "recipient-not-registered" in [reason["code"] for reason in found["reasons"]]


# --- what was known when -------------------------------------------------------------------------------------------


def test_as_of_a_size_answers_with_that_register(police: httpx.Client) -> None:
    found = ask(police, as_of=324)
    assert found["register"]["log_size"] == 324
    assert found["outcome"] == "may-share"
    assert found["register"]["root"] != ask(police, as_of=323)["register"]["root"]


def test_as_of_a_size_is_what_stood_there(police: httpx.Client) -> None:
    """Early in the log nobody had signed anything yet."""
    early = ask(police, as_of=60, purpose="early-help")
    late = ask(police, as_of=324, purpose="early-help")
    assert (early["outcome"], late["outcome"]) == ("seek-advice", "may-share")


@pytest.mark.parametrize("spelling", ["milliseconds", "microseconds", "offset"])
def test_as_of_a_time_is_the_largest_size_that_is_not_later(
    police: httpx.Client, database: Database, spelling: str
) -> None:
    ((moment, size),) = database.as_owner("SELECT at, index + 1 FROM entry WHERE index = 324")
    (size_then,) = database.as_owner("SELECT max(index) + 1 FROM entry WHERE at <= $1", moment)[0]
    assert size_then >= size
    written = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
    spelt = {"milliseconds": f"{written[:-3]}Z", "microseconds": f"{written}Z", "offset": f"{written[:-3]}+00:00"}[
        spelling
    ]
    assert ask(police, as_of=spelt)["register"]["log_size"] == size_then


def test_as_of_the_newest_size_every_worker_waits_until_it_has_read_so_far(
    demonstration: Demonstration, police: httpx.Client
) -> None:
    for _ in range(6):
        size = int(police.post(URL, json=QUESTION).headers["isa-log-size"])
        headers = {**police.headers, "Connection": "close"}
        answer = httpx.post(demonstration.url + URL, json={**QUESTION, "as_of": size}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["register"]["log_size"] == size


def test_as_of_a_whole_second_needs_no_fraction(police: httpx.Client) -> None:
    found = ask(police, as_of=at()[:19] + "Z")
    assert found["register"]["log_size"] > 300


def test_on_a_day_before_the_agreement_nobody_is_covered_by_it(police: httpx.Client) -> None:
    before, since = (ask(police, purpose="early-help", on=day)["outcome"] for day in ("2026-03-31", "2026-04-01"))
    assert (before, since) == ("seek-advice", "may-share")


# --- reading what was just written ---------------------------------------------------------------------------------


def test_a_check_that_cannot_wait_is_answered_as_stale(police: httpx.Client) -> None:
    started = time.monotonic()
    found = ask(police, headers={"ISA-Min-Log-Size": "99999999"}, record=False)
    assert found["stale"] is True
    assert 0.4 < time.monotonic() - started < 3


def test_any_other_read_says_to_come_back(police: httpx.Client) -> None:
    started = time.monotonic()
    answer = police.get("/api/v1/organisations", headers={"ISA-Min-Log-Size": "99999999"})
    assert_problem(answer, 503, "not-folded")
    assert answer.headers["retry-after"] == "1"
    assert 0.4 < time.monotonic() - started < 3


def test_every_worker_reads_what_one_has_written(demonstration: Demonstration, police: httpx.Client) -> None:
    """Ten connections reach both workers; each waits until it has folded the write."""
    size = police.post(URL, json=QUESTION).headers["isa-log-size"]
    headers = {**police.headers, "ISA-Min-Log-Size": size, "Connection": "close"}
    for _ in range(10):
        answer = httpx.get(f"{demonstration.url}/api/v1/organisations", headers=headers)
        assert answer.status_code == 200
        assert int(answer.headers["isa-log-size"]) >= int(size)


def test_a_plain_answer_is_not_stale(police: httpx.Client) -> None:
    assert ask(police)["stale"] is False


# --- many at once --------------------------------------------------------------------------------------------------


def test_a_batch_answers_each_in_order(police: httpx.Client, database: Database) -> None:
    before = database.size()
    checks = [
        QUESTION,
        {**QUESTION, "record": False},
        {**QUESTION, "purpose": "none"},
        {**QUESTION, "urgency": "immediate-danger"},
    ]
    answer = police.post(f"{URL}/batch", json={"checks": checks})
    results = answer.json()["results"]
    assert [one.get("outcome") or one["status"] for one in results] == ["may-share", "may-share", 422, "share-now"]
    assert [one.get("recorded") for one in results] == [True, False, None, True]
    assert database.size() == before + 2 == int(answer.headers["isa-log-size"])
    for position in (0, 3):
        again = police.get(
            results[position]["receipt"].removesuffix("/receipt"), headers={"ISA-Min-Log-Size": str(before + 2)}
        )
        assert again.json() == results[position]


def test_a_thousand_are_answered_and_one_more_is_refused(police: httpx.Client, database: Database) -> None:
    many = {"checks": [{**QUESTION, "record": False}] * 1_000}
    results = police.post(f"{URL}/batch", json=many).json()["results"]
    assert (len(results), {one["outcome"] for one in results}) == (1_000, {"may-share"})
    assert len({one["id"] for one in results}) == 1_000
    assert_problem(police.post(f"{URL}/batch", json={"checks": many["checks"] * 2}), 400, "malformed", "#/checks")


# --- the vignettes ---------------------------------------------------------------------------------------------------

VIGNETTES: list[dict[str, Any]] = json.loads(shared("vignettes.json").read_bytes())


def codes(found: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, under the names in which the vignettes expect it."""
    return {
        "outcome": found["outcome"],
        "reason": [one["code"] for one in found["reasons"]],
        "article_6": found["basis"]["article_6"],
        "agreement": [one["agreement"] for one in found["agreements"]],
        "consent_role": found["consent"]["role"],
        "consent_seek": found["consent"]["seek"],
        "inform_expected": found["inform"]["expected"],
        "inform_now": found["inform"]["now"],
        "duty_engaged": found["duty"] and found["duty"]["engaged"],
        "duty_verified": found["duty"] and found["duty"]["verified"],
        "condition": [one["code"] for one in found["conditions"]],
        "category_outcomes": {one["code"]: one["outcome"] for one in found["categories"]},
    }


@pytest.mark.parametrize("vignette", VIGNETTES, ids=[one["id"] for one in VIGNETTES])
def test_a_vignette_is_answered_as_expected(demonstration: Demonstration, vignette: dict[str, Any]) -> None:
    expect = dict(vignette["expect"])
    with demonstration.client(vignette["as"], "checks:ask") as client:
        answer = client.post(URL, json=vignette["request"])
    assert answer.status_code == expect.pop("status", 200)
    if answer.status_code != 200:
        assert_problem(answer, answer.status_code)
        return
    found = codes(answer.json())
    for name, wanted in expect.items():
        actual = found[name.removeprefix("not_")]
        if name.startswith("not_"):
            assert not set(wanted) & set(actual), name
        elif isinstance(actual, list) and wanted != []:
            assert set(wanted if isinstance(wanted, list) else [wanted]) <= set(actual), name
        else:
            assert actual == wanted, name


def test_the_vignettes_are_asked_of_several_organisations() -> None:
    assert {LEAD, POLICE} < {one["as"] for one in VIGNETTES}
