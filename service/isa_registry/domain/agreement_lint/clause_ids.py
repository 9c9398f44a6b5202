"""Clause ids against their ledger, `clause-ids.json`: every id ever used, so that none is ever used again.

A link to a clause must never lead to another subject. What is published keeps its id; what goes leaves its id in the
ledger with the version it went in and the clauses that took over (`heirs`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from isa_registry.domain.agreement_text import (
    AgreementError,
    AgreementFault,
    AgreementText,
    Clause,
    clause_order,
    is_clause_id,
)
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.shapes import place_and_fault
from isa_verify.encoding import parse_json_strict
from isa_verify.errors import MalformedError

LEDGER = "../clause-ids.json"
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")


class IdUsed(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An id, the heading it has (or had last), the version it came with and the one it is gone from."""

    heading: str
    since: str
    until: str | None = None
    heirs: tuple[str, ...] = ()


Ledger = dict[str, IdUsed]


def read_ledger(data: bytes) -> Ledger:
    """The ledger in `clause-ids.json`. Raises `AgreementError` for what is none."""
    try:
        ledger = msgspec.convert(parse_json_strict(data), Ledger)
    except MalformedError as error:
        raise AgreementError(AgreementFault(LEDGER, "", str(error))) from None
    except msgspec.ValidationError as error:
        place, what = place_and_fault(error)
        raise AgreementError(AgreementFault(LEDGER, f"#{place}", what)) from None
    faults = [_at(id_, data, f"{id_!r} is no clause id") for id_ in ledger if not is_clause_id(id_)]
    for id_, used in ledger.items():
        if any(_VERSION.fullmatch(one) is None for one in (used.since, used.until or used.since)):
            faults.append(_at(id_, data, f"{id_}: since and until are versions such as 1.0"))
    if faults:
        raise AgreementError(*faults)
    return ledger


def _at(id_: str, data: bytes, what: str) -> AgreementFault:
    at = data.find(msgspec.json.encode(id_) + b":")
    line = data[: max(at, 0)].count(b"\n") + 1
    return AgreementFault(LEDGER, f":{line}", what)


def ledger_json(ledger: Ledger) -> bytes:
    """The ledger as a file: one line for each id, in the order of the text."""
    lines = (
        f'  "{id_}": {json.dumps(msgspec.to_builtins(ledger[id_]), ensure_ascii=False)}'
        for id_ in sorted(ledger, key=clause_order)
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def with_new_ids(ledger: Ledger, words: AgreementText) -> Ledger:
    """The ledger with the ids of this version that it lacks."""
    new = {c.id: IdUsed(c.heading, words.version) for c in words.clauses if c.id not in ledger}
    return {**ledger, **new}


def clause_id_faults(words: AgreementText, ledger: Ledger, data: bytes, *, newest: bool) -> Iterator[AgreementFault]:
    """Text and ledger (with its bytes, for the line) held against each other.

    The ledger's headings are those of the newest version; an older one may have called a clause otherwise.
    """
    now = _number(words.version)
    clauses = {clause.id for clause in words.clauses}
    for clause in words.clauses:
        yield from _clause_faults(clause, ledger.get(clause.id), words.version, newest)
    for id_, used in ledger.items():
        if used.until is not None and _number(used.until) <= _number(used.since):
            yield _at(id_, data, f"{id_} is gone before it came: until is the first version without it")
        if id_ not in clauses and _number(used.since) <= now and (used.until is None or now < _number(used.until)):
            what = (
                f"{id_} is not in the text: put the clause back, or say until which version it stood, and its heirs; "
                "take the line out only if no version with it was ever published"
            )
            yield _at(id_, data, what)
        if used.heirs and used.until is None:
            yield _at(id_, data, f"{id_} has heirs and has not gone: say until which version it stood")
        for heir in used.heirs:
            if heir not in ledger or heir == id_:
                yield _at(id_, data, f"the heir {heir} of {id_} is no other clause: name one that is in this ledger")


def heir_faults(schedule: Schedule, ledger: Ledger, data: bytes) -> Iterator[AgreementFault]:
    """The schedule's `heirs` say of this version what the ledger says of the ids that went with it."""
    went = {id_: used.heirs for id_, used in ledger.items() if used.until == schedule.version}
    for id_ in sorted({*went, *schedule.heirs}, key=clause_order):
        told, kept = schedule.heirs.get(id_), went.get(id_)
        if told is None:
            what = f"{id_} went with this version: name its heirs in the schedule, or an empty list"
            yield AgreementFault("schedule.json", "#/heirs", what)
        elif kept is None:
            what = f"{id_} did not go with this version by the ledger: say until {schedule.version} there"
            yield AgreementFault("schedule.json", f"#/heirs/{id_}", what)
        elif set(told) != set(kept):
            yield _at(id_, data, f"the heirs of {id_} are others in the schedule: make them the same")


def _clause_faults(clause: Clause, used: IdUsed | None, version: str, newest: bool) -> Iterator[AgreementFault]:
    at = f":{clause.line}"
    if used is None:
        yield AgreementFault(
            "agreement.md",
            at,
            f"clause {clause.id} is not in the ledger: add it to clause-ids.json, or let "
            "`isa-registry agreements clause-ids DIR --write` add it",
        )
        return
    if used.until is not None and _number(used.until) <= _number(version):
        yield AgreementFault(
            "agreement.md",
            at,
            f"clause {clause.id} was another clause, “{used.heading}”, until version {used.until}: "
            "give this one a number that was never used",
        )
    elif newest and used.heading != clause.heading:
        yield AgreementFault(
            "agreement.md",
            at,
            f"clause {clause.id} is “{used.heading}” in the ledger and “{clause.heading}” here: change the ledger's "
            "heading if the subject is the same, otherwise take a new number",
        )


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
