"""Bringing another catalogue of the law into a running registry (ADR 40).

It is read by the linter of the catalogue before a draft is made of it, and held against the register at the tail: it
takes the place of exactly the catalogue that whoever adopts it saw, and takes no code away.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import load_catalogue
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.entries import CatalogueChanged
from isa_registry.domain.law_watch.keeping import keeping_faults
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft


def adopt(files: Mapping[str, bytes], *, replacing: str) -> Draft:
    """The law as data from its entry on: the catalogue in these files, instead of the one whose SHA-256 (hex) is
    `replacing`. Raises `CatalogueError` for files that are no catalogue.

    Refused at the tail: `conflict` where another catalogue stands there by then, or this one; `unprocessable` where it
    lacks a code that the one before it has.
    """
    catalogue = load_catalogue(files)

    def holds(view: RegisterView, at: str) -> None:
        refuse_unfit(view, catalogue, london_date(parse_instant(at)), replacing=replacing)

    return Draft(payloads=(changed(files, catalogue),), preconditions=(holds,))


def refuse_unfit(view: RegisterView, new: Catalogue, today: str, *, replacing: str) -> None:
    """Raises `Refused` where a catalogue cannot take the place of the one of a view."""
    law = view.law()
    if law is None:
        raise Refused("conflict", "This registry has no catalogue of the law yet: it was never founded.")
    if law.written.sha256 == new.sha256:
        raise Refused("conflict", "This is the catalogue that the registry answers from already.")
    if law.written.sha256 != replacing:
        raise Refused("conflict", "Another catalogue was adopted meanwhile. Look at the difference from that one.")
    faults = tuple(Fault(f"#/files/{one.file}", "code-gone", one.what) for one in keeping_faults(view, new, today))
    if faults:
        raise Refused("unprocessable", "A code that was in the catalogue is never taken away.", faults)


def changed(files: Mapping[str, bytes], catalogue: Catalogue) -> CatalogueChanged:
    """The entry that makes a catalogue the law: its files, and the hash that names it."""
    parsed: dict[str, object] = {name: msgspec.json.decode(content) for name, content in files.items()}
    return CatalogueChanged(sha256=catalogue.sha256, files=parsed)
