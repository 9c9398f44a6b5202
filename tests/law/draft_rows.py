"""Drafted questions about the matrix, row by row: what each kind of body relies on for each purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from law.draft_answers import KINDS, POWERS, ROWS, Case, holds, reaches
from law.draft_asking import ANYBODY, COMPETENT, FIRST, PRIVATE_ROWS, TO_HOME_OFFICE, Line, question

# --- the matrix, row by row ---------------------------------------------------------------------------------


def rows() -> Iterator[Line]:
    for kind, column in ROWS:
        provider = f"law-{kind}"
        stated = stated_for(kind, column)
        for number, to in enumerate(_recipients(kind, column, stated)):
            ask = question(f"law-{to}", column, **stated)
            yield Line("matrix.json", f"{kind}-{column}" if not number else f"{kind}-{column}-to-{to}", provider, ask)


def stated_for(kind: str, column: str) -> dict[str, Any]:
    """What the row needs said before it shows: a private body's early help is otherwise the family's choice."""
    private = not KINDS[kind]["public"]
    if column == "early-help" and private:
        return {"para18_reason": "not-reasonable"}
    if column in POWERS and kind in COMPETENT:
        return {"law_enforcement_purpose": False}
    return {}


def _recipients(kind: str, column: str, stated: dict[str, Any]) -> list[str]:
    """As few recipients as between them show every gateway of the row, and every two of its gateways together."""
    if column == "immediate-danger":
        return ["local-authority" if kind != "local-authority" else "police"]
    wanted = [one for one in [*FIRST.get(column, []), *ANYBODY] if one != kind]
    if column == "modern-slavery-referral" and kind not in TO_HOME_OFFICE:
        wanted = ["local-authority"]
    shown = {one: _shown(kind, column, one, stated) for one in dict.fromkeys(wanted)}
    left = set().union(*shown.values())
    found = []
    while left or not found:
        best = max(shown, key=lambda one: len(shown[one] & left))
        found.append(best)
        left -= shown[best]
    if all(one in COMPETENT for one in found):  # what is for competent authorities alone must not show elsewhere
        others = [one for one in shown if one not in COMPETENT]
        found.append(max(others, key=lambda one: len(shown[one])))
    if column == "modern-slavery-referral" and kind in TO_HOME_OFFICE:
        found.append(other(kind).removeprefix("law-"))  # where section 52 does not speak
    return found


def _shown(kind: str, column: str, recipient: str, stated: dict[str, Any]) -> set[tuple[str, str]]:
    case = Case(f"law-{kind}", question(f"law-{recipient}", column, **stated))
    reached = [use["code"] for use in case.row["gateways"] if holds(case, use) and reaches(case, use["code"])]
    return {(one, other) for one in reached for other in reached}


def audits() -> Iterator[Line]:
    """An audit with names in, by bodies that have nothing reliable for one."""
    for kind in PRIVATE_ROWS:
        ask = question("law-local-authority", "quality-assurance", anonymised=False)
        twist = "the names are in, and an audit can be done without them"
        yield Line(
            "matrix.json", f"{kind}-quality-assurance-named", f"law-{kind}", ask, twist, ("1.1 Legitimate interests",)
        )


def conditions() -> Iterator[Line]:
    """What the matrix offers only under a named condition, asked where the condition holds."""
    for kind, column in ROWS:
        row = ROWS[kind, column]
        named = {use["when"] for name in ("article_6", "article_9", "gateways") for use in row[name] if "when" in use}
        if "cannot-consent" in named:
            ask = question(other(kind), column, para18_reason="cannot-give")
            twist = "the child cannot consent, so 9(2)(c) joins the route"
            yield Line(
                "conditions.json", f"{kind}-{column}-cannot-consent", f"law-{kind}", ask, twist, ("1.2 9(2)(c)",)
            )
        if "on-request" in named:
            section = {
                "child-in-need": "ca-1989-s27",
                "child-protection-enquiry": "ca-1989-s47",
                "mappa": "cja-2003-s325",
            }
            ask = question("law-local-authority", column, statutory_request=section.get(column, "ctsa-2015-s38"))
            twist = (
                "the council asks under a section that gives it no right to an answer from such a body; that a public "
                "body asks for its task still brings in Annex 1 paragraph 1"
            )
            yield Line(
                "conditions.json",
                f"{kind}-{column}-on-request",
                f"law-{kind}",
                ask,
                twist,
                ("1.1 Annex 1 paragraph 1",),
            )
        if "named-in-arrangements" in named:
            ask = question("law-local-authority", column, **stated_for(kind, column))
            twist = "its commission is taken for being named in the arrangements, so sections 10 and 16E come in"
            yield Line(
                "conditions.json", f"{kind}-{column}-named", f"law-{kind}-commissioned", ask, twist, ("2 CA04_10",)
            )
        if "consent-is-the-basis" in named:
            yield from _family_choice(kind, column)


def _family_choice(kind: str, column: str) -> Iterator[Line]:
    who = f"law-{kind}"
    ask = question("law-local-authority", column)
    yield Line(
        "conditions.json",
        f"{kind}-{column}-ask-first",
        who,
        ask,
        "nobody has asked them yet and asking is safe, so ask",
        ("3.2 universal",),
    )
    ask = question("law-local-authority", column, consent="given")
    yield Line(
        "conditions.json",
        f"{kind}-{column}-consent-given",
        who,
        ask,
        "they said yes, which wants its record",
        ("3.3 demonstrable",),
    )
    ask = question("law-local-authority", column, on="2026-02-04", consent="given")
    twist = "the day before (ea) came in, consent was the only basis in its row, and it was given"
    yield Line("conditions.json", f"{kind}-{column}-consent-before-ea", who, ask, twist, ("0.4 in force 5 Feb 2026",))
    ask = question("law-youth-justice", column, para18_reason="cannot-give", statutory_request="ca-2004-s10")
    ask["categories"] = ["mental-health", "criminal-record"]
    twist = (
        "youth justice asks, the child cannot consent and the body’s record puts it in the arrangements; once a reason "
        "of paragraph 18 is stated, consent is not among its bases"
    )
    commissioned = who if kind == "independent-school" else f"{who}-commissioned"
    if kind == "independent-school":
        commissioned = "law-independent-school-designated"
    yield Line(
        "conditions.json", f"{kind}-{column}-not-consent", commissioned, ask, twist, ("3.2 universal", "1.2 18(2)")
    )


def other(kind: str) -> str:
    return "law-local-authority" if kind != "local-authority" else "law-police"


def law_enforcement() -> Iterator[Line]:
    """The five competent authorities under Part 3; the rows above ask them under the UK GDPR."""
    for kind, column in ROWS:
        if kind not in COMPETENT:
            continue
        stated = {} if column in POWERS else {"law_enforcement_purpose": True}
        for number, to in enumerate(_recipients(kind, column, stated)):
            name = f"{kind}-{column}-part-3" if not number else f"{kind}-{column}-part-3-to-{to}"
            ask = question(f"law-{to}", column, **stated)
            yield Line("part-3.json", name, f"law-{kind}", ask, None, ("1.4 s.35(2)", "1.4 s.31 purposes"))


def detriment() -> Iterator[Line]:
    """Sharing may do more harm: nothing is decided, and basis and gateways stand there all the same."""
    for kind, column in ROWS:
        gateways = {use["code"] for use in ROWS[kind, column]["gateways"]}
        if column not in (*POWERS, "modern-slavery-referral") or not gateways & {*POWERS.values(), "msa-2015-s52"}:
            continue
        stated = stated_for(kind, column)
        asked = [one for one in dict.fromkeys([*FIRST[column], *ANYBODY]) if one not in (kind, *COMPETENT)]
        to = max(asked, key=lambda one: len(_shown(kind, column, one, stated)))
        ask = question(f"law-{to}", column, **stated, more_detrimental_to_share=True)
        twist = "somebody thinks that sharing would do a child more harm than not, which a senior post has to confirm"
        yield Line("detriment.json", f"{kind}-{column}", f"law-{kind}", ask, twist, ("2 CA04_16LA", "4.1 R17"))


SETS = (rows, audits, conditions, law_enforcement, detriment)
