"""The witnesses of a policy as the checkpointer knows them: cosignatures for publishing, testimony on the history."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

import structlog

from isa_registry.ledger.checkpoints import LogKeys, only_lines_of
from isa_registry.outbound.witnesses import WitnessClient
from isa_registry.runtime.checkpoints.history import BEYOND_RANGE, RETIRED_KEY_SIGNED, Signed
from isa_registry.runtime.checkpoints.publisher import Cosigned, ProofFrom, Testimony
from isa_registry.runtime.witnesses.rounds import Cosignature, Witnessing
from isa_registry.settings import SettingsError
from isa_registry.store import publication
from isa_registry.store.witnesses import StoredWitness
from isa_verify.errors import VerificationError
from isa_verify.policy import Policy

_log = structlog.get_logger(__name__)


def read_policy(path: Path) -> Policy:
    """The policy in a file. Raises `SettingsError`, which names it."""
    try:
        return Policy.parse(path.read_bytes())
    except OSError:
        raise SettingsError(f"the witness policy {path} cannot be read.") from None
    except VerificationError as error:
        raise SettingsError(f"the witness policy {path}: {error.detail}") from None


@asynccontextmanager
async def policy_witnesses(policy: Policy, keys: LogKeys) -> AsyncIterator[PolicyWitnesses]:
    """The witnesses of a policy for the log with these keys, until the block ends."""
    async with WitnessClient() as client:
        witnesses = PolicyWitnesses(policy, client, keys, monotonic=time.monotonic, random=SystemRandom().random)
        try:
            yield witnesses
        finally:
            await witnesses.aclose()


class PolicyWitnesses:
    """What `Publisher` and `examine` ask of witnesses. `monotonic` and `random` are those of `Witnessing`."""

    def __init__(
        self,
        policy: Policy,
        client: WitnessClient,
        keys: LogKeys,
        *,
        monotonic: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._policy = policy
        self._keys = keys
        self._witnessing = Witnessing(policy, client, monotonic=monotonic, random=random)

    async def aclose(self) -> None:
        """Gives up what is still being asked."""
        await self._witnessing.aclose()

    async def gather(self, note: bytes, size: int, root: bytes, proof_from: ProofFrom) -> Cosigned:
        """Asks for cosignatures on a checkpoint that this log signed, and returns every one there is on this size.

        Those of earlier rounds are among them: a caller that failed to store them gets them again.
        """

        async def keep(_: Cosignature) -> None:
            """They are all collected at the end."""

        following = only_lines_of(note, self._keys.following)
        ended = await self._witnessing.gather(note, size=size, proofs=proof_from, keep=keep, following=following)
        lines = tuple(
            publication.Cosignature(
                name=one.line.name,
                key_id=one.line.key_id,
                at=datetime.fromtimestamp(one.at, UTC),
                line=str(one.line),
            )
            for one in self._witnessing.cosignatures(size)
        )
        return Cosigned(lines=lines, satisfied=ended.satisfied, suspect=bool(ended.ahead or ended.disagreeing))

    def follow(self, keys: LogKeys) -> None:
        self._keys = keys

    async def testimony(self) -> Testimony:
        """The newest checkpoints of this log that its witnesses show, as far as this log's own keys signed them.

        Only a witness that shows such a one counts towards the quorum: one that shows nothing has confirmed nothing.
        One that shows what a retired key signed was led by whoever has that key: an alarm, and no testimony.
        """
        signed: list[Signed] = []
        names: set[str] = set()
        reasons: set[str] = set()
        for one in await self._witnessing.remembered(self._keys.origin):
            if one.note is None:
                continue
            try:
                self._keys.open_shown(one.note)
            except VerificationError as error:
                if error.code == BEYOND_RANGE:
                    _log.error(RETIRED_KEY_SIGNED, witnesses=one.names)
                    reasons.add(RETIRED_KEY_SIGNED)
                    continue
                _log.warning("witness-shows-what-this-log-did-not-sign", witnesses=one.names, code=error.code)
                continue
            signed.append(Signed(note=one.note, found=f"the witness {one.names[0]}", by_witness=True))
            names.update(one.names)
        return Testimony(signed=signed, satisfied=self._policy.satisfied_by(names), reasons=tuple(sorted(reasons)))

    def standing(self, now: datetime) -> list[StoredWitness]:
        """How each witness stands, for every worker to show."""
        return [
            StoredWitness(
                name=one.name,
                vkey=one.vkey,
                state=one.state,
                size=one.size,
                cosigned_at=None if one.at is None else datetime.fromtimestamp(one.at, UTC),
                error=one.error,
                told_at=now,
                accepts_following=one.accepts_following,
            )
            for one in self._witnessing.statuses()
        ]
