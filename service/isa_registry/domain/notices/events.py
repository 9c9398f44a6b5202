"""What systems are told by webhook: that an entry was logged, of which kind, and about which ids. Nothing else: whoever
wants more reads it from the interface, where it is decided what they see.

Of agreements and attestations every body is told that wants to be. Of an event about a case only the one that it
concerns is: its recipient that it was shared, its provider that it was acknowledged. Of what was not shared, nobody.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct

from isa_registry.domain import agreement_entries as entries
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.entries import Payload, kind_of
from isa_verify.encoding import JsonValue, canonical_json

EVENT_KINDS = frozenset({
    "agreement.published", "agreement.opened", "agreement.in-force", "agreement.suspended", "agreement.resumed",
    "agreement.withdrawn", "agreement.reviewed", "attestation.made", "attestation.declined", "attestation.withdrawn",
})  # fmt: skip
"""The kinds of entries of which every body's systems may be told: register kinds that every body may read."""

SHARED, ACKNOWLEDGED = "sharing-event.recorded", "sharing-event.acknowledged"
CHALLENGE_KINDS = frozenset({"challenge.raised", "challenge.moved", "challenge.closed"})
"""The kinds of which the systems of the two bodies in a challenge are told, and nobody else's."""

CASE_KINDS = frozenset({SHARED, ACKNOWLEDGED})
"""The kinds of which the one body's systems are told that it concerns."""

KINDS = EVENT_KINDS | CASE_KINDS | CHALLENGE_KINDS
FAMILIES = tuple(sorted({kind.partition(".")[0] + ".*" for kind in KINDS}))
TEST_KIND = "webhook.test"
LONGEST_ADDRESS = 500

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


class Event(Struct, frozen=True):
    """An event. `at` is when it was logged (RFC 3339 UTC), `data` the ids that it is about; `entry` None is a test.
    `to` is the one body that is told; None is every one."""

    kind: str
    at: str
    data: dict[str, str]
    entry: int | None = None
    to: str | None = None

    def body(self) -> bytes:
        """The bytes that are sent and signed: canonical JSON (RFC 8785)."""
        data: dict[str, JsonValue] = {**self.data}
        if self.entry is not None:
            data["entry"] = self.entry
        return canonical_json({"type": self.kind, "timestamp": self.at, "data": data})


def event_of(entry: int, at: str, payload: Payload) -> Event | None:
    """The event that an entry of the log is; None where systems are not told of its kind."""
    kind = kind_of(payload)
    if kind not in EVENT_KINDS:
        return None
    match payload:
        case entries.AttestationMade():
            claims = read_attestation(payload.jws)
            data = {
                "agreement": claims.agreement,
                "version": claims.version,
                "organisation": claims.organisation,
                "attestation": payload.attestation,
            }
        case _:
            members = ("agreement", "version", "organisation", "attestation")
            data = {name: str(value) for name in members if (value := getattr(payload, name, None)) is not None}
    return Event(kind=kind, at=at, data=data, entry=entry)


class SharedEvent(Struct, frozen=True):
    """What telling knows of an event about a case: between whom it was shared, and what was marked on it. `recipient`
    is there only where it was shared with a registered body."""

    entry: int
    at: str
    provider: str
    event: str
    recipient: str | None
    flags: tuple[str, ...] = ()


class AcknowledgedEvent(Struct, frozen=True):
    """What telling knows of an acknowledgement."""

    entry: int
    at: str
    provider: str
    event: str
    recipient: str


def event_of_case(one: SharedEvent | AcknowledgedEvent) -> Event | None:
    """What the body is told that an entry about a case concerns; None where it concerns none."""
    data = {"event": one.event, "provider": one.provider}
    if isinstance(one, AcknowledgedEvent):
        return Event(ACKNOWLEDGED, one.at, {**data, "recipient": one.recipient}, one.entry, to=one.provider)
    return None if one.recipient is None else Event(SHARED, one.at, data, one.entry, to=one.recipient)


def takes(kinds: tuple[str, ...], kind: str) -> bool:
    """Whether a webhook of these kinds is told of one: by its name, or by its family (`agreement.*`)."""
    return kind in kinds or kind.partition(".")[0] + ".*" in kinds


def is_webhook_address(text: str, *, loopback: bool) -> bool:
    """Whether a text is an https address that a webhook may have; with `loopback` also a plain one of this machine."""
    if len(text) > LONGEST_ADDRESS or re.search(r"[^\x21-\x7e]", text) or "#" in text or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    plain = loopback and parts.scheme == "http" and host in ("127.0.0.1", "localhost")
    if not (parts.scheme == "https" or plain) or "@" in parts.netloc or port == 0:
        return False
    return bool(_HOST.fullmatch(f"[{host}]" if ":" in host else host)) and (plain or "." in host or ":" in host)
