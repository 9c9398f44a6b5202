"""The record by which a body adopts as its own what the matrix says of its kind."""

from __future__ import annotations

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.closing import closed
from isa_registry.domain.lawful_bases.groups import Member
from isa_registry.domain.lawful_bases.standing import Standing, standing_of
from isa_registry.domain.register.facts import Organisation

APPROVED_BY = "data-protection-officer"


def default_record(
    catalogue: Catalogue, body: Organisation, agreement: str, purpose: str, *, starts: str, record: str = ""
) -> LawfulBasisRecorded | None:
    """What the matrix gives bodies of its kind, less what is not open to this one on the first day; None where it has
    no row for them. A row without a reliable basis gives a record that wants a balancing test."""
    standing = standing_of(catalogue, body, purpose, starts)
    if standing is None or standing.row is None:
        return None
    return LawfulBasisRecorded(
        record=record,
        organisation=body.organisation,
        agreement=agreement,
        purpose=purpose,
        article_6=_open(standing, "article_6"),
        article_9=_open(standing, "article_9"),
        article_10=_open(standing, "article_10"),
        part_3=_open(standing, "part_3"),
        gateways=_open(standing, "gateways"),
        adopted="default",
        approved_by=APPROVED_BY,
        starts=starts,
    )


def _open(standing: Standing, member: Member) -> tuple[str, ...]:
    codes = (use.code for use in getattr(standing.row, member, ()))
    return tuple(dict.fromkeys(code for code in codes if closed(standing, member, code) is None))
