"""Sharing events: the signed document has exactly the published members, and never contradicts itself."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from client.stand_in import EVENT_MEMBERS, ORIGIN, jwk
from isa_client.documents import SigningKey, document_sha256, header_of, payload_of
from isa_client.errors import InputError
from isa_client.events import Advice, EventSubject, SharingEvent, Withheld, is_time, sign_event, time_of
from isa_client.references import subject_reference
from isa_registry.domain.sharing import read_event

REF = subject_reference(bytes(32), "local-child-77")
KEY = SigningKey.from_jwk(json.dumps(jwk(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32), "k1")).encode())
EVENT = SharingEvent(
    registry=ORIGIN,
    partnership="durham",
    id="017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    decision="shared",
    provider="durham-constabulary",
    recipient="durham-county-council",
    purpose="harm-outside-the-home",
    categories=["identity", "intelligence"],
    subjects=[EventSubject("child", REF, ("victim",))],
    urgency="routine",
    check="chk_1",
    agreement=("tier-2-hoth", "1.0"),
    basis={"article_6": ["art6-1-e"]},
    would_help_recipient=True,
    more_detrimental=None,
    consent="not-sought",
    family_informed="no",
    not_informed_reason="increases-risk",
    childs_view="not-safe-to-seek",
    decided_by_role="police-officer",
    decided_by_ref="PNN-4411",
    decided_at="2026-10-01T09:30:00.000Z",
    shared_at="2026-10-01T09:30:00.000Z",
    method="secure-email",
    case_record="CMS-1234",
    advice=[Advice("legal-adviser", "share")],
)
NOT_SHARED = dataclasses.replace(EVENT, decision="not-shared", shared_at=None)


def test_the_claims_are_exactly_the_published_members() -> None:
    assert EVENT.claims(None) == {
        "v": 1,
        "registry": "demo.isa-registry.invalid/durham",
        "partnership": "durham",
        "id": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "decision": "shared",
        "provider": "durham-constabulary",
        "recipient": "durham-county-council",
        "purpose": "harm-outside-the-home",
        "categories": ["identity", "intelligence"],
        "withheld_sha256": None,
        "subjects": [{"kind": "child", "roles": ["victim"], "ref": REF}],
        "urgency": "routine",
        "check": "chk_1",
        "agreement": {"id": "tier-2-hoth", "version": "1.0"},
        "basis": {"article_6": ["art6-1-e"], "article_9": [], "article_10": [], "part_3": [], "gateways": []},
        "para18_reason": None,
        "s36_4_authority": None,
        "confidentiality_route": None,
        "duty": {"would_help_recipient": True, "more_detrimental": None},
        "consent": "not-sought",
        "informed": {"family": "no", "reason": "increases-risk"},
        "childs_view": "not-safe-to-seek",
        "advice": [{"role": "legal-adviser", "outcome": "share"}],
        "approved_by": None,
        "decided_by": {"role": "police-officer", "ref": "PNN-4411"},
        "decided_at": "2026-10-01T09:30:00.000Z",
        "shared_at": "2026-10-01T09:30:00.000Z",
        "method": "secure-email",
        "marking": "official-sensitive",
        "request": None,
        "case_record": "CMS-1234",
        "retention": None,
        "review_on": None,
        "late_entry": False,
        "corrects": None,
    }
    assert EVENT.claims(None).keys() == EVENT_MEMBERS


def test_a_recipient_that_is_not_registered_is_named_by_its_kind() -> None:
    assert dataclasses.replace(EVENT, recipient={"kind": "faith"}).claims(None)["recipient"] == {"kind": "faith"}


def test_an_event_is_signed_with_the_published_header() -> None:
    signed, listed = sign_event(EVENT, [], KEY)
    assert header_of(signed) == {"alg": "Ed25519", "kid": "k1", "typ": "isa-sharing-event+jws"}
    assert (payload_of(signed), listed) == (EVENT.claims(None), None)


def test_the_registry_reads_the_very_claims_that_were_signed() -> None:
    signed, _ = sign_event(EVENT, [], KEY)
    assert json.loads(msgspec.json.encode(read_event(signed))) == EVENT.claims(None)


def test_what_was_withheld_is_a_document_of_its_own_that_names_the_event_and_is_named_by_its_hash() -> None:
    signed, listed = sign_event(NOT_SHARED, [Withheld("intelligence", "live-investigation")], KEY)
    assert listed is not None
    assert header_of(listed) == {"alg": "Ed25519", "kid": "k1", "typ": "isa-withheld+jws"}
    assert payload_of(listed) == {
        "v": 1,
        "registry": ORIGIN,
        "partnership": "durham",
        "event": EVENT.id,
        "withheld": [{"category": "intelligence", "reason": "live-investigation"}],
    }
    assert payload_of(signed)["withheld_sha256"] == document_sha256(listed)


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"id": "1"}, "id"),
        ({"decision": "perhaps"}, "decision"),
        ({"consent": "unknown"}, "consent"),
        ({"family_informed": "maybe"}, "informed.family"),
        ({"not_informed_reason": "because"}, "informed.reason"),
        ({"not_informed_reason": None}, "informed.reason"),
        ({"childs_view": "happy"}, "childs_view"),
        ({"method": "pigeon"}, "method"),
        ({"advice": [Advice("siro", "yes")]}, "advice.outcome"),
        ({"categories": []}, "categories"),
        ({"categories": ["identity", "identity"]}, "categories"),
        ({"categories": ["Identity"]}, "category"),
        ({"categories": [f"c{number}" for number in range(31)]}, "categories"),
        ({"subjects": []}, "subjects"),
        ({"purpose": "to help"}, "purpose"),
        ({"shared_at": None}, "shared_at"),
        ({"decision": "not-shared"}, "shared_at"),
        ({"decision": "not-shared", "shared_at": None}, "withheld_sha256"),
        ({"decided_at": "2026-10-01T09:30:00Z"}, "decided_at"),
        ({"shared_at": "2026-02-30T09:30:00.000Z"}, "shared_at"),
        ({"review_on": "2026-13-01"}, "review_on"),
        ({"corrects": "chk_1"}, "corrects"),
        ({"decided_by_role": "Police Officer"}, "role"),
    ],
)
def test_an_event_that_contradicts_itself_is_refused_before_it_is_signed(
    change: dict[str, object], member: str
) -> None:
    with pytest.raises(InputError, match=f"^The event's {member} "):
        dataclasses.replace(EVENT, **change).claims(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("member", ["case_record", "decided_by_ref", "request"])
def test_a_reference_that_identifies_a_person_is_never_signed(member: str) -> None:
    with pytest.raises(InputError, match="looks like an NHS number"):
        dataclasses.replace(EVENT, **{member: "9434765919"}).claims(None)  # type: ignore[arg-type]


def test_a_subject_is_never_named_by_the_agencys_own_identifier() -> None:
    with pytest.raises(InputError, match="s1_"):
        dataclasses.replace(EVENT, subjects=[EventSubject("child", "local-child-77")]).claims(None)


def test_a_shared_event_names_no_withheld_list() -> None:
    with pytest.raises(InputError, match="withheld_sha256"):
        sign_event(EVENT, [Withheld("finance", "not-necessary")], KEY)


def test_a_category_is_not_both_shared_and_withheld() -> None:
    part = dataclasses.replace(EVENT, decision="part-shared")
    with pytest.raises(InputError, match="withheld"):
        sign_event(part, [Withheld("identity", "not-necessary")], KEY)


@pytest.mark.parametrize(
    "listed", [[Withheld("finance", "secret")], [Withheld("finance", "no-role"), Withheld("finance", "no-role")]]
)
def test_a_withheld_list_has_known_reasons_and_no_repeats(listed: list[Withheld]) -> None:
    with pytest.raises(InputError, match="withheld"):
        sign_event(NOT_SHARED, listed, KEY)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_times_are_utc_milliseconds_rounded_down(moment: datetime) -> None:
    text = time_of(moment)
    assert is_time(text)
    assert timedelta(0) <= moment - datetime.fromisoformat(text) < timedelta(milliseconds=1)


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    summer = timezone(timedelta(hours=1))
    assert time_of(datetime(2026, 7, 1, 0, 30, tzinfo=summer)) == "2026-06-30T23:30:00.000Z"
