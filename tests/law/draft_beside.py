"""The whole answer to a simple question, in codes: the outcome and everything that stands beside it.

Plainly written apart from the engine; see `draft_answers.py`.
"""

from __future__ import annotations

from typing import Any

from law.draft_answers import (
    CATEGORIES,
    CHILDREN,
    GUIDANCE,
    MINIMUM,
    OPINION,
    OTHERS,
    PARA_18,
    PROVISIONS,
    PURPOSES,
    RECORDING,
    SCHEDULES,
    Case,
    basis,
    covering,
    in_force,
    schedule_for,
    signed,
    topic_clauses,
)
from law.draft_rules import Draft, decided

SHARES = ("share-now", "duty-to-share", "may-share")


def answer(provider: str, ask: dict[str, Any]) -> dict[str, Any]:
    """The expected answer, as `law.questions.told` would tell it."""
    case = Case(provider, ask)
    notes: list[tuple[str, list[str]]] = []
    extra: list[str] = []
    draft, duty = decided(case, notes, extra)
    return _whole(case, draft, notes, extra, duty)


# --- what stands beside the outcome -------------------------------------------------------------------------


def _whole(
    case: Case, draft: Draft, notes: list[tuple[str, list[str]]], extra: list[str], duty: list[Any] | None
) -> dict[str, Any]:
    rests = basis(case, duty=draft.duty_code, power=draft.power, consent=draft.consent)
    if not draft.personal:
        rests = {name: [] for name in rests}
    role, seek = _consent(case, draft)
    inform = _inform(case) if draft.personal else [PURPOSES[case.purpose]["inform"], False]
    reasons, clauses = [], []
    for code, cites in (*draft.reasons, *notes):
        words = code
        if code == "request-does-not-bind" and not case.in_force(cites[0]):
            words = "request-not-in-force"
        reasons.append([code, [cite for cite in cites if "#" not in cite and case.in_force(cite)]])
        clauses.append([code, [cite for cite in cites if "#" in cite] + topic_clauses(case, words)])
    return {
        "outcome": draft.outcome,
        "reasons": reasons,
        "clauses": clauses,
        "regime": "none" if not draft.personal else "law-enforcement" if case.part_3 else "uk-gdpr",
        **rests,
        "duty": duty,
        "consent": [role, seek],
        "inform": inform,
        "conditions": _conditions(case, draft, extra, inform),
        "missing": _missing(case, draft, rests),
        "guidance": _guidance(case, draft, rests, role, seek),
        "to_record": _to_record(case, draft, rests, role, inform),
        "agreements": covering(case) if draft.covered else [],
        "held": {},
    }


def _consent(case: Case, draft: Draft) -> tuple[str, str]:
    role = "the-basis" if draft.consent else "not-the-basis"
    service = PURPOSES[case.purpose]["consent"] == "agreement" and (case.purpose != "early-help" or case.public)
    if not draft.consent and service and not case.danger and draft.personal:
        role = "agreement-to-service"
    if case.danger or case.unsafe:
        return role, "must-not"
    if draft.outcome == "ask-consent":
        return role, "yes"
    offered = role == "agreement-to-service" and case.routine and draft.outcome in ("may-share", "seek-advice")
    return role, "yes" if offered else "no"


def _inform(case: Case) -> list[Any]:
    if case.danger:
        return ["after", False]
    expected = PURPOSES[case.purpose]["inform"]
    if expected in ("no", "privacy-notice") or case.unsafe:
        return [expected, False]
    safe = expected == "unless-unsafe" and case.stated.get("informing_increases_risk") is False
    return [expected, True if expected == "yes" or safe else None]


def _conditions(case: Case, draft: Draft, extra: list[str], inform: list[Any]) -> list[str]:
    found = [*draft.conditions, *extra]
    if case.danger or not draft.personal:
        return found
    if draft.outcome == "ask-consent":
        found.append("minimum-necessary")
    if draft.outcome in SHARES:
        found += MINIMUM
        if case.competent or OPINION & set(case.categories):
            found.append("separate-fact-from-opinion")
        if len(case.subjects) > 1 or OTHERS & set(case.categories):
            found.append("third-parties")
        if case.purpose == "mappa" or "intelligence" in case.categories:
            found.append("originator-check")
        if inform[1] is True:
            found.append("tell-the-family")
        elif inform[1] is False and inform[0] != "privacy-notice":
            found.append("do-not-tell-the-family")
    return list(dict.fromkeys(found))


def _missing(case: Case, draft: Draft, rests: dict[str, list[str]]) -> list[str]:
    if case.danger or not draft.personal:
        return []
    found = []
    only_18 = any(
        PARA_18 in rests[name] and not set(rests[name]) - {PARA_18, "art9-2-g"} for name in ("article_9", "article_10")
    )
    if only_18 and not draft.consent and not case.part_3 and case.stated.get("para18_reason") is None:
        found.append("para18-reason")
    authority = case.stated.get("s36_4_authority")
    authorised = case.in_force(authority) and PROVISIONS[authority]["kind"] in AUTHORITIES
    if case.competent and not case.part_3 and not authorised:
        found.append("s36-4-authority")
    if case.from_kind.get("health") and case.stated.get("confidentiality_route") is None:
        found.append("confidentiality-route")
    if case.consented:
        found.append("consent-record")
    if not case.sender.documented and case.own_row["policy_document"] and _policy_document_needed(case, rests):
        found.append("appropriate-policy-document")
    spoken = schedule_for(case)
    if spoken:
        found.append("lawful-basis-record")
        # Nobody here has a record; of the recipient one is looked for under what it signed.
        if signed(case.receiver, spoken[0]["agreement"], case.on):
            found.append("recipient-lawful-basis-record")
    return [*found, *(["dpia"] if case.purpose == "quality-assurance" else [])]


# What gives a duty, a power or a function can authorise (DPA 2018 s.36(4)).
AUTHORITIES = ("duty", "request-duty", "power", "framework")


def _policy_document_needed(case: Case, rests: dict[str, list[str]]) -> bool:
    """DPA 2018 Sch 1 para 10(2): not where paragraph 10 alone is relied on, towards a competent authority."""
    relied = [code for code in (*rests["article_9"], *rests["article_10"]) if code.startswith("dpa-2018-sch1")]
    if not case.to_kind.get("competent_authority") or not relied:
        return True
    provisions = [PROVISIONS[code] for code in relied]
    return any(one.get("policy_document") and not one.get("policy_document_unless") for one in provisions)


def _guidance(case: Case, draft: Draft, rests: dict[str, list[str]], role: str, seek: str) -> list[str]:
    if case.danger or not draft.personal:
        return []
    shares, categories = draft.outcome in SHARES, set(case.categories)
    kinds = {one["kind"] for one in case.subjects}
    suspected = {one["kind"] for one in case.subjects if {"suspect", "convicted"} & set(one.get("roles", []))}
    associates = any("associate" in one.get("roles", []) for one in case.subjects)
    domestic = "domestic-abuse" in categories
    told = {
        "limited-use": case.own_row["typical"] == "limited",
        "rare-use": case.own_row["typical"] == "rare",
        "asking": seek == "yes",
        "child-may-decide": case.child is True
        and (role == "the-basis" or (role != "not-the-basis" and PURPOSES[case.purpose]["consent"] == "agreement")),
        "parent-suspected": "parent-carer" in suspected,
        "child-suspected": bool(suspected & CHILDREN),
        "several-people": "other-child" in kinds or associates or "exploitation-network" in categories,
        "adult-at-risk": "adult-at-risk" in kinds,
        "sexual-health": "sexual-health" in categories,
        "intelligence": "intelligence" in categories,
        "referrer": "professional-details" in categories,
        "images": "photos-media" in categories,
        "immigration": "immigration" in categories,
        "safe-addresses": domestic and bool(categories & {"contact", "locations", "housing"}),
        "beyond-the-minimum": shares and draft.covered and bool(categories - set(_enough(case))),
        "recipient-not-here": not case.registered,
        "commissioned-provider": case.sender.commissioned is True,
        "recognised-interest": "art6-1-ea" in rests["article_6"],
        "balancing": "art6-1-f" in rests["article_6"],
        "on-a-meeting": shares and PURPOSES[case.purpose].get("meets", False),
        "worried": not shares or not case.routine,
    }
    goes = shares or draft.outcome == "ask-consent"
    row, purpose = case.own_row.get("cautions", []), PURPOSES[case.purpose].get("guidance", []) if goes else []
    named = {
        "row-says": row,
        "row-says-outside-law-enforcement": row if case.competent and not case.part_3 else [],
        "purpose-says": purpose,
    }
    contacts = any(in_force(tier, case.on) for tier in SCHEDULES)
    return [
        item["code"]
        for item in GUIDANCE
        if case.purpose in item.get("purposes", [case.purpose])
        and (item["code"] in named[item["when"]] if item["when"] in named else told.get(item["when"], False))
        and (contacts or item["text"] != "{contacts}")
    ]


def _enough(case: Case) -> list[str]:
    """What the schedule calls normally enough in this direction; everything, where no agreement covers it."""
    speaks = schedule_for(case)
    if speaks is None or not covering(case):
        return list(CATEGORIES)
    schedule, line = speaks
    for flow in line.get("flows", []):
        if (
            case.sender.kind in schedule["parties"][flow["from"]]
            and case.receiver.kind in schedule["parties"][flow["to"]]
        ):
            return flow["minimum"] or list(CATEGORIES)
    return line.get("minimum") or list(CATEGORIES)


def _to_record(case: Case, draft: Draft, rests: dict[str, list[str]], role: str, inform: list[Any]) -> list[str]:
    relied = [*rests["article_9"], *rests["article_10"], *rests["part_3"]]
    shares = draft.outcome in SHARES
    applies = {
        "always": True,
        "shared": shares,
        "not-shared": not shares,
        "personal-data": draft.personal,
        "immediate-danger": case.danger,
        "consent-plays-a-part": role != "not-the-basis",
        "duty-relied-on": draft.duty_code is not None,
        "paragraph-18-relied-on": PARA_18 in relied,
        "policy-document-relied-on": any(PROVISIONS[code].get("policy_document") for code in relied),
        "law-enforcement-body-under-uk-gdpr": draft.personal and case.competent and not case.part_3,
        "health-body": draft.personal and case.from_kind.get("health", False),
        "detriment-considered": case.stated.get("more_detrimental_to_share") is True,
        "family-not-told": shares and inform[1] is False and inform[0] != "privacy-notice",
        "several-people": len(case.subjects) > 1,
        "request": "statutory_request" in case.stated,
        "one-off": "record-one-off" in draft.conditions,
    }
    return [
        field["code"]
        for field in RECORDING
        if applies[field["when"]] and draft.outcome in field.get("outcomes", [draft.outcome])
    ]
