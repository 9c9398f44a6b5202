"""The reviewed questions: reading them, asking them, and telling an answer in codes.

A question file is a JSON array, one object a line:

    {"id": "…", "as": "law-police", "ask": {…as in POST /checks…}, "expect": {…}, "why": "…", "brief": ["4 police/nrm"]}

`expect` is the whole answer in codes (`told`); `records`, where there are any, are the consent records found.
`dates.json` is compact: one provision a line with the days on which it is, and is not, cited; `dated` makes a question
of each day. `brief` cites the domain brief of 23 November 2026 by section (docs/guides/law.md).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from isa_registry.domain.answers import Answer
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions import decide
from isa_registry.domain.guidance import OF_CONFIDENCE
from isa_registry.domain.questions import ConsentOnRecord, Evidence, Question
from isa_registry.domain.register.register import RegisterView

DIRECTORY = Path(__file__).with_name("questions")
DATES = "dates.json"
TODAY = "2026-11-23"


class Asked(Struct, frozen=True):
    """One reviewed question. `expect` may name fewer members than `told` only where it is about a date."""

    id: str
    file: str
    question: Question
    expect: dict[str, Any]
    why: str
    brief: tuple[str, ...]
    disputed: bool = False
    records: tuple[ConsentOnRecord, ...] = ()


@cache
def reviewed() -> tuple[Asked, ...]:
    """Every question, in the order of files and lines."""
    found: list[Asked] = []
    for path in sorted(DIRECTORY.glob("*.json")):
        for line in json.loads(path.read_bytes()):
            found.extend(_dated(line) if path.name == DATES else [_full(path.name, line)])
    return tuple(found)


def _full(file: str, line: dict[str, Any]) -> Asked:
    unknown = set(line) - {"id", "as", "ask", "expect", "why", "brief", "disputed", "records"}
    assert not unknown, (line["id"], unknown)
    return Asked(
        id=line["id"],
        file=file,
        question=_question(line["as"], line["ask"]),
        expect=line["expect"],
        why=line["why"],
        brief=tuple(line["brief"]),
        disputed=line.get("disputed", False),
        records=msgspec.convert(line.get("records", []), tuple[ConsentOnRecord, ...], strict=True),
    )


def _dated(line: dict[str, Any]) -> list[Asked]:
    """Named in a request that cannot bind between these two bodies, a provision is cited while it is in force."""
    found = []
    for day, cited in line["days"].items():
        ask = {
            "recipient": "law-sports-club",
            "purpose": "mappa",
            "categories": ["identity"],
            "circumstances": {"statutory_request": line["provision"]},
            "on": day,
        }
        expect = {"request": ["request-does-not-bind", [line["provision"]] if cited else []]}
        question = _question("law-faith", ask)
        found.append(Asked(f"{line['id']}-{day}", DATES, question, expect, line["why"], tuple(line["brief"])))
    return found


def _question(provider: str, ask: dict[str, Any]) -> Question:
    return msgspec.convert({"provider": provider, **ask}, Question, strict=True)


def answer(asked: Asked, view: RegisterView, catalogue: Catalogue) -> Answer:
    return decide(view, catalogue, asked.question, Evidence(consents=asked.records), today=TODAY)


def differences(asked: Asked, view: RegisterView, catalogue: Catalogue) -> list[str]:
    """What the answer says otherwise than expected, a line for each member; empty where it is as expected."""
    found = told(answer(asked, view, catalogue))
    if asked.file == DATES:
        named = [reason for reason in found["reasons"] if reason[0] == "request-does-not-bind"]
        found = {"request": named[0] if named else None}
    if found == asked.expect:
        return []
    return [
        f"{member}:\n    expected {json.dumps(asked.expect.get(member))}\n    answered {json.dumps(found.get(member))}"
        for member in dict.fromkeys((*asked.expect, *found))
        if asked.expect.get(member, ...) != found.get(member, ...)
    ]


def told(said: Answer) -> dict[str, Any]:
    """An answer in codes, in order and without its words. `clauses` are those that reasons cite. Whether somebody has
    checked the law is no part of what the law says: `tests/domain/decisions/test_confidence.py` holds that.
    """
    basis, duty = said.basis, said.duty
    return {
        "outcome": said.outcome,
        "reasons": [[reason.code, [cite for cite in reason.cites if "#" not in cite]] for reason in said.reasons],
        "clauses": [[reason.code, [cite for cite in reason.cites if "#" in cite]] for reason in said.reasons],
        "regime": said.regime,
        "article_6": list(basis.article_6),
        "article_9": list(basis.article_9),
        "article_10": list(basis.article_10),
        "part_3": list(basis.part_3),
        "gateways": list(basis.gateways),
        "duty": None if duty is None else [duty.provision, duty.engaged, duty.verified],
        "consent": [said.consent.role, said.consent.seek],
        "inform": [said.inform.expected, said.inform.now],
        "conditions": [condition.code for condition in said.conditions],
        "missing": [missing.code for missing in said.missing],
        "guidance": [item.code for item in said.guidance if item.code not in OF_CONFIDENCE],
        "to_record": list(said.to_record),
        "agreements": [f"{one.agreement}/{one.version}#{one.clause}" for one in said.agreements],
        "held": {one.code: one.outcome for one in said.categories if one.outcome != said.outcome},
    }
