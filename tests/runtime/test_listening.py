"""What witnesses say is at hand before each signature, and nobody waits for one that is slow."""

from __future__ import annotations

import asyncio
from datetime import datetime

from isa_registry.runtime.checkpoints import publisher
from isa_registry.runtime.checkpoints.history import Signed
from isa_registry.runtime.checkpoints.listening import Listening
from isa_registry.runtime.checkpoints.publisher import Cosigned, ProofFrom
from isa_registry.store.witnesses import StoredWitness


class Slow:
    """Witnesses that answer when a test lets them."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def testimony(self) -> publisher.Testimony:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        return publisher.Testimony(signed=(Signed(b"note %d" % number, "the witness w"),), satisfied=True)

    async def gather(self, note: bytes, size: int, root: bytes, proof_from: ProofFrom) -> Cosigned:
        raise NotImplementedError

    def standing(self, now: datetime) -> list[StoredWitness]:
        raise NotImplementedError


class Setting:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.witnesses = Slow()
        self.listening = Listening(self.witnesses, monotonic=lambda: self.seconds)

    async def heard(self) -> list[bytes]:
        return [one.note for one in (await self.listening.testimony()).signed]


async def test_what_was_said_within_five_seconds_is_not_asked_again() -> None:
    setting = Setting()
    setting.witnesses.may_answer.set()
    for seconds, note in ((0.0, b"note 1"), (4.9, b"note 1"), (5.0, b"note 2"), (9.9, b"note 2"), (60.0, b"note 3")):
        setting.seconds = seconds
        assert [note] == await setting.heard()


async def test_a_slow_answer_is_waited_for_a_third_of_a_second_and_counts_later() -> None:
    setting = Setting()
    started = asyncio.get_running_loop().time()
    assert [] == await setting.heard()
    assert asyncio.get_running_loop().time() - started < 5
    setting.seconds = 60
    assert [] == await setting.heard()
    assert 1 == setting.witnesses.asked
    setting.witnesses.may_answer.set()
    assert [b"note 1"] == await setting.heard()
    assert [b"note 2"] == await setting.heard()


async def test_a_claim_of_more_is_asked_about_at_once_and_once() -> None:
    setting = Setting()
    setting.witnesses.may_answer.set()
    assert [b"note 1"] == await setting.heard()
    setting.listening.heard_round(Cosigned(lines=(), satisfied=True, suspect=True))
    assert setting.listening.suspicious
    setting.listening.heard_round(Cosigned(lines=(), satisfied=True))
    assert [b"note 2"] == await setting.heard()
    assert not setting.listening.suspicious
    assert [b"note 2"] == await setting.heard()


async def test_an_answer_that_is_given_up_is_asked_for_again() -> None:
    setting = Setting()
    assert [] == await setting.heard()
    await setting.listening.aclose()
    setting.seconds = 10
    setting.witnesses.may_answer.set()
    assert [b"note 2"] == await setting.heard()
