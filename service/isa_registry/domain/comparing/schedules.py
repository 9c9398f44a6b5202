"""The differences between two schedules, each as a plain sentence.

Every place that differs has one. Codes are said in words (`harm-outside-the-home`: harm outside the home), so that the
same two schedules always give the same sentences, whatever the catalogue comes to call things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from isa_registry.domain.agreements import LANGUAGES, ParentAgreement, Schedule
from isa_registry.domain.comparing.schedule_rows import (
    contact_changes,
    purpose_changes,
    retention_changes,
)
from isa_registry.domain.comparing.schedule_words import Found, bodies, code_changes, plain_day, quoted, roles, said


class ScheduleChange(Struct, frozen=True):
    """One difference: the schedule's member, the place within it (a JSON pointer, rows by their codes), a sentence."""

    member: str
    at: str
    sentence: str


def schedule_changes(old: Schedule, new: Schedule) -> tuple[ScheduleChange, ...]:
    """Every difference, in the order of the schedule's members. None for equal schedules."""
    return tuple(
        ScheduleChange(member, f"/{member}{at}", sentence)
        for member, tell in TELLING.items()
        for at, sentence in tell(getattr(old, member), getattr(new, member))
    )


def _value(sentence: str, say: Callable[[Any], str] = str) -> Callable[[Any, Any], Iterator[Found]]:
    """A member that is one value; the sentence has places for what it is and what it was."""

    def tell(old: Any, new: Any) -> Iterator[Found]:
        if old != new:
            yield "", sentence.format(new=say(new), old=say(old))

    return tell


def _parent(old: ParentAgreement | None, new: ParentAgreement | None) -> Iterator[Found]:
    if old == new:
        return
    if new is None or old is None:
        kept = old if new is None else new
        assert kept is not None
        rests = "It no longer rests on" if new is None else "It now rests on"
        yield "", f"{rests} version {kept.version} of {kept.agreement}."
    elif old.agreement != new.agreement:
        yield "", f"It rests on version {new.version} of {new.agreement} instead of {old.version} of {old.agreement}."
    else:
        yield "", f"It rests on version {new.version} of {new.agreement} instead of version {old.version}."


def _ends(old: str | None, new: str | None) -> Iterator[Found]:
    if old == new:
        return
    if new is None:
        yield "", f"It no longer ends on a set day; before, it ended on {plain_day(old or '')}."
    elif old is None:
        yield "", f"It ends on {plain_day(new)}; before, no end was set."
    else:
        yield "", f"It ends on {plain_day(new)} instead of {plain_day(old)}."


def _topics(old: dict[str, str], new: dict[str, str]) -> Iterator[Found]:
    for topic in _keys(old, new):
        was, now = old.get(topic), new.get(topic)
        if now is None:
            yield f"/{topic}", f"No clause is named any more for {said(topic)}; it was clause {was}."
        elif was is None:
            yield f"/{topic}", f"Clause {now} is now named for {said(topic)}."
        elif was != now:
            yield f"/{topic}", f"Clause {now} is named for {said(topic)} instead of clause {was}."


def _heirs(old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> Iterator[Found]:
    """Each version says it of the one before it, so what an older one said is not gone: it is only not said again."""
    for gone in _keys(old, new):
        was, now = old.get(gone), new.get(gone)
        if now is None:
            yield f"/{gone}", f"It says nothing more of what took over from clause {gone}."
        elif was != now:
            took = f"is followed by clause {' and '.join(now)}" if now else "was withdrawn"
            yield f"/{gone}", f"Clause {gone} {took}."


def _parties(old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> Iterator[Found]:
    for group in _keys(old, new):
        was, now, at = old.get(group), new.get(group), f"/{group}"
        if now is None:
            yield at, f"The group {said(group)} is gone ({_listed(was)})."
        elif was is None:
            yield at, f"There is a new group {said(group)}: {_listed(now)}."
        else:
            yield from code_changes(
                at,
                was,
                now,
                added="Adds {code} to the group " + said(group) + ".",
                removed="Takes {code} out of the group " + said(group) + ".",
                order=f"Lists the group {said(group)} in another order.",
                say=bodies,
            )


def _listed(kinds: tuple[str, ...] | None) -> str:
    return ", ".join(bodies(kind) for kind in kinds or ()) or "nobody"


def _roles(may: str, may_not: str, nobody: str, order: str) -> Callable[..., Iterator[Found]]:
    def tell(old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> Iterator[Found]:
        for kind in _keys(old, new):
            was, now, named = old.get(kind), new.get(kind), bodies(kind)
            if not was and not now and was != now:
                yield f"/{kind}", nobody.format(kind=named, now="now" if was is None else "no longer")
            yield from code_changes(
                f"/{kind}",
                was or (),
                now or (),
                added=may.replace("{kind}", named),
                removed=may_not.replace("{kind}", named),
                order=order.replace("{kind}", named),
                say=roles,
            )

    return tell


def _keys(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return sorted({**old, **new})


TELLING: dict[str, Callable[[Any, Any], Iterator[Found]]] = {
    "agreement": _value("It is agreement {new} instead of {old}."),
    "version": _value("It is version {new} instead of {old}."),
    "title": _value("Its title is {new} instead of {old}.", quoted),
    "short_title": _value("It is called {new} for short instead of {old}.", lambda title: title or "nothing"),
    "tier": _value("It is a Tier {new} agreement instead of Tier {old}."),
    "parent": _parent,
    "effective_from": _value("It takes effect on {new} instead of {old}.", plain_day),
    "review_due": _value("The review is due on {new} instead of {old}.", plain_day),
    "ends": _ends,
    "parties": _parties,
    "purposes": purpose_changes,
    "topics": _topics,
    "signatory_roles": _roles(
        may="{code} may now sign for {kind}.",
        may_not="{code} may no longer sign for {kind}.",
        nobody="The schedule {now} lists {kind} without anybody who may sign.",
        order="Lists who may sign for {kind} in another order.",
    ),
    "consulted_roles": _roles(
        may="{code} are now consulted before {kind} sign.",
        may_not="{code} are no longer consulted before {kind} sign.",
        nobody="The schedule {now} lists {kind} without anybody who is consulted.",
        order="Lists who is consulted before {kind} sign in another order.",
    ),
    "contacts": contact_changes,
    "retention": retention_changes,
    "heirs": _heirs,
    "language": _value("Its words are in {new} instead of {old}.", lambda code: LANGUAGES.get(code, code)),
}
"""How each member of a schedule is told; a test holds that none is missing."""
