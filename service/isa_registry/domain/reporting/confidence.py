"""How sure the registry is of each point of the law: what people checked, what waits, and what to look at again.

All of it is worked out from the catalogue, the marks and the day; nothing of it is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from msgspec import Struct

from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.catalogue import Catalogue, MatrixRow
from isa_registry.domain.catalogue_labels import LISTS
from isa_registry.domain.catalogue_uses import codes_of, rows_naming
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.register.law import Law, Verification
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.verifying import Point, found_in, look_again_on, points_of, sha256_of

State = Literal["not-yet-checked", "lapsed", "look-again", "checked", "read-by-its-authors"]
STATES: tuple[State, ...] = get_args(State)

WAITING: frozenset[State] = frozenset({"not-yet-checked", "lapsed"})
"""Of which answers say that a person has yet to check it."""


class Mark(Struct, frozen=True):
    """That two people had a point marked as verified: against what, on which day, by which profession, and the entry of
    the log that says so. From `look_again_on` on it is due for a new look."""

    source: str
    checked_on: str
    profession: str
    entry: int
    look_again_on: str


class PointOfLaw(Struct, frozen=True, omit_defaults=True):
    """One provision, or one row of the matrix (`organisation_kind` and `purpose`), and how sure it is.

    `state` is `checked`; `look-again`, checked more than a year ago, which still counts; `lapsed`, where the catalogue
    says something else than what was checked; `read-by-its-authors`, where the catalogue itself says that somebody read
    the primary text; `not-yet-checked`. `sha256` is that of what the catalogue says now, and what a mark names.
    """

    state: State
    title: str
    sha256: str
    provision: str | None = None
    organisation_kind: str | None = None
    purpose: str | None = None
    confidence: str | None = None
    mark: Mark | None = None

    @property
    def point(self) -> Point:
        return Point(self.provision, self.organisation_kind, self.purpose)


class Resting(Struct, frozen=True):
    """What rests on a point: rows of the matrix by kind and purpose, clauses of agreements in force, and how many
    lawful-basis records of how many bodies hold today."""

    rows: tuple[str, ...]
    provisions: tuple[str, ...]
    clauses: tuple[str, ...]
    records: int
    bodies: int


def points_of_law(view: RegisterView, today: str) -> list[PointOfLaw]:
    """Every point of the law, in the catalogue's order: provisions, and then rows."""
    return view.memory.recall(("points-of-law", today), lambda: _points_of_law(view.law(), today))


def _points_of_law(law: Law | None, today: str) -> list[PointOfLaw]:
    if law is None:
        return []
    return [_told(law, point, today) for point in points_of(law.written)]


def point_of_law(view: RegisterView, point: Point, today: str) -> PointOfLaw | None:
    """One point; None where the catalogue has no such thing."""
    law = view.law()
    return None if law is None or found_in(law.written, point) is None else _told(law, point, today)


def _told(law: Law, point: Point, today: str) -> PointOfLaw:
    found = found_in(law.written, point)
    assert found is not None
    mark = law.marks.get(point.key)
    provision = None if point.provision is None else law.written.provisions[point.provision]
    read = provision is not None and provision.verified
    return PointOfLaw(
        state=_state(law, mark, today, read=read),
        title=title_of(law.written, point),
        sha256=sha256_of(found),
        provision=point.provision,
        organisation_kind=point.organisation_kind,
        purpose=point.purpose,
        confidence=None if provision is None else provision.confidence,
        mark=None if mark is None else _mark(mark),
    )


def _state(law: Law, mark: Verification | None, today: str, *, read: bool) -> State:
    if mark is not None and law.holds(mark):
        return "look-again" if look_again_on(mark.said.checked_on) <= today else "checked"
    if read:
        return "read-by-its-authors"
    return "not-yet-checked" if mark is None else "lapsed"


def _mark(mark: Verification) -> Mark:
    said = mark.said
    return Mark(said.source, said.checked_on, said.profession, mark.entry, look_again_on(said.checked_on))


def title_of(catalogue: Catalogue, point: Point) -> str:
    """A point in words."""
    if point.provision is not None:
        return catalogue.provisions[point.provision].title
    kind, purpose = catalogue.kinds.get(point.organisation_kind or ""), catalogue.purposes.get(point.purpose or "")
    of = "Immediate danger" if purpose is None else purpose.label
    return f"{point.organisation_kind if kind is None else kind.label}: {of}"


def resting_on(view: RegisterView, point: Point, today: str) -> Resting:
    """What rests on a point of the catalogue, on a day."""
    law = view.law()
    assert law is not None
    if point.provision is None:
        row = law.written.matrix[point.row]
        names = tuple(dict.fromkeys(code for member in LISTS for code in codes_of(row, member)))
        return Resting((), names, (), *_counted(view, today, lambda one: _from_row(view, law.written, one, row)))
    code = point.provision
    rows = tuple(dict.fromkeys(f"{one.organisation} {one.purpose}" for one in rows_naming(law.written, code)))
    clauses = tuple(at for at, cites in _clauses(view, today) if code in cites)
    return Resting(rows, (), clauses, *_counted(view, today, lambda one: code in _named(one)))


def _clauses(view: RegisterView, today: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every clause of the agreements in force that cites a provision, with what it cites."""
    return view.memory.recall(
        ("citing-clauses", today),
        lambda: [
            (f"{version.agreement}/{version.version}#{clause.id}", clause.cites)
            for version in view.agreements_in_force(today)
            for clause in parse_agreement(version.text)
            if clause.cites
        ],
    )


def _counted(view: RegisterView, today: str, rests: Callable[[LawfulBasisRecorded], bool]) -> tuple[int, int]:
    bodies = [
        one.recorded.organisation
        for records in view.every_lawful_basis()
        for one in records
        if one.holds(today) and rests(one.recorded)
    ]
    return len(bodies), len(set(bodies))


def _named(record: LawfulBasisRecorded) -> tuple[str | None, ...]:
    lists = (record.article_6, record.article_9, record.article_10, record.part_3, record.gateways)
    return (*(code for listed in lists for code in listed), record.s36_4_authority)


def _from_row(view: RegisterView, catalogue: Catalogue, record: LawfulBasisRecorded, row: MatrixRow) -> bool:
    """Whether a record is the default that a row gave."""
    body, purpose = view.organisation(record.organisation), catalogue.purposes.get(record.purpose)
    kind = None if body is None else catalogue.kinds.get(body.organisation_kind)
    if body is None or kind is None or purpose is None or record.adopted != "default":
        return False
    follows = kind.row_if_council_run if body.council_run and kind.row_if_council_run is not None else kind.row
    return (follows, purpose.matrix) == (row.organisation, row.purpose)
