"""The sentences of answers: plain, never a bare no, and never one against another, whichever come together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest

from asking import TODAY
from demonstration import BODIES, Demonstration, catalogue
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.reading_age import reading_age
from isa_registry.domain.agreements import TOPICS
from isa_registry.domain.answers import Answer
from isa_registry.domain.decisions import decide
from isa_registry.domain.questions import Circumstances, Evidence, Question, Subject
from isa_registry.domain.words import templates

LAW = catalogue()
OLDEST_READER = 17.0
FILLED = {
    "recipient": "the council",
    "provider": "the school",
    "adviser": "your team manager",
    "request": "Children Act 1989 section 47",
    "power": "Crime and Disorder Act 1998 section 115",
    "s16la_standing": "in force",
    "duty": "Children Act 2004 section 16LA",
    "duty_standing": "in force",
    "until_checked": "",
    "day": "30 September 2026",
    "kind": "Council",
    "contacts": "First Contact: 03000 267 979.",
    "checked": "3",
    "points": "7",
}
SENTENCES = [
    *((f"{table} {key}", text) for table, key, text in templates(LAW.words) if table not in ("who", "phrases")),
    *((f"guidance {item.code}", item.text) for item in LAW.guidance.values()),
    *((f"limit {code}", text) for code, text in LAW.codes.limits.items()),
    *((f"purpose {purpose.code}", purpose.says) for purpose in LAW.purposes.values()),
    *((f"consent for {purpose.code}", purpose.consent_says) for purpose in LAW.purposes.values()),
]


# --- each sentence ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), SENTENCES, ids=[name for name, _ in SENTENCES])
def test_a_sentence_is_for_a_reader_of_seventeen(name: str, text: str) -> None:
    age = reading_age(file_lines(text.format(**FILLED)))
    assert age is not None
    assert age <= OLDEST_READER, (name, text)


@pytest.mark.parametrize(("code", "headline"), LAW.words.headlines.items())
def test_a_headline_is_one_sentence_that_says_what_can_be_done(code: str, headline: str) -> None:
    assert headline.endswith(".")
    assert ". " not in headline
    assert len(headline.split()) >= 8
    assert re.search(r"\b(share|ask|take advice|take out|decide)\b", headline, re.IGNORECASE)


def test_no_headline_is_a_bare_no() -> None:
    held = [headline for headline in LAW.words.headlines.values() if "do not share" in headline.lower()]
    assert held
    for headline in held:
        after = headline.lower().split("do not share", 1)[1]
        assert re.search(r"\bask\b|not barred|share at once", after), headline
    assert not re.search("prohibited|unlawful", " ".join(LAW.words.headlines.values()), re.IGNORECASE)


def test_no_sentence_threatens() -> None:
    everything = " ".join(text for name, text in SENTENCES if not name.startswith(("limit", "purpose"))).lower()
    for word in ("fine", "penalty", "illegal", "must not share", "prosecut", "liable", "sanction"):
        assert f" {word}" not in everything


def test_no_sentence_gives_legal_advice_or_shouts() -> None:
    for name, text in SENTENCES:
        assert "legal advice" not in text.lower(), name
        assert "!" not in text, name
        assert not re.search(r"\b(?!MAPPA|MACE|SIRO)[A-Z]{5,}\b", text), name


def test_every_subject_that_guidance_or_a_reason_links_to_is_one_that_agreements_may_name() -> None:
    named = {item.topic for item in LAW.guidance.values()} | {reason.topic for reason in LAW.words.reasons.values()}
    assert named - {None} <= TOPICS


# --- sentences together -------------------------------------------------------------------------------------

# What a sentence tells the reader to do. Those that take no side are left out.
ASK, DO_NOT_ASK = "asks", "does not ask"
TELL, DO_NOT_TELL = "tells the family now", "does not tell the family now"
SHARE, HOLD = "shares", "holds"
AGAINST = [(ASK, DO_NOT_ASK), (TELL, DO_NOT_TELL), (SHARE, HOLD)]
STANCES: dict[str, set[str]] = {
    "headlines court-order": {HOLD},
    "headlines more-detrimental": {HOLD},
    "headlines consent-refused": {HOLD},
    "headlines consent-withdrawn": {HOLD},
    "headlines immediate-danger": {SHARE},
    "headlines statutory-request": {SHARE},
    "headlines duty-engaged": {SHARE},
    "headlines agreement-covers": {SHARE},
    "headlines no-agreement-needed": {SHARE},
    "headlines express-power": {SHARE},
    "headlines consent-given": {SHARE},
    "headlines some-categories-held": {SHARE},
    "headlines not-personal-data": {SHARE},
    "headlines consent-needed": {ASK},
    "headlines consent-urgent": {ASK},
    "headlines agreement-needed": {ASK},
    "headlines agreement-needed-urgent": {ASK},
    "conditions ask-safely": {ASK},
    "conditions tell-the-family": {TELL, SHARE},
    "conditions do-not-tell-the-family": {DO_NOT_TELL},
    "conditions need-to-know": {SHARE},
    "conditions call-999": {SHARE},
    "conditions agreement-refused": set(),
    "consent danger": {DO_NOT_ASK},
    "consent unsafe": {DO_NOT_ASK},
    "consent ask-the-basis": {ASK},
    "consent ask-the-basis-urgent": {ASK},
    "consent ask-agreement-to-service": {ASK},
    "consent ask-agreement-to-service-urgent": {ASK},
    "consent agreement-to-service-open": {ASK},
    "consent not-the-basis": {DO_NOT_ASK},
    "consent the-basis-refused": {DO_NOT_ASK},
    "inform yes": {TELL, SHARE},
    "inform safe": {TELL, SHARE},
    "inform unsafe": {DO_NOT_TELL},
    "inform no": {DO_NOT_TELL},
    "inform after": {DO_NOT_TELL},
    "inform unless-unsafe": {SHARE},
    "inform case-by-case": {SHARE},
    "why urgent": {SHARE},
    "why urgent-but-decided": {HOLD},
    "guidance ask-safely": {ASK},
    "guidance refusal-is-heard": {SHARE},
    "guidance enquiry-first": {DO_NOT_ASK, SHARE},
    "guidance do-not-ask-for-crime": {DO_NOT_ASK},
    "guidance find-the-child": {SHARE},
    "guidance first-responders-refer": {SHARE},
    "guidance what-goes-to-a-meeting": {SHARE},
    "guidance normally-enough": {SHARE},
}
# Advice to somebody who waits for a decision is given beside any outcome but a hold.
EITHER_WAY = {"why urgent"}


@cache
def _patterns(table: str) -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for name, key, text in templates(LAW.words):
        if name == table:
            parts = re.split(r"\{\w+\}", text)
            found.append((key, re.compile(".+".join(map(re.escape, parts)), re.IGNORECASE | re.DOTALL)))
    return found


def _key(table: str, text: str) -> str:
    """The template that a sentence was made from."""
    fitting = [key for key, pattern in _patterns(table) if pattern.fullmatch(text)]
    assert fitting, (table, text)
    return fitting[0]


def said(answer: Answer) -> Iterator[str]:
    """Every sentence of an answer by its key."""
    yield f"headlines {_key('headlines', answer.headline)}"
    yield from (f"conditions {condition.code}" for condition in answer.conditions)
    yield f"consent {_key('consent', answer.consent.text)}"
    yield f"inform {_key('inform', answer.inform.text)}"
    yield from (f"why {_key('why', advice.why)}" for advice in answer.advice)
    yield from (f"guidance {item.code}" for item in answer.guidance)


def _some_questions(count: int) -> Iterator[Question]:
    """Questions of every kind, the same ones each time."""
    random = Random(20261123)
    bodies = [*BODIES, "a-nursery", "commissioned-charity", "nobody-here"]
    coin = (None, None, False, True)
    for _ in range(count):
        yield Question(
            provider=random.choice(bodies),
            recipient=random.choice(bodies),
            purpose=random.choice(list(LAW.purposes)),
            categories=tuple(random.sample(list(LAW.categories), random.randint(1, 3))),
            subjects=tuple(
                Subject(
                    random.choice(list(LAW.codes.subject_kinds)),
                    roles=tuple(random.sample(list(LAW.codes.subject_roles), random.randint(0, 1))),
                )
                for _ in range(random.randint(0, 2))
            ),
            urgency=random.choices(list(LAW.codes.urgencies), weights=(5, 4, 1))[0],
            circumstances=Circumstances(
                would_help_recipient=random.choice(coin),
                more_detrimental_to_share=random.choice((None, None, None, False, True)),
                detriment_confirmed_by=random.choice((None, "team-manager", "teacher")),
                relates_to_child=random.choice(coin),
                informing_increases_risk=random.choice(coin),
                consent=random.choice((None, None, *LAW.codes.consent_states)),
                agreement_to_service=random.choice((None, None, *LAW.codes.consent_states)),
                para18_reason=random.choice((None, None, *LAW.codes.para18_reasons)),
                law_enforcement_purpose=random.choice(coin),
                statutory_request=random.choice((None, None, None, "ca-2004-s16h", "ca-1989-s47", "ca-1989-s27")),
                restriction=random.choice((None,) * 9 + tuple(LAW.codes.restrictions)),
                anonymised=random.choice((None, None, None, False, True)),
                support_stage=random.choice(coin),
            ),
        )


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    register = Demonstration().body("a-nursery", "early-years")
    register.body("commissioned-charity", "voluntary", commissioned=True).signs("commissioned-charity", "tier-1")
    view = register.view()
    return [decide(view, LAW, question, Evidence(), today=TODAY) for question in _some_questions(12_000)]


def test_no_two_sentences_of_an_answer_contradict_each_other(answers: list[Answer]) -> None:
    clashes = set()
    for answer in answers:
        spoken = list(said(answer))
        for one, other in AGAINST:
            for_one = [key for key in spoken if one in STANCES.get(key, ())]
            for_other = [key for key in spoken if other in STANCES.get(key, ())]
            clashes |= {(answer.outcome, a, b) for a in for_one for b in for_other}
    assert sorted(clashes) == []


def test_every_sentence_with_a_stance_is_one_of_the_catalogue() -> None:
    known = {f"{table} {key}" for table, key, _ in templates(LAW.words)}
    known |= {f"guidance {code}" for code in LAW.guidance}
    assert set(STANCES) <= known


def test_every_outcome_and_nearly_every_sentence_is_met(answers: list[Answer]) -> None:
    assert {answer.outcome for answer in answers} == {
        "share-now", "duty-to-share", "may-share", "ask-consent", "seek-advice", "do-not-share",
    }  # fmt: skip
    met = {key for answer in answers for key in said(answer)}
    never = set(STANCES) - met
    assert never == set(), "the questions no longer reach these"


def test_what_is_told_of_the_outcome_fits_it(answers: list[Answer]) -> None:
    for answer in answers:
        stances = set().union(*(STANCES.get(key, set()) for key in said(answer)))
        if answer.outcome in ("share-now", "duty-to-share", "may-share"):
            assert HOLD not in stances
        if answer.outcome == "do-not-share":
            assert SHARE not in stances
        if answer.consent.seek == "must-not":
            assert ASK not in stances


def test_an_answer_that_lets_nothing_go_always_has_a_next_step(answers: list[Answer]) -> None:
    for answer in answers:
        if answer.outcome in ("seek-advice", "do-not-share"):
            assert answer.advice
            assert any(item.code == "local-contacts" for item in answer.guidance)
        if answer.outcome == "ask-consent":
            assert "ask-safely" in [condition.code for condition in answer.conditions]


def test_nobody_in_immediate_danger_is_given_reading(answers: list[Answer]) -> None:
    dangers = [answer for answer in answers if answer.outcome == "share-now"]
    assert dangers
    assert all(answer.guidance == () for answer in dangers)
