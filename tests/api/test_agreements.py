"""The agreements in public, word for word, with who attested exactly these words; and the organisations."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from isa_verify.encoding import canonical_json, parse_json_strict
from live import LEAD, POLICE

AGREEMENTS = Path(__file__).resolve().parents[2] / "agreements" / "durham"
URL = "/api/v1/agreements"
BOTH = [("tier-1", "2026-04-01", "2028-04-01"), ("tier-2-hoth", "2026-06-01", "2027-06-01")]


def read(client: httpx.Client, path: str = "") -> Any:
    return client.get(URL + path).raise_for_status().json()


@pytest.mark.parametrize(("agreement", "since", "review"), BOTH)
def test_an_agreement_says_what_is_in_force_since_when(
    nobody: httpx.Client, agreement: str, since: str, review: str
) -> None:
    found = read(nobody, f"/{agreement}")
    assert (found["agreement"], found["in_force"]) == (agreement, "1.0")
    (version,) = found["versions"]
    assert (version["in_force_on"], version["review_due"], version["withdrawn_on"]) == (since, review, None)
    assert version["url"] == f"/agreements/{agreement}/1.0"
    assert version in read(nobody)["agreements"]


def test_the_list_holds_both(nobody: httpx.Client) -> None:
    assert [one["agreement"] for one in read(nobody)["agreements"]] == ["tier-1", "tier-2-hoth"]


@pytest.mark.parametrize("agreement", [one for one, _, _ in BOTH])
def test_a_version_is_the_very_text_and_schedule_that_were_published(nobody: httpx.Client, agreement: str) -> None:
    directory = AGREEMENTS / agreement / "1.0"
    found = read(nobody, f"/{agreement}/versions/1.0")
    text = (directory / "agreement.md").read_bytes()
    schedule = canonical_json(parse_json_strict((directory / "schedule.json").read_bytes()))
    assert found["text"].encode() == text
    assert found["version"]["text_sha256"] == hashlib.sha256(text).hexdigest()
    assert found["version"]["schedule_sha256"] == hashlib.sha256(schedule).hexdigest()


@pytest.mark.parametrize("agreement", [one for one, _, _ in BOTH])
def test_every_clause_is_found_by_its_id(nobody: httpx.Client, agreement: str) -> None:
    whole = read(nobody, f"/{agreement}/versions/1.0")
    assert len(whole["clauses"]) > 20
    for clause in whole["clauses"][::7]:
        one = read(nobody, f"/{agreement}/versions/1.0/clauses/{clause['id']}")
        assert one["clause"] == clause
        assert one["cite"] == f"{agreement}/1.0#{clause['id']}"
        assert one["url"] == f"/agreements/{agreement}/1.0#{clause['id']}"
        assert one["text_sha256"] == whole["version"]["text_sha256"]
        assert one["in_force"] is True


@pytest.mark.parametrize(("agreement", "bodies"), [("tier-1", 12), ("tier-2-hoth", 9)])
def test_attestations_name_bodies_and_roles_and_the_words_attested(
    nobody: httpx.Client, agreement: str, bodies: int
) -> None:
    version = read(nobody, f"/{agreement}/versions/1.0")["version"]
    found = read(nobody, f"/{agreement}/versions/1.0/attestations")["attestations"]
    assert len({one["organisation"] for one in found}) == len(found) == bodies
    assert {LEAD, POLICE} < {one["organisation"] for one in found}
    for one in found:
        assert set(one) == {
            "attestation", "organisation", "signatory_role", "attested_at", "text_sha256", "entry", "reservations",
            "withdrawn_on", "withdrawal_reason", "state", "receipt",
        }  # fmt: skip
        assert (one["text_sha256"], one["withdrawn_on"], one["state"]) == (version["text_sha256"], None, "attested")
        assert one["attested_at"][:10] <= version["in_force_on"]


def test_what_an_answer_cites_can_be_read(nobody: httpx.Client, police: httpx.Client) -> None:
    question = {"recipient": LEAD, "purpose": "harm-outside-the-home", "categories": ["identity"], "record": False}
    all_cited = police.post("/api/v1/checks", json=question).json()["agreements"]
    assert all_cited
    for cited in all_cited:
        clause = read(nobody, f"/{cited['agreement']}/versions/{cited['version']}/clauses/{cited['clause']}")
        assert (clause["url"], clause["text_sha256"]) == (cited["url"], cited["sha256"])


def test_the_organisations_are_listed_to_partners(police: httpx.Client) -> None:
    found = police.get("/api/v1/organisations").raise_for_status().json()["organisations"]
    assert len(found) == 26
    assert [one["organisation"] for one in found] == sorted(one["organisation"] for one in found)
    by_id = {one["organisation"]: one for one in found}
    assert (by_id[POLICE]["name"], by_id[POLICE]["kind"]) == ("Durham Constabulary", "police")
    assert by_id["example-academy"]["parent"] == "example-academy-trust"
    whole = police.get(f"/api/v1/organisations/{POLICE}").json()
    assert {name: whole[name] for name in by_id[POLICE]} == by_id[POLICE]
    assert whole.keys() - by_id[POLICE].keys() == {"children", "delegations", "record_entry"}


def test_lawful_bases_are_one_for_each_purpose_of_what_was_signed(police: httpx.Client) -> None:
    found = police.get(f"/api/v1/organisations/{POLICE}/lawful-bases").raise_for_status().json()["lawful_bases"]
    purposes = [(one["agreement"], one["purpose"]) for one in found]
    assert len(set(purposes)) == len(purposes)
    assert ("tier-2-hoth", "harm-outside-the-home") in purposes
    assert {one["organisation"] for one in found} == {POLICE}


def test_the_keys_shown_are_public(police: httpx.Client) -> None:
    (first, *_) = police.get(f"/api/v1/organisations/{POLICE}/keys").raise_for_status().json()["keys"]
    assert first["kid"] == f"{POLICE}-1"
    assert set(first["jwk"]) == {"kty", "crv", "x"}


def test_the_lineage_of_a_clause_says_what_it_is_in_every_version(nobody: httpx.Client) -> None:
    found = read(nobody, "/tier-2-hoth/clauses/5.3/lineage")
    (link,) = found["now"]["clauses"]
    assert (found["now"]["outcome"], link["url"]) == ("stands", "/agreements/tier-2-hoth/1.0/clause/5.3")
    (then,) = found["versions"]
    assert (then["version"], then["clauses"], then["words"]) == ("1.0", [link], "first")
    assert read(nobody, "/tier-2-hoth/versions/1.0/clauses/5.3")["became"] == found["now"]
    for missing in ("tier-2-hoth/clauses/99.9", "tier-2-hoth/clauses/no", "nothing/clauses/5.3"):
        assert nobody.get(f"{URL}/{missing}/lineage").status_code == 404


def test_the_clause_under_each_suffix_is_the_one_that_the_interface_gives(nobody: httpx.Client) -> None:
    clause = read(nobody, "/tier-2-hoth/versions/1.0/clauses/5.3")["clause"]
    told = nobody.get("/agreements/tier-2-hoth/1.0/clause/5.3.json").json()["clause"]
    assert {name: told[name] for name in clause} == clause
    words = nobody.get("/agreements/tier-2-hoth/1.0.md")
    assert words.content == (AGREEMENTS / "tier-2-hoth" / "1.0" / "agreement.md").read_bytes()
    assert words.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert nobody.get("/agreements/tier-2-hoth/1.0.md", headers={"If-None-Match": words.headers["etag"]}).content == b""
    assert (
        hashlib.sha256(nobody.get("/agreements/tier-2-hoth/1.0/clause/5.3.md").content).hexdigest() == clause["sha256"]
    )
