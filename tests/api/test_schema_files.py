"""A registry serves the published schemas, and what it serves is what they say."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar, Response
from litestar.testing import TestClient

from demonstration import demonstration_view
from isa_registry.api import schemas
from isa_registry.domain.agreement_documents import clause_document, version_document
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.languages import languages_of, words_of
from isa_registry.domain.register.lineages import lineage_of
from json_schema import faults

FILES = Path(__file__).resolve().parents[2] / "schemas"
THE_SAME_EVERYWHERE = sorted(path.name for path in FILES.iterdir() if path.name != "openapi.json")


@pytest.fixture(scope="module")
def client() -> TestClient[Litestar]:
    told = {Refused: lambda _, refused: Response(refused.code, status_code=404)}
    return TestClient(Litestar(schemas.HANDLERS, openapi_config=None, logging_config=None, exception_handlers=told))


@pytest.mark.parametrize("name", THE_SAME_EVERYWHERE)
def test_each_is_served_as_the_bytes_of_the_repository(client: TestClient[Litestar], name: str) -> None:
    answer = client.get(f"/schema/{name}")

    assert (answer.status_code, answer.content) == (200, (FILES / name).read_bytes())
    assert answer.headers["content-type"] == (
        "application/json" if name == "problems.json" else "application/schema+json"
    )
    assert client.get(f"/schema/{name}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_another_file_is_not_there(client: TestClient[Litestar]) -> None:
    for name in ("sharing-event", "sharing-event.schema.json.bak", "openapi.schema.json"):
        answer = client.get(f"/schema/{name}")
        assert (answer.status_code, answer.text) == (404, "not-found")


def plain(document: object) -> object:
    """A document as whoever reads its JSON has it."""
    return json.loads(msgspec.json.encode(document))


def schema(name: str) -> dict[str, object]:
    return dict(json.loads((FILES / f"{name}.schema.json").read_bytes()))


def test_every_version_and_clause_is_what_its_schema_says() -> None:
    view = demonstration_view()
    of_version, of_clause = schema("agreement-version"), schema("clause")
    looked = 0
    for version in view.agreement_versions():
        for language in languages_of(view, version):
            words, lineage = words_of(view, version, language), lineage_of(view, version.agreement)
            assert words is not None
            whole = plain(version_document(version, words, lineage))
            assert [] == list(faults(whole, of_version, of_version))
            for clause in words.clauses:
                one = plain(clause_document(version, words, lineage, clause.id))
                assert [] == list(faults(one, of_clause, of_clause))
                looked += 1
    assert looked > 100


def test_what_a_schema_does_not_say_is_noticed() -> None:
    of_clause = schema("clause")
    view = demonstration_view()
    version = next(iter(view.agreement_versions()))
    words = words_of(view, version, version.schedule.language)
    assert words is not None
    one = plain(clause_document(version, words, lineage_of(view, version.agreement), words.clauses[0].id))
    assert isinstance(one, dict)
    for broken in (
        {**one, "signed": "yes"},
        {name: one[name] for name in one if name != "proof"},
        {**one, "below": [{}]},
    ):
        assert list(faults(broken, of_clause, of_clause))
