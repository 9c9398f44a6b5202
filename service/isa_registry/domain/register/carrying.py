"""What of a log's register goes into the log that continues it, and in what form (docs/formats/continuation.md).

Carried is what the current register depends on, entry by entry and in the same order; nothing is summed up, so that
who said what stays as they said it. Entries have other numbers and other times in the new log: the things in a
payload that name such are written anew, and nothing else is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.access_entries import IssuerRegistered, RoleGranted
from isa_registry.domain.agreement_entries import AgreementPublished, AttestationMade, CompanionPublished
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.entries import (
    LogContinued,
    RegisterPayload,
    RegistryOpened,
    encode_payload,
    kind_of,
)
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.influence import Folded, Influence
from isa_registry.domain.register.register import Register
from isa_registry.domain.retention import HoldScope
from isa_verify.continuation import INDEX

CARRIED = frozenset({
    "catalogue.changed", "law.verified", "law.verification-withdrawn", "law.change-looked-at", "partnership.registered",
    "partnership.changed", "organisation.registered", "organisation.changed", "delegation.given", "delegation.ended",
    "issuer.registered", "issuer.removed",
    "client.granted", "client.revoked", "key.registered", "key.revoked", "role.granted", "role.revoked",
    "agreement.published", "agreement.opened", "agreement.in-force", "agreement.suspended", "agreement.resumed",
    "agreement.withdrawn", "agreement.reviewed", "companion.published", "attestation.made", "attestation.declined",
    "attestation.withdrawn", "lawful-basis.recorded", "lawful-basis.ended", "retention.changed", "hold.placed",
    "hold.lifted",
})  # fmt: skip
"""Kinds that say what holds in the partnership."""

OF_ONE_LOG = frozenset({"registry.opened", "log.continued", "log-key.rotated"})
"""Kinds that speak of the log that they stand in: the new one has its own."""

Why = Literal["of-the-old-log", "no-longer-matters", "hold-lifted", "hold-of-entries-left-behind"]

FIRST = INDEX + 1
"""The index of the first entry carried over: it comes after the two that begin the log."""


class Carried(Struct, frozen=True):
    """An entry of the new log: its index, its payload, and the old log's entry that it comes from."""

    index: int
    payload: RegisterPayload
    old: Folded


class Left(Struct, frozen=True):
    """An entry of the old log's register that stays behind."""

    old: Folded
    why: Why


class Carrying(Struct, frozen=True):
    """Every entry of the old log's register, carried or left behind, each part in the old order."""

    carried: tuple[Carried, ...]
    left: tuple[Left, ...]


class CannotCarry(Exception):
    """What would be carried over does not make the same register. The sentence is fit for an operator."""


def carry(entries: Sequence[Folded]) -> Carrying:
    """What a log whose register is these entries, in order and less those erased, hands on. Raises `CannotCarry`."""
    left: list[Left] = []
    lifted = {one.payload.hold for one in entries if isinstance(one.payload, HoldLifted)}
    considered: list[Folded] = []
    for one in entries:
        if kind_of(one.payload) in OF_ONE_LOG:
            left.append(Left(one, "of-the-old-log"))
        elif isinstance(one.payload, HoldPlaced | HoldLifted) and one.payload.hold in lifted:
            left.append(Left(one, "hold-lifted"))
        else:
            considered.append(one)
    kept = _that_matter(considered)
    matter = {one.index for one in kept}
    left += [Left(one, "no-longer-matters") for one in considered if one.index not in matter]
    carried: list[Carried] = []
    renumbered: dict[int, int] = {}
    logged = {one.index: one.at for one in kept}
    for one in kept:
        payload = _written_anew(one, renumbered, logged)
        if payload is None:
            left.append(Left(one, "hold-of-entries-left-behind"))
            continue
        renumbered[one.index] = FIRST + len(carried)
        carried.append(Carried(renumbered[one.index], payload, one))
    return Carrying(tuple(carried), tuple(sorted(left, key=lambda found: found.old.index)))


def names_of(entries: Iterable[Folded]) -> frozenset[str]:
    """The origins that an attestation in a log may name: the log's own, that of the one it continues, and what those
    that it began with name, which were held to this rule then."""
    names: set[str] = set()
    began: str | None = None
    for one in entries:
        match one.payload:
            case RegistryOpened(origin=origin):
                names.add(origin)
            case LogContinued(old_origin=origin) if one.index == INDEX:
                names.add(origin)
                began = one.at
            case AttestationMade(jws=jws) if one.at == began:
                names.add(read_attestation(jws).registry)
    return frozenset(names)


def _that_matter(considered: Sequence[Folded]) -> list[Folded]:
    """The fewest of them that make the same register. One at a time: of two that say the same, one has to stay."""
    influence = Influence(considered)
    register = _fold(considered)
    standing = _said_once(considered) & _in_lists(register)
    kept: list[Folded] = []
    for one in considered:
        if encode_payload(one.payload) in standing or influence.ends(one.index) is None:
            kept.append(one)
        else:
            influence.forget(one.index)
    if current_values(register) != current_values(_fold(kept)):
        raise CannotCarry("What this register depends on could not be told apart from what it does not.")
    return kept


def _said_once(entries: Iterable[Folded]) -> set[bytes]:
    times = Counter(encode_payload(one.payload) for one in entries)
    return {payload for payload, count in times.items() if count == 1}


def _in_lists(register: Register) -> set[bytes]:
    """The payloads that stand as they are in a current list, as one of the many bodies that share an issuer: nothing
    else could have put them there, so they matter, and a thousand of them are not tried one by one."""
    lists: list[tuple[IssuerRegistered | RoleGranted, ...]] = []
    lists += [line.at(2**62) or () for line in register.issuers.values()]
    lists += [line.at(2**62) or () for line in register.roles.values()]
    return {encode_payload(payload) for found in lists for payload in found}


def current_values(register: Register) -> dict[str, object]:
    """Every current value by its place. Nothing and an empty list are the same to every reader."""
    values: dict[str, object] = {"catalogue": register.catalogue.at(2**62)}
    for name, shelf in register.shelves().items():
        values.update({f"{name} {key}": line.at(2**62) for key, line in shelf.items()})
    return {place: value for place, value in values.items() if value not in (None, ())}


def _fold(entries: Iterable[Folded]) -> Register:
    register = Register()
    for one in entries:
        apply(register, one.index, one.at, one.payload)
    return register


def _written_anew(one: Folded, renumbered: Mapping[int, int], logged: Mapping[int, str]) -> RegisterPayload | None:
    """The payload as the new log has it; None for a hold that would hold nothing there."""
    match _decided_anew(one.payload, renumbered):
        case AgreementPublished() | CompanionPublished() as published:
            return replace(published, published_at=published.published_at or one.at)
        case HoldPlaced() as placed:
            scope = _scope_anew(placed.scope, renumbered, logged)
            return None if scope is None else replace(placed, scope=scope, placed_at=placed.placed_at or one.at)
        case payload:
            return payload


def _decided_anew(payload: RegisterPayload, renumbered: Mapping[int, int]) -> RegisterPayload:
    """The payload with who decided it by the new log's numbers; that of who stays behind means another there."""
    for member in ("approved_by", "decided_by"):
        named = getattr(payload, member, ())
        if isinstance(named, tuple) and named:
            return replace(payload, **{member: tuple(renumbered[by] for by in named if by in renumbered)})
    return payload


def _scope_anew(scope: HoldScope, renumbered: Mapping[int, int], logged: Mapping[int, str]) -> HoldScope | None:
    """A scope that names entries names those that were carried, by their new numbers, and no period: it had been
    applied to the times at which the old log had them."""
    if not scope.entries:
        return scope
    in_period = replace(scope, organisations=(), entries=())
    entries = tuple(
        renumbered[entry]
        for entry in scope.entries
        if entry in renumbered and in_period.covers(entry, logged[entry], ())
    )
    return replace(scope, entries=entries, since=None, until=None) if entries else None
