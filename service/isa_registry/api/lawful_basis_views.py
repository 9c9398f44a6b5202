"""Lawful-basis records as they are answered."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict, replace

from isa_registry.domain.dates import day_after
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.history import BasisEvent
from isa_registry.domain.lawful_bases.refusals import record_faults
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.refusals import Fault
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.register import RegisterView

State = Literal["to-come", "holds", "over"]


class LawfulBasisView(Struct, frozen=True):
    """A record as it was made, and what became of it. `state` is that of today; `last_day` the last day on which it
    holds, null where no end is known. `superseded_by` has its place from `superseded_on` on; `ended_on` is the first
    day on which it was ended. `refused_today` is what today's law, and what your organisation's record says today,
    would refuse in it: look at it again. `entry` is where it stands in the log; `decided_by` are the entries that
    made known whoever decided it."""

    record: str
    organisation: str
    agreement: str
    purpose: str
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    part_3: tuple[str, ...]
    gateways: tuple[str, ...]
    adopted: str
    approved_by: str
    starts: str
    ends: str | None
    confidentiality_route: str | None
    s36_4_authority: str | None
    policy_document: PolicyDocument | None
    dpia: str | None
    balancing_test: str | None
    supersedes: str | None
    decided_by: tuple[int, ...]
    entry: int
    state: State
    last_day: str | None
    ended_on: str | None
    superseded_on: str | None
    superseded_by: str | None
    refused_today: list[Fault]


class LawfulBasisList(Struct, frozen=True):
    """Every record of an organisation in the order in which they were logged, as of the day `on`; `total` of all."""

    on: str
    total: int
    lawful_bases: list[LawfulBasisView]
    next: str | None


class BasisHistory(Struct, frozen=True):
    """Everything that was ever said of what an organisation relies on for a purpose of an agreement, in the order in
    which it was logged. Nothing of it is ever changed."""

    organisation: str
    agreement: str
    purpose: str
    events: list[BasisEvent]


def basis_view(view: RegisterView, entry: int, one: LawfulBasis, today: str) -> LawfulBasisView:
    gone = one.gone_from
    state: State = "holds" if one.holds(today) else "to-come" if one.held and today < one.recorded.starts else "over"
    return LawfulBasisView(
        **asdict(one.recorded),
        entry=entry,
        state=state,
        last_day=None if gone is None or not one.held else day_after(gone, -1),
        ended_on=one.ended_on,
        superseded_on=one.superseded_on,
        superseded_by=one.superseded_by,
        refused_today=[] if state == "over" else _refused_today(view, one.recorded, today),
    )


def _refused_today(view: RegisterView, record: LawfulBasisRecorded, today: str) -> list[Fault]:
    catalogue, body = view.catalogue(), view.organisation(record.organisation)
    if catalogue is None or body is None:
        return []
    starting = max(today, record.starts)
    return list(record_faults(replace(record, starts=starting, ends=None), body, catalogue))
