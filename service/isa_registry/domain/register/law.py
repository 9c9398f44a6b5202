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
    law = Law(written, written, {})
    for key, mark in marks.items():
        law = with_mark(law, key, mark)
    return law


def with_mark(law: Law, key: str, mark: Verification | None) -> Law:
    """The same law with another mark on one point, or with none: nothing else of it is worked out again."""
    marks = {one: stands for one, stands in law.marks.items() if one != key}
    if mark is not None:
        marks[key] = mark
    written, read = law.written, law.read
    holds = mark is not None and marks_what_is_written(written, mark)
    sort, _, code = key.partition(" ")
    if sort == "provision" and code in written.provisions:
        found = written.provisions[code]
        stands = replace(found, verified=True, confidence="verified") if holds else found
        if read.provisions[code] != stands:
            read = replace(read, provisions={**read.provisions, code: stands})
    elif sort == "row" and holds != (code in read.verified_rows):
        read = replace(read, verified_rows=read.verified_rows ^ {code})
    if not read.verified_rows and read.provisions == written.provisions:
        read = written
    return Law(written, read, marks)


def marks_what_is_written(written: Catalogue, mark: Verification) -> bool:
    """Whether a mark is about exactly what a catalogue says."""
    point = point_of(mark.said)
    found = None if point is None else found_in(written, point)
    return found is not None and sha256_of(found) == mark.said.sha256
