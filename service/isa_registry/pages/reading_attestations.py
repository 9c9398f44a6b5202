"""Who has attested the words of a version: bodies, by which of their posts, when, and the entries that say so.

Nobody's name is shown: an attestation says the role in which somebody signed, and no more of them is told here.
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.facts import AgreementVersion, Attestation
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.attesting_words import SIGNATORY_ROLES


class AttestationShown(Struct, frozen=True):
    organisation: str
    role: str
    attested_at: str
    reservations: tuple[str, ...]
    withdrawn_on: str | None
    entry: int


SHOWN = 200
"""Attestations on one page."""


class AttestationsShown(Struct, frozen=True):
    """Those on one page, how many there are in all, and the pages before and after (by number)."""

    lines: tuple[AttestationShown, ...]
    total: int
    before: int | None
    after: int | None


def attestations_page(version: AgreementVersion, view: RegisterView, page: str) -> AttestationsShown:
    """One page of the attestations, which are numbered from 1; the first where there is no such page."""
    every = attestations_shown(version, view)
    last = max((len(every) - 1) // SHOWN + 1, 1)
    number = int(page) if page.isdecimal() and page.isascii() and len(page) < 6 and 1 <= int(page) <= last else 1
    return AttestationsShown(
        lines=every[(number - 1) * SHOWN : number * SHOWN],
        total=len(every),
        before=number - 1 or None,
        after=number + 1 if number < last else None,
    )


def attestations_shown(version: AgreementVersion, view: RegisterView) -> tuple[AttestationShown, ...]:
    """Every attestation of exactly these words, in the order of the bodies' names."""
    found = (_shown(one, view) for one in view.attestations_of(version.agreement, version.version))
    return tuple(sorted(found, key=lambda one: (one.organisation.lower(), one.attested_at)))


def _shown(one: Attestation, view: RegisterView) -> AttestationShown:
    body = view.organisation(one.organisation)
    catalogue = view.catalogue()
    purposes = {} if catalogue is None else catalogue.purposes
    return AttestationShown(
        organisation=one.organisation if body is None else body.name,
        role=SIGNATORY_ROLES.get(one.signatory_role, one.signatory_role),
        attested_at=one.attested_at,
        reservations=tuple(purposes[code].label if code in purposes else code for code in one.reservations),
        withdrawn_on=one.withdrawn_on,
        entry=one.entry,
    )
