"""The published interface says what is served, and says it soundly."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient

from demonstration import catalogue, demonstration_view
from isa_registry.actions import keys
from isa_registry.actions.checks import CheckResponse
from isa_registry.api import examples, openapi, refinements
from isa_registry.api.access import ACCESS
from isa_registry.api.contract_types import CONTRACTS
from isa_registry.api.keys import Revocation
from isa_registry.api.lawful_bases import NewLawfulBasis
from isa_registry.api.openapi import encode, openapi_document
from isa_registry.api.problems import PROBLEMS
from isa_registry.api.schemas import DOCUMENTS, write_schemas
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.decisions import check_question, decide
from isa_registry.domain.questions import Evidence, Question
from isa_registry.identity.key_proofs import proof_faults, read_proof
from isa_registry.runtime.access.key_registrations import NewKey

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads(encode(openapi_document("https://registry.test")))
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def is_page(path: str) -> bool:
    return path == "/log/verify" or (
        not path.startswith(("/api/v1/", "/access/v1/", "/log/", "/schema/"))
        and path
        not in (
            "/livez",
            "/readyz",
            "/oembed",
            "/.well-known/oauth-protected-resource",
            "/.well-known/authzen-configuration",
        )
    )


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolve(document: dict[str, object], reference: str) -> object:
    found: object = document
    for step in reference.removeprefix("#/").split("/"):
        assert isinstance(found, dict)
        found = found[step]
    return found


def test_every_route_that_is_no_page_is_in_the_document() -> None:
    assert set(OPERATIONS) == {(method, path) for method, path in ACCESS if not is_page(path)}


def test_references_resolve() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 40
    for reference in found:
        assert resolve(DOCUMENT, reference)


def test_no_shape_is_published_that_nothing_refers_to() -> None:
    used = {reference.rpartition("/")[2] for reference in references(DOCUMENT)}
    assert set(DOCUMENT["components"]["schemas"]) - used == set()


def test_operation_ids_are_unique() -> None:
    assert len({operation["operationId"] for operation in OPERATIONS.values()}) == len(OPERATIONS)


@pytest.mark.parametrize("route", sorted(OPERATIONS), ids=" ".join)
def test_an_operation_says_who_may_call_it_and_what_it_takes(route: tuple[str, str]) -> None:
    operation, access = OPERATIONS[route], ACCESS[route]
    in_path = {one["name"] for one in operation["parameters"] if one.get("in") == "path"}
    assert in_path == set(re.findall(r"\{([a-z0-9]+)\}", route[1]))
    assert operation["security"] == ([] if access.public else [{"agencyToken": []}])
    assert set(operation["x-isa-scopes"]) == access.scopes
    assert set(operation["x-isa-roles"]) == access.roles
    taken = operation.get("requestBody", {"content": {}})["content"]
    assert tuple(taken) == access.content_types


@pytest.mark.parametrize("route", sorted(OPERATIONS), ids=" ".join)
def test_problems_stand_under_their_own_status(route: tuple[str, str]) -> None:
    for status, response in OPERATIONS[route]["responses"].items():
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
            assert {PROBLEMS[code].status for code in response["x-isa-problems"]} == {int(status)}
        else:
            assert "x-isa-problems" not in response


def test_a_route_that_appends_takes_an_idempotency_key() -> None:
    takes = {
        route
        for route, operation in OPERATIONS.items()
        if {"$ref": "#/components/parameters/Idempotency-Key"} in operation["parameters"]
    }
    # A batch claims nothing, and asking for an erasure appends nothing: the same person's wish again changes nothing.
    # No more does a proposal, and one that is approved again is the entry that it was; nor does a draft. A body has
    # one invitation that waits, and what was confirmed of it is not confirmed again.
    # Invitations to attest and questions are working state, and each of their steps is taken once. So are addresses and
    # webhooks, of which the same one again is the one that is there.
    working = ("/issuers", "/proposals", "/invitations", "/joining", "/queries", "/agreement-drafts")
    working = (*working, "/notice-addresses", "/notices", "/webhooks", "/law/verifications", "/scaling")
    # Nor do a matrix and many evaluations, and events have ids of their own; a search of the law appends nothing, and
    # neither does answering again. That somebody searched records is noted each time that it was done.
    many = (
        "/checks/batch",
        "/sharing-events/batch",
        "/checks/matrix",
        "/access/v1/evaluations",
        "/access/v1/search/",
        "/consents/search",
        "/replay",
    )
    # What reads one's own by reference is a POST to keep references out of addresses; reading again is another reading.
    many = (*many, "/sharing-events/search", "/sharing-events/export", "/sharing-events/subject-access")
    # Checking links appends nothing either.
    many = (*many, "/agreements/links/check")
    others = {("POST", "/api/v1/audit/erasures")} | {
        route for route in OPERATIONS if any(one in route[1] for one in (*working, *many))
    }
    assert takes == {route for route in OPERATIONS if route[0] == "POST"} - others


def test_the_first_words_are_that_an_absent_agreement_is_no_prohibition() -> None:
    assert DOCUMENT["info"]["description"].startswith("A false or absent agreement is never a prohibition")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Question", Question), ("CheckResponse", CheckResponse), ("NewKey", NewKey), ("Revocation", Revocation),
        ("NewLawfulBasis", NewLawfulBasis),
    ],
)  # fmt: skip
def test_examples_are_what_they_illustrate(name: str, shape: type) -> None:
    example = examples.EXAMPLES[name]
    assert isinstance(msgspec.convert(example, shape), shape)
    schema = DOCUMENT["components"]["schemas"][name]
    assert schema["examples"] == [example]
    assert set(schema["required"]) <= set(example) <= set(schema["properties"])
    assert set(examples.EXAMPLES) == {"Question", "CheckResponse", "NewKey", "Revocation", "NewLawfulBasis"}


def test_the_examples_answer_is_the_engines_to_the_examples_question() -> None:
    question = msgspec.convert(examples.QUESTION, Question)
    expected = msgspec.convert(examples.ANSWER, CheckResponse)
    assert check_question(question, catalogue()) == []
    answer = decide(demonstration_view(), catalogue(), question, Evidence(), today=expected.decided_at[:10])
    assert (answer.outcome, answer.regime, answer.basis, answer.duty) == (
        expected.outcome,
        expected.regime,
        expected.basis,
        expected.duty,
    )
    assert (answer.consent.role, answer.consent.seek, answer.inform.expected, answer.inform.now) == (
        expected.consent.role,
        expected.consent.seek,
        expected.inform.expected,
        expected.inform.now,
    )
    assert answer.categories == expected.categories


def test_the_examples_key_can_be_registered_with_its_proof() -> None:
    new = msgspec.convert(examples.NEW_KEY, NewKey)
    assert new.jwk is not None
    key = KeyRegistered(
        organisation="durham-county-council",
        kid=new.kid,
        algorithm=new.algorithm,
        jwk=new.jwk,
        uses=new.uses,
        valid_from="2026-11-01T00:00:00.000Z",
    )
    proof = read_proof(new.proof, keys.checked(key))
    assert proof_faults(proof, key, origin="registry.example.org/durham", partnership="durham") == []


@pytest.mark.parametrize(
    ("codes", "known"),
    [
        (refinements.URGENCIES, catalogue().codes.urgencies),
        (refinements.SUBJECT_KINDS, catalogue().codes.subject_kinds),
        (refinements.SUBJECT_ROLES, catalogue().codes.subject_roles),
        (refinements.CONSENT_STATES, catalogue().codes.consent_states),
        (refinements.PARA18_REASONS, catalogue().codes.para18_reasons),
        (refinements.CONFIDENTIALITY_ROUTES, catalogue().codes.confidentiality_routes),
        (refinements.RESTRICTIONS, catalogue().codes.restrictions),
    ],
    ids=["urgency", "subject-kind", "subject-role", "consent", "para18-reason", "confidentiality-route", "restriction"],
)
def test_closed_codes_are_those_of_the_catalogue(codes: tuple[str, ...], known: dict[str, str]) -> None:
    assert set(codes) == set(known)


def test_each_refinement_is_of_a_shape_that_is_published() -> None:
    _, signed = msgspec.json.schema_components(list(DOCUMENTS.values()))
    assert refinements.REFINEMENTS.keys() <= signed.keys() | DOCUMENT["components"]["schemas"].keys()


def test_a_constraint_stands_where_it_speaks_of() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Circumstances"]["properties"]["consent"]["anyOf"] == [
        {"type": "string", "enum": ["given", "refused", "withdrawn", "not-sought"]},
        {"type": "null"},
    ]
    assert schemas["Question"]["properties"]["categories"]["maxItems"] == 30
    assert schemas["Subject"]["properties"]["roles"]["items"]["enum"][0] == "victim"


def test_the_schemas_in_the_repository_are_those_of_the_code(tmp_path: Path) -> None:
    """Where this fails, run `isa-registry openapi` and read what changed: it is the published contract."""
    written = write_schemas(tmp_path)
    assert {path.name for path in written} == {path.name for path in (REPOSITORY / "schemas").iterdir()}
    for path in written:
        assert path.read_bytes() == (REPOSITORY / "schemas" / path.name).read_bytes(), path.name


def test_each_schema_file_stands_by_itself(tmp_path: Path) -> None:
    for path in write_schemas(tmp_path):
        content = json.loads(path.read_text(encoding="utf-8"))
        for reference in references(content):
            assert reference.startswith("#/"), path.name
            assert resolve(content, reference)


def test_a_signed_documents_schema_requires_every_member(tmp_path: Path) -> None:
    write_schemas(tmp_path)
    for name in ("sharing-event", "withheld", "attestation"):
        schema = json.loads((tmp_path / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert set(schema["required"]) == set(schema["properties"])
        assert schema["additionalProperties"] is False


def test_it_is_served_as_the_bytes_that_were_made_at_the_start() -> None:
    body = encode(openapi_document("https://registry.test"))
    app = Litestar(openapi.HANDLERS, openapi_config=None, logging_config=None, state=State({"openapi": body}))
    with TestClient(app) as client:
        response = client.get("/schema/openapi.json")
    assert (response.status_code, response.content) == (200, body)
    assert response.headers["content-type"] == "application/json"


def test_every_contract_has_its_line_in_the_access_table() -> None:
    assert set(CONTRACTS) <= set(ACCESS)


def test_operations_have_names_of_their_own() -> None:
    """Two of one name would be two equal landmarks on the page of the interface, and one line in a list of tools."""
    said = [operation["summary"] for operation in OPERATIONS.values()]
    assert sorted(said) == sorted(set(said))
