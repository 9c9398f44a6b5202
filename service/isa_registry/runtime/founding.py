"""Appends what a registry begins with, stage by stage, through the sequencer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.registry import Registry


async def append_stages(registry: Registry, stages: Iterable[list[Draft]]) -> int:
    """Appends every draft; a stage begins when the one before it is committed. Returns the log's size.

    Raises the first `Refused` of a stage.
    """
    for stage in stages:
        await asyncio.gather(*(registry.sequencer.append(draft) for draft in stage))
    return registry.follower.view.size
