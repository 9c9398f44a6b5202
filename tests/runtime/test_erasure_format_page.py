"""The page on erasure says what is true: its examples are taken by the code that takes the real ones."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from isa_registry.domain.entries import decode_payload, encode_payload
from isa_registry.domain.keeping_entries import PayloadErased
from isa_registry.domain.own_retention import OwnRule, as_rule, own_rule_faults
from isa_registry.domain.retention import BY_RULE, REAPPLIED, REQUESTED, rule_faults
from isa_registry.runtime.erasure.journal import Journal

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "erasure.md").read_text(encoding="utf-8")


def example(kind: str) -> str:
    (found,) = re.findall(rf"^```json {kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_worked_entry_is_one_in_its_one_spelling() -> None:
    worked = example("erased").removesuffix("\n").encode()
    payload = decode_payload(worked)
    assert isinstance(payload, PayloadErased)
    assert worked == encode_payload(payload)


def test_the_worked_rule_is_one_that_a_body_may_set() -> None:
    rule = msgspec.json.decode(example("rule"), type=OwnRule)
    assert list(own_rule_faults([rule])) == []
    assert list(rule_faults([as_rule(rule)])) == []


def test_the_worked_line_is_one_of_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    path.write_text(example("journal"))
    (line,) = Journal(path).read()
    again = tmp_path / "again.jsonl"
    Journal(again).append([line])
    assert path.read_bytes() == again.read_bytes()


def test_the_page_names_every_member_and_every_reason() -> None:
    names = [*PayloadErased.__struct_fields__, BY_RULE, REAPPLIED, *REQUESTED]
    assert [] == [name for name in names if f"`{name}`" not in PAGE]
