"""The rules that decide, in order: danger, bars, data that is not personal, requests, detriment, duties, agreement.

A rule returns a finding, which decides, or None, having perhaps left notes. `sharing.py` holds the rules after these.
"""

from __future__ import annotations

from isa_registry.domain.answers import Advice, Duty, Reason
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.consent_standing import Standing
from isa_registry.domain.decisions.coverage import Coverage
from isa_registry.domain.decisions.duties import (
    S16LA,
    S52,
    binding_request,
    must_notify_home_office,
    s16la,
    to_home_office,
    victims,
)
from isa_registry.domain.decisions.notebook import Finding, Notebook

POLICE = "police"
COURT_PAPERS_PURPOSES = frozenset({"child-protection-enquiry", "pre-birth", "harm-outside-the-home", "missing-now"})
MAY_CONFIRM_DETRIMENT = frozenset(
    {
        "team-manager",
        "service-manager",
        "designated-safeguarding-lead",
        "named-professional",
        "caldicott-guardian",
        "legal-adviser",
    }
)
_COURT_CITES = ("aja-1960-s12", "ca-1989-s97", "fpr-2010-r12-73", "fpr-2010-pd12g")
_RECORD_CITES = {
    "adoption-record": ("aca-2002-s57",),
    "legal-privilege": ("legal-privilege",),
    "gender-recognition": ("gra-2004-s22",),
    "source-protection": ("source-protection",),
}


def because(case: Case, code: str, *cites: str) -> Reason:
    """A reason in words, citing such provisions as are in force on the date, and clauses of agreements."""
    return wording.reason(case, code, code, cites)


def _reason(case: Case, code: str, words: str, cites: tuple[str, ...], duty: str | None = None) -> Reason:
    """A reason whose words stand under another key than its code."""
    return wording.reason(case, code, words, cites, duty)


def immediate_danger(case: Case, notes: Notebook) -> Finding | None:
    """Somebody is in immediate danger: share now. Nothing else is looked at."""
    if not case.immediate:
        return None
    return Finding(
        "share-now",
        "immediate-danger",
        [because(case, "immediate-danger", "art6-1-d", "common-law-public-interest")],
        conditions=("call-999", "minimum-necessary", "only-those-who-can-act", "review-by-lead"),
        advice=(Advice(wording.emergency(case), wording.why("emergency", case)),),
    )


def restriction(case: Case, notes: Notebook) -> Finding | None:
    """A court order, court papers, or a record that the law protects specially."""
    restricted = case.circumstances.restriction
    if restricted is None:
        return None
    choice = case.family_choice and case.routine
    if restricted == "court-order-forbids":
        return Finding(
            "do-not-share",
            "court-order",
            [because(case, "court-order", "court-order")],
            advice=(Advice(wording.legal_adviser(case), wording.why("court-order", case)),),
            rests_on_consent=choice,
        )
    if restricted == "court-papers":
        protects = case.recipient.code in ("local-authority", POLICE)
        if protects and case.question.purpose in COURT_PAPERS_PURPOSES:
            notes.conditions.append("court-rules-check")
            notes.reasons.append(because(case, "court-rules-check", *_COURT_CITES))
            return None
        return Finding(
            "seek-advice",
            "court-restriction",
            [because(case, "court-restriction", *_COURT_CITES)],
            conditions=("court-rules-check",),
            advice=(Advice(wording.legal_adviser(case), wording.why("court-restriction", case)),),
            rests_on_consent=choice,
        )
    return Finding(
        "seek-advice",
        "restricted-record",
        [because(case, "restricted-record", *_RECORD_CITES.get(restricted, ()))],
        advice=(Advice(wording.legal_adviser(case), wording.why("restricted-record", case)),),
        rests_on_consent=choice,
    )


def anonymised(case: Case, notes: Notebook) -> Finding | None:
    """Nothing that identifies anybody: data protection law does not govern it."""
    if case.not_anonymous:
        notes.reasons.append(because(case, "not-anonymous"))
        return None
    if not case.anonymised:
        return None
    return Finding(
        "may-share",
        "not-personal-data",
        [because(case, "not-personal-data")],
        conditions=("minimum-necessary",),
        regime="none",
    )


def statutory_request(case: Case, notes: Notebook) -> Finding | None:
    """A request under a section that obliges this provider to answer it."""
    code = case.circumstances.statutory_request
    if code is None:
        return None
    request = binding_request(case)
    if request is None:
        words = "request-does-not-bind" if code in case.in_force else "request-not-in-force"
        notes.reasons.append(_reason(case, "request-does-not-bind", words, (code,)))
        return None
    detriment = case.circumstances.more_detrimental_to_share is True
    if detriment and request.refusable:
        return Finding(
            "seek-advice",
            "may-be-unreasonable",
            [because(case, "may-be-unreasonable", code)],
            conditions=("consider-detriment",),
            advice=(Advice(wording.legal_adviser(case), wording.why("may-be-unreasonable", case)),),
        )
    notes.duty = Duty(code, True, case.catalogue.provisions[code].verified)
    return Finding(
        "duty-to-share",
        "statutory-request",
        [because(case, "statutory-request", code, *_clauses(case))],
        conditions=("consider-detriment",) if detriment else (),
        advice=(Advice(wording.legal_adviser(case), wording.why("statutory-request", case)),) if detriment else (),
        coverage=_covering(case),
        duty_code=code,
    )


def detriment(case: Case, notes: Notebook) -> Finding | None:
    """Sharing is judged to harm the child more than not sharing."""
    if case.circumstances.more_detrimental_to_share is not True or case.child_link is False:
        return None
    choice = case.family_choice and case.routine
    if case.circumstances.detriment_confirmed_by in MAY_CONFIRM_DETRIMENT:
        return Finding(
            "do-not-share",
            "more-detrimental",
            [because(case, "more-detrimental", S16LA)],
            conditions=("consider-detriment", "review-by-lead"),
            advice=(Advice(wording.adviser(case), wording.why("more-detrimental", case)),),
            rests_on_consent=choice,
        )
    return Finding(
        "seek-advice",
        "confirm-detriment",
        [because(case, "confirm-detriment", S16LA)],
        conditions=("consider-detriment",),
        advice=(Advice(wording.adviser(case), wording.why("confirm-detriment", case)),),
        rests_on_consent=choice,
    )


def duty(case: Case, notes: Notebook) -> Finding | None:
    """A statutory duty of the provider towards this recipient."""
    state = s16la(case)
    engaged = state.engaged
    if engaged is True:
        return _duty_engaged(case, notes, S16LA)
    if must_notify_home_office(case):
        who = victims(case)
        if not who.adult or (case.agreed(who.adults).given and not case.consent_unread):
            return _duty_engaged(case, notes, S52)
    if engaged is None:
        notes.reasons.append(because(case, "duty-may-be-engaged", S16LA))
        notes.duty = Duty(S16LA, None, case.catalogue.provisions[S16LA].verified)
    elif state.between_listed_bodies:
        notes.duty = Duty(S16LA, False, case.catalogue.provisions[S16LA].verified)
    return None


def _duty_engaged(case: Case, notes: Notebook, code: str) -> Finding:
    provision = case.catalogue.provisions[code]
    notes.duty = Duty(code, True, provision.verified)
    words = "duty-engaged-where-it-may-help" if code == S16LA else "duty-engaged"
    unknown = case.circumstances.more_detrimental_to_share is None
    return Finding(
        "duty-to-share",
        "duty-engaged",
        [_reason(case, "duty-engaged", words, (code, *_clauses(case)), duty=code)],
        conditions=("consider-detriment",) if unknown else (),
        coverage=_covering(case),
        duty_code=code,
        own_basis_after_duty=not provision.verified,
    )


def agreement_or_consent(case: Case, notes: Notebook) -> Finding | None:
    """Where the family's choice, or agreement to a service, is needed before anything goes."""
    if case.family_choice and case.routine:
        return _unread(case, case.consent, on_consent=True) or _family_choice(case, notes)
    if to_home_office(case) and (who := victims(case)).adult:
        alone = who.child and must_notify_home_office(case)
        return _unread(case, case.agreed(who.adults)) or _for_service(case, notes, who.adults, alone, slavery=True)
    if case.question.purpose == "prevent-channel" and case.circumstances.support_stage is True:
        return _unread(case, case.agreed()) or _for_service(case, notes, None, False, slavery=False)
    return None


def _unread(case: Case, stated: Standing, *, on_consent: bool = False) -> Finding | None:
    """A refusal may be on record that cannot be read at this moment, and would decide. One that is stated decides."""
    if not case.consent_unread or stated.refused:
        return None
    return Finding(
        "seek-advice",
        "consent-register-unavailable",
        [because(case, "consent-register-unavailable")],
        conditions=("concern-changes-answer",),
        advice=(Advice(wording.adviser(case), wording.why("consent-register-unavailable", case)),),
        rests_on_consent=on_consent,
    )


def _family_choice(case: Case, notes: Notebook) -> Finding | None:
    state = case.consent
    if state.given:
        return None
    if not state.refused:
        return Finding(
            "ask-consent",
            "consent-needed",
            [because(case, "consent-needed", "art6-1-a", *_clauses(case))],
            conditions=("ask-safely",),
            coverage=_covering(case),
            rests_on_consent=True,
        )
    return _refused(case, f"consent-{state.status}", ("concern-changes-answer",), on_consent=True)


def _refused(case: Case, code: str, conditions: tuple[str, ...], *, on_consent: bool) -> Finding:
    """A refusal where choice decides; it cannot decide where a duty between listed bodies may still be engaged."""
    state = s16la(case)
    open_duty = state.engaged is None and state.between_listed_bodies
    return Finding(
        "seek-advice" if open_duty else "do-not-share",
        f"{code}-duty-open" if open_duty else code,
        [because(case, code, "art6-1-a" if on_consent else S52)],
        conditions=conditions,
        advice=(Advice(wording.adviser(case), wording.why("duty-open" if open_duty else "refused", case)),),
        rests_on_consent=on_consent,
    )


def _for_service(
    case: Case, notes: Notebook, who: tuple[int, ...] | None, child_alone: bool, *, slavery: bool
) -> Finding | None:
    state = case.agreed(who)
    reasons = [because(case, "child-goes-alone", S52)] if child_alone and not state.given else []
    if state.refused:
        code = f"consent-{state.status}"
        if slavery:
            finding = _refused(case, code, ("concern-changes-answer", "notify-without-identity"), on_consent=False)
            finding.reasons.extend(reasons)
            return finding
        return Finding(
            "seek-advice",
            f"{code}-channel",
            [because(case, code, "ctsa-2015-s36")],
            conditions=("concern-changes-answer",),
            advice=(Advice(wording.adviser(case), wording.why("channel-refused", case)),),
        )
    if state.given:
        return None
    if case.unsafe:
        notes.reasons.append(because(case, "unsafe-to-ask"))
        notes.reasons.extend(reasons)
        if slavery:
            notes.conditions.append("notify-without-identity")
        return None
    return Finding(
        "ask-consent",
        "agreement-needed" if case.routine else "agreement-needed-urgent",
        [because(case, "agreement-needed", S52 if slavery else "ctsa-2015-s36"), *reasons],
        conditions=("ask-safely",) if case.routine else ("ask-safely", "concern-changes-answer"),
        coverage=_covering(case),
    )


def _covering(case: Case) -> tuple[Coverage, ...]:
    return case.covered.complete


def _clauses(case: Case) -> tuple[str, ...]:
    return case.covered.whole.cites
