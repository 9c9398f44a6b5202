"""Which rule decides a simple question, plainly written apart from the engine; see `draft_answers.py`."""

from __future__ import annotations

from typing import Any

from law.draft_answers import (
    PROVISIONS,
    PURPOSES,
    S16LA,
    S52,
    Case,
    asked_to_comply,
    clause,
    covering,
    duty_to_share,
    express_power,
    must_tell_home_office,
    schedule_for,
    short_of,
)


class Draft:
    """What the rules have found so far."""

    def __init__(self, outcome: str, *reasons: tuple[str, list[str]], **rest: Any) -> None:
        self.outcome, self.reasons = outcome, list(reasons)
        self.conditions: list[str] = rest.pop("conditions", [])
        self.duty_code: str | None = rest.pop("duty", None)
        self.power: str | None = rest.pop("power", None)
        self.consent: bool = rest.pop("consent", False)
        self.covered: bool = rest.pop("covered", False)
        self.personal: bool = rest.pop("personal", True)
        assert not rest, rest


# --- the rules ----------------------------------------------------------------------------------------------


def _danger(case: Case) -> Draft | None:
    if not case.danger:
        return None
    return Draft(
        "share-now",
        ("immediate-danger", ["art6-1-d", "common-law-public-interest"]),
        conditions=["call-999", "minimum-necessary", "only-those-who-can-act", "review-by-lead"],
    )


def _nobodys(case: Case, notes: list[tuple[str, list[str]]]) -> Draft | None:
    """Information that identifies nobody."""
    if case.stated.get("anonymised") is not True:
        return None
    if case.identifying:
        notes.append(("not-anonymous", []))
        return None
    return Draft("may-share", ("not-personal-data", []), conditions=["minimum-necessary"], personal=False)


def _request(case: Case, notes: list[tuple[str, list[str]]]) -> tuple[Draft | None, list[Any] | None]:
    code = case.stated.get("statutory_request")
    if code is None:
        return None, None
    if not asked_to_comply(case):
        notes.append(("request-does-not-bind", [code]))
        return None, None
    draft = Draft("duty-to-share", ("statutory-request", [code, *covering(case)]), duty=code, covered=True)
    return draft, [code, True, PROVISIONS[code]["verified"]]


def _detriment(case: Case) -> Draft | None:
    if not case.stated.get("more_detrimental_to_share") or case.child is False:
        return None
    assert "detriment_confirmed_by" not in case.stated, "a confirmed judgement is not drafted"
    choice = case.choice and case.routine
    return Draft("seek-advice", ("confirm-detriment", [S16LA]), conditions=["consider-detriment"], consent=choice)


def _duty(case: Case, notes: list[tuple[str, list[str]]]) -> tuple[Draft | None, list[Any] | None]:
    state = duty_to_share(case)
    code = S16LA if state is True else S52 if must_tell_home_office(case) else None
    if code is not None:
        draft = Draft("duty-to-share", ("duty-engaged", [code, *covering(case)]), duty=code, covered=True)
        if case.stated.get("more_detrimental_to_share") is None:
            draft.conditions = ["consider-detriment"]
        return draft, [code, True, PROVISIONS[code]["verified"]]
    if state is None:
        notes.append(("duty-may-be-engaged", [S16LA]))
        return None, [S16LA, None, PROVISIONS[S16LA]["verified"]]
    return None, [S16LA, False, PROVISIONS[S16LA]["verified"]] if state == "not-now" else None


def _choice(case: Case) -> Draft | None:
    """A private body's early help rests on the family's own choice."""
    if not (case.choice and case.routine) or case.consented:
        return None
    cites = ["art6-1-a", *covering(case)]
    return Draft("ask-consent", ("consent-needed", cites), conditions=["ask-safely"], consent=True, covered=True)


def _audit(case: Case, extra: list[str]) -> Draft | None:
    if case.purpose != "quality-assurance":
        return None
    if case.own_row.get("reliable", True):
        extra.append("pseudonymise")
        return None
    named = case.stated.get("anonymised") is False or (case.identifying and case.stated.get("anonymised") is True)
    outcome, code = ("do-not-share", "anonymise-instead") if named else ("seek-advice", "anonymise-first")
    return Draft(outcome, (code, []), conditions=["pseudonymise"])


def _has_basis(case: Case) -> bool:
    if case.part_3:
        return any(case.in_force(use["code"]) for use in case.own_row["part_3"])
    chosen = case.choice and (case.routine or case.consented)
    return any(
        case.in_force(use["code"]) and (chosen or use.get("when") != "consent-is-the-basis")
        for use in case.own_row["article_6"]
    )


def _one_off(case: Case) -> bool:
    """Enough without an agreement: to protect a child, to a body that protects or looks after children."""
    if not case.to_kind.get("looks_after_children", False):
        return False
    if case.purpose == "early-help":
        return not case.public and not (case.choice and case.routine)
    return PURPOSES[case.purpose]["protects_children"]


def _law_and_agreement(case: Case) -> Draft | None:
    if not _has_basis(case):
        return None
    by = covering(case)
    allowed = schedule_for(case)[1]["categories"] if by else []  # type: ignore[index]
    outside = [category for category in case.categories if category not in allowed]
    assert not by or not outside, "what a schedule leaves out is not drafted"
    power, one_off = express_power(case), _one_off(case)
    consented = case.choice and case.consented
    if outside and not (one_off or power or consented):
        return None
    draft = Draft("may-share", covered=bool(by), consent=consented)
    if by:
        draft.reasons.append(("agreement-covers", by))
    if outside and one_off:
        draft.reasons.append(("no-agreement-needed", _own_basis(case)))
    elif outside and power:
        draft.reasons.append(("express-power", [power]))
    if outside and (one_off or not power):
        draft.conditions = ["record-one-off"]
    draft.power = None if one_off else power
    if consented:
        draft.reasons.append(("consent-given", ["art6-1-a"]))
    return draft


def _own_basis(case: Case) -> list[str]:
    uses = case.own_row["part_3" if case.part_3 else "article_6"]
    own = [use["code"] for use in uses if case.in_force(use["code"]) and use.get("when") != "consent-is-the-basis"]
    return own[:1]


def _advice(case: Case) -> Draft:
    speaks = schedule_for(case)
    cites = [clause(speaks[0], speaks[1]["clause"])] if speaks else []
    reasons = [(code, [] if code == "recipient-not-registered" else cites) for code in short_of(case)]
    if not _has_basis(case):
        reasons.append(("no-basis-known", []))
    early = ["concern-changes-answer"] if case.purpose == "early-help" else []
    return Draft("seek-advice", *reasons, conditions=["record-one-off", *early])


def decided(case: Case, notes: list[tuple[str, list[str]]], extra: list[str]) -> tuple[Draft, list[Any] | None]:
    """What decides, and the duty in play. `notes` and `extra` gather the reasons and conditions of other rules."""
    found = _danger(case) or _nobodys(case, notes)
    duty: list[Any] | None = None
    if found is None:
        found, duty = _request(case, notes)
    if found is None:
        found = _detriment(case)
    if found is None:
        found, duty = _duty(case, notes)
    return found or _choice(case) or _audit(case, extra) or _law_and_agreement(case) or _advice(case), duty
