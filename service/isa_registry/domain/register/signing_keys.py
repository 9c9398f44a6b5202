"""What a signing key may sign, and what is to be thought of what it signed. The one place that decides it.

A view is the register at one log position, so a key that is registered and not revoked *there* is good for the entry
that comes next, whatever becomes of it later. Its own dates are held against the time that a document states.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Literal

import msgspec

from isa_registry.domain.access_entries import KeyRegistered, KeySignatory
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.register.facts import SigningKey
from isa_registry.domain.register.register import RegisterView

Use = Literal["event", "acknowledgement", "attestation"]
State = Literal["current", "not-yet", "expired", "revoked"]

USES: tuple[Use, ...] = ("event", "acknowledgement", "attestation")
SOON_DAYS = 30
_DAY = timedelta(days=1)


class KeyToDo(msgspec.Struct, frozen=True):
    """Something to see to: `expires-soon`, within 30 days, or `revoke-expired`: it signs nothing of today any more, and
    still late entries about the time when it was valid. `succeeded`: a key is registered that goes on where it ends."""

    code: str
    kid: str
    days_left: int
    succeeded: bool


class _Header(msgspec.Struct):
    kid: str


def key_for_use(
    view: RegisterView, organisation: str, kid: str, use: Use, *, signatory: KeySignatory | None = None
) -> KeyRegistered | None:
    """The organisation's key of that id, if the entry after the view's last may be signed with it for that use.

    An attestation key signs for its own `signatory` and nobody else. A document states a time of its own as well, at
    which the key must have been valid: `valid_at`.
    """
    key = view.key(organisation, kid)
    if key is None or key.revoked or use not in key.registered.uses or key.registered.signatory != signatory:
        return None
    return key.registered


def valid_at(key: KeyRegistered, moment: str) -> bool:
    """Whether the key's own dates let it sign what is said to be of that moment (RFC 3339 UTC with milliseconds)."""
    return key.valid_from <= moment and (key.valid_until is None or moment < key.valid_until)


def is_suspect(view: RegisterView, organisation: str, kid: str, logged_at: str) -> bool:
    """Whether what was logged at that time under the key is in doubt, as far as the view knows.

    The log's own time counts: whoever holds a stolen key can write any other into a document.
    """
    key = view.key(organisation, kid)
    return key is not None and key.suspect_from is not None and logged_at >= key.suspect_from


def bodies_in_doubt(view: RegisterView) -> frozenset[str]:
    """The organisations that have a key of which something that was logged is in doubt."""
    return view.memory.recall(("bodies-in-doubt",), lambda: _bodies_in_doubt(view))


def _bodies_in_doubt(view: RegisterView) -> frozenset[str]:
    return frozenset(key.registered.organisation for key in view.all_keys() if key.suspect_from is not None)


def state_of(key: SigningKey, now: str) -> State:
    if key.revoked:
        return "revoked"
    if now < key.registered.valid_from:
        return "not-yet"
    return "current" if valid_at(key.registered, now) else "expired"


def days_left(key: KeyRegistered, now: str) -> int | None:
    """Whole days until the key is valid no longer, 0 once it is not; None where it has no end."""
    if key.valid_until is None:
        return None
    return max(0, (parse_instant(key.valid_until) - parse_instant(now)) // _DAY)


def has_successor(key: KeyRegistered, others: list[SigningKey]) -> bool:
    """Whether each use of the key is another's too that is not revoked and goes on where it ends.

    An attestation key is followed only by another of the same signatory.
    """
    end = key.valid_until
    if end is None:
        return False
    lasting = [
        other.registered
        for other in others
        if not other.revoked and other.registered.kid != key.kid and valid_at(other.registered, end)
    ]
    return all(any(use in other.uses and other.signatory == key.signatory for other in lasting) for use in key.uses)


def to_do(keys: list[SigningKey], now: str) -> list[KeyToDo]:
    """What a body's lead is to see to about its keys, the most pressing first."""
    found: list[KeyToDo] = []
    for key in keys:
        left, state = days_left(key.registered, now), state_of(key, now)
        if left is None or state == "revoked":
            continue
        code = "revoke-expired" if state == "expired" else "expires-soon"
        if state == "expired" or left < SOON_DAYS:
            found.append(KeyToDo(code, key.registered.kid, left, succeeded=has_successor(key.registered, keys)))
    return sorted(found, key=lambda one: (one.succeeded, one.code, one.days_left, one.kid))


def kid_of(jws: str) -> str:
    """The `kid` in the header of a compact JWS, unverified."""
    header = jws.split(".")[0]
    return msgspec.json.decode(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)), type=_Header).kid
