"""What answers are made of is worked out once and shared: each answer is held against one from an engine that has never
been asked before, so that no part may depend on anything that is not in its key."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import msgspec
from msgspec.structs import replace

from asking import TODAY
from demonstration import BODIES, Demonstration, catalogue, lawful_basis
from isa_registry.domain.answers import Answer
from isa_registry.domain.decisions import decide, outcome
from isa_registry.domain.questions import (
    Circumstances,
    ConsentOnRecord,
    Evidence,
    Question,
    RecipientKind,
    Subject,
)
from isa_registry.domain.register.register import RegisterView

LAW = catalogue()
DAYS = (None, None, None, "2026-02-04", "2026-05-15", "2026-09-29", "2027-07-01")
encode = msgspec.json.Encoder().encode


def register() -> Demonstration:
    """Bodies that are alike in kind and differ in everything else that an answer may look at."""
    found = Demonstration().body("a-nursery", "early-years").body("run-nursery", "early-years", council_run=True)
    found.body("commissioned", "voluntary", commissioned=True, contacts={"advice": "the welfare officer"})
    found.body("designated", "voluntary", designated=True, contacts={"out-of-hours": "duty desk, 0191 000"})
    found.body("neither", "voluntary", designated=False, commissioned=False).body(
        "gone", "voluntary", closed_on="2026-09-01"
    )
    for body in ("commissioned", "designated", "gone"):
        found.signs(body, "tier-1", "tier-2-hoth", reservations=("missing-now",) if body == "designated" else ())
    for body, purpose in (
        ("harbour", "child-in-need"),
        ("commissioned", "child-in-need"),
        ("designated", "early-help"),
    ):
        row = LAW.row("voluntary", LAW.purposes[purpose].matrix)
        assert row is not None
        own = lawful_basis(body, "tier-1", purpose, row)
        mirrored = tuple(reversed(own.article_6))
        found.then(replace(own, record=f"own-{body}", adopted="own", article_6=mirrored, gateways=own.gateways[:1]))
    return found


def _questions(count: int) -> Iterator[tuple[Question, Evidence]]:
    random = Random(20261127)
    bodies = [*BODIES, "a-nursery", "run-nursery", "commissioned", "designated", "neither", "gone", "nobody-here"]
    kinds, roles = list(LAW.codes.subject_kinds), list(LAW.codes.subject_roles)
    coin = (None, None, False, True)
    for _ in range(count):
        people = tuple(
            Subject(random.choice(kinds), roles=tuple(random.sample(roles, n)))
            for n in random.choices((0, 1, 2), k=random.randint(0, 2))
        )
        records = tuple(
            ConsentOnRecord(random.randint(1, 99), place, random.choice(("the-basis", "agreement-to-service")), status)
            for place, status in enumerate(random.choices(("given", "refused", "withdrawn"), k=len(people)))
        )
        question = Question(
            provider=random.choice(bodies),
            recipient=RecipientKind(random.choice(list(LAW.kinds))) if random.random() < 0.1 else random.choice(bodies),
            purpose=random.choice(list(LAW.purposes)),
            categories=tuple(random.sample(list(LAW.categories), random.randint(1, 4))),
            subjects=people,
            urgency=random.choices(list(LAW.codes.urgencies), weights=(6, 4, 1))[0],
            circumstances=Circumstances(
                would_help_recipient=random.choice(coin),
                more_detrimental_to_share=random.choice((None, None, None, False, True)),
                relates_to_child=random.choice(coin),
                informing_increases_risk=random.choice(coin),
                consent=random.choice((None, None, *LAW.codes.consent_states)),
                agreement_to_service=random.choice((None, None, *LAW.codes.consent_states)),
                para18_reason=random.choice((None, None, *LAW.codes.para18_reasons)),
                law_enforcement_purpose=random.choice(coin),
                statutory_request=random.choice((None, None, "ca-2004-s16h", "ca-1989-s47", "ca-1989-s27")),
                anonymised=random.choice((None, None, None, False, True)),
                support_stage=random.choice(coin),
            ),
            on=random.choice(DAYS),
        )
        yield question, Evidence(consents=records) if random.random() < 0.3 else Evidence()


def _never_asked(view: RegisterView, question: Question, evidence: Evidence) -> Answer:
    """Neither the register nor the law remembers anything."""
    return decide(view.apart(), replace(LAW), question, evidence, today=TODAY)


def test_an_answer_is_what_an_engine_that_remembers_nothing_says() -> None:
    view = register().view()
    asked = list(_questions(2_000))
    told = [encode(decide(view, LAW, question, evidence, today=TODAY)) for question, evidence in asked]
    for place in range(0, len(asked), 40):
        # When the shared parts were asked for last, or first, of all that share them.
        for at in (place, -1 - place):
            assert encode(_never_asked(view, *asked[at])) == told[at], asked[at]


def test_asked_again_in_another_order_the_answers_are_the_same() -> None:
    view, asked = register().view(), list(_questions(500))
    forward = [encode(decide(view, LAW, *one, today=TODAY)) for one in asked]
    anew = register().view()
    backward = [encode(decide(anew, LAW, *one, today=TODAY)) for one in reversed(asked)]
    assert forward == backward[::-1]


def test_the_outcome_alone_is_that_of_the_answer() -> None:
    view, told = register().view(), set()
    for asked, evidence in _questions(3000):
        whole = decide(view, LAW, asked, evidence, today=TODAY).outcome
        assert whole == outcome(view, LAW, asked, evidence, today=TODAY)
        told.add(whole)
    assert len(told) > 4
