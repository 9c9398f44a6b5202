"""The page on lawful-basis records says what is true: the law takes its example, and every code is named."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import msgspec

from demonstration import NO_PAPERWORK, Demonstration, catalogue
from isa_registry.actions import lawful_bases as acting
from isa_registry.api.examples import NEW_BASIS
from isa_registry.domain.bars import BARS
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases import closing, refusals
from isa_registry.domain.lawful_bases.processing import NOT_KNOWN
from isa_registry.domain.lawful_bases.refusals import APPROVERS, record_faults

PAGE = (Path(__file__).parents[3] / "docs/formats/lawful-basis.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_worked_record_is_one_that_the_law_takes_and_holds_from_its_first_day() -> None:
    record = msgspec.json.decode(block("record"), type=LawfulBasisRecorded)
    before = msgspec.structs.replace(
        record, record=record.supersedes or "", supersedes=None, starts="2026-07-01", ends=None
    )
    register = Demonstration().then(before, record)
    body = register.view().organisation(NO_PAPERWORK)
    assert body is not None
    assert record_faults(record, body, catalogue()) == ()
    held = [
        register.view().lawful_basis(NO_PAPERWORK, record.agreement, record.purpose, day)
        for day in ("2026-11-30", "2026-12-01", "2027-11-30", "2027-12-01")
    ]
    assert [one and one.recorded.record for one in held] == [before.record, record.record, record.record, None]


def test_the_page_names_every_member_role_and_code() -> None:
    members = [one.encode_name for one in msgspec.structs.fields(LawfulBasisRecorded)]
    sources = (inspect.getsource(module) for module in (closing, refusals, acting))
    codes = {
        node.args[0 if name == "Closed" else 1].value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")) in ("Closed", "Fault")
        and isinstance(node.args[0 if name == "Closed" else 1], ast.Constant)
    }  # fmt: skip
    assert len(codes) > 30
    named = [*members, *APPROVERS, *codes, *(bar.name for bar in BARS)]
    assert [one for one in named if f"`{one}`" not in PAGE] == []


def test_the_page_says_what_a_record_of_processing_does_not_know() -> None:
    assert block("not-known").split() == list(NOT_KNOWN)


def test_the_published_example_is_a_record_that_the_law_takes() -> None:
    said = {name: tuple(value) if isinstance(value, list) else value for name, value in NEW_BASIS.items()}
    whole = {"record": "lb_1", "organisation": "durham-county-council", "part_3": (), "adopted": "own", **said}
    body = Demonstration().view().organisation("durham-county-council")
    assert body is not None
    assert record_faults(msgspec.convert(whole, LawfulBasisRecorded), body, catalogue()) == ()
