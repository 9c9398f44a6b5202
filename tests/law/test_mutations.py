"""One wrong cell of the matrix, or one wrong date of a provision, makes at least one reviewed question fail.

Hashes and the loader's checks do not count: a mutant is made after loading. What survives is in `UNSEEN`, each with the
reason why no question can find it.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import pytest

from demonstration import catalogue
from law.mutations import Mutant, Questions, mutants
from law.questions import reviewed
from law.register import law_view

CONSENT = ("art6-1-a", "art9-2-a", "dpa-2018-sch1-para29")


class Unseen(NamedTuple):
    """Mutants that no answer can show, and why."""

    why: str
    which: Callable[[Mutant], bool]


UNSEEN = (
    Unseen(
        "Where consent is the basis nothing else is listed, and elsewhere it is not: its place among the others says "
        "nothing.",
        lambda mutant: (
            mutant.at.endswith(" early-help")
            and mutant.what.endswith("swapped")
            and any(code in mutant.what for code in CONSENT)
        ),
    ),
    Unseen(
        "Section 157 is an academy's and section 175 a college's that follows its row: no body has both.",
        lambda mutant: mutant.at.startswith("academy ") and mutant.what == "ea-2002-s157 and ea-2002-s175 swapped",
    ),
)


@cache
def questions() -> Questions:
    return Questions(reviewed(), law_view(), catalogue())


@cache
def every_mutant() -> tuple[Mutant, ...]:
    return tuple(mutants(catalogue()))


def unseen(mutant: Mutant) -> Unseen | None:
    return next((one for one in UNSEEN if one.which(mutant)), None)


def test_a_catalogue_with_nothing_wrong_is_not_found() -> None:
    """What finds a mutant is the change and not the mutating."""
    for at, row in list(catalogue().matrix.items())[::40]:
        assert questions().kill(catalogue(), Mutant(at, "typical", "as it is", row)) is None


def test_a_few_mutants_are_each_found_by_a_question() -> None:
    seeable = [mutant for mutant in every_mutant() if unseen(mutant) is None]
    few = random.Random(20261123).sample(seeable, 60)
    assert [mutant.name for mutant in few if questions().kill(catalogue(), mutant) is None] == []


def test_every_cell_and_every_date_has_its_mutants() -> None:
    """A row has a mutant of each cell that holds something, and each provision one of its dates."""
    mutated = {(mutant.at, mutant.cell) for mutant in every_mutant()}
    for at, row in catalogue().matrix.items():
        for cell in ("article_6", "article_9", "article_10", "part_3", "gateways", "duties", "cautions"):
            assert (at, cell) in mutated or not getattr(row, cell), (at, cell)
        beside = {(at, "policy_document"), (at, "reliable"), (at, "typical")}
        assert beside <= mutated or row.purpose == "immediate-danger"
    assert {(code, "in_force") for code in catalogue().provisions} <= mutated
    assert len(every_mutant()) == len({mutant.name for mutant in every_mutant()})


@pytest.mark.long
def test_every_mutant_is_found_by_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    began, survived, hidden = time.monotonic(), [], Counter[str]()
    for number, mutant in enumerate(every_mutant(), 1):
        reason = unseen(mutant)
        found = questions().kill(catalogue(), mutant, row_only=reason is not None)
        if reason is not None:
            assert found is None, f"{mutant.name} is found by {found.id}, so it need not be excused"
            hidden[reason.why] += 1
        elif found is None:
            survived.append(mutant.name)
        if number % 2000 == 0:
            with capsys.disabled():
                print(f"\n{number} of {len(every_mutant())} mutants, {len(survived)} survived", end="")
    with capsys.disabled():
        print(f"\n{len(every_mutant())} mutants in {time.monotonic() - began:.0f} s: {len(survived)} survived")
        for why, many in hidden.items():
            print(f"  {many} cannot be seen: {why}")
    assert survived == []
    assert set(hidden) == {one.why for one in UNSEEN}, "an excuse that nothing needs"
