"""The law as data together with what people of the lead body say that they checked of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.verification_entries import LawVerified
from isa_registry.domain.verifying import found_in, point_of, sha256_of


class Verification(Struct, frozen=True):
    """That a point of the law was checked, and the entry that says so."""

    entry: int
    said: LawVerified


class Law(Struct, frozen=True):
    """The catalogue as its files have it (`written`), the same with what was checked marked as verified (`read`), and
    every mark that stands, by its point. A mark on what the catalogue says no longer marks nothing: it has lapsed."""

    written: Catalogue
    read: Catalogue
    marks: Mapping[str, Verification]

    def holds(self, mark: Verification) -> bool:
        """Whether a mark is about what the catalogue says now."""
        return marks_what_is_written(self.written, mark)


def law_of(written: Catalogue, marks: Mapping[str, Verification]) -> Law:
    """The law with these marks, worked out whole. The hash stays that of the files."""
    provisions = dict(written.provisions)
    rows = set()
    for mark in marks.values():
        point = point_of(mark.said)
        if point is None or not marks_what_is_written(written, mark):
            continue
        if point.provision is None:
            rows.add(point.row)
        else:
            found = provisions[point.provision]
            provisions[point.provision] = replace(found, verified=True, confidence="verified")
    if not rows and provisions == written.provisions:
        return Law(written, written, marks)
    return Law(written, replace(written, provisions=provisions, verified_rows=frozenset(rows)), marks)


def marks_what_is_written(written: Catalogue, mark: Verification) -> bool:
    point = point_of(mark.said)
    found = None if point is None else found_in(written, point)
    return found is not None and sha256_of(found) == mark.said.sha256
