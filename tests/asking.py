"""Asking for a decision in a line, and saying what is expected of the answer under short names."""

from __future__ import annotations

from typing import Any

import pytest

from demonstration import Demonstration, catalogue, demonstration_view
from isa_registry.domain.answers import Answer
from isa_registry.domain.decisions import decide
from isa_registry.domain.questions import (
    Circumstances,
    ConsentOnRecord,
    Evidence,
    Question,
    RecipientKind,
    Subject,
)

TODAY = "2026-11-23"

COUNCIL = "durham-county-council"
POLICE = "durham-constabulary"
ICB = "nenc-icb"
TRUST = "harrogate-district-nhs-ft"
PROBATION = "probation-north-east"
FIRE = "county-durham-darlington-fire"
SCHOOL = "example-primary-school"
CLUB = "example-sports-club"

Row = Any


def subject(text: str) -> Subject:
    """`child`, or `adult:victim+witness`."""
    kind, _, roles = text.partition(":")
    return Subject(kind=kind, roles=tuple(roles.split("+")) if roles else ())


def question(
    provider: str | None,
    recipient: str,
    purpose: str,
    categories: str = "identity",
    who: str | None = "child",
    *,
    urgency: str = "routine",
    on: str | None = None,
    explain: bool = False,
    **circumstances: Any,
) -> Question:
    """A question. A recipient written `kind:fire` is not registered; `who` None names nobody."""
    kind = recipient.removeprefix("kind:")
    return Question(
        provider=provider,
        recipient=RecipientKind(kind) if kind != recipient else recipient,
        purpose=purpose,
        categories=tuple(categories.split()),
        subjects=tuple(subject(one) for one in who.split()) if who else (),
        urgency=urgency,
        circumstances=Circumstances(**circumstances),
        on=on,
        explain=explain,
    )


def ask(
    provider: str | None,
    recipient: str,
    purpose: str,
    categories: str = "identity",
    who: str | None = "child",
    *,
    register: Demonstration | None = None,
    records: tuple[ConsentOnRecord, ...] = (),
    today: str = TODAY,
    **rest: Any,
) -> Answer:
    """The answer of the demonstration's register, or of one that something was added to."""
    view = register.view() if register is not None else demonstration_view()
    asked = question(provider, recipient, purpose, categories, who, **rest)
    return decide(view, catalogue(), asked, Evidence(consents=records), today=today)


def seen(answer: Answer) -> dict[str, Any]:
    """What an answer says, under the names in which expectations are written."""
    basis = answer.basis
    gateways = list(basis.gateways)
    return {
        "outcome": answer.outcome,
        "reason": [reason.code for reason in answer.reasons],
        "article_6": list(basis.article_6),
        "article_9": list(basis.article_9),
        "article_10": list(basis.article_10),
        "gateway": gateways,
        "gateways": gateways,
        "agreement": [cited.agreement for cited in answer.agreements],
        "consent_role": answer.consent.role,
        "consent_seek": answer.consent.seek,
        "inform_expected": answer.inform.expected,
        "inform_now": answer.inform.now,
        "duty": answer.duty.provision if answer.duty else None,
        "duty_engaged": answer.duty.engaged if answer.duty else None,
        "duty_verified": answer.duty.verified if answer.duty else None,
        "condition": [condition.code for condition in answer.conditions],
        "missing": [missing.code for missing in answer.missing],
        "regime": answer.regime,
        "part_3": bool(basis.part_3),
        "category_outcomes": {category.code: category.outcome for category in answer.categories},
        "advice": [advice.who for advice in answer.advice],
    }


def assert_expected(answer: Answer, expect: dict[str, Any]) -> None:
    """Each expectation holds: a value equals, a member of a list is in it, `[]` is empty, and `not_…` is not in it."""
    found = seen(answer)
    for key, wanted in expect.items():
        actual = found[key.removeprefix("not_")]
        each = wanted if isinstance(wanted, list) else [wanted]
        if key.startswith("not_"):
            assert not set(each) & set(actual), (key, wanted, actual)
        elif wanted == []:
            assert actual == [], (key, actual)
        elif isinstance(actual, list):
            assert set(each) <= set(actual), (key, wanted, actual)
        else:
            assert wanted == actual, (key, wanted, actual)


def row(name: str, asked: Question, **expect: Any) -> Row:
    """One line of a table: its name, the question, and what the answer says."""
    return pytest.param(asked, expect, id=name)


def check(asked: Question, expect: dict[str, Any]) -> None:
    assert_expected(decide(demonstration_view(), catalogue(), asked, Evidence(), today=TODAY), expect)
