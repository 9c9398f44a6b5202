"""What part consent or agreement plays in an answer, and whether it should be sought at all."""

from __future__ import annotations

from isa_registry.domain.answers import ConsentAdvice
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.duties import to_home_office, victims
from isa_registry.domain.decisions.notebook import Finding


def advise(case: Case, finding: Finding) -> ConsentAdvice:
    """What part consent plays in this answer, and whether to ask for it."""
    role = _role(case, finding)
    if case.immediate:
        return case.stock.consent(role, "must-not", "danger")
    if case.unsafe:
        return case.stock.consent(role, "must-not", "unsafe")
    if finding.outcome == "ask-consent":
        text = role if case.routine else f"{role}-urgent"
        return case.stock.consent(role, "yes", f"ask-{text}")
    if role == "not-the-basis":
        return case.stock.consent(role, "no", role)
    state = case.consent if role == "the-basis" else case.agreed(victims(case).adults if to_home_office(case) else None)
    if state.refused:
        decides = role == "agreement-to-service" and finding.headline.startswith("consent-")
        return case.stock.consent(role, "no", f"{role}-decides" if decides else f"{role}-refused")
    if state.given:
        return case.stock.consent(role, "no", f"{role}-given")
    seek = role == "agreement-to-service" and case.routine and finding.outcome in ("may-share", "seek-advice")
    return case.stock.consent(role, "yes" if seek else "no", f"{role}-open" if seek else f"{role}-not-now")


def _role(case: Case, finding: Finding) -> str:
    if case.immediate or finding.regime == "none":
        return "not-the-basis"
    if finding.rests_on_consent:
        return "the-basis"
    return "agreement-to-service" if _for_a_service(case) else "not-the-basis"


def _for_a_service(case: Case) -> bool:
    """Somebody is asked whether they want a service, which is not what allows the sharing."""
    kept = case.purpose.consent if case.purpose is not None else "no"
    if kept == "agreement":
        # The choice that early help by a body that is not public rests on is consent itself.
        return case.question.purpose != "early-help" or not case.non_public
    if kept == "support-stage":
        return case.circumstances.support_stage is True
    return kept == "adult-victims" and to_home_office(case) and victims(case).adult
