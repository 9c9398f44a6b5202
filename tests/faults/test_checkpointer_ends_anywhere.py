"""The checkpointer ends, or a call of its fails, at every step between reading back and publishing.

Whatever happens: no two roots are ever signed for one size, what is published or in the database is outside already,
what was stored is kept byte for byte, and the log goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from faults.stepping import Agreeing, CountingSigner, How, Killed, Steps, connected, stepping, watched
from isa_registry.runtime.checkpoints import checkpointer as checkpointing_module
from isa_registry.runtime.checkpoints import publisher
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.registry import Registry
from running import SIGNER, body, wall_clock, working

__all__ = ["stepping"]

pytestmark = [
    pytest.mark.usefixtures("hasty", "stepping"),
    # Who is killed while it connects closes nothing.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Trial:
    """One log that is signed by one process after another; `kept` is every checkpoint that was ever in the database."""

    def __init__(self, url: str, path: Path, *, witnessed: bool) -> None:
        self.url = url
        self.outside = CheckpointFile(path)
        self.signer = CountingSigner(
            origin=SIGNER.origin, ed25519=SIGNER.ed25519, ml_dsa_44=SIGNER.ml_dsa_44, signed=[]
        )
        self.witnesses = Agreeing() if witnessed else None
        self.kept: dict[int, bytes] = {}
        self.outside_once: dict[int, bytes] = {}

    async def sign(self, connection: asyncpg.Connection, size: int, steps: Steps) -> None:
        """Runs a process until it has published `size`, or has ended."""
        process = Checkpointer(self.url, self.signer, self.outside, now=wall_clock, witnesses=self.witnesses)
        with watched(steps):
            running = asyncio.create_task(process.run())
        try:
            end = time.monotonic() + 30
            while not running.done() and not (steps.broken and steps.how == "killed"):
                assert time.monotonic() < end, (steps.broken, steps.seen[-5:])
                await asyncio.sleep(0.005)
                await self.look(connection)
                published = await connection.fetchval("SELECT max(size) FROM publication")
                if published is not None and published >= size:
                    # What comes after the commit, its answer first of all, are steps as well.
                    await asyncio.sleep(0.03)
                    break
        finally:
            running.cancel()
            with contextlib.suppress(Killed, asyncio.CancelledError):
                await running

    async def look(self, connection: asyncpg.Connection) -> None:
        """What must hold at every moment."""
        row = await connection.fetchrow(
            "SELECT max(size) AS newest, (SELECT max(size) FROM publication) AS published FROM checkpoint"
        )
        note = self.outside.load()
        outside = -1 if note is None else SIGNER.keys.open(note).checkpoint.size
        if note is not None:
            assert self.outside_once.setdefault(outside, note) == note
        assert (row["newest"] or -1) <= outside
        assert (row["published"] or -1) <= (row["newest"] or -1)

    async def settle(self, connection: asyncpg.Connection, size: int) -> None:
        """The next process goes on, and nothing of what was is another."""
        await self.look(connection)
        await self.sign(connection, size, Steps())
        await self.look(connection)
        rows = await connection.fetch("SELECT size, root, note FROM checkpoint")
        stored = {row["size"]: row["note"] for row in rows}
        assert self.kept.items() <= stored.items()
        assert self.outside_once.items() <= stored.items()
        self.kept = stored
        assert size == max(stored)
        roots = dict.fromkeys((signed, root) for signed, root, _ in self.signer.signed)
        assert len(roots) == len({signed for signed, _ in roots}), "two roots were signed for one size"
        assert set(stored.values()) <= {note for _, _, note in self.signer.signed}


@pytest.fixture(autouse=True)
def _prompt(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(publisher, "_AGAIN_SECONDS", 0.02)
    monkeypatch.setattr(checkpointing_module, "_REFUSED_SECONDS", 0.02)
    yield
    gc.collect()


LONG = pytest.mark.long


@pytest.mark.parametrize(
    ("how", "witnessed"),
    [
        ("killed", True),
        pytest.param("killed", False, marks=LONG),
        pytest.param("not done", True, marks=LONG),
        pytest.param("not done", False, marks=LONG),
        pytest.param("done but reported failed", True, marks=LONG),
        pytest.param("done but reported failed", False, marks=LONG),
    ],
)
async def test_it_ends_or_fails_at_any_step(
    database_url: str, tmp_path: Path, how: How, witnessed: bool, record_property: pytest.RecordProperty
) -> None:
    trial = Trial(database_url, tmp_path / "checkpoint", witnessed=witnessed)
    async with connected(database_url) as connection, working(database_url, trial.outside) as registry:
        tried: set[tuple[str, int]] = set()
        while True:
            size = await _append(registry)
            broken = Steps(tried, how)
            await trial.sign(connection, size, broken)
            if broken.broken is None:
                break
            await trial.settle(connection, size)
    names = {name for name, _ in tried}
    assert {"sign", "file rename", "file fsync", "COMMIT;"} <= names
    for table in ("checkpoint", "publication"):
        assert any(f"INSERT INTO {table} " in one for one in names)
    record_property("shown", f"the checkpointer {how} at each of {len(tried)} steps: one history, and it went on")


async def _append(registry: Registry) -> int:
    number = registry.follower.view.size
    return (await registry.sequencer.append(body(number))).size
