"""Who a body is to the law, for one purpose on one day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from isa_registry.domain.catalogue import Catalogue, MatrixRow, OrganisationKind
from isa_registry.domain.register.facts import Organisation

LAW_ENFORCEMENT_PURPOSES = frozenset({"crime-prevention", "mappa"})
"""Purposes of Part 3 of the Data Protection Act 2018 (s.31). Protecting a child is not one in itself."""


class Standing(NamedTuple):
    """`kind` is what the body is, `like` the kind whose row of the matrix it follows (itself where it only receives),
    `row` that row. `named`: its record says that it is designated or commissioned (Children Act 2004 s.16LA(4))."""

    catalogue: Catalogue
    kind: OrganisationKind
    like: OrganisationKind
    row: MatrixRow | None
    purpose: str
    day: date
    named: bool

    def of_own_row(self, member: str, code: str) -> bool:
        """Whether a code is a gateway of the row that the matrix has for this very kind of body, and in force."""
        row = self.row
        if member != "gateways" or row is None or row.organisation != self.kind.code:
            return False
        return self.catalogue.provisions[code].in_force_on(self.day) and any(use.code == code for use in row.gateways)

    @property
    def competent(self) -> bool:
        """Whether it is a competent authority (Data Protection Act 2018 s.30)."""
        return self.kind.competent_authority

    @property
    def enforcing(self) -> bool:
        """Whether Part 3 may govern the purpose alone."""
        return self.competent and self.purpose in LAW_ENFORCEMENT_PURPOSES


def standing_of(catalogue: Catalogue, body: Organisation, purpose: str, day: str) -> Standing | None:
    """None where the catalogue knows no such purpose or no such kind of body."""
    kind = catalogue.kinds.get(body.organisation_kind)
    known = catalogue.purposes.get(purpose)
    if kind is None or known is None:
        return None
    follows = kind.row_if_council_run if body.council_run and kind.row_if_council_run is not None else kind.row
    return Standing(
        catalogue=catalogue,
        kind=kind,
        like=kind if follows is None else catalogue.kinds[follows],
        row=None if follows is None else catalogue.row(follows, known.matrix),
        purpose=purpose,
        day=date.fromisoformat(day),
        named=body.designated is True or body.commissioned is True,
    )
