"""What the record of a decision holds, from the catalogue's list of fields."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from isa_registry.domain.answers import Basis, ConsentAdvice, InformAdvice
from isa_registry.domain.decisions.basis import PARAGRAPH_18
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.conditions import SHARING
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.guidance import Recorded


class Decided(Struct, frozen=True):
    """What the fields are told from: the question, and the answer so far."""

    case: Case
    finding: Finding
    basis: Basis
    consent: ConsentAdvice
    inform: InformAdvice

    @property
    def personal(self) -> bool:
        return self.finding.regime != "none"

    @property
    def shares(self) -> bool:
        return self.finding.outcome in SHARING

    @property
    def conditions_relied_on(self) -> tuple[str, ...]:
        return (*self.basis.article_9, *self.basis.article_10, *self.basis.part_3)


def to_record(decided: Decided) -> tuple[str, ...]:
    """The codes of the fields that apply, in the catalogue's order."""
    outcome = decided.finding.outcome
    return tuple(
        [
            field.code
            for field in decided.case.catalogue.recording
            if (not field.outcomes or outcome in field.outcomes) and _APPLIES[field.when](decided)
        ]
    )


def _policy_document(decided: Decided) -> bool:
    provisions = decided.case.catalogue.provisions
    return any(provisions[code].policy_document for code in decided.conditions_relied_on)


def _detriment(decided: Decided) -> bool:
    return decided.case.circumstances.more_detrimental_to_share is True


_APPLIES: dict[Recorded, Callable[[Decided], bool]] = {
    "always": lambda decided: True,
    "shared": lambda decided: decided.shares,
    "not-shared": lambda decided: not decided.shares,
    "personal-data": lambda decided: decided.personal,
    "immediate-danger": lambda decided: decided.case.immediate,
    "consent-plays-a-part": lambda decided: decided.consent.role != "not-the-basis" or decided.case.refusal,
    "duty-relied-on": lambda decided: decided.finding.duty_code is not None,
    "paragraph-18-relied-on": lambda decided: PARAGRAPH_18 in decided.conditions_relied_on,
    "policy-document-relied-on": _policy_document,
    "law-enforcement-body-under-uk-gdpr": lambda decided: (
        decided.personal and decided.case.competent and not decided.case.law_enforcement
    ),
    "health-body": lambda decided: decided.personal and decided.case.health,
    "detriment-considered": _detriment,
    "family-not-told": lambda decided: (
        decided.shares and decided.inform.now is False and decided.inform.expected != "privacy-notice"
    ),
    "several-people": lambda decided: len(decided.case.question.subjects) > 1,
    "request": lambda decided: decided.case.circumstances.statutory_request is not None,
    "one-off": lambda decided: "record-one-off" in decided.finding.conditions,
}
