"""The calls of the consent register, as `isa_client.calls` has those of everything else."""

import secrets
from collections.abc import Mapping

from isa_client.answers import expect
from isa_client.calls import READ_ATTEMPTS, RECEIPT_ATTEMPTS, WRITE_ATTEMPTS, Call, encoded, exactly
from isa_client.consents import Consent, Said, Withdrawal, check_consent_id
from isa_client.errors import InputError, UnreachableError
from isa_client.exchanges import Reply
from isa_verify.encoding import JsonValue

_CONSENTS = "/api/v1/consents"


def record(consent: Consent, key: str | None = None) -> Call[dict[str, JsonValue]]:
    """Record what somebody answered. The same request under the same key gives the first answer."""
    return _written(_CONSENTS, consent.document(), key)


def renew(consent_id: str, said: Said, key: str | None = None) -> Call[dict[str, JsonValue]]:
    """Record that the same was said again."""
    return _written(f"{_CONSENTS}/{check_consent_id(consent_id)}/renewal", said.document(), key)


def withdraw(consent_id: str, withdrawal: Withdrawal, key: str | None = None) -> Call[dict[str, JsonValue]]:
    """Record that it was taken back."""
    return _written(f"{_CONSENTS}/{check_consent_id(consent_id)}/withdrawal", withdrawal.document(), key)


def read(consent_id: str) -> Call[dict[str, JsonValue]]:
    """One consent with its whole life."""
    return Call("GET", f"{_CONSENTS}/{check_consent_id(consent_id)}", _one, READ_ATTEMPTS)


def find(search: Mapping[str, JsonValue]) -> Call[list[dict[str, JsonValue]]]:
    """One's own consents about the people who are named by reference in the body, never in an address."""
    content = encoded(search)
    return Call("POST", f"{_CONSENTS}/search", _found, READ_ATTEMPTS, content, {"Content-Type": "application/json"})


def receipt(consent_id: str) -> Call[bytes]:
    """The consent's receipt for the family, in the terms of ISO/IEC TS 27560: JSON-LD, exactly as served."""
    headers = {"Accept": "application/ld+json, application/problem+json"}
    return Call("GET", f"{_CONSENTS}/{check_consent_id(consent_id)}/receipt", exactly, READ_ATTEMPTS, None, headers)


def proof(consent_id: str) -> Call[bytes]:
    """The receipt that the log holds the consent's last entry, unverified, exactly as served."""
    return Call("GET", f"{_CONSENTS}/{check_consent_id(consent_id)}/receipt?part=proof", exactly, RECEIPT_ATTEMPTS)


def _written(path: str, document: dict[str, JsonValue], key: str | None) -> Call[dict[str, JsonValue]]:
    # Not from the content: given, withdrawn and given again on one day may be the very same words.
    headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{_checked(key or secrets.token_hex(16))}"'}
    content = encoded(document)
    return Call("POST", path, _one, WRITE_ATTEMPTS, content, headers)


def _checked(key: str) -> str:
    if not 8 <= len(key) <= 128 or not key.isascii() or not all(one.isalnum() or one in "._:-" for one in key):
        raise InputError("idempotency-key", "An Idempotency-Key is 8 to 128 letters, digits and . _ : -.")
    return key


def _one(reply: Reply) -> dict[str, JsonValue]:
    document = expect(reply, 200, 201)
    if not isinstance(document.get("id"), str) or not isinstance(document.get("status"), str):
        raise UnreachableError("answer-malformed", "The registry's answer does not say how the consent stands.")
    return document


def _found(reply: Reply) -> list[dict[str, JsonValue]]:
    listed = expect(reply, 200).get("consents")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UnreachableError("answer-malformed", "The registry's answer is not the list that was expected.")
    return [one for one in listed if isinstance(one, dict)]
