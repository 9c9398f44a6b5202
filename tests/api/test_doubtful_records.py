"""While the database is known not to hold what was signed, no record is shown: by no token, on no page, by no way of
asking. Questions are answered all the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from api.speaking import QUESTION, assert_problem
from asking import POLICE
from consenting import REF
from databases import Databases
from guards.pages import Page
from isa_registry.api.access import ACCESS
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.evidence_of import consult
from running import SIGNER
from serving import Serving, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHECKS, EVENTS = "/api/v1/checks", "/api/v1/sharing-events"
SHOWN_ALL_THE_SAME = {"/account", "/sign-in/again", "/signed-in", "/ask", "/ask/facts"}
READ_BY_A_FORM = {
    "/api/v1/checks/{check}/replay", "/api/v1/sharing-events/export", "/api/v1/sharing-events/search",
    "/api/v1/sharing-events/subject-access", "/account/subject-access", "/audit/entries/{index}",
    "/audit/entries/{index}/receipt", "/audit/entries/{index}/replay", "/audit/evidence", "/audit/look-up",
    "/consents/search",
}  # fmt: skip
EVENT = "01a21f19-6d47-7efa-b86b-2cf3bedad947"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    """A worker under which an older copy of the database was put: the file outside knows of more."""
    name, place = databases.create(template_database), tmp_path_factory.mktemp("doubtful")
    file = place / "outside"
    try:
        async with serving(databases.url(name), place, checkpoint_file=file) as running:
            await running.admit(POLICE, roles=("practitioner", "ig-lead"), scopes=("checks:ask", "events:read"))
            size = running.registry.follower.view.size + 1
            CheckpointFile(file).swap(None, SIGNER.sign(size, bytes(32), int(time.time())))
            async with asyncio.timeout(20):
                while "database-behind" not in running.registry.guard.reasons:  # noqa: ASYNC110 - it gives no word
                    await asyncio.sleep(0.05)
            yield running
    finally:
        databases.drop(name)


async def test_behind_a_sign_in_only_asking_and_ones_own_sessions_go_on() -> None:
    """What is read there is refused unless its line says otherwise, and so is what a form finds."""
    known = {route: terms for route, terms in ACCESS.items() if not (terms.public or terms.operator or terms.handshake)}
    read = {path for (method, path), terms in known.items() if method == "GET" and not terms.shows_records(method)}
    assert read == SHOWN_ALL_THE_SAME
    found = {path for (method, path), terms in known.items() if method != "GET" and terms.shows_records(method)}
    assert found == READ_BY_A_FORM


async def test_no_record_is_shown_to_a_system(served: Serving) -> None:
    async with served.client(served.machine(POLICE, "checks:ask events:read")) as client:
        gets = [
            f"{CHECKS}/chk_01a21f196d477efab86b2cf3bedad947", EVENTS, f"{EVENTS}/{EVENT}", "/api/v1/audit/entries",
            "/api/v1/audit/entries/1", "/api/v1/audit/export",
        ]  # fmt: skip
        answers = [await client.get(path) for path in gets]
        answers += [await client.post(f"{EVENTS}/{way}", json={}) for way in ("search", "export", "subject-access")]
        answers.append(await client.post(f"{gets[0]}/replay", json={}))
    for answer in answers:
        assert_problem(answer, 503, "records-unconfirmed")
        assert "60" == answer.headers["retry-after"]


async def test_a_question_is_answered_unrecorded_and_rests_on_no_consent_that_may_have_been_taken_back(
    served: Serving,
) -> None:
    asked = {**QUESTION, "subjects": [{"kind": "child", "ref": REF}]}
    async with served.client(served.machine(POLICE, "checks:ask")) as client:
        answer = (await client.post(CHECKS, json=asked)).raise_for_status().json()
    assert (answer["recorded"], answer["stale"]) == (False, True)
    assert answer["outcome"] != "do-not-share"
    registry = served.registry
    view, root = registry.follower.view, registry.follower.root
    assert registry.follower.connected
    assert (await consult(registry, POLICE, [REF], view=view, root=root)).records is None


async def test_no_record_is_shown_on_a_page_and_asking_is_one_link_away(served: Serving) -> None:
    async with served.client() as client:
        page = Page(served, client)
        await page.sign_in(POLICE, "practitioner")
        for path in ("/decisions", "/decisions/received", f"/decisions/{EVENT}", "/consents", "/account/challenges"):
            refused = await client.get(path)
            assert (refused.status_code, "Records are not shown at this moment" in refused.text) == (503, True), path
            assert 'href="/ask"' in refused.text
        searched = await client.post("/consents/search", data={"csrf": await page.csrf(), "reference": REF})
        assert 503 == searched.status_code
        assert [200, 200] == [(await client.get(path)).status_code for path in ("/ask", "/account")]
