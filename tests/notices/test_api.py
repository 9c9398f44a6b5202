"""Addresses, webhooks and what was told, by the interface."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from databases import Databases
from isa_registry.domain.notices.notice import Notice
from isa_registry.runtime.notices.telling import tell
from isa_registry.store.pool import connect
from live import LEAD, POLICE
from notices.outboxes import Kept, Outbox, notice
from serving import METRICS_TOKEN, Serving, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

HARBOUR = "harbour"
AT = "/api/v1/organisations"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("serving")) as found:
            await found.admit(POLICE, roles=("ig-lead", "signatory"))
            await found.admit(HARBOUR, roles=("ig-lead",))
            await found.admit(LEAD, roles=("ig-lead", "business-unit"))
            yield found


async def post(served: Serving, body: str, role: str, path: str, sent: Any, **claims: Any) -> httpx.Response:
    async with served.client(served.person(body, role, **claims)) as client:
        return await client.post(path, json=sent)


async def get(served: Serving, body: str, role: str, path: str) -> httpx.Response:
    async with served.client(served.person(body, role)) as client:
        return await client.get(path)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


async def test_a_lead_keeps_the_addresses_of_its_body(served: Serving) -> None:
    where = f"{AT}/{HARBOUR}/notice-addresses"
    wanted = {"role": "signatory", "address": "director@harbour.test"}
    added = await post(served, HARBOUR, "ig-lead", where, wanted)
    again = await post(served, HARBOUR, "ig-lead", where, wanted)
    assert (added.status_code, again.status_code) == (201, 200)
    assert added.json() == again.json() == {**wanted, "id": added.json()["id"]}
    listed = await get(served, HARBOUR, "ig-lead", where)
    assert listed.json() == {"addresses": [added.json()]}
    gone = await post(served, HARBOUR, "ig-lead", f"{where}/removal", {"id": added.json()["id"]})
    assert (gone.status_code, gone.json()) == (200, {"addresses": []})
    twice = await post(served, HARBOUR, "ig-lead", f"{where}/removal", {"id": added.json()["id"]})
    assert twice.status_code == 404


async def test_another_bodys_address_cannot_be_deleted_nor_told_from_none(served: Serving) -> None:
    added = await post(served, HARBOUR, "ig-lead", f"{AT}/{HARBOUR}/notice-addresses",
                       {"role": "ig-lead", "address": "lead@harbour.test"})  # fmt: skip
    removal = f"{AT}/{POLICE}/notice-addresses/removal"
    theirs = await post(served, POLICE, "ig-lead", removal, {"id": added.json()["id"]})
    nobodys = await post(served, POLICE, "ig-lead", removal, {"id": f"nad_{'0' * 32}"})
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["detail"] == nobodys.json()["detail"]
    assert len((await get(served, HARBOUR, "ig-lead", f"{AT}/{HARBOUR}/notice-addresses")).json()["addresses"]) == 1


@pytest.mark.parametrize(
    ("body", "role", "wanted", "status"),
    [
        (LEAD, "business-unit", "business-unit", 201),
        (LEAD, "business-unit", "signatory", 403),
        (LEAD, "ig-lead", "signatory", 201),
        (LEAD, "ig-lead", "business-unit", 403),
        (POLICE, "ig-lead", "safeguarding-lead", 201),
        (POLICE, "ig-lead", "business-unit", 403),
        (POLICE, "signatory", "signatory", 403),
    ],
)
async def test_who_keeps_which_addresses(served: Serving, body: str, role: str, wanted: str, status: int) -> None:
    sent = {"role": wanted, "address": f"{wanted}@{body}.test"}
    answer = await post(served, body, role, f"{AT}/{body}/notice-addresses", sent)
    assert answer.status_code == status, answer.text


async def test_addresses_and_webhooks_change_after_a_recent_sign_in_alone(served: Serving) -> None:
    for what, sent in (
        ("notice-addresses", {"role": "signatory", "address": "a@b.test"}),
        ("webhooks", {"url": "https://a.example/", "kinds": ["agreement.*"]}),
    ):
        answer = await post(served, HARBOUR, "ig-lead", f"{AT}/{HARBOUR}/{what}", sent, auth_time=1)
        assert (answer.status_code, code(answer)) == (401, "sign-in-too-old")


@pytest.mark.parametrize(
    ("what", "sent", "pointer"),
    [
        ("notice-addresses", {"role": "signatory", "address": "Ada <ada@b.test>"}, "#/address"),
        ("notice-addresses", {"role": "signatory", "address": "a@b.test\r\nBcc: c@d.test"}, "#/address"),
        ("notice-addresses", {"role": "practitioner", "address": "a@b.test"}, "#/role"),
        ("notice-addresses", {"role": "signatory"}, "#/address"),
        ("notice-addresses", {"role": "signatory", "address": "a@b.test", "name": "Ada"}, "#"),
        ("webhooks", {"url": "http://a.example/", "kinds": ["agreement.*"]}, "#/url"),
        ("webhooks", {"url": "https://127.0.0.1/", "kinds": ["check.answered"]}, "#/kinds"),
        ("webhooks", {"url": "https://a.example/", "kinds": []}, "#/kinds"),
        ("webhooks", {"url": "https://localhost/", "kinds": ["agreement.*"]}, "#/url"),
        ("webhooks", {"url": 7, "kinds": ["agreement.*"]}, "#/url"),
    ],
)
async def test_what_cannot_be_taken_is_said_at_its_place_and_not_repeated(
    served: Serving, what: str, sent: dict[str, Any], pointer: str
) -> None:
    answer = await post(served, HARBOUR, "ig-lead", f"{AT}/{HARBOUR}/{what}", sent)
    assert answer.status_code in (400, 422), answer.text
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert not [value for value in ("Ada", "c@d.test", "a.example") if value in answer.text]


async def test_a_lead_registers_pauses_tests_and_deletes_a_webhook(served: Serving) -> None:
    where = f"{AT}/{HARBOUR}/webhooks"
    new = {"url": "https://hooks.harbour.example/in", "kinds": ["attestation.made", "agreement.*"]}
    added = await post(served, HARBOUR, "ig-lead", where, new)
    assert added.status_code == 201, added.text
    one = added.json()
    assert {**one, "added_at": ""} == {
        "id": one["id"], "url": new["url"], "kinds": ["agreement.*", "attestation.made"], "state": "active",
        "added_at": "", "waiting": 0, "dead": 0,
    }  # fmt: skip
    assert (await post(served, HARBOUR, "ig-lead", where, new)).status_code == 409
    paused = await post(served, HARBOUR, "ig-lead", f"{where}/{one['id']}/pause", {})
    assert paused.json()["webhooks"][0]["state"] == "paused"
    assert (await post(served, HARBOUR, "ig-lead", f"{where}/{one['id']}/test", {})).status_code == 404
    resumed = await post(served, HARBOUR, "ig-lead", f"{where}/{one['id']}/resumption", {})
    assert resumed.json()["webhooks"][0]["state"] == "active"
    tested = await post(served, HARBOUR, "ig-lead", f"{where}/{one['id']}/test", {})
    assert tested.status_code == 202
    listed = await get(served, HARBOUR, "ig-lead", f"{where}/{one['id']}/deliveries")
    assert [(line["id"], line["kind"], line["entry"]) for line in listed.json()["deliveries"]] == [
        (tested.json()["delivery"], "webhook.test", None)
    ]
    gone = await post(served, HARBOUR, "ig-lead", f"{where}/{one['id']}/removal", {})
    assert gone.json() == {"webhooks": []}
    assert (await get(served, HARBOUR, "ig-lead", f"{where}/{one['id']}/deliveries")).status_code == 404


async def test_the_keys_behind_webhooks_are_public(served: Serving) -> None:
    async with served.client() as anybody:
        answer = await anybody.get("/.well-known/webhook-keys.json")
    found = answer.json()
    assert answer.status_code == 200
    assert [(key["crv"], key["alg"]) for key in found["keys"]] == [("Ed25519", "Ed25519")]
    assert "d" not in found["keys"][0]
    assert found["standard_webhooks"][0].startswith("whpk_")


async def test_the_unit_sees_what_was_told_and_sends_again_what_was_given_up(served: Serving) -> None:
    registry = served.registry
    out = Outbox(served.app.state["notices"].pool)
    out.now = registry.now()
    await out.address(POLICE, "signatory", "chief@police.test")
    in_words = [
        notice(POLICE, "told"),
        notice(POLICE, "refused"),
        Notice("agreement-opened", "way-through", ("signatory",), notice().parameters, "untold"),
    ]
    work = await connect(registry._url, "isa_work")
    await tell(work, in_words, registry.follower.view, now=out.now)
    await work.close()
    await out.drain(Kept())
    (delivery, *_) = await out.rows("SELECT d.id FROM notice_delivery d JOIN notice n ON n.id = d.notice"
                                    " WHERE n.about = 'refused'")  # fmt: skip
    async with out.pool.acquire() as connection:
        await connection.execute(
            "UPDATE notice_delivery SET state = 'dead', error = 'address-refused', address = 'chief@police.test'"
            " WHERE id = $1",
            delivery["id"],
        )
    answer = await get(served, LEAD, "business-unit", "/api/v1/notices?state=undelivered")
    lines = answer.json()["notices"]
    assert "police.test" not in answer.text, "who keeps the service, or leads it, is shown no address"
    assert {(line["organisation"], tuple(one["state"] for one in line["deliveries"])) for line in lines} >= {
        (POLICE, ("dead",)), ("way-through", ()),
    }  # fmt: skip
    whole = (await get(served, LEAD, "business-unit", "/api/v1/notices")).json()["notices"]
    assert len(whole) > len(lines)

    async with served.client() as anybody:
        served.app.state["notices"]._standing = (float("-inf"), served.app.state["notices"]._standing[1])
        ready = (await anybody.get("/readyz")).json()["warnings"]
        assert {"notices-dead", "notices-untold"} <= set(ready)
        metrics = await anybody.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert "isa_notices_dead 1.0" in metrics.text

    again = {"delivery": delivery["id"]}
    refused = await post(served, POLICE, "ig-lead", "/api/v1/notices/redelivery", again)
    assert refused.status_code == 403
    done = await post(served, LEAD, "business-unit", "/api/v1/notices/redelivery", again)
    assert (done.status_code, done.json()["state"]) == (200, "waiting")
    assert (await post(served, LEAD, "business-unit", "/api/v1/notices/redelivery", again)).status_code == 404
    mailer = Kept()
    out.later(seconds=1)
    await out.drain(mailer)
    assert [one.reference for one in mailer.letters] == [delivery["id"]]


@pytest.mark.parametrize("query", ["state=all", "cursor=%00", "cursor=1&cursor=2", "other=1", "cursor=" + "x" * 50])
async def test_a_query_that_nobody_gave_is_refused(served: Serving, query: str) -> None:
    answer = await get(served, LEAD, "business-unit", f"/api/v1/notices?{query}")
    assert (answer.status_code, code(answer)) == (400, "malformed")


async def test_no_address_is_in_the_log(served: Serving, tmp_path: Path) -> None:
    work = await connect(served.registry._url, "isa_read", reader="*")
    rows = await work.fetch("SELECT payload FROM payload")
    await work.close()
    assert not [row for row in rows if b"@harbour.test" in row["payload"] or b"@police.test" in row["payload"]]
    assert json.dumps(str(tmp_path))
