"""The payloads of entries about how long others are kept: retention rules, legal holds, erasures."""

from __future__ import annotations

from isa_registry.domain.payloads import PayloadStruct as _Payload
from isa_registry.domain.retention import HoldScope, RetentionRule


class RetentionChanged(_Payload, frozen=True, tag="retention.changed"):
    """The retention rules from here on, whole: those of one organisation for what is its own, or without one those of
    the partnership for everything else. `approved_by` is the entry that made the person known who decided them for
    their own organisation; what the operator's command adopts names nobody."""

    rules: tuple[RetentionRule, ...]
    organisation: str | None = None
    approved_by: tuple[int, ...] = ()


class HoldPlaced(_Payload, frozen=True, tag="hold.placed"):
    """From this entry on nothing in the scope is erased. `reason` is a code, never a case. `placed_at` (RFC 3339 UTC)
    is there in a log that continues another: when that one placed the hold; otherwise that is the entry's own time."""

    hold: str
    reason: str
    scope: HoldScope
    placed_at: str | None = None


class HoldLifted(_Payload, frozen=True, tag="hold.lifted"):
    hold: str
    reason: str


class PayloadErased(_Payload, frozen=True, tag="payload.erased"):
    """The payload and the salt of entry `index` go, for a reason and by a retention rule (None: by no rule).

    `until` is there for an entry of the register: the first log size at which the register no longer depended on it.
    `approved_by` are the entries that made the two people known who asked for what no rule asked for.
    """

    index: int
    reason: str
    rule: str | None = None
    until: int | None = None
    approved_by: tuple[int, ...] = ()
