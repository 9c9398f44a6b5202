"""What was known at any size, and on any date: the same as a fold that stopped there, whatever was asked in between.

Past states share memories of what was worked out from them, in a register that grows, takes back what was tried on, or
was read from a snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asking import COUNCIL, POLICE, TODAY, question
from demonstration import LOGGED_AT, attested, catalogue_files, demonstration_entries
from isa_registry.domain import agreement_entries as agreed
from isa_registry.domain.answers import Answer
from isa_registry.domain.catalogue_loading import load_catalogue
from isa_registry.domain.decisions import decide
from isa_registry.domain.entries import CatalogueChanged, LawfulBasisEnded, RegisterPayload
from isa_registry.domain.party_entries import OrganisationChanged, PolicyDocument
from isa_registry.domain.questions import Evidence
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.memory import Memories
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.register.snapshots import read_snapshot, write_snapshot

BASE = tuple(one for one in demonstration_entries() if isinstance(one, RegisterPayload))
LAW = next(index + 1 for index, one in enumerate(BASE) if isinstance(one, CatalogueChanged))
TIER_2, VERSION = "tier-2-hoth", "1.0"
DAYS = st.sampled_from(["2026-03-31", "2026-04-01", "2026-06-01", "2026-10-15", "2026-11-27", "2027-06-02"])
QUESTIONS = [
    question(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence"),
    question(POLICE, COUNCIL, "harm-outside-the-home", "identity", would_help_recipient=True),
    question("harbour", COUNCIL, "early-help", "identity education"),
    question("durham-community-action", POLICE, "quality-assurance", "education"),
]


def _body(organisation: str, kind: str, **record: Any) -> OrganisationChanged:
    return OrganisationChanged(organisation=organisation, name=organisation, organisation_kind=kind, **record)


def _other_law() -> CatalogueChanged:
    files = {name: msgspec.json.decode(data) for name, data in catalogue_files().items()}
    # A duty that begins later.
    for one in files["provisions.json"]:
        if one["code"] == "ca-2004-s16la":
            one["in_force"] = [{"from": "2026-12-24", "reported": True}]
    canonical = {name: msgspec.json.encode(content, order="sorted") for name, content in files.items()}
    return CatalogueChanged(sha256=load_catalogue(canonical).sha256, files=files)


MOVES: tuple[RegisterPayload, ...] = (
    agreed.AgreementSuspended(TIER_2, VERSION, "2026-10-01", "law-changed"),
    agreed.AgreementResumed(TIER_2, VERSION, "2026-11-01"),
    agreed.AgreementWithdrawn("tier-1", VERSION, "2026-11-20", "superseded"),
    agreed.AttestationWithdrawn(f"att-{POLICE}-{TIER_2}-1.0", TIER_2, VERSION, POLICE, "2026-11-01", "other"),
    attested(POLICE, TIER_2, identifier="att-anew", at="2026-11-02T09:00:00.000Z"),
    LawfulBasisEnded(f"lb-{POLICE}-{TIER_2}-harm-outside-the-home", POLICE, "2026-11-10"),
    _body(POLICE, "police", policy_document=PolicyDocument("APD-2", "2026-09-01")),
    _body(COUNCIL, "local-authority", closed_on="2026-11-15"),
    _body(COUNCIL, "local-authority"),
    _body("harbour", "voluntary", designated=True),
    _other_law(),
)
HISTORIES = st.lists(st.sampled_from(MOVES), max_size=8)


def folded(payloads: Sequence[RegisterPayload]) -> Register:
    register = Register()
    for entry, payload in enumerate(payloads):
        apply(register, entry, LOGGED_AT, payload)
    return register


def answers(view: RegisterView, today: str) -> list[Answer]:
    law = view.catalogue()
    assert law is not None
    return [decide(view, law, one, Evidence(), today=today) for one in QUESTIONS]


@given(data=st.data(), moves=HISTORIES)
def test_any_size_on_any_date_is_a_fold_that_stopped_there(data: st.DataObject, moves: list[RegisterPayload]) -> None:
    history = (*BASE, *moves)
    register = folded(history)
    again = read_snapshot(write_snapshot(register))
    recent = st.integers(len(BASE), len(history))
    for _ in range(3):
        size, day = data.draw(recent | st.integers(LAW, len(history)), "size"), data.draw(DAYS, "day")
        expected = answers(folded(history[:size]).at(size), day)
        assert expected == answers(register.at(size), day)
        assert expected == answers(again.at(size), day)


@given(data=st.data(), tried=HISTORIES, taken=HISTORIES)
def test_what_was_taken_back_is_in_no_answer_about_any_size(
    data: st.DataObject, tried: list[RegisterPayload], taken: list[RegisterPayload]
) -> None:
    register, start = folded(BASE), len(BASE)
    for place, payload in enumerate(tried):
        apply(register, start + place, LOGGED_AT, payload)
    for size in range(start, start + len(tried) + 1):
        answers(register.at(size), TODAY)
    register.forget_from(start)
    for place, payload in enumerate(taken):
        apply(register, start + place, LOGGED_AT, payload)
    for _ in range(2):
        size = start + data.draw(st.integers(0, len(taken)))
        assert answers(folded((*BASE, *taken)[:size]).at(size), TODAY) == answers(register.at(size), TODAY)


def test_these_histories_change_what_is_answered() -> None:
    """Else the tests above would compare what is always the same."""
    told = [answers(folded((*BASE, one)).at(len(BASE) + 1), TODAY) for one in MOVES]
    before = answers(folded(BASE).at(len(BASE)), TODAY)
    assert sum(one != before for one in told) >= len(MOVES) - 3
    assert len({msgspec.json.encode(one) for one in told}) >= 6


# --- the memories themselves -----------------------------------------------------------------------------------------


@pytest.fixture
def memories() -> Memories:
    found = Memories()
    for entry in (3, 7, 8, 20, 21, 22, 23):
        found.changed(entry)
    return found


@pytest.mark.parametrize(
    ("one", "other", "shared"), [(8, 8, True), (4, 7, True), (7, 8, False), (8, 9, False), (0, 3, True)]
)
def test_sizes_between_the_same_two_changes_share_a_memory(
    memories: Memories, one: int, other: int, shared: bool
) -> None:
    assert shared == (memories.at(one) is memories.at(other))


def test_a_few_past_states_are_kept_and_the_newest_always(memories: Memories) -> None:
    newest, first = memories.at(99), memories.at(4)
    for size in (8, 9, 21):
        memories.at(size)
    assert first is memories.at(4)
    for size in (8, 9, 21, 22):
        memories.at(size)
    assert first is not memories.at(4)
    assert newest is memories.at(24)


def test_a_past_that_was_the_newest_begins_with_no_memory_and_a_change_leaves_the_pasts(memories: Memories) -> None:
    newest, past = memories.at(24), memories.at(9)
    memories.changed(24)
    assert past is memories.at(9)
    assert memories.at(24) is not memories.at(25)
    memories.forget_from(24)
    assert memories.at(30) not in (newest, past)


def test_what_is_forgotten_takes_its_memory_with_it(memories: Memories) -> None:
    kept, gone = memories.at(9), memories.at(22)
    memories.forget_from(21)
    memories.changed(21)
    memories.changed(30)
    assert kept is memories.at(9)
    assert gone is not memories.at(22)
