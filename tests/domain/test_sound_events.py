"""An event is plainly sound exactly where nothing is wrong with it and it shares everything, corrects nothing and
names no rule of retention and no date of review: the quick look and the one that says what is wrong agree on every
member."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from demonstration import demonstration_view
from faults.drafts import submitted
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.sharing import (
    EventAdvice,
    EventBasis,
    EventDecider,
    EventInformed,
    EventSubject,
    SharingEvent,
    decode_event,
    read_event,
)
from isa_registry.domain.sharing_faults import event_faults
from isa_registry.domain.sound_events import Soundness
from isa_verify.encoding import canonical_json
from running import ORIGIN

EVENT = read_event(submitted(1).event)
_CATALOGUE = demonstration_view().catalogue()
assert _CATALOGUE is not None
SOUND = Soundness(_CATALOGUE, origin=ORIGIN, partnership="durham")
_REF = EVENT.subjects[0].ref
_LATER, _EARLIER, _NO_DAY = "2026-11-23T09:00:00.001Z", "2026-11-23T08:59:59.999Z", "2026-02-30T09:00:00.000Z"


def basis(**lists: tuple[str, ...]) -> EventBasis:
    return replace(EventBasis(article_10=(), article_6=(), article_9=(), gateways=(), part_3=()), **lists)


def subject(kind: str = "child", ref: str = _REF, roles: tuple[str, ...] = ()) -> EventSubject:
    return EventSubject(kind=kind, ref=ref, roles=roles)


def informed(family: str, reason: str | None = None) -> EventInformed:
    return EventInformed(family=family, reason=reason)


def advice(role: str, outcome: str) -> tuple[EventAdvice, ...]:
    return (EventAdvice(outcome=outcome, role=role),)


def decider(role: str, ref: str) -> EventDecider:
    return EventDecider(ref=ref, role=role)


# Of every member: values that are good, and some that are not.
VALUES: dict[str, tuple[Any, ...]] = {
    "v": (1, 2),
    "registry": (ORIGIN, "another"),
    "partnership": ("durham", "kent"),
    "id": (EVENT.id, EVENT.id.upper(), "no-id", f"{EVENT.id}\n"),
    "decision": ("shared", "part-shared", "not-shared", "deferred", "perhaps"),
    "provider": (EVENT.provider,),
    "recipient": ("harbour", "not known", RecipientKind("voluntary"), RecipientKind("club")),
    "purpose": ("early-help", "curiosity"),
    "categories": (("identity",), (), ("identity", "identity"), ("identity", "secrets"), ("health",) * 31),
    "withheld_sha256": (None, "0" * 64),
    "subjects": (
        EVENT.subjects, (), EVENT.subjects * 50, EVENT.subjects * 51, (subject(roles=("victim",)),),
        (subject("dragon"),), (subject(roles=("hero",)),),
        (subject(ref=_REF[:-1]),), (subject(ref=f"{_REF}\n"),),
    ),
    "urgency": ("routine", "urgent", "whenever"),
    "check": (None, "chk_1"),
    "agreement": (None, EVENT.agreement),
    "basis": (
        EVENT.basis, basis(), basis(article_6=("art6-1-z",)), basis(article_9=("x",)), basis(article_10=("x",)),
        basis(part_3=("x",)), basis(gateways=("x",)), basis(gateways=("ca-2004-s11",), article_9=("art9-2-g",)),
    ),
    "para18_reason": (None, "would-prejudice", "because"),
    "s36_4_authority": (None, "ca-2004-s11", "royal-decree"),
    "confidentiality_route": (None, "statute", "whispering"),
    "duty": (EVENT.duty,),
    "consent": ("not-sought", "given", "implied"),
    "informed": (
        informed("yes"), informed("no", "increases-risk"), informed("no"), informed("later"), informed("never"),
        informed("yes", "too-late"),
    ),
    "childs_view": ("agrees", "shrugs"),
    "advice": ((), advice("nurse", "share"), advice("oracle", "share"), advice("nurse", "maybe")),
    "approved_by": (None, "siro", "nobody"),
    "decided_by": (
        decider("nurse", "PNN-4411"), decider("nurse", "A1 1AA"), decider("witch", "PNN-4411"),
    ),
    "decided_at": (EVENT.decided_at, "yesterday", _NO_DAY, f"{EVENT.decided_at}\n"),
    "shared_at": (EVENT.decided_at, _LATER, _EARLIER, None, "soon", _NO_DAY),
    "method": ("post", "pigeon"),
    "marking": ("official", "secret"),
    "request": (None, "REQ-1", "jane@example.org"),
    "case_record": ("CMS-1234", "9434765919", "AB123456C", "GIR-0AA", "GIR0AA", "Jane", "ab1"),
    "retention": (None, "any"),
    "review_on": (None, "2027-01-01", "2020-01-01", "soon"),
    "late_entry": (False, True),
    "corrects": (None, "0197c7a0-0000-7000-8000-000000000001", EVENT.id, "x"),
}  # fmt: skip


def is_sound_by_members(event: SharingEvent) -> bool:
    beside = event.corrects is None and event.review_on is None and event.retention is None
    return event.decision == "shared" and beside and not event_faults(
        event, _CATALOGUE, origin=ORIGIN, partnership="durham"
    )  # fmt: skip


def is_sound(event: SharingEvent) -> bool:
    payload = canonical_json(msgspec.json.decode(msgspec.json.encode(event)))
    read = SOUND.read(payload)
    # What it reads is the event itself, in a narrower type of it.
    assert read is None or (isinstance(read, SharingEvent) and decode_event(msgspec.json.encode(read)) == event)
    return read is not None


def test_every_member_is_looked_at() -> None:
    assert set(VALUES) == {field.name for field in msgspec.structs.fields(SharingEvent)}
    assert is_sound(EVENT)


@pytest.mark.parametrize("member", VALUES)
def test_both_looks_agree_on_a_member(member: str) -> None:
    found = [is_sound(replace(EVENT, **{member: value})) for value in VALUES[member]]
    assert found == [is_sound_by_members(replace(EVENT, **{member: value})) for value in VALUES[member]]
    assert any(found)


@given(st.fixed_dictionaries({}, optional={member: st.sampled_from(values) for member, values in VALUES.items()}))
def test_both_looks_agree_on_any_event(members: dict[str, Any]) -> None:
    event = replace(EVENT, **members)
    assert is_sound(event) == is_sound_by_members(event)


def test_only_the_canonical_form_is_sound() -> None:
    payload = canonical_json(msgspec.json.decode(msgspec.json.encode(EVENT)))
    assert SOUND.read(payload) is not None
    for other in (
        payload + b" ",
        payload.replace(b'"v":1', b'"v":1,"v":1'),
        payload.replace(b"CMS", b"\\u0043MS"),
        b"{",
        b"",
    ):
        assert SOUND.read(other) is None
