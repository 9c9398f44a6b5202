"""docs/formats/lifecycles.md says what the code does."""

from __future__ import annotations

import json
import re

import msgspec

from domain.lifecycle_page import PAGE, WHO, written
from isa_registry.domain.entries import decode_payload, encode_payload
from isa_registry.domain.lifecycles import STEPS, run
from isa_registry.ledger.rows import life_row

TEXT = PAGE.read_text(encoding="utf-8")


def block(name: str) -> str:
    (found,) = re.findall(rf"```json {name}\n(.*?)\n```", TEXT, re.DOTALL)
    return found


def test_the_tables_are_those_of_the_code() -> None:
    """Where this fails, write them anew: see lifecycle_page.py."""
    assert written(TEXT) == TEXT


def test_somebody_brings_each_event_about() -> None:
    assert {(one.machine, one.event) for one in STEPS} == {
        (machine, event) for machine, events in WHO.items() for event in events
    }


def test_the_worked_examples_row_is_that_of_its_payload() -> None:
    payload = decode_payload(block("event").encode())
    assert encode_payload(payload).decode() == block("event")
    row = life_row(7, payload)
    assert row is not None
    made = {name: value for name, value in msgspec.to_builtins(row).items() if name != "index"}
    state = run("agreement", ("publish", "come-into-force", row.event))
    assert {**made, "state": state} == json.loads(block("row"))
