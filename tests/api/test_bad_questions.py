# ruff: noqa: E501 - tables of one case a line
"""Bad questions: each is refused as a problem that says where, stores nothing and repeats nothing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.speaking import MARKER, QUESTION, assert_problem
from live import LEAD

JSON = {"Content-Type": "application/json"}
NESTED = b"[" * 30_000 + b"]" * 30_000
MALFORMED, UNKNOWN = "malformed", "unprocessable"

pytestmark = pytest.mark.usefixtures("unchanged")


def changed(**members: object) -> bytes:
    return json.dumps({**QUESTION, **members}).encode()


def row(name: str, body: bytes, status: int, code: str, pointer: str | None = None) -> Any:
    return pytest.param(body, status, code, pointer, id=name)


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        row("an empty body", b"", 400, MALFORMED, "#"),
        row("no JSON", MARKER.encode(), 400, MALFORMED, "#"),
        row("JSON and more", changed() + MARKER.encode(), 400, MALFORMED, "#"),
        row("invalid UTF-8", b'{"recipient": "\xff' + MARKER.encode() + b'"}', 400, MALFORMED, "#"),
        row("UTF-16", json.dumps(QUESTION).encode("utf-16"), 400, MALFORMED, "#"),
        row("a byte order mark", b"\xef\xbb\xbf" + changed(), 400, MALFORMED, "#"),
        row("half a surrogate pair", b'{"recipient": "\\ud800' + MARKER.encode() + b'"}', 400, MALFORMED, "#"),
        row("not a number", changed().replace(b'"identity"', b"NaN"), 400, MALFORMED, "#"),
        row("null", b"null", 400, MALFORMED, "#"),
        row("an array", b'["' + MARKER.encode() + b'"]', 400, MALFORMED, "#"),
        row("a string", f'"{MARKER}"'.encode(), 400, MALFORMED, "#"),
        row("deep nesting", b'{"recipient": ' + NESTED + b"}", 400, MALFORMED),
        row("deep nesting in an unknown member", b'{"' + MARKER.encode() + b'": ' + NESTED + b"}", 400, MALFORMED),
        row("an unknown member", changed(**{MARKER: 1}), 400, MALFORMED, "#"),
        row("an unknown circumstance", changed(circumstances={MARKER: True}), 400, MALFORMED, "#/circumstances"),
        row("an unknown member of a subject", changed(subjects=[{"kind": "child", MARKER: 1}]), 400, MALFORMED, "#/subjects/0"),
        row("free text about a person", changed(note=MARKER), 400, MALFORMED, "#"),
        row("no recipient", json.dumps({"purpose": MARKER, "categories": [MARKER]}).encode(), 400, MALFORMED, "#/recipient"),
        row("no purpose", json.dumps({"recipient": LEAD, "categories": ["identity"]}).encode(), 400, MALFORMED, "#/purpose"),
        row("no categories", json.dumps({"recipient": LEAD, "purpose": "mappa"}).encode(), 400, MALFORMED, "#/categories"),
        row("a number for a purpose", changed(purpose=7), 400, MALFORMED, "#/purpose"),
        row("a string for categories", changed(categories=MARKER), 400, MALFORMED, "#/categories"),
        row("a number among categories", changed(categories=["identity", 7]), 400, MALFORMED, "#/categories/1"),
        row("a string for yes or no", changed(circumstances={"anonymised": MARKER}), 400, MALFORMED, "#/circumstances/anonymised"),
        row("a word for yes or no", changed(record="yes"), 400, MALFORMED, "#/record"),
        row("categories that are none", changed(categories=[]), 400, MALFORMED, "#/categories"),
        row("too many categories", changed(categories=[f"c{n}" for n in range(31)]), 400, MALFORMED, "#/categories"),
        row("a category twice", changed(categories=["identity", "identity"]), 400, MALFORMED, "#/categories"),
        row("too many people", changed(subjects=[{"kind": "child"}] * 51), 400, MALFORMED, "#/subjects"),
        row("an NHS number for a reference", changed(subjects=[{"kind": "child", "ref": "9434765919"}]), 400, MALFORMED, "#/subjects/0/ref"),
        row("a name for a reference", changed(subjects=[{"kind": "child", "ref": f"Anna {MARKER}"}]), 400, MALFORMED, "#/subjects/0/ref"),
        row("a reference not in its one spelling", changed(subjects=[{"kind": "child", "ref": "s1_" + "A" * 42 + "B"}]), 400, MALFORMED, "#/subjects/0/ref"),
        row("a name for a recipient", changed(recipient=f"Anna {MARKER}"), 400, MALFORMED, "#/recipient"),
        row("an e-mail address for a recipient", changed(recipient=f"{MARKER}@example.org"), 400, MALFORMED, "#/recipient"),
        row("a null character in a recipient", changed(recipient=f"{MARKER}\0"), 400, MALFORMED, "#/recipient"),
        row("a long recipient", changed(recipient="a" * 129), 400, MALFORMED, "#/recipient"),
        row("an unknown purpose", changed(purpose=MARKER), 422, UNKNOWN, "#/purpose"),
        row("an unknown category", changed(categories=["identity", MARKER]), 422, UNKNOWN, "#/categories/1"),
        row("an unknown urgency", changed(urgency=MARKER), 422, UNKNOWN, "#/urgency"),
        row("an unknown kind of recipient", changed(recipient={"kind": MARKER}), 422, UNKNOWN, "#/recipient/kind"),
        row("an unknown kind of person", changed(subjects=[{"kind": MARKER}]), 422, UNKNOWN, "#/subjects/0/kind"),
        row("an unknown role of a person", changed(subjects=[{"kind": "child", "roles": [MARKER]}]), 422, UNKNOWN, "#/subjects/0/roles/0"),
        *(
            row(f"an unknown {member}", changed(circumstances={member: MARKER}), 422, UNKNOWN, f"#/circumstances/{member}")
            for member in (
                "consent", "agreement_to_service", "para18_reason", "s36_4_authority", "confidentiality_route",
                "statutory_request", "restriction", "detriment_confirmed_by",
            )
        ),
        row("another provider", changed(provider=LEAD), 403, "not-your-organisation", "#/provider"),
        row("a provider that does not exist", changed(provider=MARKER), 403, "not-your-organisation", "#/provider"),
        row("another provider as a what-if", changed(provider=LEAD, record=False), 403, "not-your-organisation", "#/provider"),
        row("recorded for another day", changed(on="2026-10-01", record=True), 422, UNKNOWN, "#/record"),
        row("recorded as of another size", changed(as_of=100, record=True), 422, UNKNOWN, "#/record"),
        row("a day that never was", changed(on="2026-02-30"), 400, MALFORMED, "#/on"),
        row("a time for a day", changed(on="2026-02-20T00:00:00Z"), 400, MALFORMED, "#/on"),
        row("a size before anything", changed(as_of=0), 400, MALFORMED, "#/as_of"),
        row("a size that is no size", changed(as_of=1.5), 400, MALFORMED, "#/as_of"),
        row("a time that is none", changed(as_of=MARKER), 400, MALFORMED, "#/as_of"),
        row("a size yet to come", changed(as_of=10**6), 422, UNKNOWN, "#/as_of"),
        row("an absurd size", changed(as_of=2**70), 422, UNKNOWN, "#/as_of"),
        row("a size before the law was there", changed(as_of=1), 422, UNKNOWN, "#/as_of"),
        row("a time yet to come", changed(as_of="2999-01-01T00:00:00.000Z"), 422, UNKNOWN, "#/as_of"),
        row("a time before the log", changed(as_of="0001-01-01T00:00:00.000Z"), 422, UNKNOWN, "#/as_of"),
    ],
)  # fmt: skip
def test_a_bad_question_is_refused_with_where_and_without_what(
    police: httpx.Client, body: bytes, status: int, code: str, pointer: str | None
) -> None:
    assert_problem(police.post("/api/v1/checks", content=body, headers=JSON), status, code, pointer)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": f"application/{MARKER}"},
        {"Content-Type": "application/jose"},
        {"Content-Type": "application/json; charset=iso-8859-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
    ids=str,
)
def test_another_content_type_is_refused(police: httpx.Client, headers: dict[str, str]) -> None:
    assert_problem(police.post("/api/v1/checks", content=changed(), headers=headers), 415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json;charset=utf-8", 'APPLICATION/JSON; charset="UTF-8"'])
def test_json_in_utf_8_may_say_so(police: httpx.Client, content_type: str) -> None:
    answer = police.post("/api/v1/checks", content=changed(record=False), headers={"Content-Type": content_type})
    assert answer.status_code == 200


def test_a_body_that_is_too_long_is_refused_and_the_connection_closed(police: httpx.Client) -> None:
    body = changed(purpose=MARKER * 6_000)
    assert len(body) > 65_536
    answer = police.post("/api/v1/checks", content=body, headers=JSON)
    assert_problem(answer, 413, "too-large")
    assert answer.headers["connection"] == "close"


def test_a_body_of_undeclared_length_is_cut_off(police: httpx.Client) -> None:
    chunks = (MARKER.encode() * 500 for _ in range(40))
    assert_problem(police.post("/api/v1/checks", content=chunks, headers=JSON), 413, "too-large")


def test_the_provider_is_refused_the_same_whether_or_not_it_exists(police: httpx.Client) -> None:
    there, not_there = (
        police.post("/api/v1/checks", content=changed(provider=provider), headers=JSON).json()
        for provider in (LEAD, "nobody-here")
    )
    assert {**there, "instance": ""} == {**not_there, "instance": ""}


def test_the_form_is_looked_at_before_the_provider_and_the_codes_after(police: httpx.Client) -> None:
    both = changed(provider=LEAD, purpose="unknown", on="never")
    assert_problem(police.post("/api/v1/checks", content=both, headers=JSON), 400, MALFORMED, "#/on")
    codes = changed(provider=LEAD, purpose="unknown")
    assert_problem(police.post("/api/v1/checks", content=codes, headers=JSON), 403, "not-your-organisation")


def test_every_fault_is_named_at_once(police: httpx.Client) -> None:
    answer = police.post("/api/v1/checks", content=changed(purpose=MARKER, urgency=MARKER), headers=JSON)
    problem = assert_problem(answer, 422, UNKNOWN)
    assert [error["pointer"] for error in problem["errors"]] == ["#/purpose", "#/urgency"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", "#"),
        (b'{"checks": []}', "#/checks"),
        (json.dumps({"checks": [QUESTION], MARKER: 1}).encode(), "#"),
        (json.dumps({"checks": MARKER}).encode(), "#/checks"),
        (json.dumps({"checks": [{}] * 1001}).encode(), "#/checks"),
        (b'{"checks": ' + NESTED + b"}", None),
    ],
    ids=["empty", "none", "unknown member", "no list", "1001", "nested"],
)
def test_a_bad_batch_is_refused_as_a_whole(police: httpx.Client, body: bytes, pointer: str | None) -> None:
    answer = police.post("/api/v1/checks/batch", content=body, headers=JSON)
    if pointer is None:  # a list within a list is a batch of one bad question
        assert answer.status_code in (200, 400)
        assert MARKER not in answer.text
    else:
        assert_problem(answer, 400, MALFORMED, pointer)


def test_bad_questions_of_a_batch_are_refused_each_by_itself(police: httpx.Client) -> None:
    questions = [
        QUESTION | {"purpose": MARKER},
        QUESTION | {"provider": LEAD},
        MARKER,
        {MARKER: 1},
        QUESTION | {"on": 1},
    ]
    answer = police.post("/api/v1/checks/batch", json={"checks": questions})
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert MARKER not in answer.text
    assert [one["status"] for one in results] == [422, 403, 400, 400, 400]
    assert [one["errors"][0]["pointer"] for one in results] == [
        "#/checks/0/purpose", "#/checks/1/provider", "#/checks/2", "#/checks/3", "#/checks/4/on",
    ]  # fmt: skip
    for one in results:
        assert one["instance"] == answer.headers["x-request-id"]
        assert "share now" in one["immediate_danger"]


@pytest.mark.parametrize("key", ["short", "x" * 129, f"{MARKER} with spaces", f'"{MARKER}', '"', ""])
def test_an_idempotency_key_of_another_form_is_refused(police: httpx.Client, key: str) -> None:
    answer = police.post("/api/v1/checks", json=QUESTION, headers={"Idempotency-Key": key})
    assert_problem(answer, 400, MALFORMED)


@pytest.mark.parametrize("size", [MARKER, "-1", "1.0", "", "9" * 16, "0x1"])
def test_a_minimum_size_of_another_form_is_refused(police: httpx.Client, size: str) -> None:
    answer = police.post("/api/v1/checks", json=QUESTION, headers={"ISA-Min-Log-Size": size})
    assert_problem(answer, 400, MALFORMED)
