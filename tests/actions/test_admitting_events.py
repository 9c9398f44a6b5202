"""The limits of what is admitted of events and acknowledgements, to the millisecond; and whose keys may sign."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from msgspec.structs import replace

from asking import COUNCIL, POLICE
from demonstration import Demonstration
from faults.drafts import CALLER, COUNCIL_KID, COUNCILS, COUNCILS_JWK, NOW, REGISTERED, event_id, submitted
from isa_registry.actions import acknowledgements, sharing_events
from isa_registry.domain.access_entries import KeyRegistered, KeyRevoked
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import key_for_use
from isa_registry.identity.signing import sign_document
from running import ORIGIN

MILLISECOND = timedelta(milliseconds=1)
COUNCILS_CALLER = replace(CALLER, organisation=COUNCIL, client="council-system")


@pytest.fixture(scope="module")
def view() -> RegisterView:
    return Demonstration().then(REGISTERED, COUNCILS).view()


def event_faults(view: RegisterView, *, later: timedelta) -> list[tuple[str, str]]:
    """What is wrong with an event that was decided and shared at `NOW`, this much later."""
    try:
        sharing_events.admit(submitted(1), CALLER, view, origin=ORIGIN, now=NOW + later)
    except Refused as refused:
        return [(fault.pointer, fault.code) for fault in refused.faults]
    return []


@pytest.mark.parametrize(
    ("later", "faults"),
    [
        (timedelta(minutes=-2), []),
        (
            timedelta(minutes=-2) - MILLISECOND,
            [("#/decided_at", "in-the-future"), ("#/shared_at", "in-the-future")],
        ),
        (timedelta(hours=24), []),
        (timedelta(hours=24) + MILLISECOND, [("#/decided_at", "late")]),
    ],
)
def test_an_event_is_of_the_last_day_and_at_most_two_minutes_ahead(
    view: RegisterView, later: timedelta, faults: list[tuple[str, str]]
) -> None:
    assert event_faults(view, later=later) == faults


def said(**changes: object) -> str:
    claims = {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "event": event_id(1),
        "event_sha256": hashlib.sha256(submitted(1).event.encode()).hexdigest(), "recipient": COUNCIL,
        "received_at": instant(NOW), "matches": True, **changes,
    }  # fmt: skip
    return sign_document(claims, acknowledgements.ACKNOWLEDGEMENT_TYPE, COUNCILS_JWK, COUNCIL_KID)  # type: ignore[arg-type]


def said_faults(view: RegisterView, **changes: object) -> list[tuple[str, str]]:
    try:
        stated = acknowledgements.admit(said(**changes), event_id(1), COUNCILS_CALLER, view, origin=ORIGIN, now=NOW)
        acknowledgements.hold_against(stated, submitted(1).event)
    except Refused as refused:
        return [(fault.pointer, fault.code) for fault in refused.faults]
    return []


@pytest.mark.parametrize(
    ("received", "faults"),
    [
        (timedelta(minutes=2), []),
        (timedelta(minutes=2) + MILLISECOND, [("#/received_at", "in-the-future")]),
        (timedelta(minutes=-2), []),
        (timedelta(minutes=-2) - MILLISECOND, [("#/received_at", "before-shared")]),
    ],
)
def test_an_acknowledgement_is_of_after_the_sharing_and_not_ahead(
    view: RegisterView, received: timedelta, faults: list[tuple[str, str]]
) -> None:
    assert said_faults(view, received_at=instant(NOW + received)) == faults


def test_whoever_admits_may_say_which_keys_sign(view: RegisterView) -> None:
    """A page signs for a person with a key of the registry's: the same rules, and the same hold at the tail."""

    def of_the_registry(then: RegisterView, kid: str) -> KeyRegistered | None:
        return key_for_use(then, POLICE, kid, "event")

    caller = replace(CALLER, client="pages")
    admitted = sharing_events.admit(submitted(1), caller, view, origin=ORIGIN, now=NOW, key_for=of_the_registry)
    (holds,) = sharing_events.draft(admitted, ()).preconditions
    holds(view, instant(NOW))
    revoked = KeyRevoked(organisation=POLICE, kid=REGISTERED.kid, reason="ceased")
    with pytest.raises(Refused, match="revoked"):
        holds(Demonstration().then(REGISTERED, revoked).view(), instant(NOW))
    with pytest.raises(Refused) as refused:
        sharing_events.admit(submitted(1), caller, view, origin=ORIGIN, now=NOW, key_for=lambda *_: None)
    assert refused.value.code == "bad-document"
