"""The decision: rules in order, then everything that an answer says beside its outcome."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from isa_registry.domain.answers import (
    Answer,
    CategoryAnswer,
    RuleSeen,
)
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions import conditions, consent, explaining, missing, openness, rules, sharing, wording
from isa_registry.domain.decisions.basis import rests_on
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.guidance import guidance
from isa_registry.domain.decisions.notebook import Finding, Notebook
from isa_registry.domain.decisions.recording import to_record
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.register.register import RegisterView

ENGINE_VERSION = "3"

Rule = Callable[[Case, Notebook], Finding | None]

# In this order; the first that returns a finding decides, and the last always does.
RULES: tuple[tuple[str, Rule], ...] = (
    ("immediate-danger", rules.immediate_danger),
    ("restriction", rules.restriction),
    ("anonymised", rules.anonymised),
    ("statutory-request", rules.statutory_request),
    ("detriment", rules.detriment),
    ("duty", rules.duty),
    ("agreement-or-consent", rules.agreement_or_consent),
    ("anonymise-first", sharing.anonymise_first),
    ("lawful-and-agreed", sharing.lawful_and_agreed),
    ("ask-for-advice", sharing.ask_for_advice),
)


def decide(view: RegisterView, catalogue: Catalogue, question: Question, evidence: Evidence, *, today: str) -> Answer:
    """The answer to a question whose provider is set and in which `check_question` found no fault.

    `today` is the day in London (YYYY-MM-DD); the question is about `question.on` where that is given. Pure: the same
    view, catalogue, question, evidence and day give the same answer. It always answers.
    """
    case = Case(view, catalogue, question, evidence, today)
    notes = Notebook()
    if question.explain:
        return _explained(case, notes)
    for _, rule in RULES:
        finding = rule(case, notes)
        if finding is not None:
            return _answer(case, finding, notes)
    raise AssertionError("the last rule always answers")


def outcome(view: RegisterView, catalogue: Catalogue, question: Question, evidence: Evidence, *, today: str) -> str:
    """The outcome of `decide` alone, for half of its price."""
    case, notes = Case(view, catalogue, question, evidence, today), Notebook()
    for _, rule in RULES:
        finding = rule(case, notes)
        if finding is not None:
            return finding.outcome
    raise AssertionError("the last rule always answers")


def _explained(case: Case, notes: Notebook) -> Answer:
    """The same answer, with each rule that was looked at and what one more fact would change."""
    looked_at: list[RuleSeen] = []
    for name, rule in RULES:
        reasons, added = len(notes.reasons), len(notes.conditions)
        finding = rule(case, notes)
        looked_at.append(explaining.seen(case, name, finding, notes.reasons[reasons:], notes.conditions[added:]))
        if finding is not None:
            answer = _answer(case, finding, notes)
            more = explaining.one_more_fact(case, answer.outcome, decide)
            return replace(answer, explained=tuple(looked_at), one_more_fact=more)
    raise AssertionError("the last rule always answers")


def _answer(case: Case, finding: Finding, notes: Notebook) -> Answer:
    rests = rests_on(case, finding)
    basis = rests.basis
    informed = openness.inform(case, finding)
    consented = consent.advise(case, finding)
    reasons = (*finding.reasons, *notes.reasons)
    return Answer(
        outcome=finding.outcome,
        headline=wording.headline(finding.headline, case),
        reasons=reasons,
        regime=finding.regime or ("law-enforcement" if case.law_enforcement else "uk-gdpr"),
        basis=basis,
        duty=notes.duty,
        consent=consented,
        inform=informed,
        conditions=conditions.conditions(case, finding, notes, informed),
        missing=missing.missing(case, finding, basis),
        to_record=to_record(case, finding, basis, consented, informed),
        agreements=case.covered.part(finding.coverage).cited,
        categories=_categories(case, finding),
        advice=conditions.advice(case, finding),
        guidance=guidance(case, finding, rests, consented, reasons),
    )


def _categories(case: Case, finding: Finding) -> tuple[CategoryAnswer, ...]:
    category, outcome, held = case.stock.category, finding.outcome, finding.held
    if held is None:
        return tuple([category(code, outcome) for code in case.question.categories])
    return tuple([category(code, held.get(code, outcome)) for code in case.question.categories])
