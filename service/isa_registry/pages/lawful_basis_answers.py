"""What has been answered so far about a lawful-basis record. It travels in the address from page to page, so that going
back, signing in again or a page that finds something wrong loses nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from msgspec import Struct

from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.groups import LISTS
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.register.facts import LawfulBasis

_MOST = 60
"""Codes in one list: more than the law has for any."""

_SHORT = {
    "agreement": "agreement", "purpose": "purpose", "supersedes": "supersedes", "starts": "from", "ends": "until",
    "article_6": "a6", "article_9": "a9", "article_10": "a10", "part_3": "p3", "gateways": "g",
    "confidentiality_route": "route", "s36_4_authority": "s36", "policy_reference": "policy",
    "policy_review_on": "review", "dpia": "dpia", "balancing_test": "balance", "approved_by": "by",
}  # fmt: skip
"""Each answer's name in an address."""

NAMES = tuple(_SHORT.values())


class Answers(Struct, frozen=True):
    """An answer that is not given yet is empty. `supersedes` is the record whose place this one takes."""

    agreement: str = ""
    purpose: str = ""
    supersedes: str = ""
    starts: str = ""
    ends: str = ""
    article_6: tuple[str, ...] = ()
    article_9: tuple[str, ...] = ()
    article_10: tuple[str, ...] = ()
    part_3: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    confidentiality_route: str = ""
    s36_4_authority: str = ""
    policy_reference: str = ""
    policy_review_on: str = ""
    dpia: str = ""
    balancing_test: str = ""
    approved_by: str = ""

    def fields(self, *without: str) -> list[tuple[str, str]]:
        """The answers that are given, as an address or hidden fields hold them, less those of these members."""
        found = []
        for member, name in _SHORT.items():
            value = getattr(self, member)
            text = ",".join(value) if isinstance(value, tuple) else value
            if text and member not in without:
                found.append((name, text))
        return found

    def address(self, path: str, **more: str) -> str:
        return f"{path}?{urlencode([*more.items(), *self.fields()], safe=',:/')}"

    def fact(self, organisation: str, record: str, superseded: LawfulBasis | None) -> LawfulBasisRecorded:
        """The record that the answers make. One that holds no longer by its first day is not superseded: this one
        follows it."""
        follows = superseded is not None and _gone(superseded, self.starts)
        return LawfulBasisRecorded(
            record=record,
            organisation=organisation,
            agreement=self.agreement,
            purpose=self.purpose,
            **{member: getattr(self, member) for member in LISTS},
            adopted="own",
            approved_by=self.approved_by,
            starts=self.starts,
            ends=self.ends or None,
            confidentiality_route=self.confidentiality_route or None,
            s36_4_authority=self.s36_4_authority or None,
            policy_document=(
                PolicyDocument(self.policy_reference, self.policy_review_on or None) if self.policy_reference else None
            ),
            dpia=self.dpia or None,
            balancing_test=self.balancing_test or None,
            supersedes=None if follows or superseded is None else self.supersedes,
        )


def answers_in(sent: Mapping[str, Sequence[str]]) -> Answers:
    """The answers in an address or a form; what is not among them is passed over."""
    found: dict[str, str | tuple[str, ...]] = {}
    for member, name in _SHORT.items():
        values = sent.get(name, ())
        text = values[0].strip() if values else ""
        if text:
            found[member] = tuple(dict.fromkeys(text.split(",")))[:_MOST] if member in LISTS else text
    return Answers(**found)  # type: ignore[arg-type]


def answers_of(record: LawfulBasisRecorded, *, supersedes: str, starts: str) -> Answers:
    """What stands in a record, as answers for one that takes its place."""
    document = record.policy_document
    return Answers(
        agreement=record.agreement,
        purpose=record.purpose,
        supersedes=supersedes,
        starts=starts,
        **{member: getattr(record, member) for member in LISTS},
        confidentiality_route=record.confidentiality_route or "",
        s36_4_authority=record.s36_4_authority or "",
        policy_reference="" if document is None else document.reference,
        policy_review_on="" if document is None else document.review_on or "",
        dpia=record.dpia or "",
        balancing_test=record.balancing_test or "",
    )


def _gone(held: LawfulBasis, day: str) -> bool:
    return held.gone_from is not None and held.gone_from <= day
