"""What the routes of `api/access/consents.py` take and give."""

from __future__ import annotations

from isa_registry.actions.consents import ConsentSearch
from isa_registry.api import consents
from isa_registry.api.contract_form import JSON, Contract, Parameter, Receipt, Shape
from isa_registry.domain.consents.documents import (
    ConsentRequest,
    InvalidationRequest,
    RenewalRequest,
    WithdrawalRequest,
)
from isa_registry.domain.consents.receipts import ConsentReceipt

_CONSENT = "/api/v1/consents/{consent}"
_FOUND = (JSON, consents.ConsentResponse)
_PART = Parameter(
    "part",
    "Which receipt: the consent as a record of ISO/IEC TS 27560, or what proves that the log holds its entry.",
    "record",
    ("record", "proof"),
)
_ENTRY = Parameter("entry", "With `part=proof`: which entry of the consent's life; without it, the last.", "1234")


def _records(operation: str, takes: Shape, *problems: str) -> Contract:
    return Contract(
        operation=operation,
        tag="consents",
        takes=((JSON, takes),),
        answers=_FOUND,
        status=201,
        repeats=True,
        problems=("unprocessable", "gone", *problems),
    )


CONTRACTS_OF_CONSENTS: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/consents"): _records("recordConsent", ConsentRequest),
    ("POST", "/api/v1/consents/search"): Contract(
        operation="searchConsents",
        tag="consents",
        takes=((JSON, ConsentSearch),),
        answers=(JSON, consents.ConsentsFound),
        problems=("unprocessable", "quota-exceeded"),
    ),
    ("GET", _CONSENT): Contract(operation="readConsent", tag="consents", answers=_FOUND, problems=("gone",)),
    ("GET", f"{_CONSENT}/receipt"): Contract(
        operation="readConsentReceipt",
        tag="consents",
        answers=(consents.JSON_LD, ConsentReceipt),
        also=((JSON, Receipt),),
        query=(_PART, _ENTRY),
        problems=("gone", "receipt-not-ready"),
    ),
    ("POST", f"{_CONSENT}/withdrawal"): _records("withdrawConsent", WithdrawalRequest, "conflict", "changed-meanwhile"),
    ("POST", f"{_CONSENT}/renewal"): _records("renewConsent", RenewalRequest, "conflict", "changed-meanwhile"),
    ("POST", f"{_CONSENT}/invalidation"): _records(
        "invalidateConsent", InvalidationRequest, "conflict", "changed-meanwhile"
    ),
}
