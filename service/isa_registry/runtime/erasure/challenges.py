"""When a challenge falls due, and that it goes whole: some years after it was closed, and from its first entry on, so
that none is ever left that looks open. One that is open never falls due."""

from __future__ import annotations

from datetime import datetime

from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import RetentionRule, end_of_day, rule_for
from isa_registry.ledger.drafts import Unchanged
from isa_registry.ledger.threads import challenge_thread
from isa_registry.store import challenges, erasure, falling_due
from isa_registry.store.pool import Connection

BEGIN = "challenge.raised"
"""The kind with which a challenge begins: what rules name."""

KINDS = frozenset({BEGIN, "challenge.moved", "challenge.closed"})


def _moments(view: RegisterView, today: str) -> dict[str, tuple[RetentionRule, datetime]]:
    """For each body, the rule for what it raised, and the moment before which what was closed is due."""
    found: dict[str, tuple[RetentionRule, datetime]] = {}
    for body in view.organisations():
        rule = rule_for(view.retention_rules(body.organisation), BEGIN, body.organisation_kind)
        if rule is not None and (last := rule.last_start_due(today)) is not None:
            found[body.organisation] = rule, end_of_day(last)
    return found


async def due(
    connection: Connection, view: RegisterView, today: str, *, limit: int
) -> list[tuple[falling_due.Due, RetentionRule]]:
    """Up to `limit` challenges that are due and not announced, by their first entry, each with its rule."""
    ruled = _moments(view, today)
    rows = await challenges.due(connection, {body: moment for body, (_, moment) in ruled.items()}, limit=limit)
    return [(one, ruled[one.organisation][0]) for one in rows]


async def still_due(connection: Connection, view: RegisterView, index: int, rule: str, today: str) -> bool:
    """Whether the same rule still says so of the challenge that begins with an entry."""
    closing = await challenges.closing_of(connection, index)
    ruled = None if closing is None else _moments(view, today).get(closing[0])
    return closing is not None and ruled is not None and ruled[0].code == rule and closing[1] < ruled[1]


async def parts(connection: Connection, target: erasure.Target, *, whole: bool) -> list[ErasedPart] | None:
    """What goes with the first entry of a challenge: all of it. None for a later one while one before it is there.
    Without `whole`, the entry alone."""
    life = await challenges.life_of(connection, target.index)
    if whole and life[0][0] != target.index:
        return None
    return [ErasedPart(index, at, target.parties) for index, at, _ in life if whole or index == target.index]


async def unchanged(connection: Connection, index: int, size: int) -> Unchanged:
    """That no step is taken in a challenge, after so many entries of the log, until it is erased."""
    return Unchanged((challenge_thread((await challenges.life_of(connection, index))[0][2]),), size)
