"""Whether a log that continues another began with that one's register: for whoever has the evidence of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from msgspec.structs import replace

from isa_registry.domain.entries import LogContinued, RegisterPayload, RegistryOpened, encode_payload, kind_of
from isa_registry.domain.register.carrying import FIRST, Carried, carry
from isa_registry.domain.register.influence import Folded
from isa_registry.runtime.continuing.old_evidence import read_old_evidence, read_register
from isa_registry.runtime.continuing.old_log import OldLogRefused
from isa_verify.continuation import INDEX
from isa_verify.errors import VerificationError
from isa_verify.log_keys import Keys


class Continuity:
    """The comparison. `carried` is how many entries the old log handed on, `unseen` how many it had signed that its
    evidence does not hold; iterating gives a sentence for each thing that is otherwise."""

    def __init__(self, old: Callable[[], BinaryIO], old_keys: Keys, new: Callable[[], BinaryIO]) -> None:
        """`old` and `new` open the bundles, of which the new one has been verified.

        Raises `VerificationError` where the old one does not verify, or the new one continues nothing; `OldLogRefused`
        where one does not hold the whole register of its log; `CannotCarry`.
        """
        self._new = read_register(new)
        if [one.index for one in self._new[:FIRST]] != [0, INDEX]:
            raise OldLogRefused(
                "old-log-in-part", "The new log's evidence does not hold the entries that it began with."
            )
        continued = self._new[INDEX].payload
        if not isinstance(continued, LogContinued):
            raise VerificationError("continuation-missing", "The log does not say that it continues another.")
        self._old = read_old_evidence(old, old_keys, continued.old_checkpoint.encode())
        self._expected = carry(self._old.entries).carried
        self.carried = len(self._expected)
        self.unseen = self._old.lost

    def __iter__(self) -> Iterator[str]:
        return differences(self._old.entries[0], self._expected, self._new)


def differences(opened: Folded, expected: Sequence[Carried], new: Sequence[Folded]) -> Iterator[str]:
    """What a register is that was to begin as `expected`, and begins as `new`: a sentence for each thing that is
    otherwise. `opened` is the old log's first entry."""
    if _without_names(opened.payload) != _without_names(new[0].payload):
        yield "entry 0, registry.opened, is not of the same partnership"
    found = {one.index: one for one in new}
    for one in expected:
        what = f"entry {one.index}, {kind_of(one.payload)} from entry {one.old.index} of the old log,"
        there = found.get(one.index)
        if there is None:
            yield f"{what} is missing or erased"
        elif encode_payload(there.payload) != encode_payload(one.payload):
            yield f"{what} is not what the old log had"
    began = new[INDEX].at
    for other in new:
        if other.at == began and other.index >= FIRST + len(expected):
            yield f"entry {other.index}, {kind_of(other.payload)}, was not in the old log's register"


def _without_names(opened: RegisterPayload) -> RegistryOpened | None:
    """What two logs of the same partnership begin with alike."""
    return replace(opened, origin="", attestation_key={}) if isinstance(opened, RegistryOpened) else None
