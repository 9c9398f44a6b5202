"""Checking the law as data: what one can check, how it is told from what it was, and the closed lists of what is said.

A *point* of the law is one provision or one row of the matrix. A mark holds for exactly the bytes that were checked.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from isa_registry.domain.catalogue import Catalogue, MatrixRow, Provision
from isa_registry.domain.references import own_reference_fault

PROFESSIONS = {
    "solicitor": "Solicitor",
    "barrister": "Barrister",
    "legal-executive": "Chartered legal executive",
    "data-protection-officer": "Data protection officer",
    "caldicott-guardian": "Caldicott Guardian",
    "information-governance-manager": "Information-governance manager",
}
"""Who checks the law, by profession and never by name, each with the words that pages show."""

WITHDRAWAL_REASONS = {
    "law-changed": "The law has changed since",
    "reading-doubted": "Somebody doubts this reading of it",
    "source-superseded": "What it was checked against is out of date",
    "marked-in-error": "It was marked in error",
}

LOOK_AGAIN_AFTER = timedelta(days=365)
"""A check that is older is due for a new look. It counts until somebody takes it away."""

LONGEST_SOURCE = 200
_HOSTS = ("www.legislation.gov.uk", "www.gov.uk", "assets.publishing.service.gov.uk")
# A path and nothing more: no query, no fragment, no room for words about anybody.
_SOURCE = re.compile(r"https://([a-z.]+)/[A-Za-z0-9/._~-]+")


class Point(NamedTuple):
    """A provision by its code, or a row of the matrix by the kind of organisation and the purpose."""

    provision: str | None = None
    organisation_kind: str | None = None
    purpose: str | None = None

    @property
    def key(self) -> str:
        """The point in one spelling: `provision ca-2004-s16la`, `row police mappa`."""
        if self.provision is not None:
            return f"provision {self.provision}"
        return f"row {self.row}"

    @property
    def row(self) -> str:
        """The row as the catalogue's matrix knows it."""
        return f"{self.organisation_kind} {self.purpose}"


def point_of(said: object) -> Point | None:
    """What a payload or a request names, by its members of those names: one provision, or one row. None for neither,
    for both, and for half a row."""
    provision, kind, purpose = (getattr(said, name) for name in Point._fields)
    one_provision = provision is not None and kind is None and purpose is None
    one_row = provision is None and kind is not None and purpose is not None
    return Point(provision, kind, purpose) if one_provision or one_row else None


def points_of(catalogue: Catalogue) -> list[Point]:
    """Every point of a catalogue, in its own order: provisions, and then rows."""
    return [
        *(Point(provision=code) for code in catalogue.provisions),
        *(Point(organisation_kind=row.organisation, purpose=row.purpose) for row in catalogue.matrix.values()),
    ]


def found_in(catalogue: Catalogue, point: Point) -> Provision | MatrixRow | None:
    """What a catalogue says at a point."""
    if point.provision is not None:
        return catalogue.provisions.get(point.provision)
    return catalogue.matrix.get(point.row)


_encoder = msgspec.json.Encoder(order="sorted")


def sha256_of(said: Provision | MatrixRow) -> str:
    """The SHA-256 (hex) of a point in canonical JSON (RFC 8785), as its file has it, less members at their default:
    how the file spells it does not count, and a member that the format gains later changes nothing that lacks it."""
    return hashlib.sha256(_encoder.encode(said)).hexdigest()


def source_fault(source: str) -> str | None:
    """Why a value cannot be what something was checked against, or None where it can."""
    if "//" in source:
        found = _SOURCE.fullmatch(source)
        if found is not None and found[1] in _HOSTS and len(source) <= LONGEST_SOURCE:
            return None
        return (
            f"Give an https address at {', '.join(_HOSTS[:-1])} or {_HOSTS[-1]}, of at most {LONGEST_SOURCE} "
            "characters, without '?' or '#'."
        )
    return own_reference_fault(source)


def look_again_on(checked_on: str) -> str:
    """The first day on which a check of that day is due for a new look."""
    return (date.fromisoformat(checked_on) + LOOK_AGAIN_AFTER + timedelta(days=1)).isoformat()
