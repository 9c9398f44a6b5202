"""What a running registry answers is what its published interface says: status, media type, problem and shape."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from isa_registry.api.openapi import encode, openapi_document
from json_schema import faults
from live import POLICE

DOCUMENT: dict[str, Any] = json.loads(encode(openapi_document("https://registry.test")))
READ = {path: methods["get"] for path, methods in DOCUMENT["paths"].items() if "get" in methods}
QUERIES: dict[str, dict[str, str]] = {
    "/api/v1/agreements/{agreement}/compare": {"from": "1.0", "to": "1.0"},
    "/api/v1/audit/consistency": {"from": "100", "to": "200"},
    "/api/v1/audit/inclusion": {"index": "10", "size": "200"},
    "/api/v1/clauses": {"cite": "tier-2-hoth/1.0#5.3"},
    "/api/v1/organisations/{organisation}/lawful-bases/choices": {"agreement": "tier-1", "purpose": "early-help"},
}
NAMED = {
    "agreement": "tier-2-hoth", "version": "1.0", "clause": "5.3", "organisation": POLICE, "index": "200",
    "partnership": "durham", "provision": "ca-2004-s16la", "kind": "police", "purpose": "mappa",
    "file": "clause.schema.json",
}  # fmt: skip


def differs(path: str, answer: httpx.Response) -> list[str]:
    """Where an answer is not what is published of its route."""
    published = READ[path]["responses"].get(str(answer.status_code))
    if published is None:
        return [f"{path}: {answer.status_code} is not published"]
    media = {name.partition(";")[0]: one for name, one in published["content"].items()}
    given = answer.headers["content-type"].partition(";")[0]
    if given not in media:
        return [f"{path}: {given} is not published"]
    found = []
    if answer.status_code >= 400 and answer.json()["type"].rpartition("/")[2] not in published["x-isa-problems"]:
        found.append(f"{path}: {answer.json()['type']} is not published")
    if given.endswith("json"):
        found += [f"{path}: {one}" for one in faults(answer.json(), media[given]["schema"], DOCUMENT)]
    return found


@pytest.mark.parametrize("reader", ["police", "auditor", "nobody"])
def test_what_is_read_is_as_published(reader: str, request: pytest.FixtureRequest) -> None:
    client: httpx.Client = request.getfixturevalue(reader)
    found: list[str] = []
    answered = 0
    for path in READ:
        if path != "/metrics":
            named = re.sub(r"\{(\w+)\}", lambda one: NAMED.get(one[1], "not-there-1"), path)
            answer = client.get(named, params=QUERIES.get(path))
            answered += answer.status_code == 200
            found += differs(path, answer)

    assert [] == found
    assert answered >= (10 if reader == "nobody" else 25)
