"""Versions that come into force once their rule is met: after an attestation at once, and looked for by every worker.

The rule was decided when the version was opened, so the entry that follows from it is nobody's decision. It is held at
the tail, so two workers that see the same make one entry.
"""

from __future__ import annotations

import asyncio

import structlog

from isa_registry.actions.agreement_decisions import come_into_force
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.agreement_life import rule_met
from isa_registry.ledger.drafts import Appended
from isa_registry.runtime.registry import Registry
from isa_registry.store.pool import DatabaseError

_log = structlog.get_logger(__name__)

_LOOK_SECONDS = 3.0
# Long after a change was looked at: for what depends on the day, and for whatever was not expected.
_AT_LEAST_SECONDS = 300.0


async def follow_rule(registry: Registry, agreement: str, version: str) -> Appended | None:
    """Brings an open version into force if its rule is met now; None where it is not, or is in force already.

    Never refused: whoever attested has done so whatever becomes of this, and it is looked for again.
    """
    view = registry.follower.view
    found = view.agreement_version(agreement, version)
    day = None if found is None else rule_met(view, found, london_date(registry.now()))
    if found is None or day is None:
        return None
    try:
        appended = await registry.sequencer.append(come_into_force(found, day))
    except Refused as refused:
        if refused.code != "conflict":
            _log.warning("not-in-force-yet", agreement=agreement, version=version, refused=refused.code)
        return None
    _log.info("in-force-by-rule", agreement=agreement, version=version, entry=appended.index)
    return appended


class ComingIntoForce:
    """One worker's eye on open versions. A crash between an attestation and what follows from it loses nothing: whoever
    is there next sees that the rule is met."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._seen = -1
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="bring versions into force by their rule")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> list[Appended]:
        """Brings into force whatever is open and meets its rule."""
        self._seen = self._registry.follower.view.size
        found = [
            await follow_rule(self._registry, one.agreement, one.version)
            for one in self._registry.follower.view.agreement_versions()
            if one.opened is not None and one.in_force_on is None and one.withdrawn is None
        ]
        return [one for one in found if one is not None]

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if not self._registry.writes:
                continue
            if self._registry.follower.view.size == self._seen and loop.time() - looked < _AT_LEAST_SECONDS:
                continue
            try:
                await self.look()
            except DatabaseError as error:
                _log.warning("open-versions-not-looked-at", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - what could not be looked at now is looked at again
                _log.exception("open-versions-not-looked-at")
            looked = loop.time()
