"""What is no longer to be kept: by which rule, since when, and whether a hold keeps it all the same."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from isa_registry.actions import erasures
from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.entries import REGISTER_KINDS, RegisterPayload
from isa_registry.domain.register.influence import Folded, Influence
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.rested_on import named_in_checks
from isa_registry.domain.retention import RetentionRule, end_of_day, rule_for
from isa_registry.runtime.erasure import lives
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, falling_due, log
from isa_registry.store.pool import Connection

EVENT = "sharing-event.recorded"
PLAIN = {
    "check.answered": falling_due.due_checks,
    "records.searched": falling_due.due_searches,
}
"""The kinds of records that name no class, each with how those that are due are found."""

PAGE = 1_000


class DueItem(Struct, frozen=True):
    """A record whose period has ended by a rule. `on_hold`: it stays all the same, and is not announced."""

    index: int
    organisation: str
    readers: tuple[str, ...]
    kind: str
    rule: str
    on_hold: bool


async def due(connection: Connection, view: RegisterView, *, now: datetime, limit: int = PAGE) -> list[DueItem]:
    """Up to `limit` records of each sort whose period has ended and that are not announced yet, by entry. `connection`
    reads as an auditor."""
    today = london_date(now)
    events = _event_moments(view, today)
    plain = {kind: _moments(view, kind, today) for kind in PLAIN}
    found = await falling_due.due_events(connection, {key: moment for key, (_, moment) in events.items()}, limit=limit)
    for kind, look in PLAIN.items():
        before = {name: moment for name, (_, moment) in plain[kind].items()}
        found += await look(connection, before, limit=limit)
    items: list[DueItem] = []
    for one in found:
        target = await erasure.target(connection, one.index)
        assert target is not None
        named = (one.organisation, target.retention)
        ruled = events[named] if one.kind == EVENT else plain[one.kind][one.organisation]
        part = ErasedPart(index=one.index, at=one.at, parties=target.parties)
        items.append(_item(view, part, one.organisation, one.readers, one.kind, ruled[0].code))
    for one, rule in await lives.due(connection, view, today, limit=limit):
        part = ErasedPart(index=one.index, at=one.at, parties=one.readers)
        items.append(_item(view, part, one.organisation, one.readers, one.kind, rule.code))
    items += await _due_of_register(connection, view, today)
    return sorted(items, key=lambda item: item.index)[:limit]


Moments = dict[str, tuple[RetentionRule, datetime]]
EventMoments = dict[tuple[str, str | None], tuple[RetentionRule, datetime]]


def _moments(view: RegisterView, kind: str, today: str) -> Moments:
    """For each organisation, the rule for its records of a kind and the moment before which what began is due."""
    found: Moments = {}
    for body in view.organisations():
        rule = rule_for(view.retention_rules(body.organisation), kind, body.organisation_kind)
        if rule is not None and (last := rule.last_start_due(today)) is not None:
            found[body.organisation] = rule, end_of_day(last)
    return found


def _event_moments(view: RegisterView, today: str) -> EventMoments:
    """The same for events, for each class that a rule names."""
    events: EventMoments = {}
    for body in view.organisations():
        rules = view.retention_rules(body.organisation)
        for named in {rule.record_class for rule in rules}:
            event = rule_for(rules, EVENT, body.organisation_kind, named)
            if event is not None and (last := event.last_start_due(today)) is not None:
                events[body.organisation, named] = event, end_of_day(last)
    return events


async def _due_of_register(connection: Connection, view: RegisterView, today: str) -> list[DueItem]:
    kinds = {kind for rules in (view.retention_rules(None), *_own_rules(view)) for rule in rules for kind in rule.kinds}
    if not kinds & REGISTER_KINDS:
        return []
    folded = await register_entries(connection, view.size)
    influence = Influence(folded)
    times = {one.index: one.at for one in folded}
    found: list[DueItem] = []
    for one in folded:
        kind = _kind_of(one)
        if kind not in kinds:
            continue
        rule = _register_rule(view, one, kind)
        ends = None if rule is None or not rule.computable() else influence.ends(one.index)
        if rule is None or ends is None:
            continue
        first_day = rule.ends(london_date(parse_instant(times[ends - 1])))
        announced = await erasure.notice(connection, one.index) is not None
        if first_day is not None and first_day <= today and not announced and not await rested_on(connection, one):
            body = owner_of(one.payload)
            part = ErasedPart(index=one.index, at=one.at, parties=(body,) if body else (), until=ends)
            found.append(_item(view, part, body, (body,) if body else (), kind, rule.code))
    return found


def _own_rules(view: RegisterView) -> list[tuple[RetentionRule, ...]]:
    return [view.retention_rules(body.organisation) for body in view.organisations()]


def _kind_of(one: Folded) -> str:
    return str(type(one.payload).__struct_config__.tag)


def _register_rule(view: RegisterView, one: Folded, kind: str) -> RetentionRule | None:
    body = view.organisation(owner_of(one.payload))
    rules = view.retention_rules(None if body is None else body.organisation)
    rule = rule_for(rules, kind, None if body is None else body.organisation_kind)
    return rule if rule is not None and rule.starts == "superseded" else None


def owner_of(payload: RegisterPayload) -> str:
    """The organisation that an entry of the register is about; empty where it is about none."""
    return str(getattr(payload, "organisation", None) or "")


def _item(
    view: RegisterView, part: ErasedPart, organisation: str, readers: tuple[str, ...], kind: str, rule: str
) -> DueItem:
    return DueItem(
        index=part.index,
        organisation=organisation,
        readers=readers,
        kind=kind,
        rule=rule,
        on_hold=erasures.is_held(view, part),
    )


async def register_entries(connection: Connection, size: int) -> list[Folded]:
    """Every entry of the register that was not erased, as committed. Raises `LogDisagrees`."""
    erased = {index for index, _ in await erasure.register_erasures(connection, 0, size)}
    try:
        stored = await log.register_entries(connection, 0, size, erased=erased)
    except log.PayloadMissing as missing:
        raise LogDisagrees(str(missing)) from None
    found: list[Folded] = []
    for one in stored:
        payload = payload_as_logged(one)
        assert isinstance(payload, RegisterPayload)
        found.append(Folded(index=one.index, at=one.at, payload=payload))
    return found


async def still_due(
    connection: Connection, view: RegisterView, target: erasure.Target, rule: str, *, today: str
) -> bool:
    """Whether the same rule, as it is today, still says so: it may have been changed since the notice."""
    if target.kind in lives.BEGIN:
        return await lives.still_due(connection, view, target, rule, today)
    if target.kind in PLAIN or target.kind == EVENT:
        assert target.organisation is not None
        assert target.decided_at is not None
        named = (target.organisation, target.retention)
        events = _event_moments(view, today) if target.kind == EVENT else {}
        plain = _moments(view, target.kind, today) if target.kind in PLAIN else {}
        ruled = events.get(named) if target.kind == EVENT else plain.get(target.organisation)
        return ruled is not None and ruled[0].code == rule and target.decided_at < ruled[1]
    found = {one.index: one for one in await register_entries(connection, view.size)}
    one = found[target.index]
    current = _register_rule(view, one, _kind_of(one))
    ends = Influence(list(found.values())).ends(target.index)
    if current is None or current.code != rule or ends is None:
        return False
    first_day = current.ends(london_date(parse_instant(found[ends - 1].at)))
    return first_day is not None and first_day <= today


async def rested_on(connection: Connection, one: Folded) -> bool:
    """Whether a check that is kept rests on what an entry of the register holds."""
    name = named_in_checks(one.payload)
    return name is not None and await erasure.kept_check_naming(connection, one.index, name) is not None
