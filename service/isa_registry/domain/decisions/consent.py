"""Where consent or agreement stands, what part it plays, and whether it should be sought at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from isa_registry.domain.answers import ConsentAdvice
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.duties import to_home_office, victims
from isa_registry.domain.questions import ConsentOnRecord, Evidence

if TYPE_CHECKING:
    from isa_registry.domain.decisions.case import Case
    from isa_registry.domain.decisions.notebook import Finding

REFUSED = frozenset({"refused", "withdrawn"})


class Standing(NamedTuple):
    """`status` is `given`, `refused`, `withdrawn` or None (not on record); `recorded`: our own records say so."""

    status: str | None
    recorded: bool

    @property
    def given(self) -> bool:
        return self.status == "given"

    @property
    def refused(self) -> bool:
        return self.status in REFUSED


UNSOUGHT = Standing(None, False)
_STATED = {status: Standing(status, False) for status in ("given", "refused", "withdrawn")}
_RECORDED = {status: Standing(status, True) for status in ("given", "refused", "withdrawn")}


def standing(stated: str | None, evidence: Evidence, role: str, subjects: tuple[int, ...]) -> Standing:
    """How consent of one role stands: what the caller states, and the caller's own records about `subjects`.

    A refusal or withdrawal, stated or as a subject's latest record, beats a "given". Records carry a "given" only
    where each subject has one.
    """
    if not evidence.consents:
        return _STATED.get(stated, UNSOUGHT) if stated is not None else UNSOUGHT
    latest: dict[int, ConsentOnRecord] = {}
    for record in evidence.consents:
        if record.role == role and record.subject in subjects:
            known = latest.get(record.subject)
            if known is None or known.entry < record.entry:
                latest[record.subject] = record
    if stated in REFUSED:
        return _STATED[stated]
    for record in latest.values():
        if record.status in REFUSED:
            return _RECORDED[record.status]
    if subjects and all(subject in latest and latest[subject].status == "given" for subject in subjects):
        return _RECORDED["given"]
    return _STATED["given"] if stated == "given" else UNSOUGHT


def advise(case: Case, finding: Finding) -> ConsentAdvice:
    """What part consent plays in this answer, and whether to ask for it."""
    role = _role(case, finding)
    if case.immediate:
        return ConsentAdvice(role, "must-not", wording.CONSENT["danger"])
    if case.unsafe:
        return ConsentAdvice(role, "must-not", wording.CONSENT["unsafe"])
    if finding.outcome == "ask-consent":
        text = role if case.routine else f"{role}-urgent"
        return ConsentAdvice(role, "yes", wording.CONSENT[f"ask-{text}"])
    if role == "not-the-basis":
        return ConsentAdvice(role, "no", wording.CONSENT[role])
    state = case.consent if role == "the-basis" else case.agreed(victims(case).adults if to_home_office(case) else None)
    if state.refused:
        decides = role == "agreement-to-service" and finding.headline.startswith("consent-")
        return ConsentAdvice(role, "no", wording.CONSENT[f"{role}-decides" if decides else f"{role}-refused"])
    if state.given:
        return ConsentAdvice(role, "no", wording.CONSENT[f"{role}-given"])
    seek = role == "agreement-to-service" and case.routine and finding.outcome in ("may-share", "seek-advice")
    return ConsentAdvice(role, "yes" if seek else "no", wording.CONSENT[f"{role}-open" if seek else f"{role}-not-now"])


def _role(case: Case, finding: Finding) -> str:
    if case.immediate or finding.regime == "none":
        return "not-the-basis"
    if finding.rests_on_consent:
        return "the-basis"
    return "agreement-to-service" if _for_a_service(case) else "not-the-basis"


def _for_a_service(case: Case) -> bool:
    """Somebody is asked whether they want a service, which is not what allows the sharing."""
    purpose = case.question.purpose
    if purpose == "early-help":
        return not case.non_public
    if purpose == "prevent-channel":
        return case.circumstances.support_stage is True
    return purpose == "child-in-need" or (to_home_office(case) and victims(case).adult)
