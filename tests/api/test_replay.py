"""Answering a recorded check again by the interface, and the law and the words that answers name, by their hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace
from structlog.testing import capture_logs

from asking import COUNCIL, POLICE, TODAY, ask, question
from databases import Databases
from demonstration import catalogue
from guards.pages import Page
from isa_registry.actions import checks, erasures
from isa_registry.actions.erasures import ErasedPart
from isa_registry.actions.identifiers import check_id
from isa_registry.domain.agreement_entries import AgreementReviewed
from isa_registry.domain.answers import Answer, RegisterSeen
from isa_registry.domain.decisions import ENGINE_VERSION, decide
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.questions import Evidence
from isa_registry.domain.replaying import ENGINES, Engines
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.past import Past, past
from isa_registry.store import erasure, records
from isa_registry.store.pool import EVERYTHING, connect, reading_for
from isa_verify.encoding import encode_base64
from serving import METRICS_TOKEN, Serving, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHECKS = "/api/v1/checks"
QUESTION: dict[str, Any] = {
    "recipient": COUNCIL, "purpose": "harm-outside-the-home", "categories": ["identity", "intelligence"],
    "subjects": [{"kind": "child", "roles": ["victim"]}], "circumstances": {"would_help_recipient": True},
}  # fmt: skip
OCCASION = {"id", "decided_at", "recorded", "stale", "receipt"}
CLUB = "replayed-club"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("replay")) as running:
            await running.admit(POLICE, roles=("practitioner",), scopes=("checks:ask",))
            await running.admit(COUNCIL, roles=("auditor",), scopes=("checks:ask", "audit:read"))
            yield running


def police(served: Serving) -> httpx.AsyncClient:
    return served.client(served.machine(POLICE, "checks:ask"))


def auditor(served: Serving) -> httpx.AsyncClient:
    return served.client(served.person(COUNCIL, "auditor"))


async def asked(served: Serving, **members: Any) -> dict[str, Any]:
    """A recorded check: what `GET /checks/{id}` says of it."""
    async with police(served) as client:
        answered = await client.post(CHECKS, json={**QUESTION, **members})
        assert answered.status_code == 200, answer_of(answered)
        read = await client.get(f"{CHECKS}/{answered.json()['id']}", headers=_after(answered))
        assert read.status_code == 200
        found: dict[str, Any] = read.json()
        return found


def _after(answer: httpx.Response) -> dict[str, str]:
    return {"ISA-Min-Log-Size": answer.headers["isa-log-size"]}


def answer_of(answer: httpx.Response) -> Any:
    return answer.json()


async def replayed(served: Serving, check: str, body: Any = None, *, by: Any = police) -> dict[str, Any]:
    async with by(served) as client:
        answer = await client.post(f"{CHECKS}/{check}/replay", json=body or {})
        assert answer.status_code == 200, answer_of(answer)
        found: dict[str, Any] = answer.json()
        return found


async def logged(served: Serving, *payloads: Any) -> int:
    appended = await served.registry.sequencer.append(Draft(payloads=payloads))
    return appended.index


async def figures(served: Serving) -> list[str]:
    async with served.client(METRICS_TOKEN) as client:
        return (await client.get("/metrics")).text.splitlines()


# --- what comes out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"explain": True},
        {"recipient": {"kind": "voluntary"}, "purpose": "mappa"},
        {"urgency": "immediate-danger"},
        # Named by a reference, which the record does not keep, and therefore not anonymous.
        {
            "purpose": "quality-assurance", "categories": ["education"], "circumstances": {"anonymised": True},
            "subjects": [{"kind": "child", "ref": "s1_" + "A" * 43}],
        },
    ],
    ids=["plain", "explained", "to nobody here", "danger", "named and called anonymous"],
)  # fmt: skip
async def test_an_untouched_check_comes_out_byte_for_byte(served: Serving, members: dict[str, Any]) -> None:
    check = await asked(served, **members)
    found = await replayed(served, check["id"])
    assert ("identical", [], None, None, None) == tuple(
        found[name] for name in ("verdict", "differences", "why", "needs", "today")
    )
    # Members in their order, too.
    shown = {name: value for name, value in check.items() if name not in OCCASION}
    assert json.dumps(shown) == json.dumps(found["answer"])
    assert found["recorded"] == {"decided_at": check["decided_at"], "register": check["register"]}
    assert any(line.startswith('isa_replays_total{verdict="identical"') for line in await figures(served))


async def test_the_difference_to_today_is_told_where_it_is_asked_for(served: Serving) -> None:
    check = await asked(served, purpose="early-help", recipient=CLUB)
    await logged(served, _club())
    found = await replayed(served, check["id"], {"against": "today"})
    assert "identical" == found["verdict"]
    today = found["today"]
    assert today["answer"]["register"]["log_size"] == served.registry.follower.view.size
    told = {one["pointer"]: (one["change"], one["was"], one["now"]) for one in today["differences"]}
    assert told["/register/log_size"][1] == check["register"]["log_size"]
    gone = [was["code"] for change, was, _ in told.values() if change == "removed" and isinstance(was, dict)]
    assert "recipient-not-registered" in gone
    async with police(served) as client:
        now = (await client.post(CHECKS, json={**QUESTION, "purpose": "early-help", "recipient": CLUB})).json()
    answer = {name: value for name, value in today["answer"].items() if name != "register"}
    assert answer == {name: now[name] for name in answer}


async def test_checks_of_two_engines_replay_while_both_are_kept_and_say_so_once_one_is_not(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plainer(*arguments: Any, today: str) -> Answer:
        return replace(decide(*arguments, today=today), headline="You may.")

    of_now = await asked(served)
    with monkeypatch.context() as patched:
        patched.setattr(checks, "decide", plainer)
        patched.setattr(checks, "ENGINE_VERSION", "plainer")
        of_then = await asked(served)
    assert ("plainer", "You may.") == (of_then["register"]["engine"], of_then["headline"])
    both = Engines(ENGINE_VERSION, {ENGINE_VERSION: decide, "plainer": plainer})
    monkeypatch.setitem(served.app.state, "engines", both)
    for check in (of_now, of_then):
        assert "identical" == (await replayed(served, check["id"]))["verdict"]
    monkeypatch.setitem(served.app.state, "engines", ENGINES)
    assert "identical" == (await replayed(served, of_now["id"]))["verdict"]
    found = await replayed(served, of_then["id"])
    assert "engine-changed" == found["verdict"]
    assert found["differences"] == [
        {"change": "changed", "pointer": "/headline", "was": "You may.", "now": of_now["headline"]},
        {"change": "changed", "pointer": "/register/engine", "was": "plainer", "now": ENGINE_VERSION},
    ]
    assert "version plainer of the engine, which is not kept" in found["why"]


async def test_a_check_that_needs_what_was_erased_names_the_entry(served: Serving) -> None:
    entry = await logged(served, _club(name="Before"))
    check = await asked(served, recipient=CLUB)
    since = await logged(served, _club(name="After"))
    part = ErasedPart(entry, served.registry.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"), (CLUB,), until=since + 1)
    erasing = await served.registry.sequencer.append(erasures.erase([part], reason="reapplied"))
    found = await replayed(served, check["id"], {"against": "today"})
    assert ("not-replayable", entry, None) == (found["verdict"], found["needs"], found["answer"])
    assert found["why"] == f"entry {entry}, which the register of then may need, was erased by entry {erasing.index}"
    # What it would be told today does not rest on that.
    assert found["today"]["answer"]["outcome"]
    later = await asked(served, recipient=CLUB)
    assert "identical" == (await replayed(served, later["id"]))["verdict"]


async def test_pages_say_what_is_erased_and_what_cannot_be_known_without_it(served: Serving) -> None:
    entry = await logged(served, _club(name="Paged before"))
    check = await asked(served, recipient=CLUB)
    since = await logged(served, _club(name="Paged after"))
    part = ErasedPart(entry, served.registry.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"), (CLUB,), until=since + 1)
    erasing = await served.registry.sequencer.append(erasures.erase([part], reason="reapplied"))
    await served.registry.follower.wait_for_size(erasing.size, seconds=5)
    eraser = await connect(served.registry._url, "isa_erase")
    await erasure.erase(eraser, [(entry, erasing.index)])
    await eraser.close()
    async with served.client() as client:
        page = Page(served, client)
        await page.sign_in(COUNCIL, "auditor")
        erased = (await client.get(f"/audit/entries/{entry}")).text
        assert f'/audit/entries/{erasing.index}">entry {erasing.index}</a> says' in erased
        assert "Paged before" not in erased
        found = await client.get(f"/audit/as-known?as_of_size={since}")
        assert (found.status_code, "It cannot be shown as it was known then" in found.text) == (200, True)
        assert f"which was erased by entry {erasing.index}" in found.text
        assert "<table" not in found.text
        form = {
            "csrf": await page.csrf(), "provider": POLICE, "recipient": COUNCIL, "purpose": "early-help",
            "category": "identity", "subject": "child", "urgency": "routine", "as_of_size": str(since),
        }  # fmt: skip
        refused = await client.post("/audit/what-if", data=form)
        assert refused.status_code == 400
        assert f"depended on entry {entry}, erased since" in refused.text
        async with reading_for(served.registry.reading, EVERYTHING) as connection:
            index = await records.check_index(connection, check["id"])
        again = {"csrf": await page.csrf(), "reason": "audit"}
        replayed_page = (await client.post(f"/audit/entries/{index}/replay", data=again)).text
        assert "It cannot be answered again" in replayed_page
        assert f'href="/audit/entries/{entry}"' in replayed_page


# --- what never happens to an untouched log --------------------------------------------------------------------------


async def test_a_forged_answer_is_different_and_an_alarm(served: Serving, databases: Databases) -> None:
    register = served.registry.follower
    made = CheckAnswered(
        check=check_id(served.registry.now(), bytes(10)),
        organisation=POLICE,
        client="police-system",
        decided_at=f"{TODAY}T09:00:00.000Z",
        question=question(POLICE, COUNCIL, "harm-outside-the-home"),
        evidence=Evidence(),
        register=RegisterSeen(
            register.view.size, encode_base64(register.root), f"sha256:{catalogue().sha256}", ENGINE_VERSION
        ),
        answer=replace(ask(POLICE, COUNCIL, "harm-outside-the-home"), outcome="do-not-share"),
    )
    databases.forged(served.registry._url, made.check)
    await logged(served, made)
    with capture_logs() as said:
        found = await replayed(served, made.check)
    assert "different" == found["verdict"]
    assert ["/outcome"] == [one["pointer"] for one in found["differences"]]
    assert "isa-registry fsck" in found["why"]
    (line,) = [one for one in said if one["event"] == "replay-different"]
    assert (line["log_level"], line["check"], line["members"]) == ("error", made.check, ["/outcome"])
    lines = await figures(served)
    assert any('isa_alarms_total{pattern="replay-different"' in one for one in lines)
    async with served.client() as client:
        page = Page(served, client)
        await page.sign_in(COUNCIL, "auditor")
        again = {"csrf": await page.csrf(), "reason": "audit"}
        told = (await client.post(f"/audit/entries/{found['entry']}/replay", data=again)).text
    assert "It comes out otherwise: this is an alarm" in told
    assert ">/outcome<" in told
    assert await figures(served) != lines, "a page counts as the interface does"


@pytest.mark.parametrize(("table", "column"), [("payload", "payload"), ("entry", "leaf")])
async def test_a_payload_that_is_not_its_leafs_is_different(served: Serving, table: str, column: str) -> None:
    check = await asked(served)
    connection = await asyncpg.connect(served.registry._url)
    try:
        await connection.execute("SET session_replication_role = replica")
        where = "WHERE index = (SELECT index FROM check_record WHERE id = $1)"
        kept = await connection.fetchval(f"SELECT {column} FROM {table} {where}", check["id"])
        other = kept.replace(b"duty-to-share", b"seek-advice") if column == "payload" else b"\xff" + kept[1:]
        assert other != kept
        await connection.execute(f"UPDATE {table} SET {column} = $2 {where}", check["id"], other)
        found = await replayed(served, check["id"])
        async with served.client() as client:
            page = Page(served, client)
            await page.sign_in(COUNCIL, "auditor")
            opened = await client.post(
                f"/audit/entries/{found['entry']}", data={"csrf": await page.csrf(), "reason": "audit"}
            )
        await connection.execute(f"UPDATE {table} SET {column} = $2 {where}", check["id"], kept)
    finally:
        await connection.close()
    assert ("different", None, []) == (found["verdict"], found["answer"], found["differences"])
    assert "not the one that its leaf commits to" in found["why"]
    assert (opened.status_code, "This is not what was made." in opened.text) == (200, True)
    assert "identical" == (await replayed(served, check["id"]))["verdict"]


# --- who may, and what is refused ------------------------------------------------------------------------------------


async def test_an_auditor_replays_anothers_check_and_the_reading_is_logged(served: Serving) -> None:
    check = await asked(served)
    before = served.registry.follower.view.size
    found = await replayed(served, check["id"], by=auditor)
    assert ("identical", before + 1) == (found["verdict"], served.registry.follower.view.size)


async def test_anothers_check_is_as_if_it_were_not_there(served: Serving) -> None:
    check = await asked(served)
    async with served.client(served.machine(COUNCIL, "checks:ask")) as council:
        theirs = await council.post(f"{CHECKS}/{check['id']}/replay", json={})
        nobodys = await council.post(f"{CHECKS}/chk_{'0' * 32}/replay", json={})
    assert (404, 404) == (theirs.status_code, nobodys.status_code)
    assert {**theirs.json(), "instance": ""} == {**nobodys.json(), "instance": ""}
    assert theirs.json()["immediate_danger"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"against": "yesterday"}, "#/against"), ({"agianst": "today"}, "#/"), ([], "#/"), ("{", "#/")],
)
async def test_what_is_not_a_request_is_refused(served: Serving, body: Any, pointer: str) -> None:
    check = await asked(served)
    sent = body if isinstance(body, str) else json.dumps(body)
    async with police(served) as client:
        path, kind = f"{CHECKS}/{check['id']}/replay", {"Content-Type": "application/json"}
        refused = await client.post(path, content=sent, headers=kind)
    assert (400, True) == (refused.status_code, bool(refused.json()["immediate_danger"]))
    assert any(one["pointer"].startswith(pointer.rstrip("/")) for one in refused.json()["errors"]), refused.json()


# --- by hash ---------------------------------------------------------------------------------------------------------


async def test_the_law_that_an_answer_names_is_fetched_by_its_hash(served: Serving) -> None:
    named = (await asked(served))["register"]["catalogue"].removeprefix("sha256:")
    async with served.client() as anybody:
        found = await anybody.get(f"/api/v1/catalogues/{named}")
        same = await anybody.get(f"/api/v1/catalogues/{named}", headers={"If-None-Match": found.headers["etag"]})
        absent = [(await anybody.get(f"/api/v1/catalogues/{one}")).status_code for one in ("0" * 64, "x", named[:-1])]
    assert (200, "application/json") == (found.status_code, found.headers["content-type"])
    assert named == hashlib.sha256(found.content).hexdigest()
    assert "provisions.json" in found.json()
    assert (304, b"") == (same.status_code, same.content)
    assert [404, 404, 404] == absent


async def test_the_words_that_an_answer_names_are_fetched_by_their_hash(served: Serving) -> None:
    (cited,) = (await asked(served))["agreements"]
    await logged(served, AgreementReviewed(agreement="tier-2-hoth", version="1.0", on=TODAY, outcome="no-change"))
    async with served.client() as anybody:
        found = await anybody.get(f"/api/v1/texts/{cited['sha256']}")
        absent = await anybody.get(f"/api/v1/texts/{'0' * 64}")
    assert (200, "text/markdown; charset=utf-8") == (found.status_code, found.headers["content-type"])
    assert cited["sha256"] == hashlib.sha256(found.content).hexdigest()
    assert 404 == absent.status_code


def _club(name: str = "Club") -> OrganisationRegistered:
    return OrganisationRegistered(organisation=CLUB, name=name, organisation_kind="sports-club")


# --- what was known then, for many questions -------------------------------------------------------------------------


async def test_a_batch_about_one_past_state_looks_it_up_once(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    async def counting(connection: Any, register: Any, size: int) -> Past:
        looked.append(size)
        return await past(connection, register, size)

    monkeypatch.setattr("isa_registry.runtime.past.past", counting)
    size = served.registry.follower.view.size
    await logged(served, _club(name="Since"))
    questions = [{**QUESTION, "as_of": (size, size - 1)[number % 2]} for number in range(40)]
    async with police(served) as client:
        found = (
            await client.post(f"{CHECKS}/batch", json={"checks": [*questions, {**QUESTION, "as_of": 10**9}]})
        ).json()
        (alone,) = [(await client.post(CHECKS, json=questions[0])).json()]
    # The two states of the batch are looked up at the same time, in either order; the one asked alone comes last.
    assert [size - 1, size] == sorted(looked[:2])
    assert [size] == looked[2:]
    *answers, last = found["results"]
    assert [one["as_of"] for one in questions] == [one["register"]["log_size"] for one in answers]
    assert {one["register"]["root"] for one in answers[::2]} == {alone["register"]["root"]}
    assert {one["register"]["root"] for one in answers[1::2]} != {alone["register"]["root"]}
    assert 422 == last["status"]


async def test_a_page_shows_what_cannot_be_read_to_the_letter_alone(served: Serving) -> None:
    check = await asked(served)
    connection = await asyncpg.connect(served.registry._url)
    where = "WHERE index = (SELECT index FROM check_record WHERE id = $1)"
    kept = await connection.fetchval(f"SELECT payload FROM payload {where}", check["id"])
    index = await connection.fetchval("SELECT index FROM check_record WHERE id = $1", check["id"])
    try:
        await connection.execute("SET session_replication_role = replica")
        async with served.client() as client:
            page = Page(served, client)
            await page.sign_in(COUNCIL, "auditor")
            form = {"csrf": await page.csrf(), "reason": "audit"}
            for other in (b"\xff<script>", b"{}", kept.replace(b'"kind":"check', b'"kind":"chock')):
                await connection.execute(f"UPDATE payload SET payload = $2 {where}", check["id"], other)
                opened = await client.post(f"/audit/entries/{index}", data=form)
                assert (opened.status_code, "Only to the letter, below." in opened.text) == (200, True)
                assert "<script>" not in opened.text
    finally:
        await connection.execute(f"UPDATE payload SET payload = $2 {where}", check["id"], kept)
        await connection.close()
