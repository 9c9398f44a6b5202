"""`make bench-log`: a million entries appended by the sequencer, then started from, checked and weighed.

Appending is compared with bare inserts in the same run: the same rows into tables with the same indexes, in
transactions of the same size, by the same driver, without hashing, sealing, folding or tiles' roots. Rounds of both
take turns while the log grows; the ratio is that of a round.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bench.bare import TABLES, Bare
from bench.records import Records
from demonstration import demonstration_entries
from isa_registry.actions.audit import Selection
from isa_registry.data import data_directory
from isa_registry.domain.entries import RegistryOpened
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.auditing import Reader, find_down
from isa_registry.runtime.checkpoints.guard import Guard
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.evidence.static_copy import StaticCopy
from isa_registry.runtime.follower import Follower, stored_frontier
from isa_registry.runtime.fsck.check import check_log, lines
from isa_registry.runtime.randomness import Randomness
from isa_registry.runtime.sequencer import Sequencer
from isa_registry.runtime.snapshotter import Snapshotter
from isa_registry.store import log
from isa_registry.store.databases import fresh_database, migrated
from isa_registry.store.pool import close_pool, connect, connect_as_owner, open_pool
from running import Remembered

ORIGIN = "bench.isa-registry.invalid/durham"
SIGNER = LogSigner(origin=ORIGIN, ed25519=Ed25519PrivateKey.generate(), ml_dsa_44=MLDSA44PrivateKey.generate())
_BATCH = 256
_ROUND = 20


@dataclass
class Measured:
    """What was measured, for `docs/performance.md`."""

    entries: int = 0
    appending: list[float] = field(default_factory=list)  # entries a second, by round
    bare: list[float] = field(default_factory=list)
    ready_seconds: float = 0.0
    folded_seconds: float = 0.0
    bytes_by_table: dict[str, int] = field(default_factory=dict)
    fsck_seconds: float = 0.0
    fsck_peak_mib: float = 0.0
    fsck_says: str = ""
    copy_seconds: float = 0.0
    search_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def ratios(self) -> list[float]:
        return [one / other for one, other in zip(self.appending, self.bare, strict=True)]


async def build(url: str, entries: int, measured: Measured) -> None:
    """Appends the register and then records, measuring rounds on the way."""
    follower = Follower(url)
    await follower.start()
    randomness = Randomness()
    sequencer = Sequencer(
        url,
        follower,
        now=lambda: datetime.now(UTC),
        fresh_salt=lambda: randomness(32),
        origin=ORIGIN,
        guard=Guard(SIGNER.keys, Remembered(), lambda: None),
    )
    await sequencer.start()
    owner = await connect_as_owner(url)
    bare, records = Bare(owner, ORIGIN, batch=_BATCH), Records(ORIGIN)
    await bare.prepare()
    for entry in demonstration_entries():
        opened = isinstance(entry, RegistryOpened)
        payload = msgspec.structs.replace(entry, origin=ORIGIN, demo=False) if opened else entry
        await sequencer.append(Draft(payloads=(payload,)))
    rounds = max(1, entries // (_BATCH * _ROUND))
    bare_every = max(1, rounds // 20)
    for number in range(rounds):
        drafts = [records.drafts(_BATCH) for _ in range(_ROUND)]
        started = time.perf_counter()
        for batch in drafts:
            await asyncio.gather(*(sequencer.append(draft, patience=60) for draft in batch))
        took = time.perf_counter() - started
        if number % bare_every == 0:
            measured.appending.append(_BATCH * _ROUND / took)
            measured.bare.append(await _bare_round(bare, drafts))
        print(f"\r{follower.view.size:,} entries, {_BATCH * _ROUND / took:,.0f}/s ", end="", file=sys.stderr)
    print(file=sys.stderr)
    await owner.close()
    await _sign(url, follower)
    await Snapshotter(url, follower, now=lambda: datetime.now(UTC)).keep(least=1)
    measured.entries = follower.view.size
    await sequencer.stop()
    await follower.stop()


async def _bare_round(bare: Bare, drafts: list[list[Draft]]) -> float:
    salt = secrets.token_bytes(32)
    prepared = [bare.arguments(bare.batch([draft.payloads[0] for draft in batch], salt)) for batch in drafts]
    started = time.perf_counter()
    for arguments in prepared:
        await bare.insert(arguments)
    return _BATCH * len(drafts) / (time.perf_counter() - started)


async def _sign(url: str, follower: Follower) -> None:
    connection = await connect(url, "isa_checkpoint")
    size = follower.view.size
    frontier = await stored_frontier(connection, size)
    note = SIGNER.sign(size, frontier.root(), int(time.time()))
    stored = log.StoredCheckpoint(size=size, root=frontier.root(), note=note, signed_at=datetime.now(UTC))
    assert await log.record_checkpoint(connection, stored, after=None)
    await connection.close()


async def weigh(url: str, measured: Measured) -> None:
    """Bytes on the disk, indexes and out-of-line values included."""
    owner = await connect_as_owner(url)
    for table in TABLES:
        measured.bytes_by_table[table] = int(await owner.fetchval("SELECT pg_total_relation_size($1::regclass)", table))
    await owner.close()


async def start_times(url: str, measured: Measured) -> None:
    """How soon a worker is ready: from a snapshot, and from the log alone."""
    measured.ready_seconds = await _start_time(url)
    owner = await connect_as_owner(url)
    await owner.execute("DELETE FROM register_snapshot")
    await owner.close()
    measured.folded_seconds = await _start_time(url)


async def _start_time(url: str) -> float:
    follower = Follower(url)
    started = time.perf_counter()
    await follower.start()
    took = time.perf_counter() - started
    await follower.stop()
    return took


def fsck(url: str, measured: Measured) -> None:
    """In a process of its own, so that the peak of its memory is its own."""
    command = [sys.executable, "-m", "bench.million", "--fsck", url, "--vkey", ",".join(SIGNER.vkeys)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    measured.fsck_seconds, measured.fsck_peak_mib = found["seconds"], found["peak_mib"]
    measured.fsck_says = found["says"]


async def search(url: str, measured: Measured) -> None:
    """The auditor's list from one end of the log to the other, for what is only at the other end."""
    pool = await open_pool(url, "isa_read", size=1)
    for name, scope, selection in (
        ("a rare kind, by an auditor", "*", Selection(kinds=("registry.opened",))),
        ("a body without records", "harbour", Selection(kinds=("check.answered",))),
        ("an agreement in 10,000 entries", "*", Selection(agreements=("tier-1",))),
    ):
        started = time.perf_counter()
        before: int | None = measured.entries
        lowest = measured.entries - 10_000 if selection.agreements else 0
        while before is not None and before > lowest:
            found = await find_down(pool, Reader(scope), selection, size=measured.entries, before=before, limit=200)
            before = found.below or None
        measured.search_seconds[name] = time.perf_counter() - started
    await close_pool(pool)


async def copy(url: str, directory: Path, measured: Measured) -> None:
    """A static copy with its entries, for `bench.verify`."""
    pool = await open_pool(url, "isa_read", size=1)
    async with pool.acquire() as connection:
        checkpoint = await log.newest_checkpoint(connection)
    assert checkpoint is not None
    started = time.perf_counter()
    made = StaticCopy(pool, directory, SIGNER.keys, entries=True, progress=lambda done, size: None)
    await made.run(checkpoint)
    measured.copy_seconds = time.perf_counter() - started
    await close_pool(pool)


def verify(directory: Path) -> None:
    """Verification of the copy beside bare hashing, by its own benchmark."""
    keys = directory / "log/keys"
    subprocess.run([sys.executable, "-m", "bench.verify", str(directory), "--vkeys", str(keys)], check=False)


def _fsck_here(url: str, vkey: str) -> int:
    started = time.perf_counter()
    report = asyncio.run(check_log(url, origin=ORIGIN, vkeys=vkey.split(",")))
    says = list(lines(report))[-1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - started, "peak_mib": peak, "says": says}))
    return 0


def report(measured: Measured) -> None:
    def spread(values: list[float], form: str) -> str:
        return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"

    total = sum(measured.bytes_by_table.values())
    print(f"{measured.entries:,} entries, {len(measured.ratios)} rounds of {_BATCH * _ROUND:,} by each way")
    print(f"appending       {spread(measured.appending, ',.0f')} entries/s")
    print(f"bare inserts    {spread(measured.bare, ',.0f')} entries/s")
    print(f"ratio           {spread(measured.ratios, '.2f')}")
    print(f"bytes per entry {total / measured.entries:,.0f}: " + ", ".join(
        f"{table} {size / measured.entries:,.0f}" for table, size in measured.bytes_by_table.items()
    ))  # fmt: skip
    print(f"ready           {measured.ready_seconds:.2f} s from a snapshot, {measured.folded_seconds:.2f} s without")
    for name, seconds in measured.search_seconds.items():
        print(f"search          {seconds:.2f} s for {name}")
    print(f"static copy     {measured.copy_seconds:.0f} s, entry bundles included")
    print(
        f"fsck            {measured.fsck_seconds:.0f} s, {measured.fsck_peak_mib:.0f} MiB at most: {measured.fsck_says}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-log", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--fsck", help=argparse.SUPPRESS)
    parser.add_argument("--vkey", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.fsck:
        return _fsck_here(arguments.fsck, arguments.vkey)
    measured = Measured()
    directory = Path(tempfile.mkdtemp(prefix="isa-bench-"))
    directory.chmod(0o711)
    try:
        with EmbeddedPostgres(directory / "postgres") as postgres:
            asyncio.run(fresh_database(postgres.url(), "bench"))
            url = postgres.url("bench")
            asyncio.run(migrated(url, data_directory("migrations")))
            asyncio.run(build(url, arguments.entries, measured))
            asyncio.run(weigh(url, measured))
            fsck(url, measured)
            asyncio.run(start_times(url, measured))
            asyncio.run(search(url, measured))
            asyncio.run(copy(url, directory / "copy", measured))
        report(measured)
        verify(directory / "copy")
    finally:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
