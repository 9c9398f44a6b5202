"""Every field of what is sent to the consent register, wrong: a pointer, a code, and what to do."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from consenting import (
    ANSWER,
    BY_CHILD,
    BY_PARENT,
    INVALIDATION,
    RENEWAL,
    SAID,
    WITHDRAWAL,
    entry,
    known,
)
from isa_registry.domain.consents import codes
from isa_registry.domain.consents.documents import (
    ConsentRequest,
    InvalidationRequest,
    RenewalRequest,
    WithdrawalRequest,
)
from isa_registry.domain.consents.faults import (
    invalidation_faults,
    renewal_faults,
    request_faults,
    withdrawal_faults,
)
from isa_registry.domain.consents.states import fold
from isa_registry.domain.refusals import Fault

ADULT = {"subject": {"kind": "adult", "ref": ANSWER["subject"]["ref"]}}
SELF = {"standing": {"by": "adult-self", "shown_by": "capacity-presumed"}, "childs_view": "no-child"}
NHS = "9434765919"


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with the member at a pointer set."""
    copy: Any = json.loads(json.dumps(document))
    at: Any = copy
    *steps, last = path.split("/")
    for one in steps:
        at = at[int(one)] if one.isdigit() else at[one]
    at[int(last) if last.isdigit() else last] = value
    return dict(copy)


def answered(document: dict[str, Any]) -> tuple[Fault, ...]:
    return request_faults(msgspec.convert(document, ConsentRequest), known())


def pairs(faults: tuple[Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


SHARED: list[tuple[str, Any, str, str]] = [
    ("standing/by", "a-friend", "#/standing/by", "unknown-code"),
    ("standing/by", "adult-self", "#/standing/by", "no-standing"),
    ("standing/by", "expectant-mother", "#/standing/by", "no-standing"),
    ("standing/shown_by", "trust-me", "#/standing/shown_by", "unknown-code"),
    ("standing/shown_by", "care-order", "#/standing/shown_by", "no-standing"),
    ("standing/evidence", None, "#/standing/evidence", "missing"),
    ("standing/evidence", "Jane Doe", "#/standing/evidence", "not-a-reference"),
    ("standing/evidence", NHS, "#/standing/evidence", "not-a-reference"),
    ("childs_view", "shrugs", "#/childs_view", "unknown-code"),
    ("childs_view", "no-child", "#/childs_view", "contradicts-subject"),
    ("statement/id", "the usual form", "#/statement/id", "not-a-reference"),
    ("statement/version", "as Jane signed", "#/statement/version", "not-a-version"),
    ("statement/language", "English", "#/statement/language", "not-a-language"),
    ("method", "nodded", "#/method", "unknown-code"),
    ("evidence", "2014-02-28", "#/evidence", "not-a-reference"),
    ("evidence", NHS, "#/evidence", "not-a-reference"),
    ("recorded_by/role", "friend", "#/recorded_by/role", "unknown-code"),
    ("recorded_by/ref", "jane@example.org", "#/recorded_by/ref", "not-a-reference"),
    ("answered_at", "2026-11-02", "#/answered_at", "not-a-time"),
    ("answered_at", "2026-11-27T12:02:00.001Z", "#/answered_at", "in-the-future"),
    ("review_on", "next year", "#/review_on", "not-a-date"),
    ("review_on", "2027-02-30", "#/review_on", "not-a-date"),
    ("review_on", "2026-11-01", "#/review_on", "out-of-order"),
    ("age_transition_on", "at 18", "#/age_transition_on", "not-a-date"),
    ("age_transition_on", "2026-11-02", "#/age_transition_on", "out-of-order"),
]
OF_AN_ANSWER: list[tuple[str, Any, str, str]] = [
    ("answer", "maybe", "#/answer", "unknown-code"),
    ("subject/kind", "pupil", "#/subject/kind", "unknown-code"),
    ("subject/ref", "Jane", "#/subject/ref", "not-a-subject-reference"),
    ("subject/ref", NHS, "#/subject/ref", "not-a-subject-reference"),
    ("role", "medical", "#/role", "unknown-code"),
    ("scope/purposes", [], "#/scope/purposes", "count"),
    ("scope/purposes", ["early-help"] * 2, "#/scope/purposes", "repeated"),
    ("scope/purposes/0", "gossip", "#/scope/purposes/0", "unknown-code"),
    ("scope/categories", [], "#/scope/categories", "count"),
    ("scope/categories", ["identity"] * 31, "#/scope/categories", "count"),
    ("scope/categories/0", "shoe-size", "#/scope/categories/0", "unknown-code"),
    ("scope/recipients", [], "#/scope/recipients", "count"),
    ("scope/recipients", ["durham-constabulary"] * 2, "#/scope/recipients", "repeated"),
    ("scope/recipients/0", "nobody", "#/scope/recipients/0", "unknown-organisation"),
    ("scope/recipients/0", "harbour", "#/scope/recipients/0", "same-organisation"),
    ("scope/recipients/0", {"kind": "friends"}, "#/scope/recipients/0/kind", "unknown-code"),
    ("retention", "for-ever", "#/retention", "unknown-code"),
]


@pytest.mark.parametrize(("path", "value", "pointer", "code"), [*SHARED, *OF_AN_ANSWER])
def test_a_field_of_an_answer_that_is_wrong(path: str, value: Any, pointer: str, code: str) -> None:
    assert (pointer, code) in pairs(answered(changed(ANSWER, path, value)))


@pytest.mark.parametrize(("path", "value", "pointer", "code"), SHARED)
def test_a_field_of_a_renewal_that_is_wrong(path: str, value: Any, pointer: str, code: str) -> None:
    (consent,) = fold([entry(1, "given")])
    if pointer in ("#/review_on", "#/age_transition_on") and code == "out-of-order":
        value = "2026-11-19"
    found = renewal_faults(msgspec.convert(changed(RENEWAL, path, value), RenewalRequest), consent, known())
    assert (pointer, code) in pairs(found)


def test_what_is_right_has_no_fault() -> None:
    (consent,) = fold([entry(1, "given")])
    assert answered(ANSWER) == ()
    assert answered({name: value for name, value in ANSWER.items() if name not in ("answered_at", "review_on")}) == ()
    assert answered({**ANSWER, **ADULT, **SELF}) == ()
    assert (
        answered({**ANSWER, "standing": BY_CHILD, "age_transition_on": "2026-01-01", "retention": "case-record"}) == ()
    )
    assert answered({**ANSWER, "review_on": "2031-01-01", "age_transition_on": "2030-05-05"}) == ()
    assert renewal_faults(msgspec.convert(RENEWAL, RenewalRequest), consent, known()) == ()
    assert withdrawal_faults(msgspec.convert(WITHDRAWAL, WithdrawalRequest), consent, known()) == ()
    assert invalidation_faults(msgspec.convert(INVALIDATION, InvalidationRequest), known()) == ()


def test_a_refusal_has_no_last_day_and_may_be_anything_but_explicit() -> None:
    refusal = {**ANSWER, "answer": "refused", "childs_view": "objects", "explicit": False}
    special = changed(refusal, "scope/categories", ["health"])
    assert pairs(answered(refusal)) == [("#/review_on", "contradicts-answer")]
    assert answered({name: value for name, value in special.items() if name != "review_on"}) == ()


def test_special_category_data_needs_an_express_statement_of_consent_but_not_of_agreement_to_a_service() -> None:
    unspoken = {**changed(ANSWER, "scope/categories", ["identity", "health"]), "explicit": False}
    assert pairs(answered(unspoken)) == [("#/explicit", "explicit-needed")]
    assert answered({**unspoken, "role": "agreement-to-service"}) == ()
    assert answered({**ANSWER, "explicit": False}) == ()
    (consent,) = fold([entry(1, "given", scope=unspoken["scope"])])
    renewal = msgspec.convert({**RENEWAL, "explicit": False}, RenewalRequest)
    assert pairs(renewal_faults(renewal, consent, known())) == [("#/explicit", "explicit-needed")]


def test_a_child_that_answers_themself_says_what_the_answer_says() -> None:
    own = {**ANSWER, "standing": BY_CHILD, "childs_view": "not-sought"}
    assert pairs(answered(own)) == [("#/childs_view", "contradicts-answer")]
    objecting = {**ANSWER, "standing": BY_PARENT, "childs_view": "objects"}
    assert answered(objecting) == ()


def test_who_is_not_a_child_has_no_age_of_transition() -> None:
    grown = {**ANSWER, **ADULT, **SELF, "age_transition_on": "2030-01-01"}
    assert pairs(answered(grown)) == [("#/age_transition_on", "contradicts-subject")]


@pytest.mark.parametrize("by", list(codes.STANDINGS))
@pytest.mark.parametrize("kind", ["child", "unborn-child", "other-child", "parent-carer", "adult-at-risk", "adult"])
def test_who_may_answer_for_whom(by: str, kind: str) -> None:
    standing = codes.STANDINGS[by]
    told = {
        **SAID,
        **{name: ANSWER[name] for name in ("answer", "role", "scope", "review_on")},
        "subject": {**ANSWER["subject"], "kind": kind},
        "standing": {"by": by, "shown_by": standing.shown_by[0], "evidence": "CMS-1"},
    }
    refused = ("#/standing/by", "no-standing") in pairs(answered(told))
    assert refused == (kind not in standing.subjects)


@pytest.mark.parametrize(
    ("path", "value", "pointer", "code"),
    [
        ("by", "a-friend", "#/by", "unknown-code"),
        ("by", "adult-self", "#/by", "no-standing"),
        ("method", "nodded", "#/method", "unknown-code"),
        ("evidence", "Jane", "#/evidence", "not-a-reference"),
        ("answered_at", "yesterday", "#/answered_at", "not-a-time"),
        ("answered_at", "2027-01-01T00:00:00.000Z", "#/answered_at", "in-the-future"),
        ("answered_at", "2026-11-01T10:00:00.000Z", "#/answered_at", "out-of-order"),
        ("recorded_by/role", "friend", "#/recorded_by/role", "unknown-code"),
        ("recorded_by/ref", "Jane", "#/recorded_by/ref", "not-a-reference"),
    ],
)
def test_a_field_of_a_withdrawal_that_is_wrong(path: str, value: Any, pointer: str, code: str) -> None:
    (consent,) = fold([entry(1, "given")])
    asked = msgspec.convert(changed(WITHDRAWAL, path, value), WithdrawalRequest)
    assert pairs(withdrawal_faults(asked, consent, known())) == [(pointer, code)]


@pytest.mark.parametrize(
    ("path", "value", "pointer", "code"),
    [
        ("reason", "changed-my-mind", "#/reason", "unknown-code"),
        ("found_at", "yesterday", "#/found_at", "not-a-time"),
        ("found_at", "2027-01-01T00:00:00.000Z", "#/found_at", "in-the-future"),
        ("recorded_by/role", "friend", "#/recorded_by/role", "unknown-code"),
        ("recorded_by/ref", "Jane", "#/recorded_by/ref", "not-a-reference"),
    ],
)
def test_a_field_of_an_invalidation_that_is_wrong(path: str, value: Any, pointer: str, code: str) -> None:
    asked = msgspec.convert(changed(INVALIDATION, path, value), InvalidationRequest)
    assert pairs(invalidation_faults(asked, known())) == [(pointer, code)]


def test_no_fault_repeats_what_was_sent() -> None:
    for path, value, *_ in [*SHARED, *OF_AN_ANSWER]:
        for fault in answered(changed(ANSWER, path, value)):
            assert not (isinstance(value, str) and value not in codes.STANDINGS and value in fault.detail)
