"""A version proves what was signed: its hashes, the entry that published it, who attested exactly that; a clause by its
citation."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest

from isa_registry.domain.agreement_text import clause_markdown, parse_agreement
from isa_registry.domain.citations import Citation, parse_citation
from isa_verify.encoding import canonical_json, decode_base64
from isa_verify.receipt import verify_receipt
from next_version import next_version, old_version
from serving import Serving

VERSION = "/api/v1/agreements/tier-2-hoth/versions/1.0"


async def read(shared: Serving, path: str) -> Any:
    async with shared.client() as client:
        return (await client.get(path)).raise_for_status().json()


@pytest.mark.asyncio(loop_scope="session")
async def test_hashes_are_those_of_what_the_answer_holds(shared: Serving) -> None:
    found = await read(shared, VERSION)
    assert found["version"]["text_sha256"] == hashlib.sha256(found["text"].encode()).hexdigest()
    assert found["version"]["schedule_sha256"] == hashlib.sha256(canonical_json(found["schedule"])).hexdigest()
    assert 3 == len(found["verify"])


@pytest.mark.asyncio(loop_scope="session")
async def test_the_receipt_of_its_publication_is_public_and_proves_these_very_words(shared: Serving) -> None:
    found = await read(shared, VERSION)
    async with shared.client() as client:
        answer = await client.get(found["published"]["receipt"])
    assert 200 == answer.status_code
    assert f'filename="{found["published"]["entry"]}.isa-receipt.json"' in answer.headers["content-disposition"]
    verified = verify_receipt(answer.content, shared.registry.keys.trusted)
    payload = json.loads(decode_base64(answer.json()["payload"]))
    assert found["published"]["entry"] == verified.index
    assert ("agreement.published", found["text"]) == (payload["kind"], payload["text"])
    assert payload["text_sha256"] == found["version"]["text_sha256"]


@pytest.mark.asyncio(loop_scope="session")
async def test_it_lists_who_attested_exactly_this_text_and_whether_that_holds_today(shared: Serving) -> None:
    found = await read(shared, VERSION)
    assert 9 == len(found["attested"])
    police = next(one for one in found["attested"] if one["organisation"] == "durham-constabulary")
    assert ("attested", True, None) == (police["state"], police["counts"], police["withdrawn_on"])
    assert police["receipt"] == f"{VERSION}/attestations/{police['attestation']}/receipt"
    entries = {one["entry"] for one in found["attested"]}
    assert len(entries) == 9
    assert min(entries) > found["published"]["entry"]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_version_that_nobody_has_attested_says_so(shared: Serving) -> None:
    found = await read(shared, "/api/v1/agreements/tier-2-hoth/versions/1.1")
    assert [] == found["attested"]
    assert found["published"]["entry"] == shared.registry.follower.view.published_by("tier-2-hoth", "1.1")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_citation_leads_to_the_clause_its_hash_and_who_attested_the_text(shared: Serving) -> None:
    found = await read(shared, f"/api/v1/clauses?cite={quote('tier-2-hoth/1.0#5.3', safe='')}")
    (clause,) = (one for one in parse_agreement(old_version().text) if one.id == "5.3")
    assert found["clause"]["sha256"] == hashlib.sha256(clause_markdown(clause).encode()).hexdigest()
    assert clause_markdown(clause) in old_version().text
    assert ("tier-2-hoth/1.0#5.3", "/agreements/tier-2-hoth/1.0#5.3") == (found["cite"], found["url"])
    assert found["clause"]["text"] == clause.text
    whole = await read(shared, VERSION)
    assert (whole["attested"], whole["published"]) == (found["attested"], found["published"])
    assert found == await read(shared, f"{VERSION}/clauses/5.3")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_clause_whose_words_did_not_change_has_one_hash_in_both_versions(shared: Serving) -> None:
    same, other = [await read(shared, f"/api/v1/clauses?cite=tier-2-hoth/{v}%235.3") for v in ("1.0", "1.1")]
    assert same["clause"]["sha256"] == other["clause"]["sha256"]
    old, new = [await read(shared, f"/api/v1/clauses?cite=tier-2-hoth/{v}%239.3") for v in ("1.0", "1.1")]
    assert old["clause"]["sha256"] != new["clause"]["sha256"]


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("cite", "status", "code"),
    [
        ("", 400, "missing"),
        ("tier-2-hoth", 400, "malformed"),
        ("tier-2-hoth/1.0", 400, "malformed"),
        ("tier-2-hoth/1.0#5.03", 400, "malformed"),
        ("Tier-2-hoth/1.0#5.3", 400, "malformed"),
        ("tier-2-hoth/1.0#5.3 ", 400, "malformed"),
        ("tier-2-hoth/1.0#5.3\u0000", 400, "malformed"),
        ("HOTH ISA 1.0", 400, "malformed"),
        ("HOTH ISA, cl. 5.3", 400, "malformed"),
        ("Another ISA 1.0, cl. 5.3", 400, "malformed"),
        ("HOTH ISA 9.9, cl. 5.3", 404, "unknown-version"),
        ("HOTH ISA 1.0, cl. 5.99", 404, "unknown-clause"),
        ("tier-9/1.0#5.3", 404, "unknown-agreement"),
        ("tier-2-hoth/9.9#5.3", 404, "unknown-version"),
        ("tier-2-hoth/1.0#5.99", 404, "unknown-clause"),
        ("tier-2-hoth/1.0#10.21", 404, "unknown-clause"),
    ],
)
async def test_what_is_no_citation_or_leads_nowhere_says_what_to_do(
    shared: Serving, cite: str, status: int, code: str
) -> None:
    async with shared.client() as client:
        answer = await client.get("/api/v1/clauses", params={"cite": cite})
    assert status == answer.status_code
    (error,) = answer.json()["errors"]
    assert ("#/cite", code) == (error["pointer"], error["code"])


async def test_what_documents_write_leads_to_the_same_clause(shared: Serving) -> None:
    exact, short = [
        await read(shared, f"/api/v1/clauses?cite={quote(one, safe='')}")
        for one in ("tier-2-hoth/1.0#5.3", "HOTH ISA 1.0, cl. 5.3")
    ]
    assert exact == short


def test_a_citation_is_read_as_it_is_written() -> None:
    for clause in parse_agreement(next_version().text):
        citation = Citation("tier-2-hoth", "1.1", clause.id)
        assert citation == parse_citation(str(citation))
