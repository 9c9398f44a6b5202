"""The log's keys are changed on a running log: who signs what, what witnesses say of it, and how an auditor follows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from msgspec.structs import replace

from faults.oracle import served
from growing import new_witness
from isa_registry.actions.log_keys import COMPROMISE, SCHEDULED, rotate, stated
from isa_registry.api.log import proved_rotations
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.checkpoints import LogKeys, LogSigner
from isa_registry.ledger.drafts import Appended
from isa_registry.ledger.witness import Cosigner
from isa_registry.outbound.witnesses import WitnessClient
from isa_registry.runtime.checkpoints import checkpointer, guard, publisher
from isa_registry.runtime.checkpoints.publisher import Cosigned
from isa_registry.runtime.fsck.check import check_log
from isa_registry.runtime.log_keys import following as following_keys
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.log_keys.rotations import signed_since
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.witnesses.policy import PolicyWitnesses
from isa_registry.store import publication
from isa_registry.store.log import checkpoints
from isa_registry.store.pool import Connection, connect
from isa_registry.store.witnesses import witnesses
from isa_verify.audit import AuditSummary, Options, audit_log
from isa_verify.errors import VerificationError
from isa_verify.log_keys import LogKey
from isa_verify.memory import Memory
from isa_verify.note import VerifierKey, parse_note
from isa_verify.policy import Policy
from isa_verify.receipt import verify_receipt
from running import NEXT, ORIGIN, SIGNER, Remembered, body, checkpointing, opening, working
from witnesses import Clock
from witnesses import witnessing as running_witness

OLD_KEYS = tuple(SIGNER.keys.verifiers)
NEW_KEYS = tuple(NEXT.keys.verifiers)
THIRD = LogSigner(
    origin=ORIGIN,
    ed25519=Ed25519PrivateKey.from_private_bytes(bytes(range(64, 96))),
    ml_dsa_44=MLDSA44PrivateKey.from_seed_bytes(bytes(range(64, 96))),
)
BOTH = replace(SIGNER, following=NEXT)
OVERLAP = 3


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(checkpointer, "_CANDIDATE_SECONDS", 0.02)
    monkeypatch.setattr(following_keys, "SECONDS", -1.0)
    monkeypatch.setattr(publisher, "_AGAIN_SECONDS", 0.2)


class Log:
    """A log on a real database, its outside store, and what is done to it step by step."""

    def __init__(self, database_url: str, registry: Registry) -> None:
        self.url = database_url
        self.registry = registry
        self.outside = Remembered()

    async def append(self, number: int) -> int:
        return (await self.registry.sequencer.append(body(number))).size

    async def grow_to(self, size: int, *, published: bool = False) -> None:
        while self.registry.follower.view.size < size:
            reached = await self.append(self.registry.follower.view.size)
            await self.signed(reached)
        if published:
            assert await self.registry.follower.wait_for_published(size, seconds=20)

    async def signed(self, size: int) -> None:
        assert await self.registry.follower.wait_for_checkpoint(size, seconds=20)

    async def rotate(self, *, to: int, first: int, reason: str = SCHEDULED) -> Appended:
        payload = stated(
            reason=reason,
            old=[one for one in self.registry.keys.trusted if one.last is None],
            to=to,
            new=NEW_KEYS,
            first=first,
        )
        return await self.registry.sequencer.append(rotate(SIGNER.keys, payload))

    async def signers(self) -> dict[int, set[bytes]]:
        """The key ids on every checkpoint that was ever recorded."""
        connection = await connect(self.url, "isa_read")
        try:
            stored = await checkpoints(connection)
        finally:
            await connection.close()
        return {one.size: {line.key_id for line in parse_note(one.note).signatures} for one in stored}

    async def findings(self) -> list[str]:
        report = await check_log(self.url, origin=ORIGIN, vkeys=SIGNER.vkeys)
        again = await check_log(self.url, origin=ORIGIN, vkeys=NEXT.vkeys) if self.registry.keys.rotations else report
        assert [one.code for one in report.findings] == [one.code for one in again.findings]
        return [one.code for one in report.findings]

    async def audit(
        self, keys: tuple[VerifierKey, ...] = OLD_KEYS, memory: Memory | None = None, policy: Policy | None = None
    ) -> AuditSummary:
        """A verifier that was given some keys, and reads what `/log/` shows."""
        loop = asyncio.get_running_loop()

        def fetch(path: str) -> bytes:
            return asyncio.run_coroutine_threadsafe(self.shown(path), loop).result(10)

        return await asyncio.to_thread(audit_log, fetch, keys, memory, options=Options(policy=policy))

    async def shown(self, path: str) -> bytes:
        if path == "key-rotations":
            return await proved_rotations(self.registry)
        if path == "checkpoint":
            published = self.registry.follower.published
            assert published is not None
            return published.note
        return await served(self.registry, path)


def ids(*keys: VerifierKey) -> set[bytes]:
    return {key.key_id for key in keys}


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[Log]:
    outside = Remembered()
    async with working(database_url, outside) as registry:
        found = Log(database_url, registry)
        found.outside = outside
        await registry.sequencer.append(opening())
        yield found


async def test_a_scheduled_rotation_hands_over_and_an_auditor_follows_without_being_told(log: Log) -> None:
    async with checkpointing(log.url, log.outside):
        await log.grow_to(4)
        memory = (await log.audit()).memory
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(6)
        connection = await connect(log.url, "isa_read")
        since = await signed_since(connection, NEW_KEYS)
        await connection.close()
        assert since == 5
        memory = (await log.audit(memory=memory)).memory
        appended = await log.rotate(to=7 + OVERLAP, first=since)
        assert (6, 7) == (appended.index, appended.size)
        await log.signed(7)
        summary = await log.audit(memory=memory)
        assert [6] == [one.index for one in summary.rotations]
        assert set(summary.memory.keys) == {
            *(LogKey(key, 0, 10) for key in OLD_KEYS),
            *(LogKey(key, 5) for key in NEW_KEYS),
        }
        await log.grow_to(14)
        assert summary.memory.keys == (await log.audit(memory=summary.memory)).memory.keys
    found = await log.signers()
    assert {size: ids(*OLD_KEYS) for size in found if size < 5} == {s: k for s, k in found.items() if s < 5}
    assert {size: ids(*OLD_KEYS, *NEW_KEYS) for size in range(5, 11)} == {s: found[s] for s in range(5, 11)}
    assert {size: ids(*NEW_KEYS) for size in range(11, 15)} == {s: k for s, k in found.items() if s > 10}
    assert [] == await log.findings()
    async with checkpointing(log.url, log.outside, signer=NEXT):
        await log.grow_to(16)
        for keys in (OLD_KEYS, NEW_KEYS):
            assert 16 == (await log.audit(keys)).size
        # No process is told new keys: each follows the log from those that it was given, whichever they are.
        for given in (SIGNER.keys, NEXT.keys):
            async with working(log.url, log.outside, keys=given) as worker:
                size = (await worker.sequencer.append(body(worker.follower.view.size))).size
                assert await worker.follower.wait_for_checkpoint(size, seconds=20)
                assert verify_receipt(await receipt_for(worker, "*", size - 1), NEW_KEYS).index == size - 1


async def test_the_last_size_of_an_old_key_is_signed_however_fast_the_log_grows(log: Log) -> None:
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(3)
    await log.rotate(to=6, first=2)
    for number in range(20):
        await log.append(number)
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.signed(24)
    found = await log.signers()
    assert [6, 24] == [size for size in found if size > 3]
    assert (ids(*OLD_KEYS, *NEW_KEYS), ids(*NEW_KEYS)) == (found[6], found[24])
    assert 24 == (await log.audit()).size


async def test_the_receipt_of_a_rotation_is_the_same_whoever_asks_and_whenever(log: Log) -> None:
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(2)
        assert b"" == await proved_rotations(log.registry)
        await log.rotate(to=9, first=2)
        await log.signed(3)
        first = await proved_rotations(log.registry)
        assert first
        await log.grow_to(12)
        async with working(log.url, log.outside) as another:
            assert [first] * 2 == [await proved_rotations(one) for one in (another, log.registry)]


@pytest.mark.parametrize("signer", [SIGNER, NEXT], ids=["old alone", "new alone"])
async def test_a_checkpointer_without_a_key_that_is_needed_signs_nothing_and_says_so(
    log: Log, signer: LogSigner
) -> None:
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(3)
        await log.rotate(to=8, first=1 if 1 in await log.signers() else 2)
        await log.signed(4)
    async with checkpointing(log.url, log.outside, signer=signer):
        await log.append(100)
        await eventually(lambda: word(log, ("alarmed", ("log-key-lacking",))))
        # What people record is recorded all the same.
        await log.append(101)
    assert 4 == max(await log.signers())
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.signed(6)


async def test_keys_that_were_moved_before_the_log_said_so_sign_nothing(log: Log) -> None:
    async with checkpointing(log.url, log.outside):
        await log.grow_to(2)
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(4)
    async with checkpointing(log.url, log.outside, signer=NEXT):
        await eventually(lambda: word(log, ("checks-only", ("not-signed-by-us",))))
    assert 4 == max(await log.signers())


async def test_next_keys_that_were_given_up_leave_no_trace(log: Log) -> None:
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(3)
    async with checkpointing(log.url, log.outside):
        await log.grow_to(5)
        assert 5 == (await log.audit()).size
    assert [] == await log.findings()


async def test_a_crash_at_any_step_is_gone_on_from(log: Log) -> None:
    """A process that signs one size and ends, each time anew: whatever it knew is read again from the log."""
    for _ in range(3):
        async with checkpointing(log.url, log.outside, signer=BOTH):
            await log.grow_to(log.registry.follower.view.size + 1)
    first = min(size for size, keys in (await log.signers()).items() if ids(*NEW_KEYS) <= keys)
    await log.rotate(to=log.registry.follower.view.size + 2, first=first)
    for _ in range(4):
        async with checkpointing(log.url, log.outside, signer=BOTH):
            await log.grow_to(log.registry.follower.view.size + 1)
    assert [] == await log.findings()
    assert log.registry.follower.view.size == (await log.audit()).size


async def test_a_key_that_is_lost_before_it_has_ended_is_replaced_as_after_a_compromise(log: Log) -> None:
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(2)
    await log.rotate(to=6, first=2)
    for number in range(10):
        await log.append(number)
    size = log.registry.follower.view.size
    in_use = [one for one in log.registry.keys.trusted if one.holds_for(5)]
    payload = stated(reason=COMPROMISE, old=in_use, to=2, new=THIRD.keys.verifiers, first=size + 1)
    with pytest.raises(Refused, match="not in use"):
        await log.registry.sequencer.append(rotate(SIGNER.keys, payload))
    open_now = [one for one in in_use if one.last is None]
    payload = stated(reason=COMPROMISE, old=open_now, to=2, new=THIRD.keys.verifiers, first=size + 1)
    await log.registry.sequencer.append(rotate(SIGNER.keys, payload))
    async with checkpointing(log.url, log.outside, signer=THIRD):
        await log.signed(size + 1)
    assert {2: 4, size + 1: 2} == {size: len(keys) for size, keys in (await log.signers()).items() if size > 1}
    assert [] == await log.findings()


async def test_next_keys_that_signed_below_the_first_size_that_is_stated_are_no_alarm(log: Log) -> None:
    """As when the checkpointer signs with them at the moment at which a compromise is logged."""
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(4)
    await log.rotate(to=2, first=5, reason=COMPROMISE)
    async with checkpointing(log.url, log.outside, signer=NEXT):
        await log.grow_to(7)
        await eventually(lambda: word(log, ("normal", ())))
    signers = await log.signers()
    assert ids(*OLD_KEYS, *NEW_KEYS) == signers[4]
    assert ids(*NEW_KEYS) == signers[7]
    assert [] == await log.findings()


async def test_a_retired_key_that_signs_is_found_by_fsck_the_checkpointer_and_the_worker(log: Log) -> None:
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(2)
        await log.rotate(to=4, first=2)
        await log.grow_to(7)
    root = log.registry.follower.root
    thief = SIGNER.sign(7, root, int(time.time()))
    log.outside.note = thief
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await eventually(lambda: word(log, ("checks-only", ("retired-key-signed",))))
    connection = await connect(log.url, "isa_checkpoint")
    await connection.execute(
        "INSERT INTO checkpoint (size, root, note, signed_at) VALUES (8, $1, $2, now())", bytes(32), thief
    )
    await connection.close()
    assert "key-beyond-range" in await log.findings()
    async with working(log.url, log.outside) as another:
        with pytest.raises(Refused) as refused:
            await another.sequencer.append(body(50))
        assert ("history-unconfirmed", ("retired-key-signed",)) == (refused.value.code, another.guard.reasons)


# --- with witnesses ------------------------------------------------------------------------------------------------


class Keys:
    """What a witness is told of the log: the keys in its list."""

    def __init__(self, *keys: VerifierKey) -> None:
        self.keys = keys


class Partners:
    """Two witnesses, both of which the quorum needs, each with a list of the log's keys of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cosigners: dict[str, Cosigner] = {}
        self.running: dict[str, AsyncExitStack] = {}
        self.urls: dict[str, str] = {}

    async def start(self, name: str, *keys: VerifierKey) -> None:
        if name in self.running:
            await self.running.pop(name).aclose()
        if name not in self.cosigners:
            self.cosigners[name] = new_witness(self.directory / name, f"{name}.example")
        self.running[name] = stack = AsyncExitStack()
        port = int(self.urls[name].rpartition(":")[2]) if name in self.urls else 0
        self.urls[name] = await stack.enter_async_context(
            running_witness(self.directory / name, Keys(*keys), clock=Clock(time.time()), port=port)  # type: ignore[arg-type]
        )

    def policy(self) -> Policy:
        lines = [
            f"witness {name}-{number} {key} {self.urls[name]}"
            for name, cosigner in self.cosigners.items()
            for number, key in enumerate(cosigner.keys)
        ]
        names = " ".join(f"{name}-{number}" for name in self.cosigners for number in (0, 1))
        return Policy.parse("\n".join([*lines, f"group all-of-them all {names}", "quorum all-of-them"]) + "\n")


@pytest.fixture
async def partners(tmp_path: Path) -> AsyncIterator[Partners]:
    found = Partners(tmp_path)
    for name in ("council", "police"):
        await found.start(name, *OLD_KEYS)
    yield found
    for stack in found.running.values():
        await stack.aclose()


@pytest.fixture
async def asking(partners: Partners) -> AsyncIterator[Callable[[LogSigner], PolicyWitnesses]]:
    async with WitnessClient() as client, AsyncExitStack() as stack:

        def made(signer: LogSigner) -> PolicyWitnesses:
            found = PolicyWitnesses(
                partners.policy(), client, signer.keys, monotonic=time.monotonic, random=lambda: 0.9
            )
            stack.push_async_callback(found.aclose)
            return found

        yield made


async def accepted(log: Log) -> dict[str, bool | None]:
    connection = await connect(log.url, "isa_read")
    try:
        return {one.name: one.accepts_following for one in await witnesses(connection) if one.name.endswith("0")}
    finally:
        await connection.close()


async def test_whether_each_witness_accepts_the_next_keys_is_known_before_the_old_ones_end(
    log: Log, partners: Partners, asking: Callable[[LogSigner], PolicyWitnesses]
) -> None:
    async with checkpointing(log.url, log.outside, witnesses=asking(SIGNER)):
        await log.grow_to(2, published=True)
        await eventually(lambda: holds(accepted(log), {"council-0": None, "police-0": None}))
    await partners.start("council", *OLD_KEYS, *NEW_KEYS)
    async with checkpointing(log.url, log.outside, witnesses=asking(BOTH), signer=BOTH):
        await log.grow_to(4, published=True)
        await eventually(lambda: holds(accepted(log), {"council-0": True, "police-0": False}))
        await partners.start("police", *OLD_KEYS, *NEW_KEYS)
        await log.grow_to(5, published=True)
        await eventually(lambda: holds(accepted(log), {"council-0": True, "police-0": True}))
        await log.rotate(to=8, first=3)
        await log.grow_to(12, published=True)
        # Those that have the new keys alone in their lists go on, and so does a checkpointer that is started anew.
        for name in ("council", "police"):
            await partners.start(name, *NEW_KEYS)
    async with checkpointing(log.url, log.outside, witnesses=asking(NEXT), signer=NEXT):
        await log.grow_to(14, published=True)
        await eventually(lambda: word(log, ("normal", ())))
    assert 14 == (await log.audit(policy=partners.policy())).size
    assert [] == await log.findings()


async def test_next_keys_that_were_given_up_are_not_accepted_in_the_place_of_others(
    log: Log,
    partners: Partners,
    asking: Callable[[LogSigner], PolicyWitnesses],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other next keys sign, and no witness was asked about them yet."""
    for name in ("council", "police"):
        await partners.start(name, *OLD_KEYS, *NEW_KEYS)
    async with checkpointing(log.url, log.outside, witnesses=asking(BOTH), signer=BOTH):
        await log.grow_to(2, published=True)
        await eventually(lambda: holds(accepted(log), {"council-0": True, "police-0": True}))
    others = replace(SIGNER, following=THIRD)
    witnesses = asking(others)

    async def never(*_: object) -> Cosigned:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(witnesses, "gather", never)
    async with checkpointing(log.url, log.outside, witnesses=witnesses, signer=others):
        await log.grow_to(3)
        connection = await connect(log.url, "isa_read")
        assert 3 == await signed_since(connection, THIRD.keys.verifiers)
        await connection.close()
        assert {"council-0": None, "police-0": None} == await accepted(log)


async def test_a_witness_that_knows_the_next_keys_alone_still_testifies(
    log: Log, partners: Partners, asking: Callable[[LogSigner], PolicyWitnesses]
) -> None:
    async with checkpointing(log.url, log.outside, witnesses=asking(SIGNER)):
        await log.grow_to(2, published=True)
    for name in ("council", "police"):
        await partners.start(name, *NEW_KEYS)
    async with checkpointing(log.url, log.outside, witnesses=asking(BOTH), signer=BOTH):
        await log.grow_to(3, published=True)
    async with checkpointing(log.url, log.outside, witnesses=asking(BOTH), signer=BOTH):
        await eventually(lambda: word(log, ("normal", ())))


async def test_after_a_compromise_only_the_quorum_leads_to_the_new_keys(
    log: Log, partners: Partners, asking: Callable[[LogSigner], PolicyWitnesses]
) -> None:
    policy = partners.policy()
    async with checkpointing(log.url, log.outside, witnesses=asking(SIGNER)):
        await log.grow_to(4, published=True)
        memory = (await log.audit()).memory
    await partners.start("council", *NEW_KEYS)
    appended = await log.rotate(to=2, first=5, reason=COMPROMISE)
    assert 4 == appended.index
    # What the old key signed beyond its last good size is handed out to nobody.
    with pytest.raises(Refused) as refused:
        await receipt_for(log.registry, "*", 3)
    assert "receipt-not-ready" == refused.value.code
    async with checkpointing(log.url, log.outside, witnesses=asking(SIGNER)):
        await eventually(lambda: word(log, ("alarmed", ("log-key-lacking",))))
    async with checkpointing(log.url, log.outside, witnesses=asking(NEXT), signer=NEXT):
        await log.signed(5)
        await asyncio.sleep(0.3)
        # One of the two has not heard of it: nothing is published, and no rotation is proved.
        published = log.registry.follower.published
        assert (4, b"") == (published and published.size, await proved_rotations(log.registry))
        await partners.start("police", *NEW_KEYS)
        await log.grow_to(7, published=True)
    assert 7 == verify_receipt(await receipt_for(log.registry, "*", 3), NEW_KEYS, policy).size
    assert {5, 6, 7} == {size for size, keys in (await log.signers()).items() if keys == ids(*NEW_KEYS)}
    for keys, given, code in (
        (OLD_KEYS, None, "key-compromised"),
        (OLD_KEYS, policy, "key-compromised"),
        (NEW_KEYS, None, "quorum-needed"),
    ):
        with pytest.raises(VerificationError) as unverified:
            await log.audit(keys, memory, given)
        assert code == unverified.value.code
    anew = await log.audit(NEW_KEYS, memory, policy)
    assert (7, 4, "witnessed") == (anew.size, anew.previous_size, anew.assurance)
    assert 7 == (await log.audit(NEW_KEYS, anew.memory)).size
    assert [] == await log.findings()


async def test_a_retired_key_on_what_a_witness_shows_is_an_alarm_and_no_testimony(
    log: Log, partners: Partners, asking: Callable[[LogSigner], PolicyWitnesses]
) -> None:
    for name in ("council", "police"):
        await partners.start(name, *OLD_KEYS, *NEW_KEYS)
    async with checkpointing(log.url, log.outside, witnesses=asking(BOTH), signer=BOTH):
        await log.grow_to(2, published=True)
        await log.rotate(to=4, first=2)
        await log.grow_to(6, published=True)
    thief = SIGNER.sign(6, log.registry.follower.root, int(time.time()))
    async with WitnessClient() as client:
        await client.add_checkpoint(
            partners.urls["police"], partners.cosigners["police"].keys, thief, size=6, old=6, proof=()
        )
    async with checkpointing(log.url, log.outside, witnesses=asking(BOTH), signer=BOTH):
        await eventually(lambda: alarms(log, "retired-key-signed"))


async def test_keys_that_change_while_a_worker_looks_are_read_again(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were read before the rotation, and the outside store after it."""
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(2)
        await log.rotate(to=4, first=2)
        await log.grow_to(6)
    stale = iter([SIGNER.keys])

    async def late(connection: Connection, keys: LogKeys) -> LogKeys:
        return next(stale, None) or await keys_in(connection, keys)

    monkeypatch.setattr(guard, "keys_in", late)
    connection = await connect(log.url, "isa_sequence")
    looking = guard.Guard(SIGNER.keys, log.outside, lambda: None)
    await looking.confirm(connection, 6, log.registry.follower.root)
    await connection.close()
    assert ("normal", []) == (looking.state, list(stale))


async def test_the_keys_in_the_database_are_those_in_the_register(log: Log) -> None:
    async with checkpointing(log.url, log.outside, signer=BOTH):
        await log.grow_to(2)
        await log.rotate(to=4, first=2)
    for role in ("isa_checkpoint", "isa_read", "isa_sequence"):
        connection = await connect(log.url, role)
        assert log.registry.keys == await keys_in(connection, SIGNER.keys)
        await connection.close()


async def alarms(log: Log, code: str) -> bool:
    connection = await connect(log.url, "isa_read")
    try:
        said = (await publication.standing(connection)).word
    finally:
        await connection.close()
    return said is not None and said.state == "alarmed" and code in said.reasons


async def word(log: Log, wanted: tuple[str, tuple[str, ...]]) -> bool:
    connection = await connect(log.url, "isa_read")
    try:
        said = (await publication.standing(connection)).word
    finally:
        await connection.close()
    if said is None:
        return False
    reasons = tuple(one for one in said.reasons if one not in ("commit-not-durable", "standby-not-synchronous"))
    return (said.state, reasons) == wanted


async def holds(found: Awaitable[object], wanted: object) -> bool:
    return await found == wanted


async def eventually(held: Callable[[], Awaitable[bool]]) -> None:
    end = time.monotonic() + 20
    while not await held():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.03)
