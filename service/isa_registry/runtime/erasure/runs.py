"""Erasing what is no longer kept: what is due is listed, announced, and after the notice erased.

The log says first that a payload goes, then the journal outside the database, and only then is it deleted: a run that
was interrupted anywhere between is finished by the next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import erasures
from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.dates import instant, london_date, parse_instant
from isa_registry.domain.entries import RegisterPayload, decode_payload
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.influence import Folded, Influence
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.rested_on import named_in_checks
from isa_registry.domain.retention import BY_RULE, REAPPLIED, RetentionRule, end_of_day, rule_for
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.erasure import consents, events
from isa_registry.runtime.erasure.journal import Journal, JournalLine, resurrected
from isa_registry.runtime.folding import committed_payload
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, log
from isa_registry.store.pool import EVERYTHING, Connection, connect

CHECK = "check.answered"
EVENT = "sharing-event.recorded"
_PAGE = 1_000
_KEPT = {"on-hold": "on-hold", "changed-meanwhile": "no-longer-due"}

Append = Callable[[Draft], Awaitable[Appended]]
"""The sequencer, which alone appends."""


class DueItem(Struct, frozen=True):
    """A record whose period has ended by a rule. `on_hold`: it stays all the same, and is not announced."""

    index: int
    organisation: str
    readers: tuple[str, ...]
    kind: str
    rule: str
    on_hold: bool


class Outcome(Struct, frozen=True):
    """What became of one entry in a run: `erased`, or why not (`on-hold`, `still-in-force`, `no-longer-due`,
    `already-erased`)."""

    index: int
    code: str


class AnotherRun(Exception):
    """Somebody else is erasing at this moment."""


# --- what is due -----------------------------------------------------------------------------------------------------


async def due(connection: Connection, view: RegisterView, *, now: datetime, limit: int = _PAGE) -> list[DueItem]:
    """Up to `limit` records of each sort whose period has ended and that are not announced yet, by entry. `connection`
    reads as an auditor."""
    today = london_date(now)
    checks, decisions = _moments(view, today)
    found = [
        *await erasure.due_checks(connection, {name: moment for name, (_, moment) in checks.items()}, limit=limit),
        *await erasure.due_events(connection, {key: moment for key, (_, moment) in decisions.items()}, limit=limit),
    ]
    items: list[DueItem] = []
    for one in found:
        target = await erasure.target(connection, one.index)
        assert target is not None
        ruled = checks[one.organisation] if one.kind == CHECK else decisions[one.organisation, target.retention]
        part = ErasedPart(index=one.index, at=one.at, parties=target.parties)
        items.append(_item(view, part, one.organisation, one.readers, one.kind, ruled[0].code))
    for one, rule in await consents.due(connection, consents.moments(view, today), limit=limit):
        part = ErasedPart(index=one.index, at=one.at, parties=one.readers)
        items.append(_item(view, part, one.organisation, one.readers, one.kind, rule.code))
    items += await _due_of_register(connection, view, today)
    return sorted(items, key=lambda item: item.index)[:limit]


Moments = dict[str, tuple[RetentionRule, datetime]]
EventMoments = dict[tuple[str, str | None], tuple[RetentionRule, datetime]]


def _moments(view: RegisterView, today: str) -> tuple[Moments, EventMoments]:
    """For each organisation, and for events each class, the rule and the moment before which what was decided is
    due."""
    checks: Moments = {}
    decisions: EventMoments = {}
    for body in view.organisations():
        rules = view.retention_rules(body.organisation)
        check = rule_for(rules, CHECK, body.organisation_kind)
        if check is not None and (last := check.last_start_due(today)) is not None:
            checks[body.organisation] = check, end_of_day(last)
        for named in {rule.record_class for rule in rules}:
            event = rule_for(rules, EVENT, body.organisation_kind, named)
            if event is not None and (last := event.last_start_due(today)) is not None:
                decisions[body.organisation, named] = event, end_of_day(last)
    return checks, decisions


async def _due_of_register(connection: Connection, view: RegisterView, today: str) -> list[DueItem]:
    kinds = {kind for rules in (view.retention_rules(None), *_own_rules(view)) for rule in rules for kind in rule.kinds}
    if not kinds - {CHECK, EVENT}:
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
        if first_day is not None and first_day <= today and not announced and not await _rested_on(connection, one):
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
        payload = decode_payload(committed_payload(one))
        assert isinstance(payload, RegisterPayload)
        found.append(Folded(index=one.index, at=one.at, payload=payload))
    return found


async def announce(
    reading: Connection, working: Connection, view: RegisterView, *, now: datetime, notice: timedelta
) -> list[DueItem]:
    """Announces what is due and on no hold; it is erased once `notice` has passed. Returns what was announced now."""
    told: list[DueItem] = []
    for item in await due(reading, view, now=now):
        if item.on_hold:
            continue
        row = erasure.Notice(
            index=item.index,
            organisation=item.organisation,
            readers=item.readers,
            reason=BY_RULE,
            rule=item.rule,
            requested_by=None,
            approved_by=None,
            announced_at=now,
            erase_after=now + notice,
        )
        if await erasure.announce(working, row):
            told.append(item)
    return told


# --- erasing ---------------------------------------------------------------------------------------------------------


class Eraser:
    """One run's connections: it reads as an auditor, and deletes by the one function that can. Use it as a context.

    Raises `AnotherRun` where one is on its way.
    """

    def __init__(
        self,
        database_url: str,
        journal: Journal,
        *,
        view: Callable[[], RegisterView],
        append: Append,
        now: Callable[[], datetime],
    ) -> None:
        self._url = database_url
        self._journal = journal
        self._view = view
        self._append = append
        self._now = now
        self._known = {(line.index, line.leaf) for line in journal.read()}

    async def __aenter__(self) -> Eraser:
        self._erasing = await connect(self._url, "isa_erase")
        self._reading = await connect(self._url, "isa_read", reader=EVERYTHING)
        self._working = await connect(self._url, "isa_work")
        if not await erasure.one_run(self._erasing):
            await self.__aexit__()
            raise AnotherRun
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in (self._erasing, self._reading, self._working):
            await connection.close()

    async def run(self) -> list[Outcome]:
        """Finishes what an earlier run began, then erases everything whose notice has passed."""
        finished = [await self._finish(index, by) for index, by in await erasure.unfinished(self._reading)]
        notices = await erasure.ripe(self._reading, self._now(), limit=_PAGE)
        outcomes = [await self._erase(notice) for notice in notices]
        # What the log says is erased has no outcome of its notice's besides: a hold may keep it.
        told = {one.index for one in finished}
        return [*finished, *(one for one in outcomes if one.index not in told)]

    async def reapply(self) -> list[Outcome]:
        """Deletes again what the journal says was erased, and a restored backup brought back. Where the restored log
        does not say so, it is made to say so."""
        outcomes: list[Outcome] = []
        for line in await resurrected(self._url, self._journal):
            target = await erasure.target(self._reading, line.index)
            assert target is not None
            if target.by is not None:
                outcomes.append(await self._finish(line.index, target.by))
                continue
            parts = await self._parts(target, companions=False)
            if parts is None:
                outcomes.append(Outcome(line.index, "still-in-force"))
                continue
            outcomes.append(await self._log_and_delete(parts, erasures.erase(parts, reason=REAPPLIED)))
        return outcomes

    async def _erase(self, notice: erasure.Notice) -> Outcome:
        target = await erasure.target(self._reading, notice.index)
        if target is None or target.by is not None or target.kind is None:
            await erasure.withdraw(self._working, notice.index)
            return Outcome(notice.index, "already-erased")
        if notice.rule is not None and not await self._still_due(target, notice.rule):
            await erasure.withdraw(self._working, notice.index)
            return Outcome(notice.index, "no-longer-due")
        size = self._view().size
        parts = await self._parts(target)
        if parts is None:
            return Outcome(notice.index, "still-in-force")
        people = tuple(one for one in (notice.requested_by, notice.approved_by) if one is not None)
        draft = erasures.erase(parts, reason=notice.reason, rule=notice.rule, approved_by=people)
        if target.kind in consents.KINDS:
            draft = replace(draft, unchanged=await consents.unchanged(self._reading, target.index, size))
        if target.kind == EVENT:
            draft = replace(draft, unchanged=await events.unchanged(self._reading, target.index, size))
        return await self._log_and_delete(parts, draft)

    async def _still_due(self, target: erasure.Target, rule: str) -> bool:
        """Whether the same rule, as it is today, still says so: it may have been changed since the notice."""
        view, today = self._view(), london_date(self._now())
        if target.kind in consents.BEGIN:
            return await consents.still_due(self._reading, view, target.index, rule, today)
        if target.kind in (CHECK, EVENT):
            assert target.organisation is not None
            assert target.decided_at is not None
            checks, decisions = _moments(view, today)
            named = (target.organisation, target.retention)
            ruled = checks.get(target.organisation) if target.kind == CHECK else decisions.get(named)
            return ruled is not None and ruled[0].code == rule and target.decided_at < ruled[1]
        found = {one.index: one for one in await register_entries(self._reading, view.size)}
        one = found[target.index]
        current = _register_rule(view, one, _kind_of(one))
        ends = Influence(list(found.values())).ends(target.index)
        if current is None or current.code != rule or ends is None:
            return False
        first_day = current.ends(london_date(parse_instant(found[ends - 1].at)))
        return first_day is not None and first_day <= today

    async def _parts(self, target: erasure.Target, *, companions: bool = True) -> list[ErasedPart] | None:
        """The entry and what belongs to it; None for one on which the register depends."""
        return await parts_of(self._reading, self._view(), target, companions=companions)

    async def _log_and_delete(self, parts: Sequence[ErasedPart], draft: Draft) -> Outcome:
        index = parts[0].index
        try:
            appended = await self._append(draft)
        except Refused as refused:
            if refused.code not in _KEPT:
                raise
            return Outcome(index, _KEPT[refused.code])
        return await self._delete([(part.index, appended.index + place) for place, part in enumerate(parts)])

    async def _finish(self, index: int, by: int) -> Outcome:
        return await self._delete([(index, by)])

    async def _delete(self, pairs: Sequence[tuple[int, int]]) -> Outcome:
        at = instant(self._now())
        leaves = await log.leaf_hashes_at(self._reading, [index for index, _ in pairs])
        lines = [JournalLine(at=at, by=by, index=index, leaf=leaves[index].hex()) for index, by in pairs]
        self._journal.append([line for line in lines if (line.index, line.leaf) not in self._known])
        self._known.update((line.index, line.leaf) for line in lines)
        try:
            await erasure.erase(self._erasing, pairs)
        except erasure.EraseRefused as refused:
            return Outcome(pairs[0][0], refused.code)
        return Outcome(pairs[0][0], "erased")


async def _rested_on(connection: Connection, one: Folded) -> bool:
    """Whether a check that is kept rests on what an entry of the register holds."""
    name = named_in_checks(one.payload)
    return name is not None and await erasure.kept_check_naming(connection, one.index, name) is not None


async def parts_of(
    connection: Connection, view: RegisterView, target: erasure.Target, *, companions: bool = True
) -> list[ErasedPart] | None:
    """What goes when an entry is erased: itself, and with an event what belongs to it. None where it cannot go, because
    the current register depends on it, or a check that is kept rests on it, or it says of another that it was erased.
    """
    first = ErasedPart(index=target.index, at=target.at, parties=target.parties)
    if target.leaf_kind != "record":
        entries = await register_entries(connection, view.size)
        ends = Influence(entries).ends(target.index)
        if ends is None or await _rested_on(connection, next(one for one in entries if one.index == target.index)):
            return None
        return [ErasedPart(first.index, first.at, first.parties, until=ends)]
    if target.kind == "payload.erased":
        return None
    if target.kind in consents.KINDS:
        return await consents.parts(connection, target, whole=companions)
    if target.kind == EVENT and companions:
        return await events.parts(connection, target)
    return [first]
