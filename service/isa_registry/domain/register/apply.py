"""The fold: how each register kind changes the register. One function a kind, one table of kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from isa_registry.domain import access_entries, entries, keeping_entries
from isa_registry.domain.log_key_entries import LogKeyRotated
from isa_registry.domain.register import agreement_fold, basis_fold, law_fold, party_fold
from isa_registry.domain.register.facts import (
    Client,
    Hold,
    KeyRotation,
    SigningKey,
)
from isa_registry.domain.register.register import Register
from isa_verify.continuation import INDEX


def _opened(register: Register, entry: int, at: str, fact: entries.RegistryOpened) -> None:
    register.opened.set(entry, fact)


def _continued(register: Register, entry: int, at: str, fact: entries.LogContinued) -> None:
    # Anywhere else it says nothing: a log cannot begin to continue another when it has a history of its own.
    if entry == INDEX:
        register.continued.set(entry, fact)


def _issuer_registered(register: Register, entry: int, at: str, fact: access_entries.IssuerRegistered) -> None:
    timeline = register.issuers[fact.issuer]
    replaced = (fact.organisation, fact.value)
    kept = tuple(one for one in timeline.at(entry) or () if (one.organisation, one.value) != replaced)
    timeline.set(entry, (*kept, fact))


def _issuer_removed(register: Register, entry: int, at: str, fact: access_entries.IssuerRemoved) -> None:
    timeline = register.issuers[fact.issuer]
    timeline.set(entry, tuple(one for one in timeline.at(entry) or () if one.organisation != fact.organisation))


def _client_granted(register: Register, entry: int, at: str, fact: access_entries.ClientGranted) -> None:
    register.clients[f"{fact.organisation} {fact.client}"].set(
        entry, Client(organisation=fact.organisation, client=fact.client, scopes=fact.scopes, until=fact.until)
    )


def _client_revoked(register: Register, entry: int, at: str, fact: access_entries.ClientRevoked) -> None:
    register.clients[f"{fact.organisation} {fact.client}"].set(
        entry, Client(organisation=fact.organisation, client=fact.client, scopes=())
    )


def _key_registered(register: Register, entry: int, at: str, fact: access_entries.KeyRegistered) -> None:
    timeline = register.keys[f"{fact.organisation} {fact.kid}"]
    # A kid names one key for ever: whoever could append this anyway must not bring a revoked one back to life.
    if timeline.at(entry) is None:
        timeline.set(entry, SigningKey(registered=fact))


def _key_revoked(register: Register, entry: int, at: str, fact: access_entries.KeyRevoked) -> None:
    timeline = register.keys[f"{fact.organisation} {fact.kid}"]
    key = timeline.at(entry)
    if key is not None:
        timeline.set(entry, replace(key, revoked=True, reason=fact.reason, suspect_from=fact.suspect_from))


def _role_granted(register: Register, entry: int, at: str, fact: access_entries.RoleGranted) -> None:
    timeline = register.roles[f"{fact.issuer} {fact.subject}"]
    kept = tuple(r for r in timeline.at(entry) or () if (r.organisation, r.role) != (fact.organisation, fact.role))
    timeline.set(entry, (*kept, fact))


def _role_revoked(register: Register, entry: int, at: str, fact: access_entries.RoleRevoked) -> None:
    timeline = register.roles[f"{fact.issuer} {fact.subject}"]
    kept = tuple(r for r in timeline.at(entry) or () if (r.organisation, r.role) != (fact.organisation, fact.role))
    timeline.set(entry, kept)


def _retention_changed(register: Register, entry: int, at: str, fact: keeping_entries.RetentionChanged) -> None:
    register.retention[fact.organisation or ""].set(entry, fact.rules)


def _hold_placed(register: Register, entry: int, at: str, fact: keeping_entries.HoldPlaced) -> None:
    placed_at = fact.placed_at or at
    register.holds[fact.hold].set(
        entry, Hold(hold=fact.hold, reason=fact.reason, scope=fact.scope, placed_at=placed_at)
    )


def _hold_lifted(register: Register, entry: int, at: str, fact: keeping_entries.HoldLifted) -> None:
    timeline = register.holds[fact.hold]
    hold = timeline.at(entry)
    if hold is not None:
        timeline.set(entry, replace(hold, lifted_at=at))


def _log_key_rotated(register: Register, entry: int, at: str, fact: LogKeyRotated) -> None:
    timeline = register.log_key_rotations[""]
    timeline.set(entry, (*(timeline.at(entry) or ()), KeyRotation(entry=entry, rotated=fact)))


# The one table of kinds that are folded. `Any` because each row takes its own payload, which the key guarantees.
FOLD: dict[type, Callable[[Register, int, str, Any], None]] = {
    entries.RegistryOpened: _opened,
    entries.LogContinued: _continued,
    **law_fold.FOLD,
    **agreement_fold.FOLD,
    **party_fold.FOLD,
    access_entries.IssuerRegistered: _issuer_registered,
    access_entries.IssuerRemoved: _issuer_removed,
    access_entries.ClientGranted: _client_granted,
    access_entries.ClientRevoked: _client_revoked,
    access_entries.KeyRegistered: _key_registered,
    access_entries.KeyRevoked: _key_revoked,
    access_entries.RoleGranted: _role_granted,
    access_entries.RoleRevoked: _role_revoked,
    **basis_fold.FOLD,
    keeping_entries.RetentionChanged: _retention_changed,
    keeping_entries.HoldPlaced: _hold_placed,
    keeping_entries.HoldLifted: _hold_lifted,
    LogKeyRotated: _log_key_rotated,
}


def apply(register: Register, entry: int, at: str, payload: entries.Payload) -> None:
    """Folds the entry at index `entry`, logged `at` (RFC 3339 UTC), into the register. Record kinds change nothing."""
    change = FOLD.get(type(payload))
    if change is not None:
        register.changed(entry)
        change(register, entry, at, payload)
