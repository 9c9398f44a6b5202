"""What a decision or an answer rests on, in one word, for figures: whether consent really was the basis, or a public
task or a duty, as it nearly always is."""

from __future__ import annotations

from collections.abc import Sequence

RESTS_ON = (
    "consent", "duty", "public-task", "vital-interests", "legitimate-interests", "law-enforcement", "none",
)  # fmt: skip

_BY_POINT = {
    "art6-1-a": "consent",
    "art6-1-c": "duty",
    "art6-1-d": "vital-interests",
    "art6-1-e": "public-task",
    "art6-1-ea": "legitimate-interests",
    "art6-1-f": "legitimate-interests",
}


def rests_on(article_6: Sequence[str], part_3: Sequence[str]) -> str:
    """The word for a basis: consent where it is named at all, else the first point of Article 6(1), else law
    enforcement (DPA 2018 Part 3); `none` where neither is named."""
    if "art6-1-a" in article_6:
        return "consent"
    for point in article_6:
        if point in _BY_POINT:
            return _BY_POINT[point]
    return "law-enforcement" if part_3 else "none"
