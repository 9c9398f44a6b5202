"""The words in which differences between schedules are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

Found = tuple[str, str]
"""A place within a member of the schedule (a JSON pointer) and a sentence."""

_BODIES = {
    "local-authority": "local authorities", "integrated-care-board": "integrated care boards",
    "nhs-trust": "NHS trusts", "nhs-england": "NHS England", "gp-practice": "GP practices",
    "maintained-school": "maintained schools", "academy": "academies", "academy-trust": "academy trusts",
    "independent-school": "independent schools", "college": "colleges", "early-years": "early years providers",
    "childrens-home": "children’s homes", "fostering-agency": "fostering agencies",
    "secure-setting": "secure settings", "probation": "probation", "youth-justice": "youth justice services",
    "prison": "prisons", "cafcass": "Cafcass", "fire": "fire services",
    "british-transport-police": "British Transport Police", "voluntary": "voluntary organisations",
    "faith": "faith organisations", "sports-club": "sports clubs", "housing-provider": "housing providers",
    "home-office": "the Home Office", "national-panel": "the national panel",
}  # fmt: skip

_ROLES = {
    "chief-officer": "chief officers", "siro": "senior information risk owners",
    "caldicott-guardian": "Caldicott Guardians", "head-teacher": "head teachers",
    "chair-of-trustees": "chairs of trustees", "delegate": "delegates under a scheme of delegation",
    "data-protection-officer": "data protection officers",
    "designated-safeguarding-lead": "designated safeguarding leads", "named-professional": "named professionals",
    "legal-adviser": "legal advisers",
}  # fmt: skip


def said(code: str) -> str:
    """A code as words: harm outside the home."""
    return code.replace("-", " ")


def bodies(kind: str) -> str:
    """A kind of organisation in the plural."""
    return _BODIES.get(kind, said(kind))


def roles(role: str) -> str:
    """A role in the plural."""
    return _ROLES.get(role, said(role))


def quoted(text: str) -> str:
    return f"“{text}”"


def listed(codes: Sequence[str]) -> str:
    """Codes as words, with commas between them."""
    return ", ".join(map(said, codes)) or "none"


def plain_day(day: str) -> str:
    """A date YYYY-MM-DD as 1 June 2027; what is no date, as it is."""
    try:
        return f"{date.fromisoformat(day):%-d %B %Y}"
    except ValueError:
        return day


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def code_changes(
    at: str,
    old: Sequence[str],
    new: Sequence[str],
    *,
    added: str,
    removed: str,
    order: str,
    say: Callable[[str], str] = said,
) -> Iterator[Found]:
    """The differences between two lists of codes, a sentence for each; `{code}` stands for the code in words."""
    was, now = Counter(old), Counter(new)
    for code in (was - now).elements():
        yield f"{at}/{code}", capital(removed.replace("{code}", say(code)))
    for code in (now - was).elements():
        yield f"{at}/{code}", capital(added.replace("{code}", say(code)))
    if in_another_order(old, new):
        yield at, order


def in_another_order(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether what is in both lists stands in another order."""
    return _those_in(old, Counter(new)) != _those_in(new, Counter(old))


def _those_in(codes: Sequence[str], other: Counter[str]) -> list[str]:
    left, found = other.copy(), []
    for code in codes:
        if left[code] > 0:
            left[code] -= 1
            found.append(code)
    return found
