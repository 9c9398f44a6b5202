"""Finding one's own events: by references in the body, under every key, and by nothing that identifies anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from client.scripted import RECORDED, Says, Scripted, scripted
from client.test_references import KEY
from client.test_two_faces import Caller
from isa_client.answers import Page
from isa_client.errors import InputError
from isa_client.subject_keys import SubjectKey, SubjectKeys

RING = SubjectKeys([SubjectKey("2026", KEY[::-1]), SubjectKey("2024", KEY)])
REFS = [one.ref for one in RING.references("local-child-77")]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(Says(200, {"events": [RECORDED], "next": "e3"})) as state:
        yield state


@pytest.fixture(params=[False, True], ids=["blocking", "awaited"])
def call(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def test_what_is_looked_for_goes_in_the_body_under_every_key(server: Scripted, call: Caller) -> None:
    asked = {"side": "provider", "purpose": None, "decided_from": "2026-10-01", "decided_to": "2026-10-31"}
    assert call(server.url, "find_events", [*REFS, "CMS-1234"], "e9", **asked) == Page((RECORDED,), "e3")
    assert server.heard[0].path == "/api/v1/sharing-events/search"
    assert json.loads(server.heard[0].body) == {
        "references": [*REFS, "CMS-1234"], "side": "provider", "decided_from": "2026-10-01",
        "decided_to": "2026-10-31", "cursor": "e9",
    }  # fmt: skip
    call(server.url, "find_events")
    assert json.loads(server.heard[1].body) == {}


@pytest.mark.parametrize(
    ("references", "narrowed"),
    [
        (["943 476 5919"], {}),
        (["9434765919"], {}),
        (["jo1@example.org"], {}),
        (["s1_short"], {}),
        ([REFS[0]] * 21, {}),
        ([], {"decided_from": "2026-02-30"}),
        ([], {"decided_to": 20261001}),
        ([], {"name": "x"}),
        ([], {"limit": float("nan")}),
    ],
)
def test_what_cannot_be_looked_for_is_refused_before_anything_is_sent(
    server: Scripted, call: Caller, references: list[str], narrowed: dict[str, Any]
) -> None:
    with pytest.raises(InputError) as caught:
        call(server.url, "find_events", references, **narrowed)
    assert (server.heard, "943" in str(caught.value)) == ([], False)
