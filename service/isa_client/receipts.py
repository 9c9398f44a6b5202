"""Receipts: the proof that the registry's log holds an entry, verified here before anyone relies on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isa_client.documents import payload_of
from isa_client.errors import InputError
from isa_client.identifiers import is_event_id
from isa_verify.encoding import JsonValue
from isa_verify.errors import CannotRunError, MalformedError, VerificationError
from isa_verify.note import VerifierKey
from isa_verify.receipt import VerifiedReceipt, verify_receipt

CHECK_KIND = "check.answered"

KINDS = {
    "event": "sharing-event.recorded",
    "withheld": "sharing-event.withheld",
    "acknowledgement": "sharing-event.acknowledged",
}
"""The kinds of entry that the parts of an event are."""

_ON_REQUEST = ("explained", "one_more_fact")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was verified: its exact bytes, to keep as `.isa-receipt.json`, and what it proves."""

    content: bytes
    verified: VerifiedReceipt


def parse_keys(vkeys: Sequence[str]) -> list[VerifierKey]:
    """Return the log's verifier keys (C2SP signed-note vkeys). Raises `InputError` for one that is none."""
    try:
        return [VerifierKey.parse(vkey) for vkey in vkeys]
    except (MalformedError, CannotRunError) as error:
        raise InputError("vkey-malformed", error.detail) from None


def verify(
    receipt: bytes,
    keys: Sequence[VerifierKey],
    record: str,
    *,
    part: str = "event",
    document: str | None = None,
    answer: Mapping[str, JsonValue] | None = None,
) -> VerifiedReceipt:
    """Return what a receipt proves, verified offline with the log's keys, if it is about the record that was meant.

    `record` is the id of a check, a consent or a sharing event; `part` what of an event it is for (`KINDS`); `document`
    the signed document itself, `answer` the answer to the check, where it is at hand: then the log must hold that very
    one. Raises
    `isa_verify.errors.VerificationError`, which names the step that failed, and `InputError` where no key was given or
    there is no such part.
    """
    if part not in KINDS:
        raise InputError("part-unknown", f"The part is one of {', '.join(KINDS)}.")
    if not keys:
        raise InputError("vkey-missing", "A receipt is verified with the log's keys, and none was given.")
    verified = verify_receipt(receipt, keys)
    if _record_of(verified, part) != record:
        raise VerificationError("another-record", "The receipt is genuine, but it is for another record.")
    if document is not None and verified.payload.get("jws") != document:
        raise VerificationError("another-document", "The receipt is genuine, but the log holds another document.")
    if answer is not None and not _is_answer(verified, answer):
        raise VerificationError("another-answer", "The receipt is genuine, but the log holds another answer.")
    return verified


def believed(
    receipt: bytes,
    keys: Sequence[VerifierKey],
    record: str,
    *,
    part: str = "event",
    document: str | None = None,
    answer: Mapping[str, JsonValue] | None = None,
) -> Receipt:
    """Return a receipt only once `verify` has passed it."""
    return Receipt(receipt, verify(receipt, keys, record, part=part, document=document, answer=answer))


def id_of(document: str, member: str = "id") -> str:
    """Return the id of the event that a signed document is, or that it names in another member. Raises `InputError`
    where there is none."""
    try:
        found = payload_of(document).get(member)
    except MalformedError:
        found = None
    if not isinstance(found, str) or not is_event_id(found):
        raise InputError("document-malformed", "The text is not a signed document of a sharing event.")
    return found


def _is_answer(verified: VerifiedReceipt, answer: Mapping[str, JsonValue]) -> bool:
    """Whether the log holds this answer, with when it was decided and from what. What was explained on request is not
    kept, and what only the moment of answering had (whether it was recorded, where the receipt is) is in no log."""
    logged = verified.payload.get("answer")
    if not isinstance(logged, dict) or not logged:
        return False
    kept = {name: value for name, value in logged.items() if name not in _ON_REQUEST}
    kept |= {name: verified.payload.get(name) for name in ("decided_at", "register")}
    return all(name in answer and answer[name] == value for name, value in kept.items())


def _record_of(verified: VerifiedReceipt, part: str) -> JsonValue:
    if verified.kind == CHECK_KIND:
        return verified.payload.get("check")
    if verified.kind.startswith("consent."):
        return verified.payload.get("consent")
    signed = verified.payload.get("jws")
    if verified.kind != KINDS[part] or not isinstance(signed, str):
        return None
    try:
        # A list and an acknowledgement name the event that they are of.
        return payload_of(signed).get("id" if part == "event" else "event")
    except MalformedError:
        return None
