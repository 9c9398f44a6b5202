"""What a provision needs beside it in the same record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from isa_registry.domain.catalogue import Predicate
from isa_registry.domain.lawful_bases.closing import closed, duties_open
from isa_registry.domain.lawful_bases.groups import Member, candidates, part_of_schedule_1
from isa_registry.domain.lawful_bases.standing import Standing

NeedCode = Literal["policy-document", "balancing-test", "beside"]

INTEREST = "art6-1-ea"
_BESIDE_POINTS = {
    "art9-2-h": "dpa-2018-sch1-para2",
    "art9-2-i": "dpa-2018-sch1-para3",
    "art9-2-j": "dpa-2018-sch1-para4",
}
_SENSITIVE = "dpa-2018-s35-5"
_TASK = "dpa-2018-s35-2-b"


class Need(Struct, frozen=True):
    """What a provision needs: a policy document, a balancing test, or `any_of` these codes in `member`. `unless`: not
    under that named condition, which a record cannot know, so that its absence is no fault of the record. `says` is
    the sentence, `source` the law."""

    code: NeedCode
    says: str
    source: str
    member: Member | None = None
    any_of: tuple[str, ...] = ()
    unless: Predicate | None = None


def needs(standing: Standing, member: Member, code: str) -> tuple[Need, ...]:
    """Everything that a code needs beside it in this member of a record."""
    return tuple(_needs(standing, member, code))


def _needs(standing: Standing, member: Member, code: str) -> Iterator[Need]:
    match member:
        case "article_6":
            yield from _article_6(standing, code)
        case "article_9":
            yield from _article_9(standing, code)
        case "article_10" if code == "dpa-2018-sch1-para36":
            says = "Paragraph 36 lifts one test of another condition. Name that condition of Part 2 beside it."
            source = "Data Protection Act 2018 Schedule 1 paragraph 36"
            yield Need("beside", says, source, "article_10", _part_2(standing, "article_10"))
        case "part_3":
            yield from _part_3(standing, code)
        case _:
            pass
    if member in ("article_9", "article_10", "part_3"):
        yield from _policy_document(standing, code)


def _article_6(standing: Standing, code: str) -> Iterator[Need]:
    point = standing.catalogue.provisions[code]
    if code == INTEREST:
        says = "Article 6(1)(ea) needs a condition of Annex 1: name which one."
        yield Need("beside", says, "UK GDPR Article 6(1)(ea) and Annex 1", "article_6", _open(standing, "annex-1"))
    elif point.kind == "annex-1":
        says = "A condition of Annex 1 serves Article 6(1)(ea): name that too."
        yield Need("beside", says, "UK GDPR Article 6(1)(ea) and Annex 1", "article_6", (INTEREST,))
    elif "balancing-test" in point.limits:
        says = "Weigh your interest against the person's, write that down, and give its reference in balancing_test."
        yield Need("balancing-test", says, "UK GDPR Article 6(1)(f)")
    elif code == "art6-1-c":
        says = "A legal obligation stands in law: name the duty among the gateways."
        yield Need("beside", says, "UK GDPR Article 6(3)", "gateways", duties_open(standing))
    elif code == "art6-1-d":
        others = tuple(one for one in _open(standing, "article-6") if one != code)
        says = "Vital interests are for life and limb, where nothing else will do: name another point beside it."
        yield Need("beside", says, "UK GDPR Article 6(1)(d) and recital 46", "article_6", others)


def _article_9(standing: Standing, code: str) -> Iterator[Need]:
    source = "UK GDPR Article 9(2); Data Protection Act 2018 s.10 and Schedule 1"
    if code == "art9-2-g":
        says = "Article 9(2)(g) needs a paragraph of Part 2 of Schedule 1: name it in the same list."
        yield Need("beside", says, source, "article_9", _part_2(standing, "article_9"))
    elif code in _BESIDE_POINTS:
        says = "This point needs its own paragraph of Part 1 of Schedule 1: name it in the same list."
        yield Need("beside", says, source, "article_9", (_BESIDE_POINTS[code],))
    elif part_of_schedule_1(code) == 2:
        says = "A paragraph of Part 2 of Schedule 1 serves Article 9(2)(g): name that in the same list."
        yield Need("beside", says, source, "article_9", ("art9-2-g",))
    elif part_of_schedule_1(code) == 1:
        point = next(one for one, paragraph in _BESIDE_POINTS.items() if paragraph == code)
        says = "This paragraph of Part 1 of Schedule 1 serves a point of Article 9: name that in the same list."
        yield Need("beside", says, source, "article_9", (point,))
    elif code == "art9-2-c":
        others = tuple(one for one in _open(standing, "article-9") if one != code)
        says = "This point is only for who cannot consent, in body or in law: name another for everybody else."
        yield Need("beside", says, "UK GDPR Article 9(2)(c)", "article_9", others)


def _part_3(standing: Standing, code: str) -> Iterator[Need]:
    if code.startswith("dpa-2018-sch8-"):
        says = "A condition of Schedule 8 serves s.35(5): name that in the same list."
        yield Need("beside", says, "Data Protection Act 2018 s.35(5)", "part_3", (_SENSITIVE,))
    elif code == _SENSITIVE:
        conditions = tuple(one for one in _open(standing, "schedule-8") if one != _SENSITIVE)
        says = "Sensitive processing under s.35(5) needs a condition of Schedule 8: name it in the same list."
        yield Need("beside", says, "Data Protection Act 2018 s.35(5)(b) and Schedule 8", "part_3", conditions)
        says = "Sensitive processing needs what all law enforcement processing needs: name s.35(2)(b) too."
        yield Need("beside", says, "Data Protection Act 2018 s.35(2)", "part_3", (_TASK,))


def _policy_document(standing: Standing, code: str) -> Iterator[Need]:
    provision = standing.catalogue.provisions[code]
    if provision.policy_document:
        part_3 = provision.kind == "part-3"
        says = (
            "This condition needs an appropriate policy document. Name yours in your organisation's record, or one of "
            "this record's own in policy_document."
        )
        source = "ss.35 and 42" if part_3 else "Schedule 1 paragraph 5 and Part 4"
        unless = provision.policy_document_unless
        yield Need("policy-document", says, f"Data Protection Act 2018 {source}", unless=unless)


def _open(standing: Standing, group: Literal["article-6", "annex-1", "article-9", "schedule-8"]) -> tuple[str, ...]:
    member: Member = "article_9" if group == "article-9" else "part_3" if group == "schedule-8" else "article_6"
    return tuple(one for one in candidates(standing.catalogue, group) if closed(standing, member, one) is None)


def _part_2(standing: Standing, member: Member) -> tuple[str, ...]:
    return tuple(
        one
        for one in candidates(standing.catalogue, "schedule-1")
        if part_of_schedule_1(one) == 2 and closed(standing, member, one) is None
    )
