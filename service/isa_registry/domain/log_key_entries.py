"""The payload of an entry that changes the log's own keys (docs/formats/key-rotation.md)."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from isa_registry.domain.payloads import PayloadStruct as _Payload


class EndingKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A key of the log as a verifier key, and the last size that it holds for."""

    to: int
    vkey: str


class BeginningKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A key of the log as a verifier key, and the first size that it holds for."""

    first: int = msgspec.field(name="from")
    vkey: str


class LogKeyRotated(_Payload, frozen=True, tag="log-key.rotated"):
    """The log's keys change: `reason` is `scheduled` or `compromise`. Whatever the register holds, a verifier reads it
    by `isa_verify.rotations`."""

    reason: str
    old: tuple[EndingKey, ...]
    new: tuple[BeginningKey, ...]
