"""What a question may rest on, worked out anew from the log's bare payloads: none of the registry's own rules are used.

A log is a list of (index, payload as JSON). Everything is looked at in its order, with dictionaries.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Log = list[tuple[int, dict[str, Any]]]
Found = tuple[int, int, str, str]
"""(entry, position of the subject, role, status)"""

COUNCIL_KIND = "local-authority"


def london_day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo("Europe/London")).strftime("%Y-%m-%d")


def evidence(log: Log, size: int, organisation: str, question: dict[str, Any], day: str) -> set[Found]:
    """The records of a body that fit a question on a day, where the log has `size` entries."""
    found: set[Found] = set()
    for position, subject in enumerate(question["subjects"]):
        for role in ("the-basis", "agreement-to-service"):
            candidates = []
            for consent in {
                payload["consent"]
                for index, payload in log
                if index < size
                and payload["kind"] in ("consent.given", "consent.refused")
                and payload["organisation"] == organisation
                and payload["subject"]["ref"] == subject["ref"]
                and payload["role"] == role
            }:
                life = [(i, p) for i, p in log if i < size and p.get("consent") == consent]
                verdict = _verdict(life, question, day)
                if verdict is not None:
                    candidates.append(verdict)
            for entry, status, said in candidates:
                later_no = any(other != "given" and when > said for _, other, when in candidates)
                yes_since = any(other == "given" and when > said and at < entry for at, other, when in candidates)
                if not (yes_since if status != "given" else later_no):
                    found.add((entry, position, role, status))
    return found


def _verdict(life: Log, question: dict[str, Any], day: str) -> tuple[int, str, str] | None:
    """(entry, status, when it was said) of one consent, or None where it says nothing about the question."""
    first = life[0][1]
    if any(payload["kind"] == "consent.invalidated" for _, payload in life):
        return None
    told = [(i, p) for i, p in life if london_day(p["answered_at"]) <= day]
    if not told:
        return None
    scope, wanted = first["scope"], question["categories"]
    if question["purpose"] not in scope["purposes"]:
        return None
    if question["recipient"] not in scope["recipients"] and {"kind": COUNCIL_KIND} not in scope["recipients"]:
        return None
    entry, last = told[-1]
    kind = last["kind"].removeprefix("consent.")
    voiced = [p for _, p in told if p["kind"] != "consent.withdrawn"][-1]
    who = last["by"] if kind == "withdrawn" else last["standing"]["by"]
    if who != "child-with-capacity" and voiced.get("age_transition_on", "9999") <= day:
        return None
    if kind in ("withdrawn", "refused"):
        meets = any(category in scope["categories"] for category in wanted)
        return (entry, kind, last["answered_at"]) if meets else None
    if last.get("review_on", "9999") < day or any(category not in scope["categories"] for category in wanted):
        return None
    return entry, "given", last["answered_at"]


def outcome(found: set[Found], subjects: int) -> str:
    """The outcome of routine early help by a body that is not public, to a body with which it has no agreement that
    covers it, where it is safe to ask."""
    latest: dict[int, tuple[int, str]] = {}
    for entry, position, role, status in found:
        if role == "the-basis" and latest.get(position, (-1, ""))[0] < entry:
            latest[position] = (entry, status)
    said = [latest[position][1] if position in latest else "" for position in range(subjects)]
    if any(one in ("refused", "withdrawn") for one in said):
        return "do-not-share"
    return "may-share" if all(one == "given" for one in said) else "ask-consent"
