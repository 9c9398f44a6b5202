# ruff: noqa: E501 - strategies of one case a line
"""Whatever is sent, the answer is one of ours: never a 500, never an echo, and nothing stored for what is refused."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.speaking import MARKER, QUESTION, WITHHELD, Database, Signer, assert_problem
from isa_verify.encoding import encode_base64url
from live import LEAD, Demonstration

ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
WORDS = st.sampled_from(
    [MARKER, "", "\0", "child", "identity", LEAD, "mappa", "given", "2026-02-30", "chk_\0", "🙈", "\u202e"]
)
JSON = st.recursive(
    ATOMS | WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
CIRCUMSTANCES = (
    "would_help_recipient", "more_detrimental_to_share", "detriment_confirmed_by", "relates_to_child", "consent",
    "para18_reason", "law_enforcement_purpose", "s36_4_authority", "statutory_request", "restriction", "anonymised",
)  # fmt: skip
MEMBERS = st.sampled_from(
    [*QUESTION, "provider", "subjects", "urgency", "circumstances", "on", "as_of", "record", "explain"]
)

# How many examples is the profile's affair: some at every run, other ones each time, and many in make test-long.
many = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check(answer: httpx.Response, *taken: int) -> None:
    if answer.status_code in taken:
        assert answer.headers["content-type"] == "application/json"
        return
    assert 400 <= answer.status_code < 500, answer.text
    assert_problem(answer, answer.status_code)


@pytest.fixture(autouse=True)
def _no_trace(demonstration: Demonstration) -> Any:
    yield
    assert MARKER not in demonstration.output
    assert '"event":"unexpected"' not in demonstration.output


@many
@given(body=st.binary(max_size=300))
def test_bytes_for_a_question(police: httpx.Client, database: Database, body: bytes) -> None:
    before = database.size()
    check(police.post("/api/v1/checks", content=body, headers={"Content-Type": "application/json"}))
    assert database.size() == before


@many
@given(body=JSON)
def test_json_for_a_question(police: httpx.Client, database: Database, body: object) -> None:
    before = database.size()
    check(police.post("/api/v1/checks", content=json.dumps(body), headers={"Content-Type": "application/json"}))
    assert database.size() == before


@many
@given(changes=st.dictionaries(MEMBERS, JSON, min_size=1, max_size=3))
def test_a_question_with_members_that_are_anything(
    police: httpx.Client, database: Database, changes: dict[str, object]
) -> None:
    before = database.size()
    answer = police.post("/api/v1/checks", content=json.dumps({**QUESTION, "record": False, **changes}),
                         headers={"Content-Type": "application/json"})  # fmt: skip
    check(answer, 200)
    recorded = answer.status_code == 200 and answer.json()["recorded"]
    assert database.size() == before + recorded


@many
@given(circumstances=st.dictionaries(st.sampled_from(CIRCUMSTANCES), ATOMS | WORDS, min_size=1))
def test_circumstances_that_are_anything(police: httpx.Client, circumstances: dict[str, object]) -> None:
    question = {**QUESTION, "record": False, "circumstances": circumstances}
    check(police.post("/api/v1/checks", json=question), 200)


@many
@given(body=st.binary(max_size=300))
@pytest.mark.parametrize("content_type", ["application/jose", "application/json"])
def test_bytes_for_an_event(police: httpx.Client, database: Database, body: bytes, content_type: str) -> None:
    before = database.size()
    check(police.post("/api/v1/sharing-events", content=body, headers={"Content-Type": content_type}))
    assert database.size() == before


@many
@given(parts=st.lists(JSON.map(lambda value: encode_base64url(json.dumps(value).encode())) | st.text(), max_size=4))
def test_parts_for_an_event(police: httpx.Client, database: Database, parts: list[str]) -> None:
    before = database.size()
    check(police.post("/api/v1/sharing-events", json={"event": ".".join(parts), "withheld": ".".join(reversed(parts))}))
    assert database.size() == before


@many
@given(data=st.data())
def test_a_well_signed_event_with_members_that_are_anything(
    police: httpx.Client, signer: Signer, database: Database, data: st.DataObject
) -> None:
    """What nobody can forge, an organisation's own faulty system may still send."""
    before, event = database.size(), signer.event()
    event |= data.draw(st.dictionaries(st.sampled_from(sorted(event)), JSON, min_size=1, max_size=3))
    jws = signer.sign(json.dumps(event).encode())
    answer = police.post("/api/v1/sharing-events", content=jws, headers={"Content-Type": "application/jose"})
    check(answer, 201)
    assert database.size() == before + (answer.status_code == 201)


@many
@given(listed=JSON)
def test_a_well_signed_list_that_is_anything(
    police: httpx.Client, signer: Signer, database: Database, listed: object
) -> None:
    before = database.size()
    event = signer.sign(signer.event(decision="part-shared", withheld_sha256="0" * 64))
    withheld = signer.sign(json.dumps(listed).encode(), WITHHELD)
    check(police.post("/api/v1/sharing-events", json={"event": event, "withheld": withheld}))
    assert database.size() == before


@many
@given(name=st.sampled_from(["Authorization", "Idempotency-Key", "ISA-Min-Log-Size", "Content-Type", "X-Request-ID", "Accept"]),
       value=st.binary(max_size=60).map(lambda raw: bytes(byte for byte in raw if byte >= 32 and byte != 127).strip()))  # fmt: skip
def test_header_values_that_are_anything(police: httpx.Client, name: str, value: bytes) -> None:
    question = json.dumps({**QUESTION, "record": False})
    headers = {"Content-Type": b"application/json", name: value}
    check(police.post("/api/v1/checks", content=question, headers=headers), 200)


@many
@given(target=st.text(min_size=1, max_size=40))
@pytest.mark.parametrize(
    "place", ["checks/{}", "sharing-events/{}", "sharing-events?cursor={}", "agreements/{}", "organisations/{}/keys"]
)
def test_addresses_that_are_anything(police: httpx.Client, place: str, target: str) -> None:
    try:
        written = quote(target, safe="")
    except UnicodeEncodeError:
        return
    check(police.get("/api/v1/" + place.format(written)), 200)
