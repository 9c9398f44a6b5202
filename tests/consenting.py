"""Consents in a line, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from demonstration import catalogue
from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentInvalidated,
    ConsentRefused,
    ConsentRenewed,
    ConsentWithdrawn,
)
from isa_registry.domain.consents.faults import Known
from isa_registry.domain.consents.states import Entry

OWN = "harbour"
REF = "s1_" + "A" * 43
OTHER = "s1_" + "B" * 42 + "A"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
BY_PARENT = {
    "by": "parental-responsibility", "shown_by": "parental-responsibility-evidenced", "evidence": "CMS-7001",
}  # fmt: skip
BY_CHILD = {"by": "child-with-capacity", "shown_by": "gillick-assessed", "evidence": "CMS-7002"}

SAID: dict[str, Any] = {
    "standing": BY_PARENT,
    "childs_view": "agrees",
    "explicit": True,
    "statement": {"id": "STATEMENT-4", "version": "1.2", "language": "en"},
    "method": "in-person",
    "evidence": "CMS-7003",
    "answered_at": "2026-11-02T10:00:00.000Z",
    "recorded_by": {"role": "support-worker", "ref": "STAFF-12"},
}
ANSWER: dict[str, Any] = {
    **SAID,
    "answer": "given",
    "subject": {"kind": "child", "ref": REF},
    "role": "the-basis",
    "scope": {
        "purposes": ["early-help"], "recipients": ["durham-county-council"], "categories": ["identity", "family"],
    },
    "review_on": "2027-11-01",
}  # fmt: skip
RENEWAL: dict[str, Any] = {**SAID, "answered_at": "2026-11-20T10:00:00.000Z", "review_on": "2027-11-19"}
WITHDRAWAL: dict[str, Any] = {
    "by": "parental-responsibility",
    "method": "telephone",
    "answered_at": "2026-11-20T10:00:00.000Z",
    "recorded_by": {"role": "support-worker", "ref": "STAFF-12"},
}
INVALIDATION: dict[str, Any] = {
    "reason": "no-standing",
    "found_at": "2026-11-21T10:00:00.000Z",
    "recorded_by": {"role": "data-protection-officer", "ref": "STAFF-1"},
}
KINDS = {
    "given": ConsentGiven, "refused": ConsentRefused, "renewed": ConsentRenewed, "withdrawn": ConsentWithdrawn,
    "invalidated": ConsentInvalidated,
}  # fmt: skip
BODIES = {"harbour", "durham-county-council", "durham-constabulary"}


def known() -> Known:
    return Known(catalogue(), OWN, BODIES.__contains__, {"case-record"}, NOW)


def entry(index: int, event: str, consent: str = "cns_1", **changes: Any) -> Entry:
    """An entry of a consent, from the documents above."""
    base = {
        "given": ANSWER,
        "refused": ANSWER,
        "renewed": RENEWAL,
        "withdrawn": WITHDRAWAL,
        "invalidated": INVALIDATION,
    }
    whole = {**base[event], "consent": consent, "organisation": OWN, "client": "a-client"}
    whole.pop("answer", None)
    if event == "refused":
        whole.pop("review_on")
    payload = msgspec.convert({"kind": f"consent.{event}", **whole, **changes}, KINDS[event])
    return Entry(index, "2026-11-27T12:00:00.000Z", payload)
