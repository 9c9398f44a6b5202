"""What a struct's types do not say of the members of consents (`refinements.py` merges it)."""

from __future__ import annotations

from collections.abc import Iterable

from isa_registry.domain.consents import codes
from isa_registry.domain.references import SUBJECT_REFERENCE

JsonSchema = dict[str, object]


def _one_of(known: Iterable[str]) -> JsonSchema:
    return {"enum": list(known)}


_MOMENT: JsonSchema = {"format": "date-time", "examples": ["2026-09-30T14:05:00.000Z"]}
_DAY: JsonSchema = {"format": "date", "examples": ["2027-09-29"]}
_ID: JsonSchema = {"pattern": "^cns_[0-9a-f]{32}$"}
_REFERENCE: JsonSchema = {"pattern": f"^{SUBJECT_REFERENCE.pattern}$"}
_LIST: JsonSchema = {"minItems": 1, "maxItems": 30, "uniqueItems": True}
_SAID: dict[str, JsonSchema] = {
    "childs_view": _one_of(codes.CHILDS_VIEWS),
    "method": _one_of(codes.METHODS),
    "answered_at": _MOMENT,
    "review_on": _DAY,
    "age_transition_on": _DAY,
}
_BEGUN: dict[str, JsonSchema] = {**_SAID, "role": _one_of(codes.ROLES)}
_WITHDRAWN: dict[str, JsonSchema] = {
    "by": _one_of(codes.STANDINGS),
    "method": _one_of(codes.METHODS),
    "answered_at": _MOMENT,
}
_VOID: dict[str, JsonSchema] = {"reason": _one_of(codes.INVALIDATION_REASONS), "found_at": _MOMENT}

REFINEMENTS_OF_CONSENTS: dict[str, dict[str, JsonSchema]] = {
    "ConsentSubject": {
        "kind": _one_of(("child", "unborn-child", "other-child", "parent-carer", "adult-at-risk", "adult")),
        "ref": _REFERENCE,
    },
    "ConsentStanding": {"by": _one_of(codes.STANDINGS), "shown_by": _one_of(codes.SHOWN_BY)},
    "ConsentScope": {"purposes": _LIST, "recipients": _LIST, "categories": _LIST},
    "ConsentRequest": {**_BEGUN, "answer": _one_of(("given", "refused"))},
    "RenewalRequest": _SAID,
    "WithdrawalRequest": _WITHDRAWN,
    "InvalidationRequest": _VOID,
    "ConsentGiven": {**_BEGUN, "consent": _ID},
    "ConsentRefused": {**_BEGUN, "consent": _ID},
    "ConsentRenewed": {**_SAID, "consent": _ID},
    "ConsentWithdrawn": {**_WITHDRAWN, "consent": _ID},
    "ConsentInvalidated": {**_VOID, "consent": _ID},
    "ConsentSearch": {
        "references": {"minItems": 1, "maxItems": 50},
        "role": _one_of(codes.ROLES),
        "status": _one_of(codes.STATUSES),
    },
    "ConsentResponse": {
        "id": _ID,
        "status": _one_of(codes.STATUSES),
        "on": _DAY,
        "role": _one_of(codes.ROLES),
        "childs_view": _one_of(codes.CHILDS_VIEWS),
        "answered_at": _MOMENT,
        "review_on": _DAY,
        "age_transition_on": _DAY,
    },
    "ConsentEntry": {"logged_at": _MOMENT},
    "ReceiptEvent": {"event_time": _MOMENT, "valid_until": _DAY},
}
