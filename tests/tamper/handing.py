"""Receipts and evidence as they are handed on."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

from isa_verify.encoding import canonical_json, decode_base64, encode_base64
from isa_verify.evidence import verify_evidence
from isa_verify.evidence_parts import Entry, ErasedBy, Head, Present, ReceiptPart, TextPart, Withheld
from isa_verify.receipt import verify_receipt
from tamper.case import Shown, Takes, Tool, Verb
from verify import test_evidence as evidence
from verify.published_log import KEYS, make_entries, make_receipt, payload_of, salt_of
from verify.signing import (
    checkpoint_of,
    note_of,
    receipt_of,
    with_payload,
)

RECEIPT_ENTRIES = make_entries(11)


def receipt() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(make_receipt(RECEIPT_ENTRIES, 6))
    return found


def other_receipt(index: int = 7) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(make_receipt(RECEIPT_ENTRIES, index))
    return found


def verify_it(value: dict[str, Any]) -> object:
    return verify_receipt(canonical_json(value), KEYS)


def of_another_log() -> dict[str, Any]:
    """Entry 6 of a log that was never signed, under the proof of the one that was."""
    leaf = make_entries(11, seed="forged")[6]
    return {"leaf": encode_base64(leaf), "salt": encode_base64(salt_of(6, "forged"))}


def receipt_case(verb: Verb, does: str, code: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Shown:
    return Shown(verb, does, Takes.ANYBODY, Tool.RECEIPT, code, honest=receipt, change=change, verify=verify_it)


RECEIPTS = [
    receipt_case(
        Verb.RECEIPT,
        "puts another entry's leaf in",
        "commitment-mismatch",
        lambda one: {**one, "leaf": other_receipt()["leaf"]},
    ),
    receipt_case(
        Verb.RECEIPT,
        "puts another entry's proof in",
        "index-mismatch",
        lambda one: {**one, "proof": other_receipt()["proof"]},
    ),
    receipt_case(
        Verb.RECEIPT,
        "puts another entry's payload in",
        "commitment-mismatch",
        lambda one: {**one, "payload": other_receipt()["payload"]},
    ),
    receipt_case(
        Verb.RECEIPT,
        "puts another entry's salt in",
        "commitment-mismatch",
        lambda one: {**one, "salt": other_receipt()["salt"]},
    ),
    receipt_case(
        Verb.RECEIPT,
        "puts all of another entry under this one's proof",
        "index-mismatch",
        lambda one: {**other_receipt(), "proof": one["proof"]},
    ),
    receipt_case(
        Verb.RECEIPT,
        "puts in an entry that the log does not hold",
        "inclusion-failed",
        lambda one: {**one, **of_another_log()},
    ),
    receipt_case(
        Verb.PAYLOAD,
        "changes the outcome in a receipt",
        "commitment-mismatch",
        lambda one: {**one, "payload": encode_base64(payload_of(6).replace(b"may-share", b"share-now"))},
    ),
    receipt_case(
        Verb.SALT,
        "cuts the last byte off a receipt's salt",
        "receipt-malformed",
        lambda one: {**one, "salt": encode_base64(decode_base64(one["salt"])[:31])},
    ),
]


# --- evidence --------------------------------------------------------------------------------------------------------


def forked_receipt() -> ReceiptPart:
    """A receipt that another auditor got, of a history that this bundle's checkpoint does not continue."""
    other = with_payload(evidence.ENTRIES[:5], {"kind": "check.answered", "outcome": "other"}, leaf_kind="record")
    note = note_of(checkpoint_of(other), [evidence.LOG])
    return ReceiptPart(receipt_of(other, 3, evidence.PAYLOADS[3], note), evidence.consistency_from(6))


def other_words_signed() -> bytes:
    """The operator edits an agreement's words and makes the log anew, but not the hash that was signed with them."""
    payload = {**evidence.PAYLOADS[1], "text": "# Other words\n"}
    entries = with_payload(evidence.ENTRIES[:1], payload)
    note = note_of(checkpoint_of(entries), [evidence.LOG])
    made = [
        Head("whole", "2026-05-01T00:00:00.000Z", note).encode(),
        Entry(entries[0], Withheld()).encode(),
        Entry(entries[1], Present(canonical_json(payload), salt_of(1))).encode(),
    ]
    return evidence.ended(made, 2, 0, 0)


def evidence_case(verb: Verb, does: str, code: str, make: Callable[[], bytes], takes: Takes = Takes.ANYBODY) -> Shown:
    return Shown(
        verb,
        does,
        takes,
        Tool.EXPORT,
        code,
        honest=evidence.bundle,
        change=lambda _: make(),
        verify=lambda data: verify_evidence(io.BytesIO(data), [evidence.LOG.key]),
    )


EVIDENCE = [
    evidence_case(
        Verb.SPLIT_VIEW,
        "hands one auditor evidence of another history than another auditor's receipt is of",
        "consistency-failed",
        lambda: evidence.bundle(receipts=[forked_receipt()]),
        Takes.OPERATOR,
    ),
    evidence_case(
        Verb.DELETE,
        "leaves an entry out of evidence of the whole log",
        "evidence-gap",
        lambda: evidence.ended(
            [line for number, line in enumerate(evidence.bundle().splitlines(keepends=True)[:-1]) if number != 3],
            7,
            0,
            0,
        ),
    ),
    evidence_case(
        Verb.PAYLOAD,
        "puts another payload into evidence",
        "commitment-mismatch",
        lambda: evidence.bundle([7], {7: Present(evidence.present(5).payload, evidence.present(7).salt)}),
    ),
    evidence_case(
        Verb.ERASURE,
        "says of a payload in evidence that it was erased",
        "payload-not-erased",
        lambda: evidence.bundle([5, 6], {5: ErasedBy(6)}),
    ),
    evidence_case(
        Verb.TEXT,
        "changes an agreement's words beside the evidence",
        "text-mismatch",
        lambda: evidence.bundle(texts=[TextPart(hashlib.sha256(evidence.WORDS).hexdigest(), evidence.WORDS + b"not ")]),
    ),
    evidence_case(
        Verb.TEXT,
        "changes an agreement's words but not their hash, and makes and signs the log anew",
        "text-mismatch",
        other_words_signed,
        Takes.OPERATOR,
    ),
    evidence_case(
        Verb.INSERT,
        "puts an entry into evidence that the log does not hold",
        "inclusion-failed",
        lambda: evidence.bundle(
            [7],
            {7: Withheld()},
            leaves=with_payload(
                evidence.ENTRIES[:7], {"kind": "check.answered", "outcome": "other"}, leaf_kind="record"
            ),
        ),
    ),
]

CASES = [*RECEIPTS, *EVIDENCE]
