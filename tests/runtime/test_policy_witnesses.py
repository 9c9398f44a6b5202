"""A log, its checkpointer and the witnesses of its policy: what is published, and what a stopped witness holds up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from growing import new_witness
from isa_registry.ledger.witness import Cosigner
from isa_registry.outbound.witnesses import WitnessClient
from isa_registry.runtime.witnesses.policy import PolicyWitnesses, read_policy
from isa_registry.settings import SettingsError
from isa_registry.store import publication
from isa_registry.store.pool import connect
from isa_registry.store.witnesses import witnesses
from isa_verify.checkpoint import Checkpoint
from isa_verify.note import VerifierKey, parse_note
from isa_verify.policy import Policy, cosigners
from running import SIGNER, Remembered, body, checkpointing, opening, working
from witnesses import Clock, witnessing


class Log:
    """The log of `running`, as far as a witness knows it."""

    keys: tuple[VerifierKey, ...] = tuple(SIGNER.keys.verifiers)


class Partners:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cosigners: dict[str, Cosigner] = {}
        self.running: dict[str, AsyncExitStack] = {}
        self.urls: dict[str, str] = {}

    async def start(self, name: str) -> None:
        if name not in self.cosigners:
            self.cosigners[name] = new_witness(self.directory / name, f"{name}.example")
        self.running[name] = stack = AsyncExitStack()
        port = int(self.urls[name].rpartition(":")[2]) if name in self.urls else 0
        clock = Clock(time.time())
        self.urls[name] = await stack.enter_async_context(
            witnessing(self.directory / name, Log(), clock=clock, port=port)  # type: ignore[arg-type]
        )

    async def stop(self, name: str) -> None:
        await self.running.pop(name).aclose()

    def policy(self) -> Policy:
        lines = []
        for name, cosigner in self.cosigners.items():
            lines += [f"witness {name}-{number} {key} {self.urls[name]}" for number, key in enumerate(cosigner.keys)]
            lines.append(f"group {name} all {name}-0 {name}-1")
        lines += [f"group partners 2 {' '.join(self.cosigners)}", "quorum partners"]
        return Policy.parse("\n".join(lines) + "\n")


@pytest.fixture
async def partners(tmp_path: Path) -> AsyncIterator[Partners]:
    found = Partners(tmp_path)
    for name in ("council", "police", "health"):
        await found.start(name)
    yield found
    for name in list(found.running):
        await found.stop(name)


async def standing(database_url: str) -> publication.Standing:
    connection = await connect(database_url, "isa_read")
    try:
        return await publication.standing(connection)
    finally:
        await connection.close()


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    end = time.monotonic() + 20
    while not await holds():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.05)


async def test_the_published_head_meets_the_policy_and_a_stopped_witness_blocks_nothing(
    database_url: str, partners: Partners
) -> None:
    policy = partners.policy()

    async def published(size: int) -> bool:
        found = (await standing(database_url)).published
        return found is not None and found.size >= size

    async def signed(size: int) -> bool:
        found = (await standing(database_url)).newest
        return found is not None and found.size >= size

    async with WitnessClient() as client:
        asking = PolicyWitnesses(policy, client, SIGNER.keys, monotonic=time.monotonic, random=lambda: 0.9)
        outside = Remembered()
        async with checkpointing(database_url, outside, witnesses=asking), working(database_url) as registry:
            await registry.sequencer.append(opening())
            await eventually(lambda: published(1))
            await partners.stop("health")
            await registry.sequencer.append(body(1))
            await eventually(lambda: published(2))
            await partners.stop("police")
            await registry.sequencer.append(body(2))
            await eventually(lambda: signed(3))
            assert not await published(3)
            await registry.sequencer.append(body(3))
            await eventually(lambda: signed(4))
            await partners.start("police")
            await eventually(lambda: published(4))
        head = (await standing(database_url)).published
        assert head is not None
        checkpoint = Checkpoint.parse(parse_note(head.note).text)
        assert policy.satisfied_by(cosigners(head.note, checkpoint, policy))
        connection = await connect(database_url, "isa_read")
        stands = {one.name: (one.state, one.size) for one in await witnesses(connection)}
        await connection.close()
        assert ("healthy", 4) == stands["council-0"] == stands["police-1"]
        assert "failing" == stands["health-0"][0]
        testimony = await asking.testimony()
        assert testimony.satisfied
        assert ["the witness council-0", "the witness police-0"] == [one.found for one in testimony.signed]
        assert {4} == {SIGNER.keys.open(one.note).checkpoint.size for one in testimony.signed}
        await asking.aclose()


async def test_who_shows_nothing_of_this_log_confirms_nothing(partners: Partners) -> None:
    async with WitnessClient() as client:
        asking = PolicyWitnesses(partners.policy(), client, SIGNER.keys, monotonic=time.monotonic, random=lambda: 0.0)
        testimony = await asking.testimony()
    assert ((), False) == (tuple(testimony.signed), testimony.satisfied)


def test_a_policy_that_cannot_be_read_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_policy(tmp_path / "nothing")
    (tmp_path / "policy").write_text("quorum none\nnonsense\n")
    with pytest.raises(SettingsError, match="Line 2"):
        read_policy(tmp_path / "policy")
