"""What an information-governance lead has to do about lawful bases: the list that empties.

It is derived from the register, the law as data and the day each time that it is asked. Nothing on it is a reason not
to share what protects a child: paperwork that is missing never changes the outcome of a check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Literal, get_args

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import day_after
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.cover import SOON, cover
from isa_registry.domain.lawful_bases.groups import LISTS
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.register.facts import LawfulBasis, Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import signed_purposes

Why = Literal[
    "policy-document-missing", "no-record", "lapsed", "not-in-force", "policy-document-due", "policy-document-undated",
    "lapses-soon", "differs-from-default",
]  # fmt: skip
WHY: tuple[Why, ...] = get_args(Why)
"""In the order in which they are seen to: most records need the policy document."""

DefaultFor = Callable[[str, str], LawfulBasisRecorded | None]
"""The default of an agreement and a purpose; None where the law as data has none."""


class ToDo(Struct, frozen=True):
    """One thing to do. `agreement`, `purpose` and `record` are those it is about, where it is about one; `on` is the
    day that matters (the last day of a record, or the day of a review); `codes` are the provisions concerned."""

    why: Why
    agreement: str | None = None
    purpose: str | None = None
    record: str | None = None
    on: str | None = None
    codes: tuple[str, ...] = ()


def to_do(view: RegisterView, organisation: str, on: str, default_for: DefaultFor) -> tuple[ToDo, ...]:
    """What a body has to do on a day, YYYY-MM-DD; nothing once it is closed, or where it was never registered."""
    body = view.organisation(organisation)
    if body is None or (body.closed_on is not None and body.closed_on <= on):
        return ()
    found = [*_policy_document(body.policy_document, on), *_records(view, body, on, default_for)]
    return tuple(sorted(found, key=lambda one: (WHY.index(one.why), one.on or "")))


def last_day(held: LawfulBasis) -> str | None:
    """The last day on which a record holds, before its first one where it never does; None where no end is known."""
    return None if held.gone_from is None else day_after(held.gone_from, -1)


def not_in_force(record: LawfulBasisRecorded, law: Catalogue | None, on: str) -> tuple[str, ...]:
    """The provisions that a record rests on and that are not in force on a day, as the law as data has it."""
    if law is None:
        return ()
    day = date.fromisoformat(on)
    return tuple(
        code for code in codes_of(record) if code not in law.provisions or not law.provisions[code].in_force_on(day)
    )


def codes_of(record: LawfulBasisRecorded) -> tuple[str, ...]:
    """Every provision that a record rests on, each once, in its order."""
    listed = (code for member in LISTS for code in getattr(record, member))
    return tuple(dict.fromkeys((*listed, *([record.s36_4_authority] if record.s36_4_authority else []))))


def differences(record: LawfulBasisRecorded, default: LawfulBasisRecorded) -> tuple[str, ...]:
    """The provisions that stand in one of the two and not in the other, or in another list of it."""
    found: dict[str, None] = {}
    for member in LISTS:
        ours, theirs = getattr(record, member), getattr(default, member)
        for code in (*theirs, *ours):
            if (code in ours) != (code in theirs):
                found[code] = None
    return tuple(found)


def _policy_document(document: PolicyDocument | None, on: str) -> Iterator[ToDo]:
    if document is None:
        yield ToDo("policy-document-missing")
    elif document.review_on is None:
        yield ToDo("policy-document-undated")
    elif document.review_on <= day_after(on, SOON):
        yield ToDo("policy-document-due", on=document.review_on)


def _records(view: RegisterView, body: Organisation, on: str, default_for: DefaultFor) -> Iterator[ToDo]:
    for agreement, purpose in signed_purposes(view, body.organisation, on):
        covered = cover(view.lawful_bases_for(body.organisation, agreement, purpose), on)
        if covered.lapsed_on is not None:
            yield ToDo("lapsed", agreement, purpose, on=day_after(covered.lapsed_on, -1))
        elif covered.holding is None:
            yield ToDo("no-record", agreement, purpose)
        else:
            soon = covered.lapses_soon(on)
            if soon is not None and covered.last is not None:
                yield ToDo("lapses-soon", agreement, purpose, covered.last.recorded.record, on=soon)
            yield from _held(covered.holding.recorded, view.catalogue(), on, default_for)


def _held(record: LawfulBasisRecorded, law: Catalogue | None, on: str, default_for: DefaultFor) -> Iterator[ToDo]:
    of = (record.agreement, record.purpose, record.record)
    gone = not_in_force(record, law, on)
    if gone:
        yield ToDo("not-in-force", *of, codes=gone)
    document = record.policy_document
    if document is not None and document.review_on is not None and document.review_on <= day_after(on, SOON):
        yield ToDo("policy-document-due", *of, on=document.review_on)
    if record.adopted == "default":
        default = default_for(record.agreement, record.purpose)
        differing = () if default is None else differences(record, default)
        if differing:
            yield ToDo("differs-from-default", *of, codes=differing)
