"""What an action hands to the sequencer: the only thing that can become log entries."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from isa_registry.domain.entries import Payload
from isa_registry.domain.register.register import RegisterView

# Looks at the register as it stands at the tail, at the time that the entry will carry (RFC 3339 UTC), and raises
# `Refused` where the draft no longer holds there: a key that another worker just logged as revoked must count.
Precondition = Callable[[RegisterView, str], None]


class EventClaim(Struct, frozen=True, gc=False):
    """A sharing event is unique by provider and id, a UUID in its one spelling; `sha256` is of the exact content."""

    provider: str
    event: str
    sha256: bytes


class IdempotencyClaim(Struct, frozen=True):
    """A client's Idempotency-Key: SHA-256 of (organisation, client, route, key), and of the request."""

    scope_sha256: bytes
    request_sha256: bytes


class Unchanged(Struct, frozen=True):
    """What a draft rests on: nothing was appended to any of these threads (`ledger.threads`) at `since` or after, the
    log size up to which they were read."""

    threads: tuple[str, ...]
    since: int


class Draft(Struct, frozen=True):
    """One or more payloads that are appended together or not at all. With `unchanged`, they are refused as
    `changed-meanwhile` where what was read of a case has changed: whoever made the draft reads again."""

    payloads: tuple[Payload, ...]
    preconditions: tuple[Precondition, ...] = ()
    event: EventClaim | None = None
    idempotency: IdempotencyClaim | None = None
    unchanged: Unchanged | None = None


class Appended(Struct, frozen=True, gc=False):
    """Where a draft's first payload stands. `size` is the log size that includes the whole draft; `at` RFC 3339 UTC.
    `repeated` says that the same content was there already, and this is where."""

    index: int
    size: int
    at: str
    repeated: bool = False
