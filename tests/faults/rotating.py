"""Steps of a sequence that rotate the log's keys, as `rotate-log-key` does; that stop halfway, or lack a key."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from contextlib import redirect_stdout

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec.structs import replace

from faults.choosing import on_the_newest_log
from faults.disturbing import WITNESSES
from faults.looking import Promise
from faults.partnership import PARTNERS, eventually
from faults.restoring import Restoring
from isa_registry.cli import rotate_log_key
from isa_registry.cli.place import Place
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.log_keys.rotations import signed_since
from isa_registry.store.witnesses import witnesses
from isa_verify.note import VerifierKey
from running import ORIGIN, SIGNER


def generation(number: int) -> LogSigner:
    """The log's keys number 1, 2, and so on: each of them new."""
    seed = number.to_bytes(32, "big")
    return LogSigner(
        origin=ORIGIN,
        ed25519=Ed25519PrivateKey.from_private_bytes(seed),
        ml_dsa_44=MLDSA44PrivateKey.from_seed_bytes(seed),
    )


class Rotating(Restoring):
    """`generations` counts the keys that were made; `retired` are those that the log used, and no longer does.
    `under_way` is whether a rotation is logged and not finished."""

    def __init__(self) -> None:
        super().__init__()
        self.generations = 0
        self.retired: list[LogSigner] = []
        self.under_way = False

    @property
    def following(self) -> tuple[VerifierKey, ...]:
        return self.at.signer.keys.following

    # --- step by step ----------------------------------------------------------------------------------------------

    @rule()
    @on_the_newest_log(lambda self: not self.under_way)
    def make_next_keys_or_give_them_up(self) -> None:
        """The checkpointer is started with them, or without."""
        self.run(self._make_next_keys() if not self.following else self._start_signing(self._alone()))

    @rule(name=WITNESSES)
    @on_the_newest_log(lambda self: self.following)
    def tell_a_witness_the_next_keys(self, name: str) -> None:
        self.run(self._tell(name, (*self.at.told[name], *self.following)))

    @rule(name=WITNESSES)
    @on_the_newest_log()
    def a_witness_strikes_retired_keys_off(self, name: str) -> None:
        self.run(self._strike_off(name))

    @rule(overlap=st.integers(1, 60))
    @on_the_newest_log(lambda self: self.following)
    def ask_for_a_rotation(self, overlap: int) -> None:
        """Refused unless the next keys sign, and each witness has accepted them; and when it is logged already."""
        self.run(self._ask_to_rotate(overlap))

    @rule(overlap=st.integers(1, 60))
    @on_the_newest_log(lambda self: not self.under_way)
    def rotate_from_beginning_to_end_of_what_is_needed(self, overlap: int) -> None:
        self.run(self._prepare())
        self.run(self._ask_to_rotate(overlap))
        assert self.under_way

    @rule(grow=st.booleans())
    @on_the_newest_log(lambda self: self.under_way)
    def finish_the_rotation(self, grow: bool) -> None:
        """Refused while it is not over; then the new keys are the only ones that are held."""
        self.run(self._finish(grow=grow))

    @rule(new=st.booleans())
    @on_the_newest_log(lambda self: self.following)
    def the_checkpointer_is_started_without_a_key(self, new: bool) -> None:
        """Without the new ones, or without the old."""
        self.run(self._lack(self._alone() if new else self._next()))

    # --- how -------------------------------------------------------------------------------------------------------

    def _alone(self) -> LogSigner:
        return replace(self.at.signer, following=None)

    def _next(self) -> LogSigner:
        assert self.at.signer.following is not None
        return self.at.signer.following

    async def _make_next_keys(self) -> None:
        self.generations += 1
        await self._start_signing(replace(self._alone(), following=generation(self.generations)))

    async def _start_signing(self, signer: LogSigner) -> None:
        self.at.signer = signer
        await self._restart_checkpointer()

    async def _tell(self, name: str, keys: Sequence[VerifierKey]) -> None:
        self.at.told[name] = tuple(dict.fromkeys(keys))
        if self.at.answers(name):
            await self.at.stop_witness(name)
            await self.at.start_witness(name)

    async def _strike_off(self, name: str) -> None:
        gone = {key for one in self.retired for key in one.keys.verifiers}
        await self._tell(name, [key for key in self.at.told[name] if key not in gone])

    async def _prepare(self) -> None:
        """What operating.md says is to be done before a rotation, in its order."""
        if not self.following:
            await self._make_next_keys()
        await self.something_confirms()
        for name in PARTNERS:
            if not self.at.answers(name):
                await self.at.start_witness(name)
            await self._tell(name, (*self.at.told[name], *self.following))
        await self.append_all(0, self.new_bodies(1))

        await eventually(self._accepted, "the next keys sign, and each witness accepts them")

    async def _accepted(self) -> bool:
        async with self.at.connection("isa_read") as connection:
            asked = await witnesses(connection)
            since = await signed_since(connection, self.following)
        return since is not None and all(one.accepts_following for one in asked)

    async def _command(self, **asked: object) -> str | None:
        """The code with which a step of `rotate-log-key` is refused, None where it was taken."""
        found = Place(self.at.url, self.at.url, SIGNER.keys, CheckpointFile(self.at.file))
        try:
            with redirect_stdout(io.StringIO()):
                await rotate_log_key._take(found, self.following, Namespace(**asked))
        except Refused as refused:
            return refused.code
        return None

    async def _ask_to_rotate(self, overlap: int) -> None:
        told = all(set(self.following) <= set(self.at.told[name]) for name in PARTNERS)
        await self.something_confirms()
        code = await self._command(
            step="rotate", last_good_size=None, overlap=overlap, without=[], reason=rotate_log_key.SCHEDULED
        )
        if code is not None:
            assert code == "conflict"
        else:
            assert told, "it was logged although a witness does not know the next keys"
            assert not self.under_way
            self.under_way = True
            old = self._alone().keys.verifiers
            await self._learn(lambda index: {(key, index + overlap) for key in old})

    async def _learn(self, ended: Callable[[int], set[tuple[VerifierKey, int]]]) -> None:
        """The rotation is in the log as it was asked for, and nothing else is."""
        async with self.at.connection("isa_read") as connection:
            found = (await keys_in(connection, SIGNER.keys)).rotations
        *before, newest = found
        assert tuple(before) == self.at.keys.rotations
        assert set(self.following) == {key for key, _ in newest.rotation.new}
        assert ended(newest.index) == set(newest.rotation.old)
        ((payload,),) = await self.at.fetch("SELECT payload FROM payload WHERE index = $1", newest.index)
        self.promised["rotation", newest.index] = Promise(newest.index, (payload,))
        self.at.keys = replace(self.at.keys, rotations=found)

    async def _finish(self, *, grow: bool) -> None:
        last = max(to for _, to in self.at.keys.rotations[-1].rotation.old)
        lacking = last + 1 - await self.at.size()
        if grow and lacking > 0:
            await self.append_all(0, self.new_bodies(lacking))
        if grow:
            await self.something_confirms()
            await eventually(self._signed, "the new keys sign alone")

        code = await self._command(step="finish")
        assert code in (None, "conflict")
        assert (code is None) == (self.at.outside().size > last)
        if code is None:
            self.retired.append(self._alone())
            self.under_way = False
            await self._start_signing(self._next())

    async def _lack(self, signer: LogSigner) -> None:
        whole = self.at.signer
        self.at.signer = signer
        old = signer.vkeys == whole.vkeys
        try:
            await self._restart_checkpointer()
        except HistoryRefused as refused:
            # The old ones alone have signed the first checkpoint, and no entry says that others follow.
            assert (refused.code, self.under_way, old) == ("not-signed-by-us", False, False)
        else:
            assert self.under_way or old, "keys that were moved before the log said so sign"
            await self.append_all(0, self.new_bodies(1))
            size = await self.at.size()
            if not self._signs(signer, size):
                await eventually(self._says("alarmed", "log-key-lacking"), "what is lacking is said")
                # What people record is recorded all the same.
                await self.append_all(1, self.new_bodies(1))
                assert self.at.outside().size < size
        await self._start_signing(whole)

    def _signs(self, signer: LogSigner, size: int) -> bool:
        """Whether these keys are all that are needed for every size up to this one that is still to be signed."""
        held = set(signer.keys.verifiers) | set(signer.keys.following)
        first = self.at.outside().size
        sizes = {self.at.keys.next_stop(first, size), size} if first < size else {size}
        needed = {one.key for one in self.at.keys.signing for stop in sizes if one.holds_for(stop)}
        return needed <= held

    def _says(self, state: str, code: str) -> Callable[[], Awaitable[bool]]:
        async def said() -> bool:
            word = (await self.at.standing()).word
            return word is not None and word.state == state and code in word.reasons

        return said
