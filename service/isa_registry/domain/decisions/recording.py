"""What the record of a decision holds, from the catalogue's list of fields."""

from __future__ import annotations

from isa_registry.domain.answers import Basis, ConsentAdvice, InformAdvice
from isa_registry.domain.decisions.basis import PARAGRAPH_18
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.conditions import SHARING
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.guidance import Recorded

# In the order of `_holding`.
_NAMES: tuple[Recorded, ...] = (
    "always", "shared", "not-shared", "personal-data", "immediate-danger", "consent-plays-a-part", "duty-relied-on",
    "paragraph-18-relied-on", "policy-document-relied-on", "law-enforcement-body-under-uk-gdpr", "health-body",
    "detriment-considered", "family-not-told", "several-people", "request", "one-off",
)  # fmt: skip


def to_record(
    case: Case, finding: Finding, basis: Basis, consent: ConsentAdvice, inform: InformAdvice
) -> tuple[str, ...]:
    """The codes of the fields that apply, in the catalogue's order."""
    holding = _holding(case, finding, basis, consent, inform)
    key = (finding.outcome, holding)
    known = case.stock.recordings
    found = known.get(key)
    if found is None:
        names = {name for name, holds in zip(_NAMES, holding, strict=True) if holds}
        found = known[key] = tuple(
            field.code
            for field in case.catalogue.recording
            if field.when in names and (not field.outcomes or finding.outcome in field.outcomes)
        )
    return found


def _holding(
    case: Case, finding: Finding, basis: Basis, consent: ConsentAdvice, inform: InformAdvice
) -> tuple[bool, ...]:
    """Which of the names hold of this answer."""
    needs = case.stock.policy_documents
    nine, ten, three = basis.article_9, basis.article_10, basis.part_3
    personal, shares = finding.regime != "none", finding.outcome in SHARING
    return (
        True,
        shares,
        not shares,
        personal,
        case.immediate,
        consent.role != "not-the-basis" or case.refusal,
        finding.duty_code is not None,
        PARAGRAPH_18 in nine or PARAGRAPH_18 in ten or PARAGRAPH_18 in three,
        not (needs.isdisjoint(nine) and needs.isdisjoint(ten) and needs.isdisjoint(three)),
        personal and case.competent and not case.law_enforcement,
        personal and case.health,
        case.circumstances.more_detrimental_to_share is True,
        shares and inform.now is False and inform.expected != "privacy-notice",
        len(case.question.subjects) > 1,
        case.circumstances.statutory_request is not None,
        "record-one-off" in finding.conditions,
    )
