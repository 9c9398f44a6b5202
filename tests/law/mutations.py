"""The catalogue with one thing wrong: every cell of the matrix and every provision's dates, one mutant at a time.

A mutant is made of the loaded catalogue and never passes the loader, so that neither its hash nor its checks can find
it: only a question can. `kill` asks the questions about the row or the provision first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple, get_args

import msgspec

from isa_registry.domain.catalogue import Catalogue, MatrixRow, Period, Predicate, Provision, Use
from isa_registry.domain.register.register import RegisterView
from law.questions import DATES, TODAY, Asked, differences

LISTS = ("article_6", "article_9", "article_10", "part_3", "gateways")
WHENS: tuple[Predicate, ...] = get_args(Predicate)
TYPICAL = ("typical", "limited", "rare")
DAY = timedelta(1)
S16LA, S52 = "ca-2004-s16la", "msa-2015-s52"


class Mutant(NamedTuple):
    """One thing wrong. `at` is the row or the provision, `cell` its member, `what` the change in words."""

    at: str
    cell: str
    what: str
    changed: MatrixRow | Provision

    @property
    def name(self) -> str:
        return f"{self.at} {self.cell}: {self.what}"


def mutated(catalogue: Catalogue, mutant: Mutant) -> Catalogue:
    """The catalogue with the change. Its hash is its own, so that nothing remembered of another is used."""
    if isinstance(mutant.changed, MatrixRow):
        changes: dict[str, Any] = {"matrix": {**catalogue.matrix, mutant.at: mutant.changed}}
    else:
        changes = {"provisions": {**catalogue.provisions, mutant.at: mutant.changed}}
    return msgspec.structs.replace(catalogue, sha256=f"mutant {mutant.name}", **changes)


# --- what may go wrong --------------------------------------------------------------------------------------


def mutants(catalogue: Catalogue) -> Iterator[Mutant]:
    """Every mutant of every row, then of every provision's dates."""
    for at, row in catalogue.matrix.items():
        for cell, what, value in _of_row(catalogue, row):
            yield Mutant(at, cell, what, msgspec.structs.replace(row, **{cell: value}))
    for code, provision in catalogue.provisions.items():
        for what, periods in _of_dates(provision.in_force):
            yield Mutant(code, "in_force", what, msgspec.structs.replace(provision, in_force=periods))


def _of_row(catalogue: Catalogue, row: MatrixRow) -> Iterator[tuple[str, str, Any]]:
    for cell in LISTS:
        uses: tuple[Use, ...] = getattr(row, cell)
        for i, use in enumerate(uses):
            yield cell, f"{use.code} dropped", uses[:i] + uses[i + 1 :]
            for when in (None, *WHENS):
                if when != use.when:
                    yield cell, f"{use.code} when {when}", (*uses[:i], Use(use.code, when), *uses[i + 1 :])
            if i:
                swapped = (*uses[: i - 1], use, uses[i - 1], *uses[i + 1 :])
                yield cell, f"{uses[i - 1].code} and {use.code} swapped", swapped
        for code in _plausible(catalogue, row, cell):
            yield cell, f"{code} added", (*uses, Use(code))
    if row.purpose == "immediate-danger":
        return  # the rest is no cell of such a row: the loader refuses it
    for code in row.duties:
        yield "duties", f"{code} dropped", tuple(duty for duty in row.duties if duty != code)
    for code in _possible_duties(catalogue, row):
        yield "duties", f"{code} added", (*row.duties, code)
    yield "policy_document", f"{not row.policy_document}", not row.policy_document
    yield "reliable", f"{not row.reliable}", not row.reliable
    for typical in TYPICAL:
        if typical != row.typical:
            yield "typical", typical, typical
    for caution in row.cautions:
        yield "cautions", f"{caution} dropped", tuple(one for one in row.cautions if one != caution)
    for item in catalogue.guidance.values():
        fits = not item.purposes or row.purpose in item.purposes
        spoken = item.when == "row-says" or (
            item.when == "row-says-outside-law-enforcement" and catalogue.kinds[row.organisation].competent_authority
        )
        if spoken and fits and item.code not in row.cautions:
            yield "cautions", f"{item.code} added", (*row.cautions, item.code)


def _plausible(catalogue: Catalogue, row: MatrixRow, cell: str) -> list[str]:
    """What rows of like bodies have in the list, possible by law for this body, and this row has not."""
    public = catalogue.kinds[row.organisation].public
    there = {use.code for use in getattr(row, cell)}
    used = {
        use.code
        for other in catalogue.matrix.values()
        if catalogue.kinds[other.organisation].public == public
        for use in getattr(other, cell)
    }
    if cell == "part_3" and not row.part_3:
        return []
    found = sorted(used - there)
    if cell == "article_6" and not found:
        found = ["art6-1-c"]
    return [code for code in found if _possible(catalogue, row, catalogue.provisions[code])]


def _possible(catalogue: Catalogue, row: MatrixRow, provision: Provision) -> bool:
    if provision.kind == "annex-1" and all(use.code != "art6-1-ea" for use in row.article_6):
        return False  # a condition of point (ea) alone
    if provision.providers is not None and row.organisation not in provision.providers:
        return False
    if provision.code == "pcsca-2022-s16" and catalogue.kinds[row.organisation].health:
        return False
    columns = {code for code, purpose in catalogue.purposes.items() if purpose.matrix == row.purpose}
    if provision.purposes is not None and columns.isdisjoint(provision.purposes):
        return False
    if row.purpose == "immediate-danger" and provision.recipients is not None:
        return False  # the recipient is not looked up in danger
    return provision.in_force_on(date.fromisoformat(TODAY))


def _possible_duties(catalogue: Catalogue, row: MatrixRow) -> list[str]:
    carried = any(
        S16LA in other.duties for other in catalogue.matrix.values() if other.organisation == row.organisation
    )
    found = [S16LA] if carried and S16LA not in row.duties else []
    notifies = row.organisation in (catalogue.provisions[S52].providers or ())
    if notifies and row.purpose == "modern-slavery-referral" and S52 not in row.duties:
        found.append(S52)
    return found


def _of_dates(periods: tuple[Period, ...]) -> Iterator[tuple[str, tuple[Period, ...]]]:
    today = date.fromisoformat(TODAY)
    for i, period in enumerate(periods):
        changed = [
            ("from a day earlier", msgspec.structs.replace(period, from_=period.from_ - DAY)),
            ("from a day later", msgspec.structs.replace(period, from_=period.from_ + DAY)),
        ]
        if period.until is None:
            if period.from_ < today:
                changed.append(("until yesterday", msgspec.structs.replace(period, until=today - DAY)))
                changed.append(("until its first day", msgspec.structs.replace(period, until=period.from_)))
        else:
            changed.append(("until a day earlier", msgspec.structs.replace(period, until=period.until - DAY)))
            changed.append(("until a day later", msgspec.structs.replace(period, until=period.until + DAY)))
            changed.append(("without an end", msgspec.structs.replace(period, until=None)))
        for what, other in changed:
            yield what, (*periods[:i], other, *periods[i + 1 :])
        yield f"period {i + 1} removed", periods[:i] + periods[i + 1 :]
    if not periods:
        yield "in force since 2021", (Period(date(2021, 1, 1)),)
        yield "in force since today", (Period(today),)


# --- asking -------------------------------------------------------------------------------------------------


class Questions:
    """The questions by row and by provision, those about a thing first."""

    def __init__(self, asked: tuple[Asked, ...], view: RegisterView, catalogue: Catalogue) -> None:
        self._all = [one for one in asked if not one.disputed]
        self._view = view
        self._about: dict[str, list[Asked]] = defaultdict(list)
        for one in self._all:
            self._about[_row_of(one, view, catalogue)].append(one)
            if one.file == DATES:
                self._about[one.question.circumstances.statutory_request or ""].append(one)

    def kill(self, catalogue: Catalogue, mutant: Mutant, *, row_only: bool = False) -> Asked | None:
        """The first question that the mutant answers wrongly; None where it survives them all.

        `row_only` asks those about the mutant's own row or provision and no other.
        """
        wrong = mutated(catalogue, mutant)
        about = self._about[mutant.at]
        for one in about:
            if differences(one, self._view, wrong):
                return one
        if row_only:
            return None
        seen = set(map(id, about))
        for one in self._all:
            if id(one) not in seen and differences(one, self._view, wrong):
                return one
        return None


def _row_of(one: Asked, view: RegisterView, catalogue: Catalogue) -> str:
    body = view.organisation(one.question.provider or "")
    kind = catalogue.kinds[body.organisation_kind] if body is not None else None
    if body is None or kind is None:
        return ""
    row = kind.row_if_council_run if body.council_run and kind.row_if_council_run else kind.row
    danger = one.question.urgency == "immediate-danger"
    return f"{row} {'immediate-danger' if danger else catalogue.purposes[one.question.purpose].matrix}"
