"""What the index tables say of an entry, and who may read its payload: functions of the payload alone, so that any
table can be rebuilt from the log and compared with it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from isa_registry.domain.entries import CheckAnswered, Payload, SharingEventRecorded, SharingEventWithheld
from isa_registry.domain.sharing import SharingEvent, read_event

_SHARED = ("shared", "part-shared")


class CheckRow(Struct, frozen=True):
    """A row of `check_record`."""

    id: str
    index: int
    organisation: str
    decided_at: datetime


class SharingEventRow(Struct, frozen=True):
    """A row of `sharing_event`. `sha256` is of the event's and the withheld list's exact compact JWS."""

    provider: str
    id: UUID
    index: int
    withheld_index: int | None
    sha256: bytes
    recipient: str | None
    recipient_sees: bool
    decision: str
    purpose: str
    decided_at: datetime
    flags: tuple[str, ...]


def recipient_sees(event: SharingEvent) -> bool:
    """Whether the event is shown to its recipient: only what was shared, and only to a registered body."""
    return event.decision in _SHARED and isinstance(event.recipient, str)


def content_sha256(event_jws: str, withheld_jws: str | None) -> bytes:
    """The content by which a repeated event is known to be the same one."""
    return hashlib.sha256(event_jws.encode() + b"\n" + (withheld_jws or "").encode()).digest()


def readers_of(payload: Payload) -> tuple[str, ...] | None:
    """The organisations that may read a payload; None is everybody that may see the register."""
    match payload:
        case CheckAnswered():
            return (payload.organisation,)
        case SharingEventRecorded():
            event = read_event(payload.jws)
            if recipient_sees(event) and isinstance(event.recipient, str):
                return (event.provider, event.recipient)
            return (event.provider,)
        case SharingEventWithheld():
            return (payload.provider,)
        case _:
            return None


def check_row(index: int, payload: CheckAnswered) -> CheckRow:
    return CheckRow(
        id=payload.check,
        index=index,
        organisation=payload.organisation,
        decided_at=datetime.fromisoformat(payload.decided_at),
    )


def sharing_event_row(
    index: int, payload: SharingEventRecorded, withheld: SharingEventWithheld | None
) -> SharingEventRow:
    """The row of an event at `index`; its withheld list, where there is one, is the entry after it."""
    event = read_event(payload.jws)
    return SharingEventRow(
        provider=event.provider,
        id=UUID(event.id),
        index=index,
        withheld_index=None if withheld is None else index + 1,
        sha256=content_sha256(payload.jws, None if withheld is None else withheld.jws),
        recipient=event.recipient if isinstance(event.recipient, str) else None,
        recipient_sees=recipient_sees(event),
        decision=event.decision,
        purpose=event.purpose,
        decided_at=datetime.fromisoformat(event.decided_at),
        flags=payload.flags,
    )
