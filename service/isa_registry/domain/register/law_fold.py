"""The fold of the law as data: the catalogue, and what people checked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

from isa_registry.domain import entries
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import read_logged_catalogue
from isa_registry.domain.register.law import Verification, law_of
from isa_registry.domain.register.register import Register
from isa_registry.domain.verification_entries import LawVerificationWithdrawn, LawVerified
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
        _work_out(register, entry)


def _verification_withdrawn(register: Register, entry: int, at: str, fact: LawVerificationWithdrawn) -> None:
    point = point_of(fact)
    if point is not None:
        register.verifications[point.key].set(entry, ())
        _work_out(register, entry)


def _work_out(register: Register, entry: int) -> None:
    """What the law is from this entry on."""
    size = entry + 1
    written = register.catalogue.at(size)
    if written is not None:
        marks = {
            key: Verification(line.since(size) or 0, said)
            for key, line in register.verifications.items()
            for said in line.at(size) or ()
        }
        register.law.set(entry, law_of(written, marks))


def work_out_law(register: Register) -> None:
    """The law at every entry that changed it, of a register that holds the catalogues and the marks alone."""
    for entry in sorted(set(_entries(register))):
        _work_out(register, entry)


def _entries(register: Register) -> Iterator[int]:
    yield from (entry for entry, _ in register.catalogue.history())
    for line in register.verifications.values():
        yield from (entry for entry, _ in line.history())


FOLD: dict[type, Callable[[Register, int, str, Any], None]] = {
    entries.CatalogueChanged: _catalogue,
    LawVerified: _verified,
    LawVerificationWithdrawn: _verification_withdrawn,
}
