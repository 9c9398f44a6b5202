"""Whatever is edited in the database, by whoever owns it, is found by the operator's own check."""

from __future__ import annotations

import pytest

from isa_registry.runtime.fsck import check_log
from running import ORIGIN, SIGNER
from tamper.case import InDatabase, Tool
from tamper.stored import CASES
from tamper.victim import POLICY, Victim


async def test_an_untouched_log_has_no_findings(victim: Victim) -> None:
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, policy=POLICY)
    assert ((), 1, 0) == (report.findings, report.erased, report.unverified)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.verb.value}: {case.does}")
async def test_fsck_finds_it(victim: Victim, case: InDatabase) -> None:
    await case.done_to(victim)
    policy = POLICY if case.tool is Tool.FSCK_POLICY else None
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, policy=policy)
    found = {(one.code, one.where) for one in report.findings}
    assert (case.code, case.where.format(**victim.places)) in found, found
