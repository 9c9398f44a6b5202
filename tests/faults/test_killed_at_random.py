"""Any process is killed at any moment under load: after each recovery every promise stands once, and the log holds."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from faults.killing import SECONDS, Deployment, Killer, a_moment, deployed
from faults.load import Load
from faults.witnessing import audited_whole, eventually, signer_of, size_signed
from isa_registry.runtime.demonstration import OUTSIDE, VKEYS
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.fsck.check import Report, check_log
from isa_registry.store import index_rows
from isa_registry.store.pool import connect_as_owner
from isa_verify import cli
from live import LEAD
from places import server_directory

EACH_ONCE = {"worker": 1, "service": 1, "checkpointer": 1, "postmaster": 1, "backend": 1, "witness": 1}
TWO_HUNDRED = {"worker": 50, "service": 30, "checkpointer": 30, "postmaster": 30, "backend": 35, "witness": 25}


class Accounts:
    """What was promised held against what is there, from the inside (`fsck`) and from the outside (`isa-verify`)."""

    def __init__(self, deployment: Deployment, load: Load, auditor: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._at = deployment
        self._load = load
        self._auditor = auditor
        self._capsys = capsys
        self.base = 0

    def open(self) -> None:
        """From here on, every entry must be one that the load was promised."""
        self.base = audited_whole(self._at.demo).size
        self._verify(self.base)

    def hold(self) -> int:
        """Nothing acknowledged is lost, nothing is doubled, the log is whole and extends what the auditor remembers.

        Returns the log's size. The load rests meanwhile, with nothing in doubt.
        """
        assert [] == self._load.surprises
        report, checks, events = self._fsck()
        promised_events, promised_checks = self._load.events(), self._load.checks()
        assert len(promised_checks) == len(set(promised_checks)), "two requests were promised one check"
        lost = [one for one in promised_checks if one not in checks]
        lost += [one for one, entry in promised_events.items() if events.get(one) != entry]
        assert [] == lost
        kept = Counter([*promised_events.values(), *(checks[one] for one in promised_checks)])
        written = Counter(range(self.base, report.size))
        assert kept == written, (
            f"promised and not written: {kept - written}; written and not promised: {written - kept}"
        )
        self._verify(report.size)
        return report.size

    def _fsck(self) -> tuple[Report, dict[str, int], dict[str, int]]:
        signer = signer_of(self._at.demo)

        async def look(url: str) -> tuple[Report, dict[str, int], dict[str, int]]:
            outside = self._at.demo.state / OUTSIDE
            report = await check_log(url, origin=signer.origin, vkeys=signer.vkeys, outside=outside)
            connection = await connect_as_owner(url)
            try:
                checks = [
                    (row.id, row.index) for row in await index_rows.stored(connection, index_rows.TABLES[0], 0, 2**62)
                ]
                events = [
                    (str(row.id), row.index)
                    for row in await index_rows.stored(connection, index_rows.TABLES[1], 0, 2**62)
                ]
            finally:
                await connection.close()
            assert len(events) == len(dict(events)), "an event is there twice"
            return report, dict(checks), dict(events)

        with EmbeddedPostgres(self._at.demo.state / "postgres") as postgres:
            report, checks, events = asyncio.run(look(postgres.url("isa_registry")))
        assert () == report.findings
        return report, checks, events

    def _verify(self, size: int) -> None:
        """`isa-verify log` with the state of its last run, the policy, and the entries."""
        demo = self._at.demo
        size_signed(demo, size, seconds=SECONDS)
        arguments = ["log", demo.url, "--vkeys", str(demo.state / VKEYS), "--policy", str(self._at.policy)]
        arguments += ["--state", str(self._auditor), "--token", demo.token(LEAD, "audit:read"), "--processes", "1"]
        end = time.monotonic() + SECONDS
        while (status := cli.main(arguments)) == cli.COULD_NOT_RUN and time.monotonic() < end:
            time.sleep(0.5)
        assert cli.VERIFIED == status, self._capsys.readouterr()


def tell(killer: Killer, load: Load, entries: int, recoveries: int, seconds: float) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in killer.killed.items())
    checks = len(load.checks())
    return (
        f"{killer.killed.total()} SIGKILLs ({kinds}): {len(load.acknowledged)} acknowledged ({checks} checks, "
        f"{len(load.acknowledged) - checks} events), {load.cut_off} in flight when it happened, {load.refused} refused "
        f"with 503, {load.unrecorded} checks answered without being recorded, {load.retried} sent again; {entries} "
        f"entries; after each of {recoveries} recoveries nothing lost, nothing doubled, fsck clean, verified; "
        f"{seconds:.0f} s"
    )


MANY = 50
"""Kills of which some meet a request that is on its way, as good as surely."""


class Ordeal:
    """Kills under load, with accounts held after each recovery. `again` is how likely another one dies before all is
    well again."""

    def __init__(
        self, deployment: Deployment, auditor: Path, capsys: pytest.CaptureFixture[str], *, again: float = 0.25
    ) -> None:
        self._at = deployment
        self._again = again
        self._auditor = auditor
        self._capsys = capsys

    def undergo(self, kills: Mapping[str, int]) -> str:
        """Kills as many of each kind, in an order and at moments of chance; returns what there is to tell of it."""
        chance = random.Random(sum(kills.values()))
        due = [kind for kind, count in kills.items() for _ in range(count)]
        chance.shuffle(due)
        killer = Killer(self._at, chance)
        load = Load(self._at.demo, clients=4, pause=0.05)
        accounts = Accounts(self._at, load, self._auditor, self._capsys)
        accounts.open()
        started, recoveries, size = time.monotonic(), 0, 0
        load.start()
        try:
            while due:
                self._kill(due, killer, load, chance)
                killer.recover(load)
                with load.resting():
                    load.settle(SECONDS)
                    size = accounts.hold()
                recoveries += 1
                with self._capsys.disabled():
                    print(f"{killer.killed.total()} killed, {recoveries} recoveries, {size} entries", file=sys.stderr)
        finally:
            load.stop()
        assert killer.killed == Counter(kills)
        assert load.retried
        # Of few kills none may come while a request is on its way; what was sent again had met one all the same.
        assert load.cut_off or sum(kills.values()) < MANY
        return tell(killer, load, size, recoveries, time.monotonic() - started)

    def _kill(self, due: list[str], killer: Killer, load: Load, chance: random.Random) -> None:
        """The next one, and now and then the one after it before all is well again."""
        promised = len(load.acknowledged)
        eventually(lambda: len(load.acknowledged) > promised + 5, seconds=SECONDS)
        while due:
            a_moment(chance, 0.6)
            if not killer.kill(due[-1]):
                break  # it does not run at this moment: first everything is brought back
            due.pop()
            if chance.random() > self._again:
                break
        a_moment(chance, 0.4)


def test_whoever_is_killed_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    deployment: Deployment,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    record_property("shown", Ordeal(deployment, tmp_path / "auditor", capsys, again=0.6).undergo(EACH_ONCE))


@pytest.mark.long
def test_two_hundred_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with server_directory("isa-killed-") as directory, deployed(directory) as deployment:
        record_property("shown", Ordeal(deployment, tmp_path / "auditor", capsys).undergo(TWO_HUNDRED))
