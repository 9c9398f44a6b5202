"""How often one may ask, and whom it does not touch: on the real application, with a hundredth of the limits."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from asking import COUNCIL, POLICE
from guards.conftest import STRANGER
from isa_registry.api.access import ACCESS
from isa_registry.api.limits import CHECKS, LIMITS, NEVER_LIMITED
from isa_registry.api.watching import ALARM_AFTER
from serving import METRICS_TOKEN, Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

READING = "/api/v1/organisations"
QUESTION = {"recipient": COUNCIL, "purpose": "harm-outside-the-home", "categories": ["identity"]}


def assert_limited(answer: httpx.Response, name: str) -> None:
    assert answer.status_code == 429, answer.text
    problem = answer.json()
    assert problem["type"].endswith("/problems/quota-exceeded")
    assert problem["violated-policies"] == [name]
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    quota, window = max(1, LIMITS[name].quota // 100), LIMITS[name].seconds
    assert answer.headers["ratelimit-policy"] == f'"{name}";q={quota};w={window}'
    assert re.fullmatch(rf'"{name}";r=0;t=[0-9]+', answer.headers["ratelimit"])


async def used_up(client: httpx.AsyncClient, path: str, **sent: Any) -> httpx.Response:
    """The first answer over the quota."""
    for _ in range(700):
        answer = await (client.post(path, **sent) if sent else client.get(path))
        if answer.status_code == 429:
            return answer
    raise AssertionError(f"never limited: {answer.status_code}")


async def test_a_client_over_its_quota_is_told_when_to_come_back(limited: Serving) -> None:
    async with limited.client(limited.machine(POLICE, "events:read")) as police:
        first = await police.get(READING)
        assert first.status_code == 200
        assert first.headers["ratelimit-policy"] == '"client";q=60;w=60'
        assert first.headers["ratelimit"] == '"client";r=59;t=1'
        assert_limited(await used_up(police, READING), "client")


async def test_one_clients_exhaustion_touches_nobody_else(limited: Serving) -> None:
    async with (
        limited.client(limited.machine(POLICE, "events:read")) as police,
        limited.client(limited.person(POLICE, "ig-lead")) as person,
        limited.client(limited.machine(STRANGER, "events:read")) as stranger,
        limited.client() as nobody,
    ):
        await used_up(police, READING)
        for other in (person, stranger):
            assert (await other.get(READING)).status_code == 200
        assert (await nobody.get("/api/v1/agreements")).status_code == 200
        # Another token of the same client is the same client.
        async with limited.client(limited.machine(POLICE, "events:read")) as again:
            assert (await again.get(READING)).status_code == 429


async def test_each_person_has_a_quota_of_their_own(limited: Serving) -> None:
    async with (
        limited.client(limited.person(POLICE, "ig-lead")) as lead,
        limited.client(limited.person(POLICE, "practitioner")) as practitioner,
    ):
        assert_limited(await used_up(lead, READING), "person")
        assert (await practitioner.get(READING)).status_code == 200


async def test_questions_have_a_quota_that_nothing_else_uses_up(limited: Serving) -> None:
    async with limited.client(limited.machine(POLICE, "checks:ask")) as police:
        await used_up(police, READING)
        assert (await police.post("/api/v1/checks", json=QUESTION)).status_code == 200


async def test_a_question_about_immediate_danger_is_answered_over_any_quota(limited: Serving) -> None:
    async with limited.client(limited.machine(POLICE, "checks:ask")) as police:
        batch = {"checks": [{**QUESTION, "record": False}]}
        over = await used_up(police, "/api/v1/checks/batch", json=batch)
        assert_limited_check = over.json()
        assert "share now" in assert_limited_check["immediate_danger"]
        while (plain := await police.post("/api/v1/checks", json=QUESTION)).status_code == 200:
            pass
        assert plain.status_code == 429
        assert "share now" in plain.json()["immediate_danger"]
        answer = await police.post("/api/v1/checks", json={**QUESTION, "urgency": "immediate-danger"})
        assert answer.status_code == 200
        assert answer.json()["outcome"] == "share-now"


async def test_a_batch_costs_more_than_a_question(limited: Serving) -> None:
    async with limited.client(limited.machine(POLICE, "checks:ask")) as police:
        answer = await police.post("/api/v1/checks/batch", json={"checks": [{**QUESTION, "record": False}]})
        assert answer.headers["ratelimit"].startswith('"checks";r=70;')


async def test_a_forged_token_draws_on_nothing_of_whom_it_names(limited: Serving) -> None:
    genuine = limited.machine(POLICE, "events:read")
    head, _, signature = genuine.rpartition(".")
    forged = f"{head}.{'A' * len(signature)}"
    async with limited.client(forged) as forger, limited.client(genuine) as police:
        statuses = [(await forger.get(READING)).status_code for _ in range(100)]
        assert set(statuses) <= {401, 429}
        answer = await police.get(READING)
        assert (answer.status_code, answer.headers["ratelimit"]) == (200, '"client";r=59;t=1')


async def test_the_same_refused_token_is_not_verified_again_and_again(limited: Serving) -> None:
    expired = limited.machine(POLICE, "events:read", exp=1, iat=1)
    async with limited.client(expired) as client:
        assert (await client.get(READING)).status_code == 401
        assert_limited(await client.get(READING), "refused-token")
    # Others, whoever they say they are, are looked at.
    async with limited.client(limited.machine(POLICE, "events:read", exp=2, iat=1)) as other:
        assert (await other.get(READING)).status_code == 401


async def test_an_address_that_tries_token_after_token_is_stopped_and_no_other(limited: Serving) -> None:
    def tried(number: int) -> str:
        return f"{number}.{number}.{number}"

    async with limited.client() as client:
        for number in range(20):
            headers = {"Authorization": f"Bearer {tried(number)}", "X-Forwarded-For": "203.0.113.9"}
            answer = await client.get(READING, headers=headers)
        assert_limited(answer, "refused-address")
        elsewhere = {"Authorization": f"Bearer {tried(99)}", "X-Forwarded-For": "203.0.113.9, 203.0.113.10"}
        assert (await client.get(READING, headers=elsewhere)).status_code == 401


async def test_a_token_that_is_known_to_be_valid_is_answered_from_an_address_that_tries_others(
    limited: Serving,
) -> None:
    address = {"X-Forwarded-For": "203.0.113.9"}
    async with limited.client(limited.machine(POLICE, "events:read"), **address) as police:
        assert (await police.get(READING)).status_code == 200
        async with limited.client(**address) as client:
            for number in range(20):
                answer = await client.get(READING, headers={"Authorization": f"Bearer {number}.a.b"})
            assert answer.status_code == 429
        assert (await police.get(READING)).status_code == 200


async def test_without_a_token_all_share_one_quota_and_each_address_has_its_own(limited: Serving) -> None:
    async with limited.client() as nobody:
        first = {"X-Forwarded-For": "2001:db8:1:1::1"}
        same_place = {"X-Forwarded-For": "2001:db8:1:1:ffff::2"}
        for _ in range(30):
            assert (await nobody.get("/api/v1/agreements", headers=first)).status_code == 200
        assert_limited(await nobody.get("/api/v1/agreements", headers=same_place), "address")
        other = await nobody.get("/api/v1/agreements", headers={"X-Forwarded-For": "2001:db8:1:2::1"})
        assert other.status_code == 200
        assert other.headers["ratelimit"].startswith('"public";')
        assert_limited(await used_up(nobody, "/api/v1/agreements"), "public")


@pytest.mark.parametrize("told", ["", "not-an-address", "203.0.113.9, ", "unknown"])
async def test_an_address_that_is_none_is_nobodys(limited: Serving, told: str) -> None:
    async with limited.client(**{"X-Forwarded-For": told}) as nobody:
        answer = await nobody.get("/api/v1/agreements")
    assert (answer.status_code, answer.headers["ratelimit"].split(";")[0]) == (200, '"public"')


async def test_whoever_waits_in_vain_is_counted_as_one_without_a_token(
    limited: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("isa_registry.api.frame.READ_YOUR_WRITES_SECONDS", 0.0)
    waiting = {"ISA-Min-Log-Size": "999999999999999", "X-Forwarded-For": "203.0.113.7"}
    async with limited.client(**waiting) as nobody:
        first = await nobody.get(READING)
        assert (first.status_code, first.json()["type"]) == (503, "https://registry.test/problems/not-folded")
        assert_limited(await used_up(nobody, READING), "address")


async def test_the_page_for_danger_is_never_limited(limited: Serving) -> None:
    async with limited.client() as nobody:
        await used_up(nobody, "/api/v1/agreements")
        for path in ("/immediate-danger", "/livez", "/readyz", "/problems/quota-exceeded"):
            assert (await nobody.get(path)).status_code in (200, 503), path
            assert "ratelimit" not in (await nobody.get(path)).headers


async def test_what_is_never_limited_is_public_and_what_asks_is_there() -> None:
    for route in NEVER_LIMITED:
        assert ACCESS["GET", route].public
    for route in CHECKS:
        assert "checks:ask" in ACCESS["POST", route].scopes


# --- what the operator sees ------------------------------------------------------------------------------------------


async def figures(running: Serving) -> dict[str, float]:
    async with running.client(METRICS_TOKEN) as operator:
        text = (await operator.get("/metrics")).text
    return {
        f"{name}:{label}": float(value)
        for name, label, value in re.findall(r'^(isa_\w+_total)\{\w+="([^"]+)",worker="\d+"\} (\S+)$', text, re.M)
    }


async def test_refusals_are_counted_by_their_code(limited: Serving) -> None:
    async with limited.client() as nobody, limited.client(limited.machine(POLICE, "events:read")) as police:
        await nobody.get(READING)
        await nobody.get(READING, headers={"Authorization": "Bearer a.b.c"})
        await police.get(f"/api/v1/organisations/{STRANGER}/keys")
        await used_up(police, READING)
    found = await figures(limited)
    assert found["isa_refused_total:unauthenticated"] == 1
    assert found["isa_refused_total:invalid-token"] == 1
    assert found["isa_refused_total:not-your-organisation"] == 1
    assert found["isa_refused_total:quota-exceeded"] == found["isa_rate_limited_total:client"] == 1


async def test_whoever_keeps_asking_for_what_is_anothers_is_named_in_the_log_once(limited: Serving) -> None:
    with capture_logs() as lines:
        async with limited.client(limited.machine(STRANGER, "events:read")) as stranger:
            for _ in range(ALARM_AFTER + 10):
                await stranger.get(f"/api/v1/organisations/{POLICE}/keys")
        async with limited.client(limited.machine(POLICE, "events:read")) as police:
            await police.get(f"/api/v1/organisations/{STRANGER}/keys")
    (said,) = [line for line in lines if line["event"] == "isolation-refusals"]
    assert (said["organisation"], said["client"]) == (STRANGER, f"{STRANGER}-system")
    assert (await figures(limited))["isa_alarms_total:isolation"] == 1
