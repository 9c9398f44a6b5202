"""Signing keys of organisations: registered for named uses, revoked from one entry on."""

from __future__ import annotations

import re

from msgspec.structs import replace

from isa_registry.actions.organisations import registered
from isa_registry.domain.access_entries import KeyRegistered, KeyRevoked
from isa_registry.domain.dates import is_instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.compact import KeyUnusableError, public_key
from isa_registry.ledger.drafts import Draft

USES = ("event", "acknowledgement", "attestation")
ALGORITHMS = ("Ed25519", "ES256", "PS256")
REASONS = ("superseded", "ceased", "compromised")
_KID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MEMBERS = {"OKP": ("kty", "crv", "x"), "EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def register(key: KeyRegistered) -> Draft:
    """A public key for named uses. Refused (`unprocessable`) for what is not such a key, or is a private one;
    (`conflict`) where the body has used this `kid` before, revoked or not."""
    faults = _faults(key)
    if faults:
        raise Refused("unprocessable", "This key cannot be registered.", tuple(faults))
    # A JWK may hold anything beside its key, and the log is for ever.
    key = replace(key, jwk={name: key.jwk[name] for name in _MEMBERS[key.jwk["kty"]]})

    def holds(view: RegisterView, at: str) -> None:
        if view.key(key.organisation, key.kid) is not None:
            raise Refused("conflict", "This organisation has used this kid before. Choose another.")

    return Draft(payloads=(key,), preconditions=(registered(key.organisation), holds))


def _faults(key: KeyRegistered) -> list[Fault]:
    faults: list[Fault] = []
    if not _KID.fullmatch(key.kid):
        faults.append(Fault("#/kid", "malformed", "A kid is 1 to 64 letters, digits, '.', '_' or '-'."))
    if key.algorithm not in ALGORITHMS:
        faults.append(Fault("#/algorithm", "unknown-code", f"Use one of {', '.join(ALGORITHMS)}."))
    if not key.uses or any(use not in USES for use in key.uses):
        faults.append(Fault("#/uses", "unknown-code", f"Name one or more of {', '.join(USES)}."))
    if _PRIVATE & key.jwk.keys():
        detail = "This holds a private key. Send the public part alone, and replace the key: it has been seen."
        faults.append(Fault("#/jwk", "private-key", detail))
    elif key.algorithm in ALGORITHMS:
        try:
            public_key(dict(key.jwk), key.algorithm)
        except KeyUnusableError:
            detail = "This is not a public JWK (RFC 7517) of the algorithm's kind."
            faults.append(Fault("#/jwk", "not-a-key", detail))
    for pointer, value in (("#/valid_from", key.valid_from), ("#/valid_until", key.valid_until)):
        if value is not None and not is_instant(value):
            faults.append(Fault(pointer, "not-a-time", "Write times as 2026-09-30T14:05:00.000Z."))
    return faults


def revoke(revocation: KeyRevoked) -> Draft:
    """From its entry on, nothing signed with the key is accepted."""
    if revocation.reason not in REASONS:
        detail = f"Use one of {', '.join(REASONS)}."
        raise Refused("unprocessable", detail, (Fault("#/reason", "unknown-code", detail),))
    if revocation.suspect_from is not None and not is_instant(revocation.suspect_from):
        detail = "Write times as 2026-09-30T14:05:00.000Z."
        raise Refused("unprocessable", detail, (Fault("#/suspect_from", "not-a-time", detail),))

    def holds(view: RegisterView, at: str) -> None:
        key = view.key(revocation.organisation, revocation.kid)
        if key is None:
            raise Refused("not-found", "The organisation has no such key.")
        if key.revoked:
            raise Refused("conflict", "The key is revoked already.")

    return Draft(payloads=(revocation,), preconditions=(holds,))
