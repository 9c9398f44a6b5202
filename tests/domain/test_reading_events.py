"""An event is read once: what is written in the one canonical way needs no second look, and a payload knows what it
says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isa_registry.domain.entries import SharingEventRecorded, decode_payload, encode_payload
from isa_registry.domain.sharing import (
    Acknowledgement,
    EventAdvice,
    EventAgreement,
    EventBasis,
    EventDecider,
    EventDuty,
    EventInformed,
    EventSubject,
    SharingEvent,
    Withheld,
    WithheldCategory,
    canonical_event,
    decode_event,
)
from isa_verify.encoding import canonical_json, encode_base64url, parse_json_strict
from isa_verify.errors import MalformedError

CLAIMS: dict[str, Any] = {
    "v": 1, "registry": "registry.test", "partnership": "durham", "id": "0197c7a0-0000-7000-8000-000000000001",
    "decision": "shared", "provider": "durham-constabulary", "recipient": {"kind": "fire"}, "purpose": "early-help",
    "categories": ["identity"], "withheld_sha256": None, "subjects": [], "urgency": "routine", "check": None,
    "agreement": None,
    "basis": {"article_6": [], "article_9": [], "article_10": [], "part_3": [], "gateways": []},
    "para18_reason": None, "s36_4_authority": None, "confidentiality_route": None,
    "duty": {"would_help_recipient": True, "more_detrimental": None}, "consent": "not-sought",
    "informed": {"family": "yes", "reason": None}, "childs_view": "agrees", "advice": [], "approved_by": None,
    "decided_by": {"role": "police-officer", "ref": "PNN-4411"}, "decided_at": "2026-11-27T10:00:00.000Z",
    "shared_at": "2026-11-27T10:00:00.000Z", "method": "post", "marking": "official", "request": None,
    "case_record": "CMS-1234", "retention": None, "review_on": None, "late_entry": False, "corrects": None,
}  # fmt: skip
PLAIN = canonical_json(CLAIMS)


def jws(payload: bytes) -> str:
    return f"e30.{encode_base64url(payload)}.c2ln"


def test_the_canonical_form_is_read_at_once() -> None:
    for claims in (CLAIMS, {**CLAIMS, "case_record": 'é "\\ \x7f\n-1'}):
        payload = canonical_json(claims)
        read = canonical_event(payload)
        assert read is not None
        assert (read, claims) == (decode_event(payload), parse_json_strict(payload))


OTHER_FORMS = {
    "a member twice": PLAIN.replace(b'"v":1', b'"v":1,"v":1'),
    "a member twice inside": PLAIN.replace(b'"family":"yes"', b'"family":"no","family":"yes"'),
    "two values of one member": PLAIN.replace(b'"purpose":', b'"purpose":"crime-prevention","purpose":'),
    "another order": json.dumps(dict(reversed(CLAIMS.items())), separators=(",", ":")).encode(),
    "a space": PLAIN.replace(b'"v":1', b'"v": 1'),
    "a space at the end": PLAIN + b" ",
    "an escape": PLAIN.replace(b"CMS", b"\\u0043MS"),
    "half of a pair": PLAIN.replace(b"CMS", b"\\ud800"),
    "no UTF-8": PLAIN.replace(b"CMS", b"\xff"),
    "a number that readers disagree on": PLAIN.replace(b'"v":1', b'"v":9007199254740993'),
    "another version": PLAIN.replace(b'"v":1', b'"v":2'),
    "a float": PLAIN.replace(b'"v":1', b'"v":1.0'),
    "a member more": PLAIN.replace(b'"v":1', b'"v":1,"w":1'),
    "a member less": PLAIN.replace(b',"v":1', b""),
    "no object": b"[]",
    "no JSON": b"{",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", OTHER_FORMS)
def test_any_other_form_is_left_to_a_strict_look(name: str) -> None:
    assert PLAIN != OTHER_FORMS[name]
    assert canonical_event(OTHER_FORMS[name]) is None


def test_what_readers_could_take_for_two_things_fails_the_strict_look() -> None:
    for name in ("a member twice", "a member twice inside", "two values of one member", "half of a pair"):
        with pytest.raises(MalformedError):
            parse_json_strict(OTHER_FORMS[name])


def test_members_stand_in_the_order_in_which_they_are_written() -> None:
    """Encoding claims as they stand is then the canonical form."""
    claims = [SharingEvent, Withheld, Acknowledgement, WithheldCategory]
    claims += [EventSubject, EventAgreement, EventBasis, EventDuty, EventInformed, EventAdvice, EventDecider]
    for one in claims:
        assert list(one.__struct_fields__) == sorted(one.__struct_fields__)


def test_a_payload_knows_the_event_that_was_read_and_reads_any_other_once() -> None:
    text = jws(PLAIN)
    read = decode_event(PLAIN)
    known = SharingEventRecorded.of(text, read)
    assert known.event is read
    logged = decode_payload(encode_payload(known))
    assert isinstance(logged, SharingEventRecorded)
    assert (logged, logged.event, logged.sha256) == (known, read, known.sha256)
    assert logged.event is logged.event
    assert encode_payload(logged) == encode_payload(known)
