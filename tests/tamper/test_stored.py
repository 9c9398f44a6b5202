"""Whatever is edited in the database, by whoever owns it, is found by the operator's own check."""

from __future__ import annotations

from pathlib import Path

import pytest

from isa_registry.runtime.fsck.check import check_log
from running import ORIGIN, SIGNER
from tamper.case import InDatabase, Silent, Tool
from tamper.cases import SILENT_STORED, STORED
from tamper.victim import POLICY, Victim


async def test_an_untouched_log_has_no_findings(victim: Victim) -> None:
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, policy=POLICY)
    assert ((), 1, 0) == (report.findings, report.erased, report.unverified)


@pytest.mark.parametrize("case", STORED, ids=lambda case: case.id)
async def test_fsck_finds_it(victim: Victim, case: InDatabase, tmp_path: Path) -> None:
    await case.done_to(victim)
    held = case.outside(victim)
    if held is not None:
        (tmp_path / "checkpoint").write_bytes(held)
    report = await check_log(
        victim.url,
        origin=ORIGIN,
        vkeys=SIGNER.vkeys,
        outside=None if held is None else tmp_path / "checkpoint",
        policy=POLICY if case.tool is Tool.FSCK_POLICY else None,
    )
    found = {(one.code, one.where) for one in report.findings}
    assert (case.code, case.where.format(**victim.places)) in found, found


@pytest.mark.parametrize("case", SILENT_STORED, ids=lambda case: case.id)
async def test_fsck_alone_cannot_know(victim: Victim, case: Silent) -> None:
    """What the threat model says is not caught here, and by whom it is."""
    assert isinstance(case.edits, tuple)
    await victim.edit(*case.edits)
    policy = POLICY if case.tool is Tool.FSCK_POLICY else None
    assert () == (await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, policy=policy)).findings
