"""Recorded answers, read again from the log by the organisation that asked."""

from __future__ import annotations

from isa_registry.actions.identifiers import is_check_id
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.folding import one_as_logged
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure, log, records
from isa_registry.store.pool import reading_for

_ABSENT = "There is no such check, or none that you may see."
_ERASED = "This was erased when its retention ended; the log still proves that it was there."


async def recorded_check(registry: Registry, organisation: str, check: str) -> CheckAnswered:
    """The record of an organisation's own check. Raises `Refused`: `not-found`, for another's too; `gone` once it is
    erased."""
    if not is_check_id(check):
        raise Refused("not-found", _ABSENT)
    async with reading_for(registry.reading, organisation) as connection:
        index = await records.check_index(connection, check)
        if index is None:
            if await erasure.erased_record(connection, check, organisation=organisation) is not None:
                raise Refused("gone", _ERASED)
            raise Refused("not-found", _ABSENT)
        entry = await log.entry(connection, index)
    if entry is None:
        raise Refused("gone", _ERASED)
    return one_as_logged(entry, CheckAnswered)
