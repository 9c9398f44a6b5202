"""What the registry signs for a person about a case, and that this key signs nothing else."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from demonstration import ATTESTATION_KEY, Demonstration
from faults.drafts import CALLER, NOW, POLICE, REGISTERED, event_id, submitted
from isa_registry.actions import keys, sharing_events, signed_for
from isa_registry.actions.sharing_events import Admitted, KeyFor, Submitted
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import kid_of
from isa_registry.domain.sharing import SharingEvent, WithheldCategory, read_event, read_withheld
from isa_registry.identity.attestation_key import AttestationKey
from isa_registry.identity.signing import new_signing_key
from running import ORIGIN

KEY = AttestationKey(ATTESTATION_KEY)
HELD = (WithheldCategory(category="intelligence", reason="live-investigation"),)
AT = "2026-11-23T09:00:00.000Z"


@cache
def view() -> RegisterView:
    register = Demonstration()
    register.then(REGISTERED)
    return register.register.at(register.size)


def decision(**changes: Any) -> SharingEvent:
    return replace(read_event(submitted(1, part=True).event), withheld_sha256=None, **changes)


def signed(event: SharingEvent, withheld: tuple[WithheldCategory, ...] = HELD) -> Submitted:
    return signed_for.sign_event(event, withheld, KEY)


def admit(submitted: Submitted, key_for: KeyFor | None = signed_for.own_key) -> Admitted:
    return sharing_events.admit(submitted, CALLER, view(), origin=ORIGIN, now=NOW, key_for=key_for)


def test_both_documents_carry_the_registrys_own_kid_and_belong_together() -> None:
    made = signed(decision())
    assert made.withheld is not None
    assert {kid_of(made.event), kid_of(made.withheld)} == {ATTESTATION_KEY["kid"]}
    assert read_event(made.event).withheld_sha256 == hashlib.sha256(made.withheld.encode()).hexdigest()
    assert read_withheld(made.withheld).event == read_event(made.event).id


def test_it_is_admitted_under_the_registrys_key_which_still_counts_at_the_tail() -> None:
    for holds in sharing_events.draft(admit(signed(decision())), ()).preconditions:
        holds(view(), AT)


def test_what_the_registry_signed_is_refused_from_a_system() -> None:
    with pytest.raises(Refused) as caught:
        admit(signed(decision()), None)
    assert [fault.code for fault in caught.value.faults] == ["jws-key-unknown"]


def test_what_a_body_signed_is_not_recorded_for_a_person() -> None:
    with pytest.raises(Refused) as caught:
        admit(submitted(1))
    assert [fault.code for fault in caught.value.faults] == ["jws-key-unknown"]


def test_nothing_is_signed_for_another_body_or_of_another_form() -> None:
    with pytest.raises(Refused) as caught:
        admit(signed(decision(provider="durham-county-council", recipient=POLICE)))
    assert caught.value.code == "not-your-organisation"
    with pytest.raises(Refused) as caught:
        admit(signed(decision(method="pigeon")))
    assert [fault.pointer for fault in caught.value.faults] == ["#/method"]


@pytest.mark.parametrize("key", [None, AttestationKey(new_signing_key(ATTESTATION_KEY["kid"])[0])])
def test_without_the_key_that_the_log_names_nothing_is_signed(key: AttestationKey | None) -> None:
    with pytest.raises(Refused) as caught:
        signed_for.usable(key, view())
    assert caught.value.code == "unavailable"


def test_no_body_registers_a_key_under_the_registrys_kid() -> None:
    _, public = new_signing_key(ATTESTATION_KEY["kid"])
    key = KeyRegistered(POLICE, public.pop("kid"), "Ed25519", public, ("event",), AT)
    with pytest.raises(Refused) as caught:
        keys._unused(key)(view(), AT)
    assert [fault.code for fault in caught.value.faults] == ["kid-of-the-registry"]


def test_a_decision_has_the_id_that_its_form_was_given() -> None:
    assert admit(signed(decision(id=event_id(4)))).event.id == event_id(4)
