"""What the record of a decision holds, from the catalogue's list of fields."""

from __future__ import annotations

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


def to_record(decided: Decided) -> tuple[str, ...]:
    """The codes of the fields that apply, in the catalogue's order."""
    outcome, holding = decided.finding.outcome, _holding(decided)
    return tuple(
        [
            field.code
            for field in decided.case.catalogue.recording
            if field.when in holding and (not field.outcomes or outcome in field.outcomes)
        ]
    )


def _holding(decided: Decided) -> set[Recorded]:
    """The names that hold of this answer."""
    case, finding = decided.case, decided.finding
    conditions = (*decided.basis.article_9, *decided.basis.article_10, *decided.basis.part_3)
    provisions = case.catalogue.provisions
    personal, shares = finding.regime != "none", finding.outcome in SHARING
    not_told = decided.inform.now is False and decided.inform.expected != "privacy-notice"
    told: dict[Recorded, bool] = {
        "always": True,
        "shared": shares,
        "not-shared": not shares,
        "personal-data": personal,
        "immediate-danger": case.immediate,
        "consent-plays-a-part": decided.consent.role != "not-the-basis" or case.refusal,
        "duty-relied-on": finding.duty_code is not None,
        "paragraph-18-relied-on": PARAGRAPH_18 in conditions,
        "policy-document-relied-on": any(provisions[code].policy_document for code in conditions),
        "law-enforcement-body-under-uk-gdpr": personal and case.competent and not case.law_enforcement,
        "health-body": personal and case.health,
        "detriment-considered": case.circumstances.more_detrimental_to_share is True,
        "family-not-told": shares and not_told,
        "several-people": len(case.question.subjects) > 1,
        "request": case.circumstances.statutory_request is not None,
        "one-off": "record-one-off" in finding.conditions,
    }
    return {name for name, holds in told.items() if holds}
