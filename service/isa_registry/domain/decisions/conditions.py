"""What to keep to while sharing, and what to write down."""

from __future__ import annotations

from isa_registry.domain.answers import Advice, Basis, Condition, ConsentAdvice, InformAdvice
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.notebook import Finding, Notebook

SHARING = frozenset({"share-now", "duty-to-share", "may-share"})
_OPINION = frozenset({"intelligence", "risk-assessment", "professional-details", "social-care", "radicalisation"})
_OTHERS = frozenset({"exploitation-network", "professional-details", "photos-media"})
# Headlines of answers that the choice itself decides: nothing is shared without agreement there.
_CHOICE_DECIDES = ("consent-needed", "consent-refused", "consent-withdrawn")
_TEXTS = {code: Condition(code, text) for code, text in wording.CONDITIONS.items()}


def conditions(case: Case, finding: Finding, notes: Notebook, informed: InformAdvice) -> tuple[Condition, ...]:
    """Each once, those of the deciding rule first. In immediate danger only the four of that rule."""
    codes = dict.fromkeys((*finding.conditions, *notes.conditions))
    if case.immediate or finding.regime == "none":
        return tuple([_TEXTS[code] for code in codes])
    if case.refusal and not finding.headline.startswith(_CHOICE_DECIDES) and finding.outcome != "do-not-share":
        codes["agreement-refused"] = None
    if finding.outcome in SHARING:
        _while_sharing(case, codes, informed)
    elif finding.outcome == "ask-consent":
        codes["minimum-necessary"] = None
    return tuple([_TEXTS[code] for code in codes])


def _while_sharing(case: Case, codes: dict[str, None], informed: InformAdvice) -> None:
    question = case.question
    codes["minimum-necessary"] = None
    codes["need-to-know"] = None
    if case.competent or any(category in _OPINION for category in question.categories):
        codes["separate-fact-from-opinion"] = None
    if len(question.subjects) > 1 or any(category in _OTHERS for category in question.categories):
        codes["third-parties"] = None
    if question.purpose == "mappa" or "intelligence" in question.categories:
        codes["originator-check"] = None
    if informed.now is True:
        codes["tell-the-family"] = None
    elif informed.now is False and informed.expected != "privacy-notice":
        codes["do-not-tell-the-family"] = None


def to_record(case: Case, finding: Finding, basis: Basis, consent: ConsentAdvice) -> tuple[str, ...]:
    """What the sharing record holds, by code: the decision and its reasons always, the rest as it applies."""
    circumstances = case.circumstances
    items = ["decision", "reasons"]
    if finding.outcome in SHARING:
        items += ["what-was-shared", "with-whom", "when-and-how"]
    if finding.regime != "none":
        items.append("lawful-basis")
        items.append("family-informed")
        items.append("childs-view")
    if case.immediate:
        items.append("reviewed-by")
    if consent.role != "not-the-basis" or case.refusal:
        items.append("consent")
    if finding.duty_code is not None:
        items.append("duty-considered")
    if any(code.endswith("sch1-para18") for code in (*basis.article_9, *basis.article_10)):
        items.append("para18-reason")
    if case.competent and not case.law_enforcement and finding.regime != "none":
        items.append("s36-4-authority")
    if case.health and finding.regime != "none":
        items.append("confidentiality-route")
    if circumstances.more_detrimental_to_share:
        items.append("detriment-judgement")
    if finding.outcome in ("seek-advice", "do-not-share"):
        items += ["advice-sought", "review-date"]
    if "record-one-off" in finding.conditions:
        items.append("one-off")
    return tuple(items)


def advice(case: Case, finding: Finding) -> tuple[Advice, ...]:
    """Whom to ask, and out of hours where it is urgent."""
    if case.immediate or case.routine:
        return finding.advice
    return (*finding.advice, Advice(wording.out_of_hours(case), wording.WHY["urgent"]))
