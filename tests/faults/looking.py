"""Everything of a partnership held against everything else, from the inside and from the outside."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from faults.oracle import served
from faults.partnership import PARTNERS, Partnership, eventually
from isa_registry.actions.audit import Selection
from isa_registry.api.log import proved_rotations
from isa_registry.runtime.auditing import Reader
from isa_registry.runtime.evidence.bundle import Evidence, pieces
from isa_registry.runtime.evidence.static_copy import StaticCopy
from isa_registry.runtime.fsck.check import Report, check_log
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import stored_frontier
from isa_registry.runtime.witnesses.place import read_witness
from isa_verify.audit import Options, audit_log
from isa_verify.directory import DirectoryLog
from isa_verify.errors import VerificationError
from isa_verify.evidence import verify_evidence
from running import ORIGIN


class Promise:
    """What was promised of a draft: its payloads stand in the log from an index on. Their leaves are noted at the first
    look, and never change; the payloads are there until they are erased."""

    def __init__(self, index: int, payloads: tuple[bytes, ...]) -> None:
        self.index = index
        self.payloads = payloads
        self.leaves: list[bytes] = []

    def kept(self, stored: Sequence[asyncpg.Record], erased: Container[int]) -> bool:
        here = stored[self.index : self.index + len(self.payloads)]
        leaves = [row["leaf"] for row in here]
        self.leaves = self.leaves or leaves
        payloads = {row["index"]: row["payload"] for row in here}
        return self.leaves == leaves and all(
            payloads.get(self.index + place) == payload or (self.index + place) in erased
            for place, payload in enumerate(self.payloads)
        )


async def assert_whole(at: Partnership, size: int, promised: Mapping[object, Promise]) -> Report:
    """The log has `size` entries, every promise is kept in its place, nothing is published that was not signed and
    cosigned and is outside, and whoever looks finds nothing but what an interrupted erasure left to be finished."""
    await settle(at, size)
    report = await check_log(at.url, origin=ORIGIN, vkeys=at.signer.vkeys, outside=at.file)
    left = {("erased-but-present", f"entry {index}") for index in await unfinished(at)}
    assert left == {(one.code, one.where) for one in report.findings}, report.findings[:5]
    assert size == report.size
    await _promises(at, promised)
    await _heads(at)
    for registry in at.running:
        assert (report.size, report.root) == (registry.follower.view.size, registry.follower.root)
        assert at.keys.trusted == registry.keys.trusted
        await audit(at, registry)
    return report


async def settle(at: Partnership, size: int) -> None:
    """Waits for what must come about: everybody sees the log, it is signed, and published where a quorum answers."""

    async def settled() -> bool:
        if any(registry.follower.view.size < size or not registry.follower.connected for registry in at.running):
            return False
        standing = await at.standing()
        newest = 0 if standing.newest is None else standing.newest.size
        published = 0 if standing.published is None else standing.published.size
        if at.checkpointer is not None and newest < size:
            return False
        if at.checkpointer is not None and at.quorate and published < size:
            return False
        return all(
            (registry.follower.published is None and published == 0)
            or (registry.follower.published is not None and registry.follower.published.size == published)
            for registry in at.running
        )

    await eventually(settled, f"all is signed and seen up to {size}")


async def unfinished(at: Partnership) -> list[int]:
    """What the log says is erased, and is there all the same."""
    rows = await at.fetch("SELECT x.index FROM erasure x JOIN payload p USING (index) ORDER BY 1")
    return [row["index"] for row in rows]


async def _promises(at: Partnership, promised: Mapping[object, Promise]) -> None:
    stored = await at.fetch("SELECT index, leaf, payload FROM entry LEFT JOIN payload USING (index) ORDER BY index")
    erased = {row["index"] for row in await at.fetch("SELECT index FROM erasure")}
    assert [] == [name for name, one in promised.items() if not one.kept(stored, erased)]


async def _heads(at: Partnership) -> None:
    """The database's newest checkpoint is the one outside; published is one that is outside and in the tree; so is what
    each witness holds, whether it answers or not."""
    standing = await at.standing()
    outside = at.outside()
    assert standing.newest is not None
    heads = [outside, *(at.open(one.note) for one in (standing.newest, standing.published) if one)]
    assert max(one.size for one in heads) == outside.size
    for name in PARTNERS:
        _, records = read_witness(at.directory / name)
        heads += [one.checkpoint for one in records.values()]
    async with at.connection("isa_read") as connection:
        for head in heads:
            assert head.root == (await stored_frontier(connection, head.size)).root()


async def audit(at: Partnership, registry: Registry) -> None:
    """As `isa-verify log` with the policy, and with what it remembers from the last time, whichever worker that was:
    it follows the log's keys."""
    published = registry.follower.published
    if published is None:
        return
    loop = asyncio.get_running_loop()

    def fetch(path: str) -> bytes:
        if path == "checkpoint":
            return published.note
        work = proved_rotations(registry) if path == "key-rotations" else served(registry, path)
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    options = Options(entries_required=True, policy=at.policy())
    proved = tuple(one for one in at.keys.rotations if one.index < published.size)
    if at.pinned_next is not None and proved == at.keys.rotations:
        with pytest.raises(VerificationError, match="compromised"):
            await asyncio.to_thread(audit_log, fetch, at.pinned, at.memory, options=options)
        at.pinned, at.pinned_next = at.pinned_next, None
    summary = await asyncio.to_thread(audit_log, fetch, at.pinned, at.memory, options=options)
    assert published.size == summary.size
    at.memory = summary.memory
    trusted = replace(at.keys, rotations=proved).trusted if proved else ()
    kept = set(at.memory.keys)
    # Whoever pins anew need not know those before.
    assert kept == set(trusted) or (
        compromised(at) and {one for one in trusted if one.last is None} <= kept < set(trusted)
    )


def compromised(at: Partnership) -> bool:
    """Whether keys of this log ever were."""
    return any(one.rotation.reason == "compromise" for one in at.keys.rotations)


async def assert_taken_away(at: Partnership, directory: Path) -> None:
    """A copy as files and an evidence bundle are made, and verify without the registry."""
    registry = at.running[0]
    newest = (await at.standing()).newest
    assert newest is not None
    copy = StaticCopy(registry.reading, directory, at.signer.keys, entries=True, progress=lambda done, size: None)
    await copy.run(newest)
    # After a compromise only what a quorum cosigned vouches for new keys, or what an auditor saw of that before.
    memory = at.memory if compromised(at) else None
    summary = audit_log(DirectoryLog(directory).fetch, at.pinned, memory, options=Options(entries_required=True))
    assert (newest.size, newest.root) == (summary.size, summary.root)
    evidence = Evidence(
        pool=registry.reading,
        reader=Reader("*"),
        selection=Selection(),
        checkpoint=newest,
        view=registry.follower.view,
        made_at="2026-11-27T12:00:00.000Z",
    )
    bundle = io.BytesIO()
    async for piece in pieces(evidence):
        bundle.write(piece.data)
    bundle.seek(0)
    assert newest.size == verify_evidence(bundle, at.keys.trusted).entries


class Marks:
    """What payloads and salts look like in a dump: taken before an erasure, looked for after it."""

    def __init__(self, marks: Mapping[int, tuple[str, str]]) -> None:
        self._marks = marks

    @classmethod
    async def take(cls, at: Partnership) -> Marks:
        rows = await at.fetch("SELECT index, payload, salt FROM payload")
        return cls({row["index"]: (row["payload"].hex(), row["salt"].hex()) for row in rows})

    async def assert_gone(self, at: Partnership) -> None:
        """Of what is erased, nothing is in any table."""
        rows = await at.fetch("SELECT x.index FROM erasure x LEFT JOIN payload p USING (index) WHERE p.index IS NULL")
        gone = [mark for row in rows for mark in self._marks.get(row["index"], ())]
        tables = await at.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in (row["tablename"] for row in tables):
            ((text,),) = await at.fetch(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM \"{table}\" t")
            assert [] == [mark for mark in gone if mark in text], table
