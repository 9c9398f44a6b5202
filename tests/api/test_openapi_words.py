"""The published interface explains itself: every route, shape and parameter in words, and examples that hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from isa_registry.api.access import ACCESS
from isa_registry.api.contract_types import CONTRACTS
from isa_registry.api.examples_of_requests import EXAMPLES_OF_REQUESTS
from isa_registry.api.limits import NEVER_LIMITED
from isa_registry.api.openapi import encode, openapi_document
from isa_registry.api.shape_words import SHAPE_WORDS
from isa_registry.domain.lawful_bases.refusals import APPROVERS
from isa_registry.domain.notices.events import FAMILIES, KINDS
from isa_registry.domain.organisation_records import CONTACTS
from isa_registry.domain.reporting.safety_frame import QUESTIONS
from isa_registry.domain.retention import REQUESTED
from isa_registry.domain.verifying import PROFESSIONS, WITHDRAWAL_REASONS
from json_schema import faults

DOCUMENT = json.loads(encode(openapi_document("https://registry.test")))
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
TAKEN = {shape.__name__: shape for one in CONTRACTS.values() for _, shape in one.takes if isinstance(shape, type)}
WHOLE_AGREEMENTS = {"NewDraft", "RevisedDraft"}
"""Their example is an agreement: text and schedule, as `agreements/` has them."""
TABLES = {"PlainText"}


def each_example(schema: object, at: str) -> Iterator[tuple[str, object, Mapping[str, Any]]]:
    """Every example in a schema, with the part of it that it illustrates."""
    if isinstance(schema, dict):
        listed = schema.get("examples")
        for example in listed if isinstance(listed, list) else []:
            yield at, example, schema
        for name, part in schema.items():
            if name not in ("examples", "default", "enum", "const"):
                yield from each_example(part, f"{at}/{name}")
    elif isinstance(schema, list):
        for place, part in enumerate(schema):
            yield from each_example(part, f"{at}/{place}")


def test_every_example_is_what_its_schema_says() -> None:
    found = list(each_example(SCHEMAS, ""))

    assert len(found) > 150
    assert [] == [(at, fault) for at, example, schema in found for fault in faults(example, schema, DOCUMENT)]


def test_every_parameters_example_is_what_its_schema_says() -> None:
    shared = DOCUMENT["components"]["parameters"]
    given = [one for operation in OPERATIONS.values() for one in operation["parameters"] if "$ref" not in one]
    for parameter in [*given, *shared.values()]:
        assert parameter["description"]
        assert [] == list(faults(parameter["example"], parameter["schema"], DOCUMENT)), parameter["name"]


@pytest.mark.parametrize("name", sorted(TAKEN.keys() & EXAMPLES_OF_REQUESTS.keys()))
def test_a_requests_example_is_read_by_the_type_that_reads_requests(name: str) -> None:
    sent = json.dumps(EXAMPLES_OF_REQUESTS[name]).encode()

    assert isinstance(msgspec.json.decode(sent, type=TAKEN[name]), TAKEN[name])


def illustrated(name: str) -> bool:
    """Whether an example shows what is sent: of the shape, or of the claims that are signed."""
    schema = SCHEMAS[name]
    claims = [schema, *schema.get("properties", {}).values()]
    named = [one["x-isa-claims"]["$ref"].rpartition("/")[2] for one in claims if "x-isa-claims" in one]
    items = [one["items"]["$ref"].rpartition("/")[2] for one in claims if "$ref" in one.get("items", {})]
    return bool(
        "examples" in schema
        or (schema.get("type") == "object" and not schema.get("properties"))
        or (named and all("examples" in SCHEMAS[one] for one in named))
        or (items and all(illustrated(one) for one in items))
    )


def test_everything_that_is_sent_has_an_example() -> None:
    sent = {shape if isinstance(shape, str) else shape.__name__ for one in CONTRACTS.values() for _, shape in one.takes}

    assert sorted(WHOLE_AGREEMENTS | TABLES) == sorted(name for name in sent if not illustrated(name))


def test_the_codes_in_the_examples_are_codes() -> None:
    sent: Any = EXAMPLES_OF_REQUESTS
    for code, known in (
        (sent["NewVerification"]["profession"], PROFESSIONS),
        (sent["EndedVerification"]["reason"], WITHDRAWAL_REASONS),
        (sent["ErasureRequest"]["reason"], REQUESTED),
        (sent["NewLawfulBases"]["approved_by"], APPROVERS),
        (sent["NewScaling"]["question"], QUESTIONS),
        *((kind, KINDS | set(FAMILIES)) for kind in sent["NewWebhook"]["kinds"]),
        *((contact, CONTACTS) for contact in sent["NewOrganisation"]["contacts"]),
    ):
        assert code in known


def test_every_route_and_every_shape_is_described() -> None:
    assert [] == [route for route, operation in OPERATIONS.items() if not operation["description"].endswith(".")]
    assert [] == [name for name, schema in SCHEMAS.items() if not schema.get("description")]
    assert SHAPE_WORDS.keys() <= SCHEMAS.keys()


def test_a_description_says_who_may_call() -> None:
    for route, operation in OPERATIONS.items():
        access, said = ACCESS[route], operation["description"]
        assert access.public == said.startswith("Public: no token is needed.")
        assert all(f"`{scope}`" in said for scope in access.scopes)
        assert access.recent_sign_in == ("signed in within" in said)


@pytest.mark.parametrize("route", sorted(OPERATIONS), ids=" ".join)
def test_a_quota_is_said_wherever_there_is_one(route: tuple[str, str]) -> None:
    responses = OPERATIONS[route]["responses"]
    success = next(response for status, response in responses.items() if status.startswith("2"))

    assert ("429" in responses) == ("RateLimit" in success["headers"]) == (route[1] not in NEVER_LIMITED)
    if "429" in responses:
        assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= responses["429"]["headers"].keys()


def test_a_success_that_appends_nothing_is_not_called_recorded() -> None:
    for route, operation in OPERATIONS.items():
        appends = any(one.get("$ref", "").endswith("/Idempotency-Key") for one in operation["parameters"])
        for status in operation["responses"].keys() & {"201"}:
            assert appends == (operation["responses"][status]["description"] == "Recorded in the log"), route


def test_an_attestation_is_not_called_an_event() -> None:
    taken = OPERATIONS["POST", "/api/v1/agreements/{agreement}/versions/{version}/attestations"]["requestBody"]
    shape = taken["content"]["application/jose"]["schema"]["$ref"].rpartition("/")[2]

    assert SCHEMAS[shape]["x-isa-claims"] == {"$ref": "#/components/schemas/AttestationDocument"}
    assert "isa-attestation+jws" in SCHEMAS[shape]["description"]
