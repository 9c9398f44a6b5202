"""When a challenge is no longer kept: some years after it was closed, whole, from its first entry to its last.

One that is open never falls due. The rule is that of the body that raised it, for `challenge.raised`; the steps go with
what they followed, each after those before it, so that none is ever left that looks open.
"""

from __future__ import annotations

from datetime import datetime

from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import RetentionRule, end_of_day, rule_for
from isa_registry.store import challenges
from isa_registry.store.erasure import Due
from isa_registry.store.pool import Connection

RAISED = "challenge.raised"
KINDS = frozenset({RAISED, "challenge.moved", "challenge.closed"})


async def due_of_challenges(
    connection: Connection, view: RegisterView, today: str, *, limit: int
) -> list[tuple[Due, RetentionRule]]:
    """Up to `limit` entries of challenges whose period has ended, that are not announced yet, with the rule."""
    ruled = _moments(view, today)
    found = await challenges.due(connection, {body: moment for body, (_, moment) in ruled.items()}, limit=limit)
    return [(one, ruled[one.organisation][0]) for one in found]


async def still_due(connection: Connection, view: RegisterView, today: str, index: int, rule: str) -> bool:
    """Whether the same rule, as it is today, still says so of an entry."""
    found = await challenges.closing_of(connection, index)
    ruled = None if found is None else _moments(view, today).get(found[0])
    return found is not None and ruled is not None and ruled[0].code == rule and found[1] < ruled[1]


def _moments(view: RegisterView, today: str) -> dict[str, tuple[RetentionRule, datetime]]:
    """For each body, the rule, and the moment before which what was closed is due."""
    found: dict[str, tuple[RetentionRule, datetime]] = {}
    for body in view.organisations():
        rule = rule_for(view.retention_rules(body.organisation), RAISED, body.organisation_kind)
        if rule is not None and (last := rule.last_start_due(today)) is not None:
            found[body.organisation] = rule, end_of_day(last)
    return found
