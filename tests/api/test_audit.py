"""The auditor's interface: what each reader is shown, that reading is itself on the record, and proofs that hold."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.speaking import QUESTION, Database, Signer, assert_problem
from isa_registry.runtime.demonstration import demonstration_document
from isa_verify.checkpoint import Checkpoint
from isa_verify.evidence import verify_evidence
from isa_verify.leaf import Leaf
from isa_verify.log_keys import LogKey
from isa_verify.merkle import leaf_hash, verify_consistency, verify_inclusion
from isa_verify.note import VerifierKey
from isa_verify.signed_checkpoint import open_signed_checkpoint
from live import LEAD, POLICE, Demonstration

ENTRIES = "/api/v1/audit/entries"
EXPORT = "/api/v1/audit/export"


@pytest.fixture(scope="module")
def machine(demonstration: Demonstration) -> Iterator[httpx.Client]:
    """The lead body's system, with the auditor's scope."""
    with demonstration.client(LEAD, "audit:read") as client:
        yield client


def entries(client: httpx.Client, *, folded: int = 0, **query: Any) -> list[dict[str, Any]]:
    """Every entry that a query finds, over all its pages, at a worker that has read the log so far."""
    found: list[dict[str, Any]] = []
    page = client.get(ENTRIES, params=query, headers={"ISA-Min-Log-Size": str(folded)}).raise_for_status()
    found += page.json()["entries"]
    while page.json()["next"] is not None:
        page = client.get(page.links["next"]["url"]).raise_for_status()
        found += page.json()["entries"]
    return found


def ask(client: httpx.Client) -> int:
    """A recorded check; the index of its entry."""
    answer = client.post("/api/v1/checks", json=QUESTION).raise_for_status().json()
    receipt = client.get(answer["receipt"]).raise_for_status().json()
    return int(json.loads(base64.b64decode(receipt["leaf"]))["seq"])


def readings(database: Database, since: int) -> list[dict[str, Any]]:
    rows = database.as_owner(
        "SELECT payload FROM payload WHERE kind = 'payload.read' AND index >= $1 ORDER BY index", since
    )
    return [json.loads(row[0]) for row in rows]


def checkpoint(text: str, demonstration: Demonstration) -> Checkpoint:
    vkeys = [line.split(" ")[0] for line in httpx.get(f"{demonstration.url}/log/keys").text.splitlines()]
    return open_signed_checkpoint(text.encode(), [VerifierKey.parse(vkey) for vkey in vkeys]).checkpoint


def hashes(values: list[str]) -> list[bytes]:
    return [base64.b64decode(value) for value in values]


# --- who sees what ---------------------------------------------------------------------------------------------------


def test_an_entry_is_shown_with_all_that_proves_its_payload(police: httpx.Client) -> None:
    entry = police.get(f"{ENTRIES}/{ask(police)}").raise_for_status()
    shown = entry.json()
    assert (shown["state"], shown["kind"], shown["leaf"]["kind"], shown["erased_by"]) == (
        "present", "check.answered", "record", None,
    )  # fmt: skip
    payload = entry.text.split('"payload":', 1)[1].rsplit(',"salt":', 1)[0].encode()
    message = b"isa-registry/v1\nrecord\n" + payload
    commitment = hmac.digest(base64.b64decode(shown["salt"]), message, "sha256").hex()
    assert commitment == shown["leaf"]["commitment"]
    fields = shown["leaf"]
    leaf = Leaf(**{name: fields[name] for name in ("origin", "seq", "prev", "at", "kind", "commitment")})
    assert leaf_hash(leaf.encode()).hex() == shown["leaf_hash"]


def test_another_bodys_record_is_not_even_known_to_be_there(police: httpx.Client, stranger: httpx.Client) -> None:
    index = ask(police)
    assert_problem(stranger.get(f"{ENTRIES}/{index}"), 404, "not-found")
    assert_problem(stranger.get(f"{ENTRIES}/99999999"), 404, "not-found")
    assert index not in [entry["index"] for entry in entries(stranger, kind="check.answered")]
    assert index in [entry["index"] for entry in entries(police, kind="check.answered")]


def test_a_body_sees_the_registers_public_entries_and_of_the_others_its_own(stranger: httpx.Client) -> None:
    seen = entries(stranger, limit=200)
    private = [entry for entry in seen if entry["kind"].split(".")[0] in ("role", "client", "issuer", "lawful-basis")]
    assert private
    assert {"harbour"} == {entry["payload"]["organisation"] for entry in private}
    published = [entry for entry in seen if entry["kind"] == "agreement.published"]
    assert {"tier-1", "tier-2-hoth"} <= {entry["payload"]["agreement"] for entry in published}
    assert {"present"} == {entry["state"] for entry in seen}


def test_what_was_withheld_is_for_the_provider_and_auditors(
    police: httpx.Client, council: httpx.Client, auditor: httpx.Client, signer: Signer
) -> None:
    held = signer.held_back("part-shared")
    recorded = police.post("/api/v1/sharing-events", json=held).raise_for_status().json()
    event, listed = recorded["entry"], recorded["entry"] + 1
    assert 200 == council.get(f"{ENTRIES}/{event}").status_code
    assert_problem(council.get(f"{ENTRIES}/{listed}"), 404, "not-found")
    for client in (police, auditor):
        shown = client.get(f"{ENTRIES}/{listed}").raise_for_status().json()
        assert shown["payload"]["jws"] == held["withheld"]


def test_nobody_reads_without_a_token_or_without_the_scope(demonstration: Demonstration, nobody: httpx.Client) -> None:
    with demonstration.client(POLICE, "checks:ask") as asks_only:
        for path in (ENTRIES, f"{ENTRIES}/0", EXPORT):
            assert_problem(nobody.get(path), 401, "unauthenticated")
            assert_problem(asks_only.get(path), 403, "insufficient-scope")


# --- filters and pages -----------------------------------------------------------------------------------------------


def test_pages_go_down_the_log_without_gap_or_repetition(auditor: httpx.Client) -> None:
    small = entries(auditor, limit=7, kind="organisation.registered")
    large = entries(auditor, limit=200, kind="organisation.registered")
    assert [entry["index"] for entry in small] == [entry["index"] for entry in large]
    assert [entry["index"] for entry in large] == sorted((entry["index"] for entry in large), reverse=True)
    assert len(large) == len(demonstration_document().organisations)


def test_an_auditor_sees_every_entry(auditor: httpx.Client) -> None:
    seen = [entry["index"] for entry in entries(auditor, limit=200, payloads="none")]
    assert seen == list(range(seen[0], -1, -1))


def test_entries_are_found_by_kind_organisation_agreement_and_time(machine: httpx.Client, police: httpx.Client) -> None:
    index = ask(police)
    shown = police.get(f"{ENTRIES}/{index}").json()
    both = entries(machine, kind="check.answered", organisation=POLICE)
    assert index in [entry["index"] for entry in both]
    assert {POLICE} == {entry["payload"]["organisation"] for entry in both}
    by_agreement = entries(machine, agreement="tier-2-hoth", kind="lawful-basis.recorded", organisation="harbour")
    assert by_agreement
    assert {("tier-2-hoth", "harbour")} == {
        (entry["payload"]["agreement"], entry["payload"]["organisation"]) for entry in by_agreement
    }
    at = shown["at"]
    in_that_moment = entries(machine, **{"from": at, "until": at})
    assert index in [entry["index"] for entry in in_that_moment]
    assert {at} == {entry["at"] for entry in in_that_moment}
    today = entries(machine, kind="check.answered", **{"from": at[:10], "until": at[:10]})
    assert index in [entry["index"] for entry in today]
    assert [] == entries(machine, until="2020-01-01")
    assert [] == entries(machine, organisation="durham-cathedral", kind="check.answered")


def test_an_attestation_is_found_by_the_body_that_signed(machine: httpx.Client) -> None:
    found = entries(machine, kind="attestation.made", organisation="harbour", agreement="tier-2-hoth")
    assert len(found) == 1


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("kinds=check.answered", "#"),
        ("from=yesterday", "#/from"),
        ("from=2026-02-30", "#/from"),
        ("until=2026-09-30T14:05:00Z", "#/until"),
        ("reason=zqx7f3marker", "#/reason"),
        ("cursor=e17", "#/cursor"),
        ("cursor=a-1", "#/cursor"),
        ("cursor=a17&cursor=a18", "#/cursor"),
        ("limit=0", "#/limit"),
        ("limit=201", "#/limit"),
        ("payloads=all", "#/payloads"),
        ("organisation=Zqx7f3marker%20", "#/organisation"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(
    auditor: httpx.Client, unchanged: None, query: str, pointer: str
) -> None:
    """Left out silently, it would show more than was asked for."""
    assert_problem(auditor.get(f"{ENTRIES}?{query}"), 400, "malformed", pointer)


def test_entries_are_found_by_their_numbers_and_taken_away_alone(
    machine: httpx.Client, police: httpx.Client, stranger: httpx.Client, demonstration: Demonstration
) -> None:
    numbers = [0, 3, ask(police)]
    assert [entry["index"] for entry in entries(machine, entry=numbers)] == numbers[::-1]
    assert [entry["index"] for entry in entries(machine, entry=numbers, kind="check.answered")] == numbers[2:]
    assert [entry["index"] for entry in entries(stranger, entry=numbers)] == [3, 0]
    taken = machine.get(EXPORT, params={"entry": numbers, "reason": "audit"}).raise_for_status()
    keys = [VerifierKey.parse(vkey) for vkey in demonstration.vkeys]
    assert verify_evidence(io.BytesIO(taken.content), keys).entries == 3
    narrowed = machine.get(EXPORT, params={"entry": numbers, "kind": "registry.opened", "until": "2999-01-01"})
    assert verify_evidence(io.BytesIO(narrowed.content), keys).entries == 1
    assert stranger.get(EXPORT, params={"entry": numbers[2]}).content.count(b'"part":"entry"') == 0
    assert_problem(machine.get(ENTRIES, params={"entry": "-1"}), 400, "malformed")
    assert_problem(machine.get(f"{ENTRIES}/0", params={"entry": "0"}), 400, "malformed")


# --- reading is on the record ----------------------------------------------------------------------------------------


def test_reading_anothers_record_is_itself_an_entry_that_its_owner_sees(
    auditor: httpx.Client, police: httpx.Client, stranger: httpx.Client, database: Database
) -> None:
    index, before = ask(police), database.size()
    auditor.get(f"{ENTRIES}/{index}", params={"reason": "inspection"}).raise_for_status()
    (reading,) = readings(database, before)
    members = ("organisation", "role", "purpose", "first", "last", "count", "reason")
    assert [reading[name] for name in members] == [LEAD, "auditor", "entry", index, index, 1, "inspection"]
    size = database.size()
    assert index in [entry["payload"]["first"] for entry in entries(police, folded=size, kind="payload.read")]
    assert index not in [entry["payload"]["first"] for entry in entries(stranger, folded=size, kind="payload.read")]


def test_a_page_is_one_entry_that_names_nobody_but_the_reader(
    machine: httpx.Client, police: httpx.Client, stranger: httpx.Client, database: Database
) -> None:
    indexes = [ask(police), ask(stranger)]
    before = database.size()
    page = machine.get(ENTRIES, params={"kind": "check.answered", "limit": 2}).raise_for_status().json()
    assert [entry["index"] for entry in page["entries"]] == indexes[::-1]
    (reading,) = readings(database, before)
    assert (reading["purpose"], reading["role"], reading["count"]) == ("page", "audit:read", 2)
    assert [reading["first"], reading["last"]] == indexes
    assert "owners" not in reading


@pytest.mark.parametrize("kind", ["check", "event"])
@pytest.mark.parametrize("suffix", ["", "/receipt"])
def test_the_other_ways_to_a_payload_are_on_the_record_as_well(
    auditor: httpx.Client, police: httpx.Client, signer: Signer, database: Database, kind: str, suffix: str
) -> None:
    if kind == "check":
        path = "/api/v1/checks/" + police.post("/api/v1/checks", json=QUESTION).json()["id"]
    else:
        event = signer.event(recipient="nenc-icb")
        jws = {"content": signer.sign(event), "headers": {"Content-Type": "application/jose"}}
        police.post("/api/v1/sharing-events", **jws).raise_for_status()
        path = f"/api/v1/sharing-events/{event['id']}"
    before = database.size()
    auditor.get(path + suffix).raise_for_status()
    (reading,) = readings(database, before)
    assert reading["purpose"] == ("receipt" if suffix else "entry")
    assert POLICE in reading["owners"]


def test_reading_ones_own_and_the_register_is_no_entry(
    police: httpx.Client, machine: httpx.Client, council: httpx.Client, database: Database
) -> None:
    own, councils = ask(police), ask(council)
    before = database.size()
    police.get(f"{ENTRIES}/{own}").raise_for_status()
    entries(police, kind="check.answered")
    entries(machine, kind="agreement.published")
    machine.get(f"{ENTRIES}/{councils}").raise_for_status()
    machine.get(ENTRIES, params={"payloads": "none"}).raise_for_status()
    assert database.size() == before


def test_without_payloads_others_records_are_withheld_and_say_no_more_than_their_leaves(
    machine: httpx.Client, police: httpx.Client
) -> None:
    index = ask(police)
    shown = {entry["index"]: entry for entry in entries(machine, payloads="none", limit=200)}
    assert (shown[index]["state"], shown[index]["kind"], shown[index]["payload"], shown[index]["salt"]) == (
        "withheld", "record", None, None,
    )  # fmt: skip
    assert shown[0]["state"] == "present"


def test_what_cannot_be_put_on_the_record_is_not_shown(
    machine: httpx.Client, police: httpx.Client, database: Database
) -> None:
    index = ask(police)
    database.as_owner("REVOKE INSERT ON entry FROM isa_sequence")
    try:
        for path in (f"{ENTRIES}/{index}", f"{ENTRIES}?kind=check.answered", EXPORT):
            assert_problem(machine.get(path), 503, "unavailable")
        assert 200 == police.get(f"{ENTRIES}/{index}").status_code
    finally:
        database.as_owner("GRANT INSERT ON entry TO isa_sequence")


# --- proofs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 100, 255, 256, 257, None])
def test_an_inclusion_proof_leads_to_the_signed_checkpoint(
    nobody: httpx.Client, demonstration: Demonstration, size: int | None
) -> None:
    for index in {0, (size or 300) // 2, (size or 300) - 1}:
        query = {"index": index} | ({} if size is None else {"size": size})
        proof = nobody.get("/api/v1/audit/inclusion", params=query).raise_for_status().json()
        root = base64.b64decode(proof["root"])
        verify_inclusion(base64.b64decode(proof["leaf_hash"]), index, proof["size"], hashes(proof["hashes"]), root)
        signed = checkpoint(proof["checkpoint"], demonstration)
        verify_consistency(proof["size"], root, signed.size, signed.root, hashes(proof["consistency"]))
        assert size in (None, proof["size"])


@pytest.mark.parametrize(
    ("older", "newer"), [(1, 2), (1, 256), (255, 256), (256, 257), (256, 300), (17, 17), (7, None)]
)
def test_a_consistency_proof_leads_to_the_signed_checkpoint(
    nobody: httpx.Client, demonstration: Demonstration, older: int, newer: int | None
) -> None:
    query = {"from": older} | ({} if newer is None else {"to": newer})
    proof = nobody.get("/api/v1/audit/consistency", params=query).raise_for_status().json()
    before, after = base64.b64decode(proof["from_root"]), base64.b64decode(proof["to_root"])
    verify_consistency(older, before, proof["to"], after, hashes(proof["hashes"]))
    signed = checkpoint(proof["checkpoint"], demonstration)
    verify_consistency(proof["to"], after, signed.size, signed.root, hashes(proof["to_checkpoint"]))


def test_the_empty_log_needs_no_proof(nobody: httpx.Client) -> None:
    proof = nobody.get("/api/v1/audit/consistency", params={"from": 0, "to": 5}).raise_for_status().json()
    assert (proof["hashes"], base64.b64decode(proof["from_root"])) == ([], hashlib.sha256(b"").digest())


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("inclusion?index=5&size=5", 422, "#/index"),
        ("inclusion?index=5&size=99999999", 422, "#/size"),
        ("inclusion?index=05", 400, "#/index"),
        ("inclusion", 400, "#/index"),
        ("inclusion?index=1&index=2", 400, "#/index"),
        ("consistency?from=6&to=5", 422, "#/from"),
        ("consistency?from=1&to=99999999", 422, "#/to"),
        ("consistency?to=5", 400, "#/from"),
        ("consistency?from=-1", 400, "#/from"),
    ],
)
def test_a_proof_that_cannot_be_is_refused(nobody: httpx.Client, query: str, status: int, pointer: str) -> None:
    assert_problem(nobody.get(f"/api/v1/audit/{query}"), status, None, pointer)


# --- exports ---------------------------------------------------------------------------------------------------------


def bundle(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """The lines of an export that verifies."""
    answer = client.get(EXPORT, params=query).raise_for_status()
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert int(answer.headers["isa-export-entries"]) > 300
    keys = [LogKey.parse(line) for line in httpx.get(client.base_url.join("/log/keys")).text.splitlines()]
    verified = verify_evidence(io.BytesIO(answer.content), keys)
    assert verified.withheld == verified.erased == 0
    lines = answer.content.splitlines(keepends=True)
    parts: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert parts[-1]["sha256"] == hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    count = {part: sum(one["part"] == part for one in parts) for part in ("entry", "receipt", "text")}
    assert [parts[-1][name] for name in ("entries", "receipts", "texts")] == list(count.values())
    return parts


def test_an_auditor_takes_the_whole_log_away_and_that_is_on_the_record(
    auditor: httpx.Client, police: httpx.Client, database: Database
) -> None:
    index, before = ask(police), database.size()
    head, *lines, _ = bundle(auditor, reason="court-order")
    assert (head["scope"], head["filter"]) == ("whole", {})
    size = int(head["checkpoint"].splitlines()[1])
    assert [json.loads(base64.b64decode(line["leaf"]))["seq"] for line in lines] == list(range(size))
    assert "present" == lines[index]["payload"]["state"]
    (reading,) = readings(database, before)
    assert (reading["purpose"], reading["first"], reading["last"], reading["reason"]) == (
        "export", 0, size - 1, "court-order",
    )  # fmt: skip


def test_a_body_takes_a_selection_away_of_what_it_sees_with_a_proof_for_each(
    police: httpx.Client, demonstration: Demonstration, database: Database
) -> None:
    index, before = ask(police), database.size()
    head, *lines, _ = bundle(police)
    assert (head["scope"], head["filter"]) == ("selection", {"visible-to": [POLICE]})
    signed = checkpoint(head["checkpoint"], demonstration)
    seen = []
    for line in (line for line in lines if line["part"] == "entry"):
        leaf = base64.b64decode(line["leaf"])
        seen.append(json.loads(leaf)["seq"])
        verify_inclusion(leaf_hash(leaf), seen[-1], signed.size, hashes(line["proof"]), signed.root)
        assert line["payload"]["state"] == "present"
    assert index in seen
    assert database.size() == before


def test_a_selection_brings_the_words_that_its_payloads_name(machine: httpx.Client, police: httpx.Client) -> None:
    ask(police)
    head, *lines, _ = bundle(machine, kind="check.answered", organisation=POLICE)
    assert head["filter"] == {"kinds": ["check.answered"], "organisations": [POLICE]}
    texts = [base64.b64decode(line["data"]) for line in lines if line["part"] == "text"]
    assert any(text.startswith(b"# ") or b"Tier 2" in text for text in texts)
    assert {line["sha256"] for line in lines if line["part"] == "text"} == {
        hashlib.sha256(text).hexdigest() for text in texts
    }
