"""Continuing a log under another origin: what the new one begins with, decided first, and then appended as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import continuing
from isa_registry.domain.entries import LogContinued, RegistryOpened
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.carrying import Carrying, carry, names_of
from isa_registry.domain.register.influence import Folded
from isa_registry.identity.signing import Jwk
from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.continuing.old_log import OldLog
from isa_registry.runtime.registry import Registry
from isa_verify.log_keys import Keys, log_keys

Unsigned = Literal["carry", "leave"]

_PATIENCE_SECONDS = 600.0


class Plan(Struct, frozen=True):
    """What is going to be done. `unsigned` are entries of the old register that no signature vouches for and that are
    left out for it."""

    old: OldLog
    opened: RegistryOpened
    continued: LogContinued
    carrying: Carrying
    unsigned: tuple[Folded, ...]
    draft: Draft

    @property
    def size(self) -> int:
        """How many entries the new log begins with."""
        return len(self.draft.payloads)


def plan(
    old: OldLog, old_keys: Keys, keys: LogKeys, attestation_key: Jwk, *, reason: str, unsigned: Unsigned | None
) -> Plan:
    """What the log with `keys` begins with, to continue `old`. `unsigned` says what becomes of entries of the register
    that no signature vouches for: it has to be said where there are any.

    Raises `Refused`, and `CannotCarry`.
    """
    _refuse_old_keys(old_keys, keys)
    if reason == "database-restored" and not old.lost:
        raise Refused(
            "conflict",
            "Nothing is lost: the old database holds every entry that the old log signed. Let that log go on, with its "
            "own settings.",
        )
    carried, behind = _by_signature(old, unsigned)
    public = {name: value for name, value in attestation_key.items() if name != "d"}
    opened = replace(old.opened, origin=keys.origin, attestation_key=public)
    continued = LogContinued(old_origin=old.origin, old_checkpoint=old.last.data.decode("utf-8"), reason=reason)
    carrying = carry(carried)
    draft = continuing.begin(opened, continued, carrying.carried, made_for=names_of(carried))
    return Plan(old=old, opened=opened, continued=continued, carrying=carrying, unsigned=tuple(behind), draft=draft)


def _refuse_old_keys(old_keys: Keys, keys: LogKeys) -> None:
    before = {one.key.public for one in log_keys(old_keys)}
    if any(one.public in before for one in keys.verifiers):
        raise Refused(
            "conflict",
            "A key of the old log is among those of the new one. Make new keys: what the old ones sign has to stay "
            "told apart.",
        )


def _by_signature(old: OldLog, unsigned: Unsigned | None) -> tuple[Sequence[Folded], Sequence[Folded]]:
    found = old.unvouched()
    if not found or unsigned == "leave":
        return [one for one in old.entries if one.index < old.vouched], found
    if old.differs:
        raise Refused(
            "conflict",
            f"After entry {old.vouched - 1} the old database holds other entries than those that were signed. They "
            f"cannot be carried over: say --unsigned leave, and enter again what of these {len(found)} is right.",
        )
    if unsigned is None:
        raise Refused(
            "conflict",
            f"No signature vouches for {len(found)} entries of the register, from entry {found[0].index} on: whoever "
            "could write to the database could have made them. Look at them with --dry-run and --unsigned carry, then "
            "say --unsigned carry or --unsigned leave.",
        )
    return old.entries, []


def continues_already(registry: Registry, planned: Plan) -> bool:
    """Whether the log that stands there began with this plan. It was written as a whole, so nothing is left to do."""
    view = registry.follower.view
    return view.size >= planned.size and view.continued() == planned.continued


async def begin(registry: Registry, planned: Plan) -> int:
    """Appends what the plan says to an empty log, in one transaction; the log's size. Raises `Refused`."""
    return (await registry.sequencer.append(planned.draft, patience=_PATIENCE_SECONDS)).size
