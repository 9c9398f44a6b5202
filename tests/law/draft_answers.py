"""What the law gives as the answer to a simple question, worked out plainly from the catalogue's files.

Written apart from the engine, which it does not import: it covers what the drafted questions ask (danger, requests,
the two duties, the family's choice, audits, agreements, one-off shares, powers, advice) and nothing else. Refusals,
restrictions, anonymous data and judgements of harm are not drafted; they are written by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from law.bodies import BODIES, Body

ROOT = Path(__file__).resolve().parents[2] / "agreements"
TODAY = "2026-11-23"
SIGNED_ON = {"tier-1": "2026-03-16", "tier-2-hoth": "2026-05-18"}
S16LA, S52, S115, PARA_18 = "ca-2004-s16la", "msa-2015-s52", "cda-1998-s115", "dpa-2018-sch1-para18"
POWERS = {"mappa": "cja-2003-s325", "crime-prevention": S115}
BEST_LEFT_TO_LAW = {"mappa", "crime-prevention"}
CHILDREN = {"child", "unborn-child", "other-child"}
OPINION = {"intelligence", "risk-assessment", "professional-details", "social-care", "radicalisation"}
OTHERS = {"exploitation-network", "professional-details", "photos-media"}
MINIMUM = ["minimum-necessary", "need-to-know"]


def _read(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def _by_code(name: str) -> dict[str, Any]:
    return {one["code"]: one for one in _read(f"catalogue/{name}")}


PROVISIONS, KINDS = _by_code("provisions.json"), _by_code("kinds.json")
PURPOSES, CATEGORIES = _by_code("purposes.json"), _by_code("categories.json")
ROWS = {
    (row["organisation"], row["purpose"]): {"typical": "typical", "duties": [], "policy_document": False, **row}
    for row in _read("catalogue/matrix.json")
}
GUIDANCE, RECORDING = _read("catalogue/guidance.json"), _read("catalogue/recording.json")
TOPIC_OF = {code: words.get("topic") for code, words in _read("catalogue/words.json")["reasons"].items()}
SCHEDULES = {tier: _read(f"durham/{tier}/1.0/schedule.json") for tier in SIGNED_ON}


class Case:
    """The facts of one question."""

    def __init__(self, provider: str, ask: dict[str, Any]) -> None:
        self.ask, self.stated = ask, ask.get("circumstances", {})
        self.on = ask.get("on", TODAY)
        self.purpose, self.categories = ask["purpose"], ask["categories"]
        self.subjects = ask.get("subjects", [])
        self.danger = ask.get("urgency") == "immediate-danger"
        self.routine = ask.get("urgency", "routine") == "routine"
        self.sender: Body = BODIES[provider]
        named = ask["recipient"]
        self.registered = isinstance(named, str)
        self.receiver: Body = BODIES[named] if self.registered else Body(named["kind"], signed=())
        self.from_kind, self.to_kind = KINDS[self.sender.kind], KINDS[self.receiver.kind]
        self.follows = self.from_kind["row"]
        if self.sender.council_run:
            self.follows = self.from_kind.get("row_if_council_run", self.follows)
        self.public = KINDS[self.follows]["public"]
        self.competent = self.from_kind.get("competent_authority", False)
        stated = self.stated.get("law_enforcement_purpose")
        self.part_3 = self.competent and (stated is not False if self.purpose in BEST_LEFT_TO_LAW else stated is True)
        self.own_row = ROWS[self.follows, PURPOSES[self.purpose]["matrix"]]
        self.row = ROWS[self.follows, "immediate-danger"] if self.danger else self.own_row
        self.child = self._child()
        self.identifying = any(CATEGORIES[code].get("identifying") for code in self.categories)
        self.unsafe = (
            self.stated.get("informing_increases_risk") is True or self.stated.get("para18_reason") == "would-prejudice"
        )
        self.choice = (
            not self.public
            and self.purpose == "early-help"
            and not self.stated.get("para18_reason")
            and not self.unsafe
        )
        self.consented = self.stated.get("consent") == "given"

    def _child(self) -> bool | None:
        if any(one["kind"] in CHILDREN for one in self.subjects):
            return True
        return self.stated.get("relates_to_child", None if self.subjects else True)

    def in_force(self, code: str | None) -> bool:
        periods = PROVISIONS[code]["in_force"] if code in PROVISIONS else []
        return any(p["from"] <= self.on <= p.get("until", "9999") for p in periods)


# --- agreements ---------------------------------------------------------------------------------------------


def schedule_for(case: Case) -> tuple[dict[str, Any], dict[str, Any]] | None:
    for schedule in SCHEDULES.values():
        for line in schedule["purposes"]:
            if line["code"] == case.purpose:
                return schedule, line
    return None


def signed(body: Body, tier: str, on: str) -> bool:
    return tier in body.signed and SIGNED_ON[tier] <= on and (body.withdrew_on is None or on < body.withdrew_on)


def in_force(tier: str, on: str) -> bool:
    return SCHEDULES[tier]["effective_from"] <= on


def clause(schedule: dict[str, Any], number: str) -> str:
    return f"{schedule['agreement']}/{schedule['version']}#{number}"


def short_of(case: Case) -> list[str]:
    """Why no agreement covers the question, in the order in which an answer says it; empty where one does."""
    found = [] if case.registered else ["recipient-not-registered"]
    speaks = schedule_for(case)
    if speaks is None:
        return [*found, "purpose-not-covered"]
    schedule, line = speaks
    tier, parent = schedule["agreement"], schedule.get("parent", {}).get("agreement")
    bodies = (case.sender, case.receiver)
    if not in_force(tier, case.on):
        found.append("agreement-not-in-force")
    if not signed(case.sender, tier, case.on):
        found.append("provider-not-signatory")
    if not signed(case.receiver, tier, case.on):
        found.append("recipient-not-signatory")
    if parent and (
        not in_force(parent, case.on)
        or any(signed(body, tier, case.on) and not signed(body, parent, case.on) for body in bodies)
    ):
        found.append("tier-1-lapsed")
    if any(signed(body, tier, case.on) and case.purpose in body.reservations for body in bodies):
        found.append("purpose-not-covered")
    if any(category not in line["categories"] for category in case.categories):
        found.append("category-not-covered")
    return found


def covering(case: Case) -> list[str]:
    speaks = schedule_for(case)
    covered = speaks and case.registered and not set(short_of(case)) - {"category-not-covered"}
    return [clause(speaks[0], speaks[1]["clause"])] if speaks and covered else []


def topic_clauses(case: Case, reason: str) -> list[str]:
    """The clauses on a reason's topic: the agreement that covers the purpose and its Tier 1, or every Tier 1."""
    topic, speaks = TOPIC_OF[reason], schedule_for(case)
    if speaks and in_force(speaks[0]["agreement"], case.on):
        tiers = [speaks[0]["agreement"], *([speaks[0]["parent"]["agreement"]] if "parent" in speaks[0] else [])]
    else:
        tiers = ["tier-1"]
    found = [SCHEDULES[tier] for tier in tiers if in_force(tier, case.on)]
    return [clause(schedule, schedule["topics"][topic]) for schedule in found if topic in schedule["topics"]]


# --- duties, powers, gateways -------------------------------------------------------------------------------


def listed(body: Body) -> bool | None:
    """Children Act 2004 s.16LA(4)."""
    kind = KINDS[body.kind]["s16la"]
    if kind == "in" or body.council_run or body.designated or body.commissioned:
        return True
    if body.designated is False and body.commissioned is False:
        return False
    return None if kind == "unknown" else False


def duty_to_share(case: Case) -> bool | str | None:
    """True: engaged. None: something is not known. "not-now": between listed bodies, but not engaged. False: none."""
    if S16LA not in case.own_row["duties"] or not case.in_force(S16LA):
        return False
    bodies = (listed(case.sender), listed(case.receiver))
    parts = (*bodies, case.child, case.stated.get("would_help_recipient"))
    if False in parts:
        return "not-now" if bodies == (True, True) else False
    return None if None in parts else True


def must_tell_home_office(case: Case) -> bool:
    """Modern Slavery Act 2015 s.52, about a child."""
    to_it = case.purpose == "modern-slavery-referral" and case.receiver.kind == "home-office"
    return (
        to_it
        and S52 in case.own_row["duties"]
        and case.sender.kind in PROVISIONS[S52]["providers"]
        and case.in_force(S52)
    )


def asked_to_comply(case: Case) -> bool:
    """A request under a section that binds this body towards this one for this purpose."""
    provision = PROVISIONS.get(case.stated.get("statutory_request"), {})
    return (
        provision.get("kind") == "request-duty"
        and case.in_force(provision["code"])
        and case.receiver.kind in provision.get("recipients", [])
        and case.purpose in provision.get("purposes", [case.purpose])
        and case.sender.kind in provision.get("providers", [case.sender.kind])
    )


def express_power(case: Case) -> str | None:
    code = POWERS.get(case.purpose)
    if code is None or not case.in_force(code):
        return None
    provision = PROVISIONS[code]
    reaches = case.receiver.kind in provision.get("recipients", [case.receiver.kind])
    return code if reaches and case.sender.kind in provision.get("providers", [case.sender.kind]) else None


def holds(case: Case, use: dict[str, str]) -> bool:
    """Whether what a matrix entry is conditional on is so. The family's consent never is here: see `basis`."""
    when = use.get("when")
    if not case.in_force(use["code"]):
        return False
    if when == "on-request":
        return not case.danger and case.to_kind["public"] and case.in_force(case.stated.get("statutory_request"))
    if when == "cannot-consent":
        return case.stated.get("para18_reason") == "cannot-give"
    if when == "recipient-competent-authority":
        return not case.danger and case.to_kind.get("competent_authority", False)
    if when == "named-in-arrangements":
        return bool(case.sender.designated or case.sender.commissioned)
    return when is None


def reaches(case: Case, code: str) -> bool:
    provision = PROVISIONS[code]
    if code == "pcsca-2022-s16" and case.from_kind.get("health"):
        return False
    by = provision.get("providers")
    to = provision.get("recipients")
    purposes = provision.get("purposes")
    return (
        case.sender.kind not in provision.get("except_providers", [])
        and (by is None or case.sender.kind in by or case.follows in by)
        and (to is None or (not case.danger and case.receiver.kind in to))
        and (purposes is None or case.danger or case.purpose in purposes)
    )


def basis(
    case: Case, *, duty: str | None = None, power: str | None = None, consent: bool = False
) -> dict[str, list[str]]:
    """The lists of an answer. A duty comes first; until it is verified the body's own basis stands after it."""
    gateways = [code for code in (duty, power) if code]
    gateways += [
        use["code"]
        for use in case.row["gateways"]
        if use["code"] not in gateways and holds(case, use) and reaches(case, use["code"])
    ]
    lists = {
        name: [use["code"] for use in case.row[name] if holds(case, use)]
        for name in ("article_6", "article_9", "article_10", "part_3")
    }
    if case.part_3:
        return {"article_6": [], "article_9": [], "article_10": [], "part_3": lists["part_3"], "gateways": gateways}
    kinds = [CATEGORIES[code] for code in case.categories]
    if consent:
        for name in ("article_6", "article_9", "article_10"):
            lists[name] = [use["code"] for use in case.row[name] if use.get("when") == "consent-is-the-basis"]
    if "art6-1-ea" not in lists["article_6"]:
        lists["article_6"] = [code for code in lists["article_6"] if not code.startswith("uk-gdpr-annex1")]
    if duty:
        own = [] if PROVISIONS[duty]["verified"] and PROVISIONS[duty]["kind"] == "duty" else lists["article_6"]
        lists["article_6"] = ["art6-1-c", *own]
    if not any(kind.get("special") or kind.get("may_be_special") for kind in kinds):
        lists["article_9"] = []
    if not any(kind.get("criminal") or kind.get("may_be_criminal") for kind in kinds):
        lists["article_10"] = []
    return {**lists, "part_3": [], "gateways": gateways}
