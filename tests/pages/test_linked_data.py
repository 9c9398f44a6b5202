"""The JSON-LD of versions and clauses, expanded by a processor that is not ours: it says what the JSON says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from pyld import jsonld

from demonstration import catalogue
from isa_registry.domain.linked_data import CONTEXT_ADDRESS, context_bytes
from pages.addressing import asked
from pages.little import AGREEMENT, ID, PAGE, little

Pages = TestClient[Litestar]
BASE = "https://registry.test"
SCHEMA, DCT, PROV = "https://schema.org/", "http://purl.org/dc/terms/", "http://www.w3.org/ns/prov#"
ELI = "http://data.europa.eu/eli/ontology#"
CONTEXT_SHA256 = "e4d901f5150b6cf9a5085e9afa7b44a6e2f2d608de6c06052b5b3bc74c299c5b"


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with asked(little(), datetime(2027, 7, 1, tzinfo=UTC)) as found:
        yield found


def expanded(pages: Pages, address: str) -> dict[str, Any]:
    """The one node of a document, with the terms as this registry serves them and nothing from elsewhere."""

    def load(url: str, _: Any) -> dict[str, Any]:
        assert url == BASE + CONTEXT_ADDRESS
        answer = pages.get(url.removeprefix(BASE))
        assert answer.headers["content-type"] == "application/ld+json"
        return {"contextUrl": None, "documentUrl": url, "document": answer.json()}

    (node,) = jsonld.expand(pages.get(address).json(), {"documentLoader": load, "base": f"{BASE}{address}"})
    return dict(node)


def one(node: dict[str, Any], term: str) -> Any:
    (found,) = node[term]
    return found.get("@id", found.get("@value"))


def many(node: dict[str, Any], term: str) -> list[Any]:
    found = node.get(term, [])
    listed = found[0]["@list"] if found and "@list" in found[0] else found
    return [each.get("@id", each.get("@value")) for each in listed]


def same_clause(node: dict[str, Any], clause: dict[str, Any], version: str) -> None:
    """A clause's node says what its JSON says."""
    at = f"{BASE}{PAGE}/{version}"
    assert node["@id"] == f"{at}#{clause['id']}"
    assert set(node["@type"]) == {f"{SCHEMA}DigitalDocument", f"{ELI}LegalExpression"}
    for term, member in (("position", "id"), ("name", "heading"), ("text", "text"), ("sha256", "sha256")):
        assert one(node, SCHEMA + term) == clause[member]
    assert many(node, f"{SCHEMA}keywords") == clause["answers"]
    assert one(node, f"{SCHEMA}url") == f"{at}/clause/{clause['id']}"
    assert one(node, f"{SCHEMA}identifier") == f"{AGREEMENT}/{version}#{clause['id']}"
    assert one(node, f"{DCT}isVersionOf") == f"{BASE}{ID}/clause/{clause['id']}"
    assert many(node, f"{ELI}based_on") == [catalogue().provisions[code].uri for code in clause["cites"]]
    came = clause["came_from"] or {"version": "", "clauses": []}
    sources = [f"{BASE}{PAGE}/{came['version']}#{each}" for each in came["clauses"]]
    assert many(node, f"{PROV}wasDerivedFrom") == sources


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_version_expands_to_what_its_json_says(pages: Pages, version: str) -> None:
    told = pages.get(f"{PAGE}/{version}.json").json()
    node = expanded(pages, f"{PAGE}/{version}.jsonld")
    assert node["@id"] == BASE + told["url"]
    assert one(node, f"{SCHEMA}identifier") == f"{told['agreement']}/{told['version']}"
    for term, member in (("name", "title"), ("version", "version"), ("inLanguage", "language")):
        assert one(node, SCHEMA + term) == told[member]
    assert node[f"{SCHEMA}datePublished"] == [{"@type": f"{SCHEMA}Date", "@value": told["published_at"][:10]}]
    assert one(node, f"{DCT}isVersionOf") == BASE + told["identifier"]
    (work,) = node[f"{ELI}realizes"]
    assert (work["@id"], one(work, f"{ELI}is_realized_by")) == (BASE + told["identifier"], node["@id"])
    (words,) = node[f"{SCHEMA}encoding"]
    assert one(words, f"{SCHEMA}sha256") == told["text_sha256"]
    assert one(words, f"{SCHEMA}contentUrl") == f"{node['@id']}.md"
    assert many(node, f"{DCT}replaces") == ([f"{BASE}{PAGE}/1.0"] if version == "1.1" else [])
    assert many(node, f"{DCT}isReplacedBy") == ([f"{BASE}{PAGE}/1.1"] if version == "1.0" else [])
    parts = node[f"{SCHEMA}hasPart"][0]["@list"]
    assert len(parts) == len(told["clauses"])
    for part, clause in zip(parts, told["clauses"], strict=True):
        same_clause(part, clause, version)


@pytest.mark.parametrize("clause", ["1", "1.1", "1.4", "1.5"])
def test_a_clause_expands_to_what_its_json_says_and_to_its_heirs(pages: Pages, clause: str) -> None:
    told = pages.get(f"{PAGE}/1.0/clause/{clause}.json").json()
    node = expanded(pages, f"{PAGE}/1.0/clause/{clause}.jsonld")
    same_clause(node, told["clause"], "1.0")
    above = f"{PAGE}/1.0" if told["above"] is None else f"{PAGE}/1.0#{told['above']['id']}"
    assert one(node, f"{SCHEMA}isPartOf") == BASE + above
    heirs = {"1.4": ["1.9", "1.10"], "1.5": []}.get(clause, [clause])
    assert many(node, f"{DCT}isReplacedBy") == [f"{BASE}{PAGE}/1.1#{one}" for one in heirs]


def test_an_identifier_of_a_split_clause_expands_to_its_heirs(pages: Pages) -> None:
    node = expanded(pages, f"{PAGE}/1.1/clause/1.4.jsonld")
    assert node["@id"] == f"{BASE}{ID}/clause/1.4"
    assert many(node, f"{DCT}isReplacedBy") == [f"{BASE}{PAGE}/1.1#1.9", f"{BASE}{PAGE}/1.1#1.10"]


def test_a_translation_is_a_document_of_its_own_of_the_words_that_are_signed(pages: Pages) -> None:
    node = expanded(pages, f"{PAGE}/1.0.cy.jsonld")
    assert (node["@id"], one(node, f"{SCHEMA}inLanguage")) == (f"{BASE}{PAGE}/1.0.cy", "cy")
    assert one(node, f"{SCHEMA}translationOfWork") == f"{BASE}{PAGE}/1.0"
    clause = expanded(pages, f"{PAGE}/1.0/clause/1.1.cy.jsonld")
    assert (clause["@id"], one(clause, f"{SCHEMA}translationOfWork")) == (
        f"{BASE}{PAGE}/1.0.cy#1.1", f"{BASE}{PAGE}/1.0#1.1"
    )  # fmt: skip
    assert clause["@id"] in [part["@id"] for part in node[f"{SCHEMA}hasPart"][0]["@list"]]


def test_no_term_falls_away_in_expanding(pages: Pages) -> None:
    """A term that the context does not have is dropped in silence."""
    for address in (f"{PAGE}/1.1.jsonld", f"{PAGE}/1.0.cy.jsonld", f"{PAGE}/1.0/clause/1.1.jsonld"):
        terms = pages.get(CONTEXT_ADDRESS).json()["@context"]
        waiting = [pages.get(address).json()]
        while waiting:
            node = waiting.pop()
            assert node.keys() - {"@context"} <= terms.keys()
            for value in node.values():
                waiting += [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def test_the_terms_never_change_at_their_address(pages: Pages) -> None:
    """Other terms get another number: a document that was fetched years ago is still read by these."""
    assert hashlib.sha256(context_bytes()).hexdigest() == CONTEXT_SHA256
    answer = pages.get(CONTEXT_ADDRESS)
    assert answer.headers["etag"] == f'"{CONTEXT_SHA256}"'
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["access-control-allow-origin"] == "*"
