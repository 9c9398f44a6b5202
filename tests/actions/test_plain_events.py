"""What is admitted together is what would be admitted alone, and nothing else is."""

from __future__ import annotations

import base64
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from asking import COUNCIL, POLICE
from demonstration import Demonstration
from faults.drafts import CALLER, COUNCIL_KID, COUNCILS, COUNCILS_JWK, KID, NOW, REGISTERED, submitted
from faults.drafts import JWK as POLICES_JWK
from isa_registry.actions import sharing_events
from isa_registry.actions.plain_events import Plainly
from isa_registry.actions.sharing_events import EVENT_TYPE, Admitted, Submitted
from isa_registry.domain.access_entries import KeyRevoked
from isa_registry.domain.entries import SharingEventRecorded
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.sharing import EventAgreement, SharingEvent
from isa_registry.identity import documents
from isa_registry.identity.signing import sign_document
from isa_verify.encoding import parse_json_strict
from running import ORIGIN

EVENT = submitted(1).event
"""Signed as everything here is that is not said to differ."""


@pytest.fixture(scope="module")
def view() -> RegisterView:
    return Demonstration().then(REGISTERED, COUNCILS).view()


def signed(**changes: object) -> Submitted:
    body = EVENT.split(".")[1]
    claims = parse_json_strict(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert isinstance(claims, dict)
    return Submitted(sign_document({**claims, **changes}, EVENT_TYPE, POLICES_JWK, KID))  # type: ignore[dict-item]


def tampered(compact: str) -> Submitted:
    return Submitted(compact[:-4] + ("AAAA" if compact[-4:] != "AAAA" else "BBBA"))


def alone(one: Submitted, view: RegisterView, later: timedelta) -> Admitted | None:
    try:
        return sharing_events.admit(one, CALLER, view, origin=ORIGIN, now=NOW + later)
    except Refused:
        return None


def as_written(admitted: Admitted | None) -> object:
    """An event is read plainly as a narrower type, which is unlike the other and says the same."""
    return admitted and (admitted.submitted, msgspec.json.encode(admitted.event), admitted.holds)


PLAIN = (
    signed(), signed(case_record="CMS-2"), signed(recipient={"kind": "voluntary"}), signed(agreement=None),
    signed(check="chk_1"), signed(late_entry=True),
)  # fmt: skip
OTHERS = (
    submitted(2, part=True), tampered(EVENT), Submitted(""), Submitted("..."), Submitted(EVENT + "A"),
    Submitted(EVENT.partition(".")[2]), Submitted(EVENT + "."), Submitted("é" + EVENT), signed(purpose="curiosity"),
    signed(provider=COUNCIL), signed(recipient=POLICE), signed(recipient="nobody-here"), signed(retention="never"),
    signed(agreement={"id": "tier-2-hoth", "version": "9"}), signed(decided_at="2025-01-01T00:00:00.000Z"), signed(v=2),
    signed(decided_at="2020-01-01T00:00:00.000Z", late_entry=True), signed(more=1), replace(signed(), withheld="x.y.z"),
    Submitted(sign_document({"v": 1}, "isa-withheld+jws", POLICES_JWK, KID)),
    Submitted(sign_document({"v": 1}, EVENT_TYPE, COUNCILS_JWK, COUNCIL_KID)),
    signed(case_record="C" + "1" * 50_000),
)  # fmt: skip


@pytest.mark.parametrize("later", [
    timedelta(), timedelta(hours=24), timedelta(hours=24, milliseconds=1), timedelta(minutes=-2),
    timedelta(minutes=-2, milliseconds=-1), timedelta(microseconds=1),
])  # fmt: skip
def test_together_is_as_alone(view: RegisterView, later: timedelta) -> None:
    for one in (*PLAIN, *OTHERS):
        alone(one, view, later)  # so that every header is known that may be
    events = [*PLAIN, *OTHERS, *PLAIN]
    found = Plainly(CALLER, view, origin=ORIGIN, now=NOW + later).admit(events)
    for one, together in zip(events, found, strict=True):
        assert together is None or as_written(together) == as_written(alone(one, view, later))
    if later == timedelta():
        assert all(found[: len(PLAIN)]) and all(found[-len(PLAIN) :])


def test_a_header_that_nobody_verified_under_is_not_plain(view: RegisterView) -> None:
    alone(signed(), view, timedelta())
    header = EVENT.partition(".")[0]
    kept = documents.headers_seen.pop(header)
    try:
        assert Plainly(CALLER, view, origin=ORIGIN, now=NOW).admit([signed()]) == [None]
    finally:
        documents.headers_seen[header] = kept


def test_a_key_that_was_revoked_signs_nothing_plain(view: RegisterView) -> None:
    alone(signed(), view, timedelta())
    revoked = Demonstration().then(REGISTERED, KeyRevoked(organisation=POLICE, kid=KID, reason="ceased")).view()
    assert Plainly(CALLER, revoked, origin=ORIGIN, now=NOW).admit([signed()]) == [None]
    later = Demonstration().then(replace(REGISTERED, valid_from="2026-12-01T00:00:00.000Z")).view()
    assert Plainly(CALLER, later, origin=ORIGIN, now=NOW).admit([signed()]) == [None]


def test_nothing_is_plain_before_the_registry_is_open(view: RegisterView) -> None:
    alone(signed(), view, timedelta())
    assert Plainly(CALLER, Register().at(0), origin=ORIGIN, now=NOW).admit([signed()]) == [None]


def test_an_event_admitted_plainly_is_held_as_it_was_read(view: RegisterView) -> None:
    (found,) = Plainly(CALLER, view, origin=ORIGIN, now=NOW).admit([signed(case_record="CMS-77")])
    assert found is not None and isinstance(found.event, SharingEvent)
    recorded = sharing_events.draft(found, ()).payloads[0]
    assert isinstance(recorded, SharingEventRecorded)
    assert recorded.event is found.event
    assert found.event.agreement == EventAgreement(id="tier-2-hoth", version="1.0")
