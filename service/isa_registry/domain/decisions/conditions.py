"""What to keep to while sharing, and whom to ask."""

from __future__ import annotations

from isa_registry.domain.answers import Advice, Condition, InformAdvice
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.features import INTELLIGENCE, OPINION, OTHERS
from isa_registry.domain.decisions.notebook import Finding, Notebook

SHARING = frozenset({"share-now", "duty-to-share", "may-share"})
# Headlines of answers that the choice itself decides: nothing is shared without agreement there.
_CHOICE_DECIDES = ("consent-needed", "consent-refused", "consent-withdrawn")


def conditions(case: Case, finding: Finding, notes: Notebook, informed: InformAdvice) -> tuple[Condition, ...]:
    """Each once, those of the deciding rule first. In immediate danger only the four of that rule."""
    codes = dict.fromkeys((*finding.conditions, *notes.conditions))
    if case.immediate or finding.regime == "none":
        return _worded(case, codes)
    if case.refusal and not finding.headline.startswith(_CHOICE_DECIDES) and finding.outcome != "do-not-share":
        codes["agreement-refused"] = None
    if finding.outcome in SHARING:
        _while_sharing(case, codes, informed)
    elif finding.outcome == "ask-consent":
        codes["minimum-necessary"] = None
    return _worded(case, codes)


def _worded(case: Case, codes: dict[str, None]) -> tuple[Condition, ...]:
    known = case.stock.conditions
    return tuple([known[code] for code in codes])


def _while_sharing(case: Case, codes: dict[str, None], informed: InformAdvice) -> None:
    question = case.question
    codes["minimum-necessary"] = None
    codes["need-to-know"] = None
    if case.competent or case.features & OPINION:
        codes["separate-fact-from-opinion"] = None
    if len(question.subjects) > 1 or case.features & OTHERS:
        codes["third-parties"] = None
    if question.purpose == "mappa" or case.features & INTELLIGENCE:
        codes["originator-check"] = None
    if informed.now is True:
        codes["tell-the-family"] = None
    elif informed.now is False and informed.expected != "privacy-notice":
        codes["do-not-tell-the-family"] = None


def advice(case: Case, finding: Finding) -> tuple[Advice, ...]:
    """Whom to ask, and out of hours where it is urgent."""
    if case.immediate or case.routine:
        return finding.advice
    decided = finding.outcome == "do-not-share"
    return (
        *finding.advice,
        Advice(wording.out_of_hours(case), wording.why("urgent-but-decided" if decided else "urgent", case)),
    )
