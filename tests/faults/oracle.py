"""The whole log looked at from the inside and from the outside, after each step of a test."""

from __future__ import annotations

import asyncio

from isa_registry.api.log import published_bytes
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.fsck.check import Report, check_log
from isa_registry.runtime.registry import Registry
from isa_verify.audit import audit_log
from isa_verify.errors import NotFoundError
from running import ORIGIN, SIGNER


async def assert_whole(database_url: str, *registries: Registry) -> Report:
    """`check_log` finds nothing, an outside audit verifies what each registry publishes, and all agree on one root."""
    report = await check_log(database_url, origin=ORIGIN, vkeys=SIGNER.vkeys)
    assert () == report.findings, report.findings[:5]
    for registry in registries:
        if report.size:
            await audit(registry, report)
        assert (report.size, report.root) == (registry.follower.view.size, registry.follower.root)
    return report


async def audit(registry: Registry, report: Report) -> None:
    """The auditor reads checkpoint, tiles and bundles as the API gives them, and verifies every hash."""
    newest = await registry.follower.wait_for_checkpoint(report.size, seconds=10)
    assert newest is not None
    loop = asyncio.get_running_loop()

    def fetch(path: str) -> bytes:
        return asyncio.run_coroutine_threadsafe(served(registry, path), loop).result(10)

    summary = await asyncio.to_thread(audit_log, fetch, SIGNER.keys.verifiers, entries_required=True)
    assert (report.size, report.root) == (summary.size, summary.root)


async def served(registry: Registry, path: str) -> bytes:
    """What `/log/` answers, without HTTP around it."""
    if path == "checkpoint":
        newest = registry.follower.checkpoint
        assert newest is not None
        return newest.note
    try:
        return await published_bytes(registry, path)
    except Refused as refused:
        raise NotFoundError(refused.code, refused.detail) from None
