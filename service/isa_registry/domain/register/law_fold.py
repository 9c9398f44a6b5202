"""The fold of the law as data: the catalogue, what people checked of it, and which changes they looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from isa_registry.domain import entries
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import read_logged_catalogue
from isa_registry.domain.register.law import Verification, law_of, with_mark
from isa_registry.domain.register.register import Register
from isa_registry.domain.verification_entries import LawChangeLookedAt, LawVerificationWithdrawn, LawVerified
from isa_registry.domain.verifying import point_of


def _catalogue(register: Register, entry: int, at: str, fact: entries.CatalogueChanged) -> None:
    # Sorted as it stands in the log, whether it comes from there or was just made.
    files = tuple((name, msgspec.json.encode(content, order="sorted")) for name, content in fact.files.items())
    register.catalogue.set(entry, _loaded(files))
    _work_out(register, entry)


# Several registers of one process are folded from the same law: for now, for what an erasure may leave, for a check.
@lru_cache(maxsize=4)
def _loaded(files: tuple[tuple[str, bytes], ...]) -> Catalogue:
    return read_logged_catalogue(dict(files))


def _verified(register: Register, entry: int, at: str, fact: LawVerified) -> None:
    point = point_of(fact)
    if point is not None:
        register.verifications[point.key].set(entry, (fact,))
        _mark(register, entry, point.key)


def _verification_withdrawn(register: Register, entry: int, at: str, fact: LawVerificationWithdrawn) -> None:
    point = point_of(fact)
    if point is not None:
        register.verifications[point.key].set(entry, ())
        _mark(register, entry, point.key)


def _looked_at(register: Register, entry: int, at: str, fact: LawChangeLookedAt) -> None:
    register.law_looked_at[f"{fact.catalogue} {fact.provision}"].set(entry, fact)


def _work_out(register: Register, entry: int) -> None:
    """What the law is from an entry on that changed the catalogue."""
    written = register.catalogue.at(entry + 1)
    if written is not None:
        marks = {key: mark for key in register.verifications if (mark := _standing(register, entry, key)) is not None}
        register.law.set(entry, law_of(written, marks))


def _mark(register: Register, entry: int, key: str) -> None:
    """What the law is from an entry on that changed one mark."""
    law = register.law.at(entry)
    if law is not None:
        register.law.set(entry, with_mark(law, key, _standing(register, entry, key)))


def _standing(register: Register, entry: int, key: str) -> Verification | None:
    line = register.verifications[key]
    since = line.since(entry + 1)
    said = line.at(entry + 1)
    return Verification(since, said[0]) if said and since is not None else None


def work_out_law(register: Register) -> None:
    """The law at every entry that changed it, of a register that holds the catalogues and the marks alone."""
    changed: list[tuple[int, str | None]] = [(entry, None) for entry, _ in register.catalogue.history()]
    changed += [(entry, key) for key, line in register.verifications.items() for entry, _ in line.history()]
    for entry, key in sorted(changed, key=lambda one: one[0]):
        if key is None:
            _work_out(register, entry)
        else:
            _mark(register, entry, key)


FOLD: dict[type, Callable[[Register, int, str, Any], None]] = {
    entries.CatalogueChanged: _catalogue,
    LawVerified: _verified,
    LawVerificationWithdrawn: _verification_withdrawn,
    LawChangeLookedAt: _looked_at,
}
