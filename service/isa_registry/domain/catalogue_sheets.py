"""A sheet of paper about one thing of the catalogue, and who reads it for which day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple

from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Catalogue, Provision
from isa_registry.domain.catalogue_uses import CitingClause

Sort = Literal["provision", "row", "purpose", "kind", "category", "guidance", "record"]


class Part(NamedTuple):
    """A heading and what stands under it, a paragraph a line. A line that begins with a space belongs to the last."""

    heading: str
    lines: tuple[str, ...]


class Sheet(NamedTuple):
    """One thing of the catalogue in words, and as `data` for machines."""

    sort: Sort
    code: str
    title: str
    parts: tuple[Part, ...]
    data: dict[str, object]


class Reader(NamedTuple):
    """What is read: a catalogue, the clauses of agreements that cite it, and the day whose law is asked for.

    Without a day, nothing is left out, and what is not in force at all says so.
    """

    catalogue: Catalogue
    clauses: tuple[CitingClause, ...] = ()
    on: date | None = None

    def stands(self, provision: Provision) -> str | None:
        """Why a provision cannot be relied on: not in force on the day, or at all. None where it can."""
        if self.on is None:
            return None if provision.in_force else "not in force"
        if provision.in_force_on(self.on):
            return None
        # A period that begins `by` a day says nothing of the days before it.
        unknown = any(one.by and self.on < one.from_ for one in provision.in_force[:1])
        return f"not {'known to be ' if unknown else ''}in force on {labels.day(self.on)}"


def sheet(sort: Sort, code: str, title: str, parts: Iterable[Part], data: dict[str, object]) -> Sheet:
    """A sheet without the headings under which nothing stands."""
    return Sheet(sort, code, title, tuple(part for part in parts if part.lines), data)


def named(reader: Reader, code: str) -> str:
    """A provision with its code, how sure it is, and why it may not be relied on."""
    provision = reader.catalogue.provisions[code]
    marks = [provision.confidence.replace("-", " ")]
    if provision.policy_document:
        marks.append("policy document")
    standing = reader.stands(provision)
    if standing is not None:
        marks.append(standing)
    return f"{code}: {provision.title} [{'; '.join(marks)}]"


def request_lines(reader: Reader, requests: Iterable[Provision]) -> Iterator[str]:
    """Requests that bind, who makes them, and whether they may be declined."""
    for one in requests:
        ground = "; it may decline on the grounds that the section gives" if one.may_be_declined else ""
        yield f"{named(reader, one.code)}, asked by {kinds_said(one.recipients)}{ground}"


def kinds_said(kinds: tuple[str, ...] | None) -> str:
    """The kinds that a provision binds or reaches."""
    return "any body" if kinds is None else listed(kinds, "no kind of body that we register")


def listed(names: tuple[str, ...], nothing: str) -> str:
    """Codes in a line."""
    return ", ".join(names) or nothing
