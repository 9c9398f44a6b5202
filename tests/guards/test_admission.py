"""What every request must pass, one guard a test, on the application in this process: quick enough to be run again and
again while guards are switched off (`make test-guards`)."""

from __future__ import annotations

import asyncio
import time

import httpx
import msgspec
import pytest

from asking import COUNCIL, POLICE
from guards.conftest import STRANGER
from isa_registry.api import frame
from isa_registry.domain.access_entries import ClientGranted
from isa_registry.ledger.drafts import Draft
from serving import METRICS_TOKEN, Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTION = {"recipient": COUNCIL, "purpose": "harm-outside-the-home", "categories": ["identity"]}
CHECKS, KEYS = "/api/v1/checks", f"/api/v1/organisations/{POLICE}/keys"


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


async def test_without_a_token_nothing_is_answered(shared: Serving) -> None:
    async with shared.client() as nobody:
        answer = await nobody.get(KEYS)
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_a_scope_that_the_route_does_not_name_is_not_enough(shared: Serving) -> None:
    async with shared.client(shared.machine(POLICE, "checks:ask")) as police:
        answer = await police.get(KEYS)
    assert (answer.status_code, code_of(answer)) == (403, "insufficient-scope")


async def test_a_scope_that_the_register_did_not_grant_is_none(shared: Serving) -> None:
    async with shared.client(shared.machine(POLICE, "audit:read")) as police:
        answer = await police.get(KEYS)
    assert (answer.status_code, code_of(answer)) == (403, "insufficient-scope")


async def test_a_role_that_the_route_does_not_name_is_not_enough(shared: Serving) -> None:
    async with shared.client(shared.person(POLICE, "practitioner")) as practitioner:
        answer = await practitioner.get(KEYS)
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")


async def test_what_a_caller_waits_for_counts_when_they_are_let_in(
    shared: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who was just granted something is refused because this worker had not read of it yet."""

    async def arrives(size: int, *, seconds: float) -> bool:
        granted = ClientGranted(organisation=POLICE, client="new-system", scopes=("checks:ask",))
        await shared.registry.sequencer.append(Draft(payloads=(granted,)))
        return await folded(size + 1, seconds=seconds)

    size, folded = shared.registry.follower.view.size, shared.registry.follower.wait_for_size
    monkeypatch.setattr(shared.registry.follower, "wait_for_size", arrives)
    token = shared.token(POLICE, sub="new-system", client_id="new-system", scope="checks:ask")
    async with shared.client(token, **{"ISA-Min-Log-Size": str(size)}) as new:
        answer = await new.post(CHECKS, json=QUESTION)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("ago", [301, None])
async def test_what_changes_trust_needs_a_recent_sign_in(shared: Serving, ago: int | None) -> None:
    claims = {"auth_time": None if ago is None else int(time.time()) - ago}
    async with shared.client(shared.person(POLICE, "ig-lead", **claims)) as lead:
        answer = await lead.post(KEYS, json={})
    assert (answer.status_code, code_of(answer)) == (401, "sign-in-too-old")
    assert 'max_age="300"' in answer.headers["www-authenticate"]


async def test_the_operators_route_takes_the_operators_token_alone(shared: Serving) -> None:
    for token in (shared.machine(POLICE, "events:read"), METRICS_TOKEN[:-1]):
        async with shared.client(token) as client:
            assert code_of(await client.get("/metrics")) == "invalid-token"
    async with shared.client(METRICS_TOKEN) as operator:
        assert (await operator.get("/metrics")).status_code == 200


async def test_another_host_is_misdirected(shared: Serving) -> None:
    async with shared.client() as nobody:
        for host in ("evil.example", "registry.test.evil.example"):
            answer = await nobody.get("/api/v1/agreements", headers={"Host": host})
            assert (answer.status_code, code_of(answer)) == (421, "misdirected")


async def test_the_name_of_a_host_has_no_case(shared: Serving) -> None:
    async with shared.client() as nobody:
        assert (await nobody.get("/api/v1/agreements", headers={"Host": "Registry.TEST"})).status_code == 200


async def test_a_character_that_no_text_holds_is_the_callers_fault(shared: Serving) -> None:
    lead = shared.person(POLICE, "ig-lead")
    async with shared.client(lead) as client:
        for path, body in (
            (f"/api/v1/organisations/{POLICE}/webhooks/%00/pause", {}),
            (f"/api/v1/organisations/{POLICE}/notice-addresses/removal", {"id": "\0"}),
        ):
            answer = await client.post(path, json=body)
            assert (answer.status_code, code_of(answer)) == (400, "malformed"), path


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-7"],
)
async def test_a_body_that_a_form_elsewhere_can_send_is_refused(shared: Serving, kind: str) -> None:
    async with shared.client(shared.machine(POLICE, "checks:ask"), **{"Content-Type": kind}) as police:
        answer = await police.post(CHECKS, content=msgspec.json.encode(QUESTION))
    assert (answer.status_code, code_of(answer)) == (415, "unsupported-media-type")


async def test_a_body_over_its_routes_limit_is_refused(shared: Serving) -> None:
    async with shared.client(shared.machine(POLICE, "checks:ask"), **{"Content-Type": "application/json"}) as police:
        answer = await police.post(CHECKS, content=b" " * 65_537 + msgspec.json.encode(QUESTION))
    assert (answer.status_code, code_of(answer)) == (413, "too-large")


async def test_a_body_that_does_not_come_is_given_up(shared: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "BODY_SECONDS", 0.05)

    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            yield b"{"
            await asyncio.sleep(2)
            yield b"}"

    async with shared.client(shared.machine(POLICE, "checks:ask"), **{"Content-Type": "application/json"}) as police:
        began = time.monotonic()
        answer = await police.post(CHECKS, content=Slow())
    assert (answer.status_code, code_of(answer)) == (408, "too-slow")
    assert time.monotonic() - began < 2


async def test_an_idempotency_key_is_its_clients_own(shared: Serving) -> None:
    """Another's first answer would be another's check."""
    headers = {"Idempotency-Key": '"the-very-same-key"'}
    found = []
    for body in (POLICE, STRANGER):
        async with shared.client(shared.machine(body, "checks:ask"), **headers) as client:
            answer = await client.post(CHECKS, json=QUESTION)
            assert answer.status_code == 200, answer.text
            found.append(answer.json()["id"])
    assert found[0] != found[1]


async def test_every_answer_tells_the_browser_to_keep_to_us(shared: Serving) -> None:
    async with shared.client(shared.machine(POLICE, "events:read")) as police:
        answers = [await police.get(path) for path in ("/", "/livez", KEYS, "/nowhere", "/immediate-danger")]
        answers.append(await police.get("/livez", headers={"Host": "evil.example"}))
    for answer in answers:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert not [value for value in policy.values() if "unsafe" in value or "*" in value]
        hsts = answer.headers["strict-transport-security"]
        assert int(hsts.partition("max-age=")[2].partition(";")[0]) >= 31_536_000
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert answer.headers["x-frame-options"] == "DENY"


async def test_nothing_that_needs_a_token_is_kept_by_anybody(shared: Serving) -> None:
    async with shared.client(shared.machine(POLICE, "events:read")) as police:
        for path in (KEYS, "/api/v1/sharing-events", "/api/v1/audit/entries"):
            answer = await police.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path


async def test_no_other_site_is_let_in(shared: Serving) -> None:
    async with shared.client(shared.machine(POLICE, "events:read"), Origin="https://evil.example") as police:
        for answer in (await police.get(KEYS), await police.options(KEYS)):
            assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_private_key_is_refused_and_told_to_be_replaced(shared: Serving) -> None:
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "A" * 43}
    body = {"kid": "k-9", "algorithm": "Ed25519", "jwk": key, "uses": ["event"], "proof": "a.b.c"}
    async with shared.client(shared.person(POLICE, "ig-lead")) as lead:
        answer = await lead.post(KEYS, json=body)
    assert (answer.status_code, code_of(answer)) == (422, "unprocessable")
    assert [error["code"] for error in answer.json()["errors"]] == ["private-key"]
    assert "A" * 43 not in answer.text
