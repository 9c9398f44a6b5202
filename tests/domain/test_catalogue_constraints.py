"""Each constraint on the law, and an edit of the data that it refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from demonstration import catalogue
from isa_registry.domain.catalogue import Catalogue, Use
from isa_registry.domain.catalogue_constraints import CONSTRAINTS, constraint_faults

Edit = Callable[[Catalogue], Catalogue]


def row(where: str, member: str, code: str) -> Edit:
    """A provision added to a matrix row."""

    def edit(law: Catalogue) -> Catalogue:
        changed = replace(law.matrix[where], **{member: (*getattr(law.matrix[where], member), Use(code))})
        return replace(law, matrix=law.matrix | {where: changed})

    return edit


def provision(code: str, **members: object) -> Edit:
    return lambda law: replace(law, provisions=law.provisions | {code: replace(law.provisions[code], **members)})


def kind(code: str, **members: object) -> Edit:
    return lambda law: replace(law, kinds=law.kinds | {code: replace(law.kinds[code], **members)})


def without_basis(law: Catalogue) -> Catalogue:
    return replace(law, matrix=law.matrix | {"fire mappa": replace(law.matrix["fire mappa"], article_6=())})


def danger_with_a_duty(law: Catalogue) -> Catalogue:
    where = "police immediate-danger"
    return replace(law, matrix=law.matrix | {where: replace(law.matrix[where], duties=("ca-2004-s16la",))})


def superseded(law: Catalogue) -> Catalogue:
    old = replace(law.provisions["ca-2004-s16e"], code="ca-2004-s14b")
    return replace(law, provisions=law.provisions | {"ca-2004-s14b": old})


def members(code: str, member: str, *more: str) -> tuple[str, ...]:
    return (*(getattr(catalogue().provisions[code], member) or ()), *more)


EDITS: dict[str, Edit] = {
    "no-recognised-interest-for-public-bodies": row("fire early-help", "article_6", "art6-1-ea"),
    "no-legitimate-interests-for-public-bodies": row("fire early-help", "article_6", "art6-1-f"),
    "no-borrowed-public-task": row("voluntary mappa", "article_6", "art6-1-e"),
    "no-serious-violence-gateway-for-health": row("nhs-trust crime-prevention", "gateways", "pcsca-2022-s16"),
    "no-sharing-as-a-members-body": row("faith early-help", "article_9", "art9-2-d"),
    "health-care-duty-only-between-health-bodies": row("local-authority early-help", "gateways", "hsca-2012-s251b"),
    "relevant-authorities": provision("cda-1998-s115", recipients=members("cda-1998-s115", "recipients", "voluntary")),
    "asked-in-an-enquiry": provision("ca-1989-s47", providers=members("ca-1989-s47", "providers", "police")),
    "asked-for-a-child-in-need": provision("ca-1989-s27", recipients=("local-authority", "police")),
    "safeguarding-partners-ask": provision("ca-2004-s16h", recipients=("local-authority", "police")),
    "the-panel-asks": provision("ca-2004-s16d", recipients=None),
    "requests-that-bind": provision("pcsca-2022-s17", recipients=("police",)),
    "mappa-bodies": provision("cja-2003-s325", providers=members("cja-2003-s325", "providers", "fire")),
    "who-notifies": provision("msa-2015-s52", providers=("local-authority", "police")),
    "channel-panels": provision("ctsa-2015-s36", recipients=("local-authority",)),
    "channel-partners-give-to-the-panel": provision("ctsa-2015-s38", recipients=None),
    "list-of-the-duty-to-share": kind("cafcass", s16la="in"),
    "competent-authorities": kind("fire", competent_authority=True),
    "policy-documents": provision("dpa-2018-sch8-para4", policy_document=False),
    "superseded-law": superseded,
    "depersonalised-duty": row("local-authority crime-prevention", "gateways", "cda-1998-s17a"),
    "danger-rows": danger_with_a_duty,
    "reliable-rows": without_basis,
}


def broken(law: Catalogue) -> set[str]:
    return {
        constraint.name for constraint in CONSTRAINTS for _ in constraint.breaches(law)
    }  # fmt: skip


def test_the_shipped_law_keeps_every_constraint() -> None:
    assert list(constraint_faults(catalogue())) == []


def test_every_constraint_has_an_edit_that_breaks_it() -> None:
    assert set(EDITS) == {constraint.name for constraint in CONSTRAINTS}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_breaks_a_constraint_is_refused_by_its_name_and_source(name: str) -> None:
    edited = EDITS[name](catalogue())
    assert name in broken(edited)
    source = next(constraint.source for constraint in CONSTRAINTS if constraint.name == name)
    faults = [fault for fault in constraint_faults(edited) if f"({name}: " in fault.what]
    assert faults
    assert all(source in fault.what for fault in faults)


def test_a_constraint_says_one_sentence_and_where_it_is_from() -> None:
    for constraint in CONSTRAINTS:
        assert constraint.says.endswith(".")
        assert constraint.source
