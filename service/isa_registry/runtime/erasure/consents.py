"""When the entries of a consent fall due, and that they go together: a consent is kept by the last thing said in it,
and none ever stands without its withdrawal."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import structlog

from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.consent_entries import ConsentGiven, ConsentPayload, ConsentRefused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import RetentionRule, end_of_day, rule_for
from isa_registry.ledger.drafts import Unchanged
from isa_registry.ledger.threads import consent_thread
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import erasure, falling_due, log
from isa_registry.store.pool import Connection

_log = structlog.get_logger(__name__)

BEGIN = ("consent.given", "consent.refused")
"""The kinds with which a consent begins: what rules name."""

KINDS = frozenset(str(one.__struct_config__.tag) for one in get_args(ConsentPayload))

Key = tuple[str, str, str | None]
Moments = dict[Key, tuple[RetentionRule, datetime]]


def moments(view: RegisterView, today: str) -> Moments:
    """By organisation, the kind of a consent's first entry, and the class that it names: the rule, and the moment
    before which all that was said in one is due."""
    found: Moments = {}
    for body in view.organisations():
        rules = view.retention_rules(body.organisation)
        for kind in BEGIN:
            for named in {rule.record_class for rule in rules if kind in rule.kinds}:
                rule = rule_for(rules, kind, body.organisation_kind, named)
                if rule is not None and (last := rule.last_start_due(today)) is not None:
                    found[body.organisation, kind, named] = rule, end_of_day(last)
    return found


async def due(connection: Connection, found: Moments, *, limit: int) -> list[tuple[falling_due.Due, RetentionRule]]:
    """Up to `limit` consents that are due and not announced, by their first entry, each with its rule."""
    rows = await falling_due.due_consents(connection, {key: moment for key, (_, moment) in found.items()}, limit=limit)
    ruled = []
    for one in rows:
        try:
            ruled.append((one, found[await _key(connection, one.index)][0]))
        except (LogDisagrees, KeyError) as error:
            # What is not as it was logged keeps nothing else from falling due.
            _log.error("not-as-logged", entry=one.index, error=type(error).__name__)
    return ruled


async def still_due(connection: Connection, view: RegisterView, index: int, rule: str, today: str) -> bool:
    """Whether the same rule still says so of the consent that begins with an entry, and nobody has said more in it."""
    life = await falling_due.whole_consent(connection, index)
    ruled = moments(view, today).get(await _key(connection, index))
    return ruled is not None and ruled[0].code == rule and max(one.said_at for one in life) < ruled[1]


async def parts(connection: Connection, target: erasure.Target, *, whole: bool) -> list[ErasedPart]:
    """What goes with an entry of a consent: all of its life, the first before what follows it. Without `whole`, itself
    alone."""
    life = await falling_due.whole_consent(connection, target.index)
    return [ErasedPart(one.index, one.at, target.parties) for one in life if whole or one.index == target.index]


async def unchanged(connection: Connection, index: int, size: int) -> Unchanged:
    """That nothing more is said in a consent, after so many entries of the log, until it is erased."""
    first = (await falling_due.whole_consent(connection, index))[0]
    return Unchanged((consent_thread(first.organisation, first.consent),), size)


async def _key(connection: Connection, index: int) -> Key:
    entry = await log.entry(connection, index)
    payload = None if entry is None else payload_as_logged(entry)
    if not isinstance(payload, ConsentGiven | ConsentRefused):
        raise LogDisagrees(f"entry {index} does not begin a consent")
    return payload.organisation, str(payload.__struct_config__.tag), payload.retention
