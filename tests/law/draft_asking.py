"""What a drafted question asks about, and whom: the categories, the people and the recipients of each purpose."""

from __future__ import annotations

from typing import Any, NamedTuple

from law.bodies import KINDS as KIND_CODES
from law.draft_answers import KINDS

CHILD = [{"kind": "child", "roles": ["victim"]}]
# What such a question is typically about: special category and criminal offence data in each.
MATTER: dict[str, tuple[list[str], list[dict[str, Any]]]] = {
    "early-help": (["identity", "mental-health", "antisocial-behaviour"], [{"kind": "child"}]),
    "child-in-need": (["identity", "health", "domestic-abuse"], [{"kind": "child"}]),
    "child-protection-enquiry": (["identity", "risk-assessment", "social-care"], CHILD),
    "pre-birth": (["identity", "health", "domestic-abuse"], [{"kind": "unborn-child"}, {"kind": "parent-carer"}]),
    "harm-outside-the-home": (["identity", "exploitation-network", "substance-use"], [*CHILD, {"kind": "other-child"}]),
    "missing-now": (["identity", "missing-episodes", "vehicles-devices"], CHILD),
    "missing-return-interview": (["missing-episodes", "locations", "voice-of-the-child"], CHILD),
    "modern-slavery-referral": (["identity", "modern-slavery", "health"], CHILD),
    "mappa": (["criminal-record", "mental-health"], [{"kind": "adult", "roles": ["convicted"]}]),
    "crime-prevention": (["identity", "weapons-violence", "substance-use"], [{"kind": "child", "roles": ["suspect"]}]),
    "prevent-channel": (["identity", "radicalisation"], [{"kind": "child"}]),
    "practice-review": (["social-care", "health", "domestic-abuse"], CHILD),
    "quality-assurance": (["social-care", "education"], []),
    "immediate-danger": (["identity", "self-harm", "weapons-violence"], CHILD),
}
# To whom such a body would first turn. One whom more of the row's gateways reach goes before.
FIRST = {
    "modern-slavery-referral": ["home-office", "local-authority"],
    "crime-prevention": ["local-authority", "police", "fire"],
    "mappa": ["probation", "police", "local-authority"],
    "missing-now": ["police", "local-authority"],
    "prevent-channel": ["local-authority", "police"],
}
USUAL = ["local-authority", "police", "nhs-trust", "integrated-care-board", "maintained-school", "voluntary"]
ANYBODY = [*USUAL, "probation", "fire", "national-panel", "home-office", "housing-provider"]
TO_HOME_OFFICE = {"local-authority", "police", "british-transport-police"}
COMPETENT = [kind for kind in KIND_CODES if KINDS[kind].get("competent_authority")]
PRIVATE_ROWS = ["independent-school", "voluntary", "faith", "sports-club", "housing-provider"]


class Line(NamedTuple):
    """One question before it is answered."""

    file: str
    id: str
    provider: str
    ask: dict[str, Any]
    twist: str | None = None
    more: tuple[str, ...] = ()


def question(
    recipient: str, column: str, *, purpose: str | None = None, on: str | None = None, **stated: Any
) -> dict[str, Any]:
    """What is asked: the purpose of a matrix column, or danger, with what such a question is about."""
    categories, subjects = MATTER[column]
    danger = column == "immediate-danger"
    ask: dict[str, Any] = {
        "recipient": recipient,
        "purpose": purpose or ("child-protection-enquiry" if danger else column),
        "categories": categories,
    }
    if subjects:
        ask["subjects"] = subjects
    if danger:
        ask["urgency"] = "immediate-danger"
    if stated:
        ask["circumstances"] = stated
    if on:
        ask["on"] = on
    return ask
