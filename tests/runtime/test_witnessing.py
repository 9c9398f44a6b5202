"""Rounds of witnesses: quorum, waiting, outages, back-off, refreshing, and what is handed over when."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from growing import NOW, ORIGIN, GrowingLog, new_witness, with_lines
from isa_registry.ledger.witness import Cosigner
from isa_registry.outbound.witnesses import WitnessClient
from isa_registry.runtime.witnesses import rounds
from isa_registry.runtime.witnesses.rounds import Cosignature, Round, Witnessing
from isa_verify.policy import Policy, cosigners
from witnesses import Clock, WitnessProcess, witnessing

LOG = GrowingLog()
FORK = GrowingLog(fork=3)


def policy_of(witnesses: dict[str, tuple[Cosigner, str]], quorum: int) -> Policy:
    """A group for each witness, satisfied by either of its keys, and `quorum` of the groups."""
    lines = [f"log {key}" for key in LOG.keys[:1]]
    for name, (cosigner, url) in witnesses.items():
        lines += [f"witness {name}-{number} {key} {url}" for number, key in enumerate(cosigner.keys)]
        lines.append(f"group {name} any {name}-0 {name}-1")
    lines += [f"group all-of-them {quorum} {' '.join(witnesses)}", "quorum all-of-them"]
    return Policy.parse("\n".join(lines) + "\n")


class Checkpointing:
    """What the checkpointer does with a round: gives proofs, and keeps what arrives."""

    def __init__(self, log: GrowingLog = LOG) -> None:
        self.log = log
        self.kept: list[Cosignature] = []
        self.proved: list[int] = []
        self.busy = False

    async def keep(self, cosignature: Cosignature) -> None:
        await self._alone()
        self.kept.append(cosignature)

    async def run(self, witnessing: Witnessing, size: int) -> Round:
        async def proofs(old: int) -> Sequence[bytes]:
            await self._alone()
            self.proved.append(old)
            return self.log.proof(old, size)

        return await witnessing.gather(self.log.note(size), size=size, proofs=proofs, keep=self.keep)

    async def _alone(self) -> None:
        """Fails where two calls overlap, as two on one database connection would."""
        assert not self.busy
        self.busy = True
        await asyncio.sleep(0.002)
        self.busy = False

    def names_at(self, size: int) -> set[str]:
        return {one.name for one in self.kept if one.size == size}


class Partners:
    """Three witnesses at addresses of their own; those in `away` do not answer, those in `slow` only after seconds."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.away: set[str] = set()
        self.slow: dict[str, float] = {}
        self.asked: list[str] = []
        self._hosts = {httpx.URL(url).port: name for name, url in urls.items()}
        self.inner = httpx.AsyncHTTPTransport()

    async def handle(self, request: httpx.Request) -> httpx.Response:
        name = self._hosts[request.url.port]
        self.asked.append(name)
        if name in self.away:
            raise httpx.ConnectError("away")
        await asyncio.sleep(self.slow.get(name, 0))
        answer = await self.inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


class Setting:
    def __init__(self, witnessing: Witnessing, policy: Policy, partners: Partners, clock: Clock, moment: Clock) -> None:
        self.witnessing = witnessing
        self.policy = policy
        self.partners = partners
        self.clock = clock
        self.moment = moment
        self.log = Checkpointing()


@asynccontextmanager
async def three(directory: Path, quorum: int) -> AsyncIterator[Setting]:
    clock, moment = Clock(), Clock(time.monotonic())
    async with AsyncExitStack() as stack:
        witnesses: dict[str, tuple[Cosigner, str]] = {}
        for name in ("council", "police", "health"):
            cosigner = new_witness(directory / name, f"{name}.example")
            witnesses[name] = (
                cosigner,
                await stack.enter_async_context(witnessing(directory / name, LOG, clock=clock)),
            )
        partners = Partners({name: url for name, (_, url) in witnesses.items()})
        client = await stack.enter_async_context(WitnessClient(transport=httpx.MockTransport(partners.handle)))
        policy = policy_of(witnesses, quorum)
        asking = Witnessing(policy, client, monotonic=lambda: time.monotonic() + moment.seconds, random=lambda: 0.0)
        try:
            yield Setting(asking, policy, partners, clock, moment)
        finally:
            await asking.aclose()
            await partners.inner.aclose()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests makes every witness late."""
    monkeypatch.setattr(rounds, "EXTRA_SECONDS", 5.0)


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    async with three(tmp_path, quorum=2) as found:
        yield found


ALL = {f"{name}-{key}" for name in ("council", "police", "health") for key in (0, 1)}


async def test_everybody_cosigns_and_a_verifier_agrees(setting: Setting) -> None:
    assert setting.witnessing.due(5)
    ended = await setting.log.run(setting.witnessing, 5)

    assert Round(satisfied=True, ahead={}, disagreeing=()) == ended
    assert ALL == setting.log.names_at(5)
    note = with_lines(LOG.note(5), *(one.line for one in setting.log.kept))
    assert dict.fromkeys(ALL, NOW) == cosigners(note, LOG.checkpoint(5), setting.policy)
    assert not setting.witnessing.due(5)
    assert setting.witnessing.due(6)


async def test_the_next_checkpoint_is_proved_from_the_last(setting: Setting) -> None:
    await setting.log.run(setting.witnessing, 5)
    ended = await setting.log.run(setting.witnessing, 9)

    assert ended.satisfied
    assert [5, 5, 5] == setting.log.proved
    assert ALL == setting.log.names_at(9)
    assert 6 == len(setting.partners.asked)


async def test_a_new_process_finds_out_where_each_witness_stands(setting: Setting) -> None:
    for size, names in ((5, {"council", "police", "health"}), (7, {"police"})):
        setting.partners.away = {"council", "police", "health"} - names
        await setting.log.run(setting.witnessing, size)
    setting.partners.away.clear()
    async with WitnessClient() as client:
        anew = Witnessing(setting.policy, client, monotonic=time.monotonic, random=lambda: 0.0)
        log = Checkpointing()
        ended = await log.run(anew, 9)
        await anew.aclose()

    assert ended.satisfied
    assert ALL == log.names_at(9)
    assert [5, 5, 7] == sorted(log.proved)


async def test_a_witness_that_is_away_is_counted_out_and_asked_later_each_time(setting: Setting) -> None:
    setting.partners.away = {"health"}
    ended = await setting.log.run(setting.witnessing, 5)

    assert ended.satisfied
    assert ALL - {"health-0", "health-1"} == setting.log.names_at(5)
    assert not setting.witnessing.due(5)
    states = {one.name: (one.state, one.error) for one in setting.witnessing.statuses()}
    assert ("failing", "unreachable") == states["health-0"] == states["health-1"]
    assert ("healthy", None) == states["police-0"]
    setting.moment.seconds += 1.5
    assert setting.witnessing.due(5)
    await setting.log.run(setting.witnessing, 5)
    setting.moment.seconds += 1.5
    assert not setting.witnessing.due(5)
    setting.partners.away.clear()
    setting.moment.seconds += 1.5
    await setting.log.run(setting.witnessing, 5)
    assert ALL == setting.log.names_at(5)
    assert {"healthy"} == {one.state for one in setting.witnessing.statuses()}


async def test_without_the_quorum_a_round_ends_and_says_so(setting: Setting) -> None:
    setting.partners.away = {"health", "police"}
    ended = await setting.log.run(setting.witnessing, 5)

    assert not ended.satisfied
    assert {"council-0", "council-1"} == setting.log.names_at(5)
    setting.partners.away.clear()
    setting.moment.seconds += 2
    assert (await setting.log.run(setting.witnessing, 5)).satisfied


async def test_cosignatures_of_another_size_do_not_count(setting: Setting) -> None:
    await setting.log.run(setting.witnessing, 5)
    setting.partners.away = {"health", "police"}

    assert not (await setting.log.run(setting.witnessing, 6)).satisfied


async def test_a_slow_witness_holds_up_nobody_and_counts_when_it_comes(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "EXTRA_SECONDS", 0.2)
    setting.partners.slow = {"health": 3.0}
    begun = time.monotonic()
    ended = await setting.log.run(setting.witnessing, 5)

    assert ended.satisfied
    assert 0.2 <= time.monotonic() - begun < 2.5
    assert not {"health-0", "health-1"} & setting.log.names_at(5)
    while not setting.witnessing.due(5):
        assert time.monotonic() - begun < 15
        await asyncio.sleep(0.1)
    monkeypatch.undo()
    setting.partners.slow = {}
    await setting.log.run(setting.witnessing, 6)
    assert {"health-0", "health-1"} <= setting.log.names_at(5)


async def test_a_witness_a_little_later_than_the_quorum_is_waited_for(setting: Setting) -> None:
    setting.partners.slow = {"health": 0.1}
    await setting.log.run(setting.witnessing, 5)

    assert ALL == setting.log.names_at(5)


async def test_a_round_does_not_last_for_ever(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ROUND_SECONDS", 0.3)
    setting.partners.slow = dict.fromkeys(("council", "police", "health"), 3.0)
    begun = time.monotonic()

    assert not (await setting.log.run(setting.witnessing, 5)).satisfied
    assert time.monotonic() - begun < 1


async def test_after_ten_minutes_the_time_is_refreshed(setting: Setting) -> None:
    await setting.log.run(setting.witnessing, 5)
    setting.moment.seconds += 599
    assert not setting.witnessing.due(5)
    setting.moment.seconds += 1
    setting.clock.seconds += 600
    assert setting.witnessing.due(5)
    await setting.log.run(setting.witnessing, 5)

    assert {NOW + 600} == {one.at for one in setting.log.kept[6:]}
    assert {(5, NOW + 600)} == {(one.size, one.at) for one in setting.witnessing.statuses()}


async def test_a_witness_that_has_seen_more_is_named_and_not_followed(setting: Setting) -> None:
    """A database restored from an older day looks like this."""
    await setting.log.run(setting.witnessing, 9)
    ended = await setting.log.run(setting.witnessing, 5)

    assert dict.fromkeys(ALL, 9) == ended.ahead
    assert not ended.satisfied
    remembered = await setting.witnessing.remembered(ORIGIN)
    assert ALL == {name for one in remembered for name in one.names}
    assert all(one.note is not None and LOG.checkpoint(9).text() in one.note for one in remembered)


@pytest.mark.parametrize("size", [9, 12])
async def test_witnesses_that_cosigned_another_history_are_named(setting: Setting, size: int) -> None:
    await setting.log.run(setting.witnessing, 9)
    setting.log.log = FORK
    async with WitnessClient() as client:
        anew = Witnessing(setting.policy, client, monotonic=time.monotonic, random=lambda: 0.0)
        ended = await setting.log.run(anew, size)
        await anew.aclose()

    assert ALL == set(ended.disagreeing)
    assert not ended.satisfied
    assert {"disagrees"} == {one.state for one in anew.statuses()}


async def test_a_fault_of_the_checkpointers_own_ends_the_round_and_loses_nothing(setting: Setting) -> None:
    await setting.log.run(setting.witnessing, 5)

    async def broken(_: object) -> Sequence[bytes]:
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        await setting.witnessing.gather(LOG.note(9), size=9, proofs=broken, keep=setting.log.keep)

    async def proofs(old: int) -> Sequence[bytes]:
        return LOG.proof(old, 9)

    with pytest.raises(ConnectionError):
        await setting.witnessing.gather(LOG.note(9), size=9, proofs=proofs, keep=broken)  # type: ignore[arg-type]
    await setting.log.run(setting.witnessing, 9)
    assert ALL == setting.log.names_at(9)


async def test_a_fault_that_meets_every_witness_at_once_is_told_once_and_leaves_nothing_behind(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    await setting.log.run(setting.witnessing, 5)

    async def broken(_: object) -> Sequence[bytes]:
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        await setting.witnessing.gather(LOG.note(9), size=9, proofs=broken, keep=setting.log.keep)
    await setting.log.run(setting.witnessing, 9)
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_without_a_quorum_the_round_is_satisfied_by_nobody(tmp_path: Path) -> None:
    policy = Policy.parse(f"log {LOG.keys[0]}\nquorum none\n")
    async with WitnessClient() as client:
        asking = Witnessing(policy, client, monotonic=time.monotonic, random=lambda: 0.0)
        assert not asking.due(5)
        assert (await Checkpointing().run(asking, 5)).satisfied


async def test_witnesses_as_agencies_run_them_one_stopped_and_started_again(tmp_path: Path) -> None:
    """Processes of their own: what the quorum needs delays it, and a witness that comes back catches up."""
    with ExitStack() as stack:
        witnesses = {
            name: stack.enter_context(WitnessProcess(tmp_path / name, f"{name}.example", LOG))
            for name in ("council", "police", "health")
        }
        policy = policy_of({name: (one.cosigner, one.url) for name, one in witnesses.items()}, quorum=2)
        async with WitnessClient() as client:
            skipped = Clock(0)
            asking = Witnessing(
                policy, client, monotonic=lambda: time.monotonic() + skipped.seconds, random=lambda: 0.0
            )
            log = Checkpointing()
            assert (await log.run(asking, 5)).satisfied
            assert ALL == log.names_at(5)
            witnesses["health"].kill()
            assert (await log.run(asking, 6)).satisfied
            witnesses["police"].kill()
            begun = time.monotonic()
            assert not (await log.run(asking, 7)).satisfied
            assert time.monotonic() - begun < 2
            assert {"council-0", "council-1"} == log.names_at(7)
            for name in ("police", "health"):
                witnesses[name].start()
            skipped.seconds += 60
            assert (await log.run(asking, 8)).satisfied
            assert ALL == log.names_at(8)
            await asking.aclose()
    note = with_lines(LOG.note(8), *(one.line for one in log.kept if one.size == 8))
    assert ALL == set(cosigners(note, LOG.checkpoint(8), policy))
