"""The consent register by API: recording, saying again, taking back, finding void, looking up."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from asking import POLICE
from consenting import INVALIDATION
from consents.calling import CONSENTS, SAID_AGAIN, TAKEN_BACK, TOLD, calling, consent, record, reference
from consents.conftest import OWN
from isa_registry.actions.consents import is_consent_id
from isa_registry.domain.consents.codes import NOT_UNDONE
from isa_verify.leaf import Leaf
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

VOID = {**TOLD, "reason": INVALIDATION["reason"]}


async def size(worker: Serving) -> int:
    return worker.registry.follower.view.size


async def test_a_consent_is_recorded_read_renewed_and_withdrawn(worker: Serving) -> None:
    async with calling(worker, OWN) as client:
        ref = reference()
        answer = await client.post(CONSENTS, json=consent(ref))
        told = answer.json()
        assert (201, f"{CONSENTS}/{told['id']}") == (answer.status_code, answer.headers["location"])
        assert is_consent_id(told["id"])
        assert ("given", ref) == (told["status"], told["subject"]["ref"])
        again = await client.post(f"{CONSENTS}/{told['id']}/renewal", json=SAID_AGAIN)
        assert (201, SAID_AGAIN["review_on"]) == (again.status_code, again.json()["review_on"])
        taken = await client.post(f"{CONSENTS}/{told['id']}/withdrawal", json=TAKEN_BACK)
        assert (201, "withdrawn", NOT_UNDONE) == (
            taken.status_code, taken.json()["status"], taken.json()["not_undone"],
        )  # fmt: skip
        read = await client.get(f"{CONSENTS}/{told['id']}")
        assert taken.json() == read.json()
        kinds = [one["payload"]["kind"] for one in read.json()["entries"]]
        assert ["consent.given", "consent.renewed", "consent.withdrawn"] == kinds


async def test_taking_it_back_asks_no_more_than_giving_did(worker: Serving) -> None:
    async with calling(worker, OWN) as client:
        given = consent(reference())
        told = (await client.post(CONSENTS, json=given)).json()
        by = {"by": given["standing"]["by"], "method": given["method"], "recorded_by": given["recorded_by"]}
        assert 201 == (await client.post(f"{CONSENTS}/{told['id']}/withdrawal", json=by)).status_code


@pytest.mark.parametrize(
    ("life", "step", "status"),
    [
        ((), "renewal", 201),
        (("withdrawal",), "renewal", 409),
        (("withdrawal",), "withdrawal", 409),
        (("withdrawal",), "invalidation", 201),
        (("invalidation",), "withdrawal", 409),
        (("invalidation",), "renewal", 409),
        (("invalidation",), "invalidation", 409),
    ],
)
async def test_what_may_follow_what(worker: Serving, life: tuple[str, ...], step: str, status: int) -> None:
    sent = {"renewal": SAID_AGAIN, "withdrawal": TAKEN_BACK, "invalidation": VOID}
    async with calling(worker, OWN) as client:
        at = f"{CONSENTS}/{(await record(client, reference()))['id']}"
        for one in life:
            assert 201 == (await client.post(f"{at}/{one}", json=sent[one])).status_code
        before = await size(worker)
        answer = await client.post(f"{at}/{step}", json=sent[step])
        assert status == answer.status_code, answer.text
        assert (status == 201) == (await size(worker) == before + 1)


async def test_a_refusal_is_neither_renewed_nor_withdrawn(worker: Serving) -> None:
    async with calling(worker, OWN) as client:
        at = f"{CONSENTS}/{(await record(client, reference(), 'refused', childs_view='objects'))['id']}"
        assert 409 == (await client.post(f"{at}/renewal", json=SAID_AGAIN)).status_code
        assert 409 == (await client.post(f"{at}/withdrawal", json=TAKEN_BACK)).status_code
        assert 201 == (await client.post(f"{at}/invalidation", json=VOID)).status_code


async def test_the_same_request_twice_is_one_entry_and_one_answer(worker: Serving) -> None:
    async with calling(worker, OWN) as client:
        for path, body in ((CONSENTS, consent(reference())), ("withdrawal", TAKEN_BACK)):
            if path == "withdrawal":
                path = f"{CONSENTS}/{first.json()['id']}/withdrawal"  # noqa: F821 - of the round before
            key = {"Idempotency-Key": f'"{reference()[4:30]}-key"'.replace("_", "-")}
            first = await client.post(path, json=body, headers=key)
            before = await size(worker)
            again = await client.post(path, json=body, headers=key)
            assert (201, 200, first.json()) == (first.status_code, again.status_code, again.json())
            assert before == await size(worker)
        other = await client.post(path, json={**body, "method": "in-person"}, headers=key)
        assert 422 == other.status_code


@pytest.mark.parametrize("path", ["", "/renewal", "/withdrawal", "/invalidation"])
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b'{"name": "Jane"}', 400), (b"\xff", 400), (b"{}", 400)],
)
async def test_what_is_no_document_is_refused_and_nothing_is_stored(
    worker: Serving, path: str, body: bytes, status: int
) -> None:
    async with calling(worker, OWN, **{"Content-Type": "application/json"}) as client:
        at = CONSENTS if not path else f"{CONSENTS}/{(await record(client, reference()))['id']}{path}"
        before = await size(worker)
        answer = await client.post(at, content=body)
        assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
        assert "Jane" not in answer.text
        assert before == await size(worker)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"standing": {"by": "adult-self", "shown_by": "capacity-presumed"}}, "#/standing/by"),
        ({"scope": {"purposes": ["early-help"], "recipients": ["nobody"], "categories": ["identity"]}},
         "#/scope/recipients/0"),
        ({"scope": {"purposes": ["early-help"], "recipients": [OWN], "categories": ["identity"]}},
         "#/scope/recipients/0"),
        ({"retention": "for-ever"}, "#/retention"),
        ({"review_on": "2020-01-01"}, "#/review_on"),
        ({"evidence": "9434765919"}, "#/evidence"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_pointed_at_and_nothing_is_stored(
    worker: Serving, changes: dict[str, Any], pointer: str
) -> None:
    async with calling(worker, OWN) as client:
        before = await size(worker)
        answer = await client.post(CONSENTS, json=consent(reference(), **changes))
        assert 422 == answer.status_code
        assert pointer in [one["pointer"] for one in answer.json()["errors"]]
        assert before == await size(worker)


async def test_another_bodys_consent_is_not_there(worker: Serving) -> None:
    async with calling(worker, OWN) as own, calling(worker, POLICE) as police:
        at = f"{CONSENTS}/{(await record(own, reference()))['id']}"
        before = await size(worker)
        for path, body in (("", None), ("/receipt", None), ("/withdrawal", TAKEN_BACK), ("/renewal", SAID_AGAIN)):
            answer = await (police.get(at + path) if body is None else police.post(at + path, json=body))
            assert 404 == answer.status_code
        assert before == await size(worker)


# --- looking up ------------------------------------------------------------------------------------------------------


async def search(client: Any, **wanted: Any) -> list[str]:
    answer = await client.post(f"{CONSENTS}/search", json=wanted)
    assert 200 == answer.status_code, answer.text
    return [one["id"] for one in answer.json()["consents"]]


async def test_a_search_finds_the_bodys_own_and_what_fits(worker: Serving) -> None:
    ref, other = reference(), reference()
    async with calling(worker, OWN) as own, calling(worker, POLICE) as police:
        given = (await record(own, ref))["id"]
        refused = (await record(own, ref, "refused", role="agreement-to-service"))["id"]
        third = (await record(own, other))["id"]
        theirs = (await record(police, ref, scope={**consent(ref)["scope"], "recipients": [OWN]}))["id"]
        assert [given, refused] == await search(own, references=[ref])
        assert [given, refused, third] == await search(own, references=[other, ref, ref])
        assert [theirs] == await search(police, references=[ref])
        assert [given] == await search(own, references=[ref], role="the-basis")
        assert [refused] == await search(own, references=[ref], status=["refused", "expired"])
        assert [given, refused] == await search(own, references=[ref], purpose="early-help")
        assert [] == await search(own, references=[ref], purpose="mappa")
        assert [] == await search(own, references=[ref], recipient=POLICE)
        assert [] == await search(own, references=[reference()])


async def test_that_somebody_searched_is_logged_without_the_references(worker: Serving) -> None:
    ref = reference()
    async with calling(worker, OWN) as client:
        await record(client, ref)
        before = await size(worker)
        await search(client, references=[ref, reference()])
        assert before + 1 == await size(worker)
    async with worker.client(worker.machine(OWN, "audit:read")) as auditor:
        entry = (await auditor.get(f"/api/v1/audit/entries/{before}")).json()
    payload = entry["payload"]
    assert ("records.searched", "consents", 2, 1) == (
        payload["kind"], payload["what"], payload["references"], payload["found"],
    )  # fmt: skip
    assert "s1_" not in json.dumps(payload)


@pytest.mark.parametrize(
    ("wanted", "status", "pointer"),
    [
        ({"references": []}, 422, "#/references"),
        ({"references": ["s1_" + "A" * 43] * 51}, 422, "#/references"),
        ({"references": ["Jane"]}, 422, "#/references/0"),
        ({"references": ["s1_" + "A" * 43], "role": "medical"}, 422, "#/role"),
        ({"references": ["s1_" + "A" * 43], "purpose": "gossip"}, 422, "#/purpose"),
        ({"references": ["s1_" + "A" * 43], "recipient": {"kind": "friends"}}, 422, "#/recipient/kind"),
        ({"references": ["s1_" + "A" * 43], "status": ["given", "asked"]}, 422, "#/status/1"),
        ({"references": "s1_" + "A" * 43}, 400, "#/references"),
        ({"references": ["s1_" + "A" * 43], "name": "Jane"}, 400, "#"),
    ],
)
async def test_a_search_that_is_wrong_is_refused(
    worker: Serving, wanted: dict[str, Any], status: int, pointer: str
) -> None:
    async with calling(worker, OWN) as client:
        before = await size(worker)
        answer = await client.post(f"{CONSENTS}/search", json=wanted)
        assert (status, [pointer]) == (answer.status_code, [one["pointer"] for one in answer.json()["errors"]])
        assert "Jane" not in answer.text
        assert before == await size(worker)


async def test_what_is_noted_beside_a_consent(worker: Serving) -> None:
    async with calling(worker, OWN) as client:

        async def noted(**changes: Any) -> list[str]:
            return [one["code"] for one in (await record(client, reference(), **changes)).get("notes", [])]

        assert ["ask-at-transition"] == await noted()
        assert ["review-within-a-year", "child-objects"] == await noted(
            review_on="2031-01-01", age_transition_on="2033-05-01", childs_view="objects"
        )
        assert ["review-within-a-year", "ask-at-transition"] == await noted(review_on=None)


async def test_people_record_consents_by_their_roles_and_scopes_are_kept_apart(worker: Serving) -> None:
    for role, status in (("practitioner", 201), ("ig-lead", 201), ("signatory", 403)):
        async with worker.client(worker.person(OWN, role)) as person:
            assert status == (await person.post(CONSENTS, json=consent(reference()))).status_code
    async with calling(worker, OWN, "consents:read") as reader, calling(worker, OWN, "consents:write") as writer:
        assert 403 == (await reader.post(CONSENTS, json=consent(reference()))).status_code
        told = await record(writer, reference())
        assert 403 == (await writer.get(f"{CONSENTS}/{told['id']}")).status_code
        assert 200 == (await reader.get(f"{CONSENTS}/{told['id']}")).status_code


# --- receipts --------------------------------------------------------------------------------------------------------


async def test_a_receipt_is_the_record_of_the_standard_and_the_proof_is_the_logs_own(worker: Serving) -> None:
    ref = reference()
    async with calling(worker, OWN) as client:
        told = await record(client, ref)
        at = f"{CONSENTS}/{told['id']}/receipt"
        await client.post(f"{CONSENTS}/{told['id']}/withdrawal", json=TAKEN_BACK)
        receipt = await client.get(at)
        assert "application/ld+json" == receipt.headers["content-type"].partition(";")[0]
        found = receipt.json()
        assert (told["id"], ref, "dpv:ConsentWithdrawn") == (
            found["record_id"], found["pii_principal"]["identifier"], found["state"],
        )  # fmt: skip
        assert ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"] == [one["event_state"] for one in found["events"]]
        assert ref not in receipt.headers["content-disposition"]
        entries = [one["log_entry"] for one in found["events"]]
        for query, index in (("?part=proof", entries[1]), (f"?part=proof&entry={entries[0]}", entries[0])):
            proof = await client.get(at + query)
            assert 200 == proof.status_code, proof.text
            held = Leaf.parse(base64.b64decode(proof.json()["leaf"]))
            assert (index, "record") == (held.seq, held.kind)
            assert f'filename="{index}.isa-receipt.json"' in proof.headers["content-disposition"]
        for query in ("?part=all", "?part=proof&entry=0", "?part=proof&entry=x"):
            assert 400 == (await client.get(at + query)).status_code
