"""The differences between a schedule's rows: purposes with their flows, contacts, classes of record.

Rows are found by their codes. A code that is there twice (which loading refuses, and a draft may have) is told apart by
its number, so that nothing is passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from isa_registry.domain.agreements import ScheduleContact, ScheduleFlow, SchedulePurpose, ScheduleRetention
from isa_registry.domain.comparing.schedule_words import Found, code_changes, in_another_order, listed, quoted, said

Row = TypeVar("Row", SchedulePurpose, ScheduleFlow, ScheduleContact, ScheduleRetention)

_STARTS = {
    "birth": "birth", "death": "death", "closure": "closure", "last-entry": "the last entry",
    "decision": "the decision", "end-of-agreement": "the end of the agreement",
    "as-guidance-says": "what guidance says",
}  # fmt: skip


def purpose_changes(old: Sequence[SchedulePurpose], new: Sequence[SchedulePurpose]) -> Iterator[Found]:
    yield from _rows(
        old,
        new,
        lambda one: one.code,
        gone=lambda one: f"The purpose {said(one.code)} is covered no longer.",
        came=lambda one: f"Adds the purpose {said(one.code)}, with the categories {listed(one.categories)}.",
        both=_purpose,
        order="Lists the purposes in another order.",
    )


def _purpose(old: SchedulePurpose, new: SchedulePurpose) -> Iterator[Found]:
    name = said(new.code)
    if old.clause != new.clause:
        yield "/clause", f"The purpose {name} is set out in clause {new.clause} instead of clause {old.clause}."
    yield from code_changes(
        "/categories",
        old.categories,
        new.categories,
        added="Adds category {code} to " + name + ".",
        removed="Removes category {code} from " + name + ".",
        order=f"Lists the categories of {name} in another order.",
    )
    yield from code_changes(
        "/minimum",
        old.minimum,
        new.minimum,
        added="Category {code} is now among what is normally enough for " + name + ".",
        removed="Category {code} is no longer among what is normally enough for " + name + ".",
        order=f"Lists what is normally enough for {name} in another order.",
    )
    yield from _rows(
        old.flows,
        new.flows,
        lambda one: f"{one.from_}-to-{one.to}",
        gone=lambda one: f"For {name}, nothing of its own is set any more for {_way(one)}.",
        came=lambda one: _new_flow(name, one),
        both=lambda was, now: _flow(name, was, now),
        order=f"For {name}, the directions are looked at in another order; the first that fits counts.",
        at="/flows",
    )


def _way(flow: ScheduleFlow) -> str:
    return f"{said(flow.from_)} to {said(flow.to)}"


def _new_flow(name: str, flow: ScheduleFlow) -> str:
    bound = "" if flow.categories is None else f" Only these may go: {listed(flow.categories)}."
    return f"For {name}, {_way(flow)}, these are now normally enough: {listed(flow.minimum)}.{bound}"


def _flow(name: str, old: ScheduleFlow, new: ScheduleFlow) -> Iterator[Found]:
    where = f"for {name}, {_way(new)}"
    yield from code_changes(
        "/minimum",
        old.minimum,
        new.minimum,
        added="Category {code} is now among what is normally enough " + where + ".",
        removed="Category {code} is no longer among what is normally enough " + where + ".",
        order=f"Lists what is normally enough {where} in another order.",
    )
    if old.categories is None and new.categories is not None:
        yield "/categories", f"Only these categories may go {where}: {listed(new.categories)}."
    elif old.categories is not None and new.categories is None:
        yield "/categories", f"All categories of the purpose may go {where}; before: {listed(old.categories)}."
    else:
        yield from code_changes(
            "/categories",
            old.categories or (),
            new.categories or (),
            added="Category {code} may now go " + where + ".",
            removed="Category {code} may no longer go " + where + ".",
            order=f"Lists the categories that may go {where} in another order.",
        )


def contact_changes(old: Sequence[ScheduleContact], new: Sequence[ScheduleContact]) -> Iterator[Found]:
    yield from _rows(
        old,
        new,
        lambda one: one.code,
        gone=lambda one: f"The contact {said(one.code)} is gone ({_contact(one)}).",
        came=lambda one: f"Adds the contact {said(one.code)}: {_contact(one)}.",
        both=_contact_changed,
        order="Lists the contacts in another order.",
    )


def _contact(one: ScheduleContact) -> str:
    return ", ".join(part for part in (one.label, one.telephone, one.note) if part)


def _contact_changed(old: ScheduleContact, new: ScheduleContact) -> Iterator[Found]:
    name = f"The contact {said(new.code)}"
    if old.label != new.label:
        yield "/label", f"{name} is {quoted(new.label)} instead of {quoted(old.label)}."
    yield from _optional("/telephone", name, "the telephone number", old.telephone, new.telephone)
    yield from _optional("/note", name, "the note", old.note, new.note)


def _optional(at: str, name: str, what: str, old: str | None, new: str | None) -> Iterator[Found]:
    if old == new:
        return
    if new is None:
        yield at, f"{name} no longer has {what} {quoted(old or '')}."
    elif old is None:
        yield at, f"{name} now has {what} {quoted(new)}."
    else:
        yield at, f"{name} has {what} {quoted(new)} instead of {quoted(old)}."


def retention_changes(old: Sequence[ScheduleRetention], new: Sequence[ScheduleRetention]) -> Iterator[Found]:
    yield from _rows(
        old,
        new,
        lambda one: one.code,
        gone=lambda one: f"The class of record {said(one.code)} is gone; its rule was {quoted(one.rule)}",
        came=lambda one: f"Adds the class of record {said(one.code)}: {quoted(one.rule)}",
        both=_retention,
        order="Lists the classes of record in another order.",
    )


def _retention(old: ScheduleRetention, new: ScheduleRetention) -> Iterator[Found]:
    name = f"the class of record {said(new.code)}"
    if old.label != new.label:
        yield "/label", f"T{name[1:]} is called {quoted(new.label)} instead of {quoted(old.label)}."
    if old.rule != new.rule:
        yield "/rule", f"The rule for {name} is {quoted(new.rule)} instead of {quoted(old.rule)}"
    if old.years != new.years:
        yield "/years", f"T{name[1:]} is kept {_years(new)} instead of {_years(old)}."
    if old.starts != new.starts:
        yield "/starts", f"The period of {name} runs from {_STARTS[new.starts]} instead of {_STARTS[old.starts]}."
    if old.confidence != new.confidence:
        yield (
            "/confidence",
            f"How sure the rule for {name} is: {said(new.confidence)} instead of {said(old.confidence)}.",
        )
    if old.source != new.source:
        yield "/source", f"The source for {name} is {quoted(new.source)} instead of {quoted(old.source)}"


def _years(one: ScheduleRetention) -> str:
    if one.years is None:
        return "for no set number of years"
    return f"for {one.years} year" + ("" if one.years == 1 else "s")


def _rows(
    old: Sequence[Row],
    new: Sequence[Row],
    code: Callable[[Row], str],
    *,
    gone: Callable[[Row], str],
    came: Callable[[Row], str],
    both: Callable[[Any, Any], Iterator[Found]],
    order: str,
    at: str = "",
) -> Iterator[Found]:
    was, now = _by_code(old, code), _by_code(new, code)
    for name, row in was.items():
        if name not in now:
            yield f"{at}/{name}", gone(row)
    for name, row in now.items():
        if name not in was:
            yield f"{at}/{name}", came(row)
        else:
            yield from ((f"{at}/{name}{place}", sentence) for place, sentence in both(was[name], row))
    if in_another_order(list(was), list(now)):
        yield at, order


def _by_code(rows: Sequence[Row], code: Callable[[Row], str]) -> dict[str, Row]:
    seen: Counter[str] = Counter()
    found: dict[str, Row] = {}
    for row in rows:
        name = code(row)
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name}.{seen[name]}"] = row
    return found
