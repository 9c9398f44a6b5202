"""Rounds of asking witnesses: whoever answers counts, whoever does not is asked later, and nothing waits for them all.

The checkpointer asks `due`, then awaits `gather`. Both of the functions that it passes, for proofs and for keeping what
arrives, are called while `gather` is awaited and one at a time, so they may share a database connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

import structlog
from msgspec import Struct

from isa_registry.outbound.back_off import BackOff
from isa_registry.outbound.witnesses import RecordedSize, WitnessClient, WitnessError
from isa_registry.runtime.log_keys import following as following_keys
from isa_verify.note import SignatureLine, VerifiedSignature
from isa_verify.policy import Policy, Witness

_log = structlog.get_logger(__name__)

EXTRA_SECONDS = 0.2
"""How long a round waits for further witnesses once the quorum is there."""

ROUND_SECONDS = 10.0
"""The longest that a round lasts; what arrives later counts in the next."""

REFRESH_SECONDS = 600.0
"""A cosignature this old is asked for anew although the log has not grown."""

_TRIES = 3

WitnessState = Literal["not-asked", "healthy", "failing", "ahead", "disagrees"]
Proofs = Callable[[int], Awaitable[Sequence[bytes]]]


class Cosignature(Struct, frozen=True):
    """A verified cosignature: whose by the policy's name, over the checkpoint of which size, its line, and when it says
    that it was made, in POSIX seconds."""

    name: str
    size: int
    line: SignatureLine
    at: int


class WitnessStatus(Struct, frozen=True):
    """How one of the policy's witnesses stands.

    `size` and `at` (POSIX seconds) are those of its last cosignature since this process started; `error` is the code
    of its last failure, None once it has cosigned since. `accepts_following`: whether it accepts the log's next keys,
    None where it was not asked.
    """

    name: str
    vkey: str
    url: str | None
    state: WitnessState
    size: int | None
    at: int | None
    error: str | None
    accepts_following: bool | None = None


class Round(Struct, frozen=True):
    """How a round ended: whether the policy's quorum has cosigned this size.

    `ahead` are witnesses that claim a larger size, and which; `disagreeing` are those that have cosigned another root
    of this size, or that this log does not extend what they have cosigned. Their word alone proves nothing: what they
    show, signed by the log's own key, does.
    """

    satisfied: bool
    ahead: Mapping[str, int]
    disagreeing: tuple[str, ...]


class Remembered(Struct, frozen=True):
    """What the witness at an address shows as the newest checkpoint of a log; None and a code where it shows none."""

    names: tuple[str, ...]
    note: bytes | None
    error: str | None


class _Endpoint:
    """One address, under which the policy may name several keys. What is known of it lasts as long as the process."""

    def __init__(self, url: str, witnesses: tuple[Witness, ...], back_off: BackOff) -> None:
        self.url = url
        self.witnesses = witnesses
        self.back_off = back_off
        self.recorded = 0
        self.asked_at = float("-inf")
        self.size: int | None = None
        self.claimed = 0
        self.state: WitnessState = "not-asked"
        self.error: str | None = None
        self.accepts_following: bool | None = None
        self.following_asked_at = float("-inf")
        self.task: asyncio.Task[None] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(witness.name for witness in self.witnesses)

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.done()


class Witnessing:
    """Gathers cosignatures by the witnesses of a policy.

    `monotonic` gives seconds that never go back, `random` numbers from 0 up to 1.
    """

    def __init__(
        self,
        policy: Policy,
        client: WitnessClient,
        *,
        monotonic: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._policy = policy
        self._client = client
        self._monotonic = monotonic
        by_url: dict[str, list[Witness]] = {}
        for witness in policy.witnesses:
            if witness.url is not None:
                by_url.setdefault(witness.url.rstrip("/"), []).append(witness)
        self._endpoints = [_Endpoint(url, tuple(some), BackOff(random)) for url, some in by_url.items()]
        self._newest: dict[str, Cosignature] = {}
        self._arrived: list[Cosignature] = []
        self._something = asyncio.Event()
        self._turn = asyncio.Lock()
        self._round = 0

    async def aclose(self) -> None:
        """Gives up what is still being asked."""
        tasks = [endpoint.task for endpoint in self._endpoints if endpoint.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def due(self, size: int) -> bool:
        """Whether a round for the checkpoint of this size would bring anything: somebody to ask who has not cosigned
        it, or not for ten minutes, or an answer that came after the last round."""
        return bool(self._arrived) or any(self._wants(endpoint, size) for endpoint in self._endpoints)

    async def gather(
        self,
        note: bytes,
        *,
        size: int,
        proofs: Proofs,
        keep: Callable[[Cosignature], Awaitable[None]],
        following: bytes | None = None,
    ) -> Round:
        """Asks every witness that is due to cosign the checkpoint in `note`.

        `proofs(old)` gives the consistency proof from a size between 0 and `size`, both excluded. `keep` gets each
        cosignature as it arrives: also late ones of an earlier round, which say which size they are of. Ends when all
        have answered, shortly after the quorum is there, or after ten seconds. Errors of `proofs` and `keep` are the
        caller's, and end the round. Who cosigns is also asked about `following`, until it accepts it: the same
        checkpoint with the lines of the log's next keys alone.
        """
        self._round += 1
        for endpoint in self._endpoints:
            if self._wants(endpoint, size):
                endpoint.task = asyncio.create_task(self._ask(endpoint, note, size, proofs, self._round, following))
        asked = [endpoint for endpoint in self._endpoints if endpoint.busy]
        end = self._monotonic() + ROUND_SECONDS
        hurried = False
        try:
            while True:
                await self._hand_over(keep)
                if not any(endpoint.busy for endpoint in asked):
                    break
                if not hurried and self._policy.satisfied_by(self._names_at(size)):
                    hurried, end = True, min(end, self._monotonic() + EXTRA_SECONDS)
                try:
                    async with asyncio.timeout(max(0.0, end - self._monotonic())):
                        await self._something.wait()
                except TimeoutError:
                    break
                self._something.clear()
            await self._hand_over(keep)
        finally:
            # Who is slower than the round may still answer, but asks for no more proofs; one that is being made is
            # waited for.
            self._round += 1
            async with self._turn:
                pass
        self._raise_errors()
        return Round(
            satisfied=self._policy.satisfied_by(self._names_at(size)),
            ahead={
                name: endpoint.claimed
                for endpoint in self._endpoints
                if endpoint.state == "ahead" and endpoint.claimed > size
                for name in endpoint.names
            },
            disagreeing=tuple(
                name for endpoint in self._endpoints if endpoint.state == "disagrees" for name in endpoint.names
            ),
        )

    async def remembered(self, origin: str) -> list[Remembered]:
        """What each witness with an address shows of a log, asked all at once; see `Remembered`."""

        async def ask(endpoint: _Endpoint) -> Remembered:
            try:
                note = await self._client.newest(endpoint.url, origin)
            except WitnessError as error:
                return Remembered(names=endpoint.names, note=None, error=error.code)
            return Remembered(names=endpoint.names, note=note, error=None)

        return list(await asyncio.gather(*(ask(endpoint) for endpoint in self._endpoints)))

    def statuses(self) -> list[WitnessStatus]:
        """How each witness of the policy stands, in the policy's order."""
        return [self._status(witness) for witness in self._policy.witnesses]

    def cosignatures(self, size: int) -> list[Cosignature]:
        """The newest cosignature of each witness, of those that have cosigned the checkpoint of this size."""
        return [one for one in self._newest.values() if one.size == size]

    def _status(self, witness: Witness) -> WitnessStatus:
        endpoint = next((one for one in self._endpoints if witness.name in one.names), None)
        newest = self._newest.get(witness.name)
        state: WitnessState = "not-asked" if endpoint is None else endpoint.state
        error = None if endpoint is None else endpoint.error
        if endpoint is not None and state == "healthy" and (newest is None or newest.size != endpoint.size):
            state, error = "failing", "cosignature-missing"
        return WitnessStatus(
            name=witness.name,
            vkey=str(witness.key),
            url=witness.url,
            state=state,
            size=None if newest is None else newest.size,
            at=None if newest is None else newest.at,
            error=error,
            accepts_following=None if endpoint is None else endpoint.accepts_following,
        )

    def _wants(self, endpoint: _Endpoint, size: int) -> bool:
        now = self._monotonic()
        fresh = endpoint.size == size and now - endpoint.asked_at < REFRESH_SECONDS
        return not endpoint.busy and not fresh and endpoint.back_off.ready_at(now)

    def _names_at(self, size: int) -> set[str]:
        return {name for name, cosignature in self._newest.items() if cosignature.size == size}

    async def _hand_over(self, keep: Callable[[Cosignature], Awaitable[None]]) -> None:
        while self._arrived:
            async with self._turn:
                await keep(self._arrived[0])
                del self._arrived[0]

    def _raise_errors(self) -> None:
        """Of several at once, as when the database goes away, the first stands for all."""
        errors: list[BaseException] = []
        for endpoint in self._endpoints:
            task = endpoint.task
            if task is not None and task.done() and not task.cancelled():
                endpoint.task = None
                error = task.exception()
                if error is not None:
                    errors.append(error)
        if errors:
            raise errors[0]

    async def _ask(
        self, endpoint: _Endpoint, note: bytes, size: int, proofs: Proofs, turn: int, following: bytes | None
    ) -> None:
        asked_at = self._monotonic()
        try:
            signatures = await self._settle(endpoint, note, size, proofs, turn)
        except _RoundOverError:
            return
        except WitnessError as error:
            endpoint.back_off.failed(self._monotonic())
            # A proof that another tree's record refutes is no fault of the network's.
            differs = error.code in ("root-differs", "proof-refused")
            self._note_state(endpoint, "disagrees" if differs else "failing", error.code)
            return
        except _AheadError as ahead:
            endpoint.back_off.failed(self._monotonic())
            endpoint.claimed = ahead.size
            self._note_state(endpoint, "ahead", "size-ahead")
            return
        finally:
            self._something.set()
        endpoint.back_off.succeeded()
        endpoint.size, endpoint.asked_at = size, asked_at
        self._note_state(endpoint, "healthy", None)
        self._keep(endpoint, signatures, size)
        if following is None:
            endpoint.accepts_following = None
        elif not endpoint.accepts_following and asked_at - endpoint.following_asked_at > following_keys.SECONDS:
            endpoint.following_asked_at = asked_at
            keys = [witness.key for witness in endpoint.witnesses]
            found = await following_keys.ask_following(self._client, endpoint.url, keys, note, following, size)
            endpoint.accepts_following = found.accepts
            self._keep(endpoint, found.signatures, size)
            self._something.set()

    def _keep(self, endpoint: _Endpoint, signatures: Sequence[VerifiedSignature], size: int) -> None:
        names = {witness.key: witness.name for witness in endpoint.witnesses}
        for signature in signatures:
            cosignature = Cosignature(
                name=names[signature.key], size=size, line=signature.line, at=signature.timestamp or 0
            )
            self._newest[cosignature.name] = cosignature
            self._arrived.append(cosignature)

    async def _settle(
        self, endpoint: _Endpoint, note: bytes, size: int, proofs: Proofs, turn: int
    ) -> tuple[VerifiedSignature, ...]:
        """The cosignatures, once the size to prove from is agreed on."""
        keys = [witness.key for witness in endpoint.witnesses]
        old = endpoint.recorded if endpoint.recorded <= size else 0
        for _ in range(_TRIES):
            proof = await self._proof(proofs, old, size, turn)
            answer = await self._client.add_checkpoint(endpoint.url, keys, note, size=size, old=old, proof=proof)
            if not isinstance(answer, RecordedSize):
                endpoint.recorded = size
                return answer
            if answer.size > size:
                raise _AheadError(answer.size)
            old = endpoint.recorded = answer.size
        raise WitnessError("size-unsettled", "")

    async def _proof(self, proofs: Proofs, old: int, size: int, turn: int) -> Sequence[bytes]:
        if not 0 < old < size:
            return ()
        async with self._turn:
            if turn != self._round:
                raise _RoundOverError
            return await proofs(old)

    def _note_state(self, endpoint: _Endpoint, state: WitnessState, error: str | None) -> None:
        if (state, error) != (endpoint.state, endpoint.error):
            say = {"healthy": _log.info, "failing": _log.warning}.get(state, _log.error)
            say("witness-state", witnesses=endpoint.names, state=state, code=error)
        endpoint.state, endpoint.error = state, error


class _AheadError(Exception):
    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class _RoundOverError(Exception):
    """A proof was needed after the round."""
