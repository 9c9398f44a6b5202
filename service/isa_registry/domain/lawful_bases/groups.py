"""The parts of a record: which of its members holds which provisions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from isa_registry.domain.catalogue import Catalogue

Member = Literal[
    "article_6", "article_9", "article_10", "part_3", "gateways", "confidentiality_route", "s36_4_authority"
]
GroupCode = Literal[
    "article-6", "annex-1", "article-9", "schedule-1", "article-10", "schedule-1-offences", "part-3", "schedule-8",
    "gateways", "confidentiality-route", "s36-4-authority",
]  # fmt: skip

LISTS: tuple[Member, ...] = ("article_6", "article_9", "article_10", "part_3", "gateways")
AUTHORITIES = frozenset({"duty", "request-duty", "power", "framework"})
"""Kinds of provision that give a body a duty, a power or a function."""

_PARAGRAPH = "dpa-2018-sch1-para"
_BASES_OF_PART_3 = ("dpa-2018-s35-2-b", "dpa-2018-s35-2-a")
_SENSITIVE_OF_PART_3 = ("dpa-2018-s35-5", "dpa-2018-s35-4")


class Group(NamedTuple):
    """Provisions that are chosen from together, and the member of a record that holds them."""

    code: GroupCode
    member: Member
    title: str
    says: str


GROUPS: tuple[Group, ...] = (
    Group(
        "article-6",
        "article_6",
        "Lawful basis (UK GDPR Article 6)",
        "Every use of personal information needs one. Put the one that you rely on first at the top.",
    ),
    Group(
        "annex-1",
        "article_6",
        "Recognised interest (UK GDPR Annex 1)",
        "Which of the recognised interests it is. Only beside Article 6(1)(ea).",
    ),
    Group(
        "article-9",
        "article_9",
        "Special category information (UK GDPR Article 9)",
        "Health, ethnicity, faith, sexuality and the like need a condition of their own.",
    ),
    Group(
        "schedule-1",
        "article_9",
        "Condition for special category information (Data Protection Act 2018 Schedule 1)",
        "The paragraph that the point of Article 9 rests on.",
    ),
    Group(
        "article-10",
        "article_10",
        "Criminal offence information (UK GDPR Article 10)",
        "Convictions, allegations and suspicions need official authority, or a condition of Schedule 1.",
    ),
    Group(
        "schedule-1-offences",
        "article_10",
        "Condition for criminal offence information (Data Protection Act 2018 Schedule 1)",
        "The paragraph that lets you share it.",
    ),
    Group(
        "part-3",
        "part_3",
        "Law enforcement (Data Protection Act 2018 Part 3)",
        "For competent authorities, when the purpose is law enforcement.",
    ),
    Group(
        "schedule-8",
        "part_3",
        "Sensitive information in law enforcement (Data Protection Act 2018 s.35 and Schedule 8)",
        "What lets a competent authority share sensitive facts in law enforcement work.",
    ),
    Group(
        "gateways",
        "gateways",
        "Duties, powers and functions",
        "The law that tells you to share or lets you. A framework gives the task that you share for.",
    ),
    Group(
        "confidentiality-route",
        "confidentiality_route",
        "Confidentiality",
        "How the common law duty of confidentiality is met where you owe it.",
    ),
    Group(
        "s36-4-authority",
        "s36_4_authority",
        "From law enforcement to another purpose (Data Protection Act 2018 s.36(4))",
        "The law that lets you use for this purpose what was collected for law enforcement.",
    ),
)
"""In the order in which they are chosen."""


def part_of_schedule_1(code: str) -> int | None:
    """The Part of Schedule 1 in which a paragraph stands; None for what is no paragraph of it."""
    number = code.removeprefix(_PARAGRAPH)
    if number == code or not number.isdecimal():
        return None
    return 1 if int(number) <= 4 else 2 if int(number) <= 28 else 3


def candidates(catalogue: Catalogue, group: GroupCode) -> tuple[str, ...]:
    """Every code that a group is about, open or closed, in the catalogue's order."""
    return _sorted_out(catalogue)[group]


def belongs(catalogue: Catalogue, member: Member, code: str) -> bool:
    """Whether a member of a record may hold a code at all, whoever the body is."""
    return any(code in candidates(catalogue, group.code) for group in GROUPS if group.member == member)


_SEEN: list[tuple[Catalogue, dict[GroupCode, tuple[str, ...]]]] = []
_SEEN_AT_MOST = 4


def _sorted_out(catalogue: Catalogue) -> dict[GroupCode, tuple[str, ...]]:
    """The candidates of every group. Those of the last few catalogues are kept, by identity."""
    for seen, found in _SEEN:
        if seen is catalogue:
            return found
    sorted_out = {group.code: tuple(_candidates(catalogue, group.code)) for group in GROUPS}
    _SEEN.append((catalogue, sorted_out))
    if len(_SEEN) > _SEEN_AT_MOST:
        del _SEEN[0]
    return sorted_out


def _candidates(catalogue: Catalogue, group: GroupCode) -> Iterator[str]:
    if group == "confidentiality-route":
        yield from catalogue.codes.confidentiality_routes
        return
    for code, provision in catalogue.provisions.items():
        match group:
            case "article-6" | "annex-1" | "article-9" | "article-10":
                fits = provision.kind == group
            case "schedule-1":
                fits = provision.kind == "schedule-1" and part_of_schedule_1(code) in (1, 2)
            case "schedule-1-offences":
                fits = provision.kind == "schedule-1"
            case "part-3":
                fits = code in _BASES_OF_PART_3
            case "schedule-8":
                fits = code in _SENSITIVE_OF_PART_3 or code.startswith("dpa-2018-sch8-")
            case _:
                fits = provision.kind in AUTHORITIES
        if fits:
            yield code
