"""Carrying out a file of organisations: as it was looked at, whole or not at all."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import importing
from isa_registry.actions.deciding import Decider
from isa_registry.actions.importing import Plan
from isa_registry.domain.dates import instant
from isa_registry.domain.organisation_files import read_file
from isa_registry.ledger.drafts import Appended, IdempotencyClaim
from isa_registry.runtime.registry import Registry

PATIENCE_SECONDS = 60.0
"""One turn of the log with thousands of entries takes longer than one with one."""


class Imported(Struct, frozen=True):
    """The plan that was carried out, and where its entries stand."""

    plan: Plan
    appended: Appended


def look(registry: Registry, data: bytes, by: Decider) -> Plan:
    """What the file would do now. Raises `Refused`."""
    return importing.plan_of(read_file(data), by, registry.follower.view, instant(registry.now()))


async def carry_out(
    registry: Registry, data: bytes, sha256: str, by: Decider, *, claim: IdempotencyClaim | None = None
) -> Imported:
    """Logs every entry of the plan with this SHA-256 (hex), or none. Raises `Refused`."""
    now = instant(registry.now())
    plan, draft = importing.draft_of(read_file(data), sha256, by, registry.follower.view, now)
    appended = await registry.sequencer.append(replace(draft, idempotency=claim), patience=PATIENCE_SECONDS)
    return Imported(plan=plan, appended=appended)
