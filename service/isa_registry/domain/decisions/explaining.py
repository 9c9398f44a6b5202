"""What `explain` adds to an answer: what each rule saw and why it did or did not apply, and what one more fact would
change.

The facts that a rule saw are a table by rule. What one more fact would change is found by deciding again with each fact
that is not known, so that it can never say other than a later answer will.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from isa_registry.domain.answers import Answer, OneMoreFact, Reason, RuleSeen, Saw
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.duties import EXPRESS_POWERS, S16LA, must_notify_home_office, s16la
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.questions import Question

Value = bool | str | tuple[str, ...] | None
Facts = Iterator[tuple[str, Value]]
Decide = Callable[..., Answer]

NOT_KNOWN: tuple[tuple[str, bool | str], ...] = (
    ("would_help_recipient", True),
    ("relates_to_child", True),
    ("relates_to_child", False),
    ("consent", "given"),
    ("consent", "refused"),
    ("agreement_to_service", "given"),
    ("agreement_to_service", "refused"),
    ("para18_reason", "cannot-give"),
    ("informing_increases_risk", True),
    ("anonymised", True),
    ("anonymised", False),
    ("support_stage", True),
    ("law_enforcement_purpose", True),
    ("law_enforcement_purpose", False),
    ("more_detrimental_to_share", True),
    ("detriment_confirmed_by", "team-manager"),
)
"""The facts that are tried where they are not known, in the order in which they are told. Requests under a statute come
after them. Nobody is told how a bar, a court's or another, would change an answer: one has it or has not."""


def seen(
    case: Case, rule: str, finding: Finding | None, reasons: Sequence[Reason], conditions: Sequence[str]
) -> RuleSeen:
    """One rule as it was looked at. `reasons` and `conditions` are those that it added for another to decide."""
    if finding is not None:
        effect, reasons, codes = "decided", finding.reasons, [reason.code for reason in finding.reasons]
    else:
        codes = [*(reason.code for reason in reasons), *conditions]
        effect = "added" if codes else "passed"
    sentences = [reason.text for reason in reasons]
    if finding is None:
        sentences += [wording.condition(code, case).text for code in conditions]
    return RuleSeen(
        rule=rule,
        effect=effect,
        text=" ".join(sentences) or wording.passed(rule, case),
        codes=tuple(codes),
        saw=tuple(Saw(fact, value) for fact, value in _LOOKED_AT[rule](case)),
    )


def one_more_fact(case: Case, outcome: str, decide: Decide) -> tuple[OneMoreFact, ...]:
    """Each fact that is not known and would by itself change the outcome. In immediate danger nothing would."""
    if case.immediate:
        return ()
    found: list[OneMoreFact] = []
    for fact, value in _unknown(case.question, case.catalogue):
        circumstances = replace(case.circumstances, **{fact: value})
        supposed = replace(case.question, circumstances=circumstances, explain=False)
        then = decide(case.view, case.catalogue, supposed, case.evidence, today=case.today).outcome
        if then != outcome:
            found.append(OneMoreFact(fact, value, then, wording.one_more_fact(case, fact, value, then)))
    return tuple(found)


def _unknown(question: Question, catalogue: Catalogue) -> Iterator[tuple[str, bool | str]]:
    known: Any = question.circumstances
    for fact, value in NOT_KNOWN:
        if getattr(known, fact) is None:
            yield fact, value
    if known.statutory_request is None:
        for code, provision in catalogue.provisions.items():
            if provision.kind == "request-duty":
                yield "statutory_request", code


# --- what each rule looks at ---------------------------------------------------------------------------------------


def _danger(case: Case) -> Facts:
    yield "urgency", case.question.urgency


def _restriction(case: Case) -> Facts:
    yield "restriction", case.circumstances.restriction
    if case.circumstances.restriction is not None:
        yield "recipient-kind", case.recipient.code
        yield "purpose", case.question.purpose


def _anonymised(case: Case) -> Facts:
    yield "anonymised", case.circumstances.anonymised
    if case.circumstances.anonymised is True:
        yield "identifies-somebody", case.not_anonymous


def _request(case: Case) -> Facts:
    code = case.circumstances.statutory_request
    yield "statutory_request", code
    if code is not None:
        yield "request-in-force", code in case.in_force
        yield "provider-kind", case.provider.code
        yield "recipient-kind", case.recipient.code
        yield "purpose", case.question.purpose
        yield "more_detrimental_to_share", case.circumstances.more_detrimental_to_share


def _detriment(case: Case) -> Facts:
    yield "more_detrimental_to_share", case.circumstances.more_detrimental_to_share
    if case.circumstances.more_detrimental_to_share is True:
        yield "detriment_confirmed_by", case.circumstances.detriment_confirmed_by
        yield "about-a-child", case.child_link


def _duty(case: Case) -> Facts:
    state = s16la(case)
    yield "duty-in-force", S16LA in case.in_force
    yield "purpose-carries-the-duty", state.carried
    if state.carried:
        yield "provider-in-its-list", state.provider_listed
        yield "recipient-in-its-list", state.recipient_listed
        yield "about-a-child", state.child
        yield "would_help_recipient", state.would_help
    if must_notify_home_office(case):
        yield "agreement_to_service", case.agreed().status


def _agreement_or_consent(case: Case) -> Facts:
    yield "familys-choice", case.family_choice and case.routine
    yield "unsafe-to-ask", case.unsafe
    yield "consent", case.consent.status
    yield "agreement_to_service", case.agreement.status
    if case.consent_unread:
        yield "consent-records-read", False
    if case.question.purpose == "prevent-channel":
        yield "support_stage", case.circumstances.support_stage


def _anonymise_first(case: Case) -> Facts:
    yield "purpose", case.question.purpose
    if case.question.purpose == "quality-assurance":
        yield "reliable-basis", case.row is not None and case.row.reliable
        yield "anonymised", case.anonymised


def _lawful_and_agreed(case: Case) -> Facts:
    yield "basis-for-the-purpose", case.has_basis
    yield "recipient-registered", case.recipient.organisation is not None
    yield "agreements-that-cover-it", tuple(one.cite for one in case.coverages if one.complete)
    purpose, kind = case.purpose, case.recipient.kind
    yield "purpose-protects-children", purpose is not None and purpose.protects_children
    yield "recipient-looks-after-children", kind is not None and kind.looks_after_children
    yield "express-power", EXPRESS_POWERS.get(case.question.purpose)


def _advice(case: Case) -> Facts:
    yield "agreements-that-speak-of-it", tuple(one.cite for one in case.coverages)


_LOOKED_AT: dict[str, Callable[[Case], Facts]] = {
    "immediate-danger": _danger,
    "restriction": _restriction,
    "anonymised": _anonymised,
    "statutory-request": _request,
    "detriment": _detriment,
    "duty": _duty,
    "agreement-or-consent": _agreement_or_consent,
    "anonymise-first": _anonymise_first,
    "lawful-and-agreed": _lawful_and_agreed,
    "ask-for-advice": _advice,
}
"""What a rule looked at, as facts: members of `circumstances` under their own names, what follows from others with
hyphens."""
