"""Every change of the law that a register has seen, provision by provision and entry by entry."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.law_watch.changes import ProvisionChange, changes_between
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.verification_entries import LawVerified
from isa_registry.domain.verifying import Point


class Came(Struct, frozen=True):
    """What an entry changed of a provision by bringing another catalogue, named by its version and SHA-256 (hex)."""

    entry: int
    version: str
    catalogue: str
    change: ProvisionChange


class Began(Struct, frozen=True):
    """The entry with the first catalogue that had a provision, where the log began with it."""

    entry: int
    version: str
    catalogue: str


class Checked(Struct, frozen=True):
    """An entry by which a provision counts as checked, or (`said` None) as checked no longer."""

    entry: int
    said: LawVerified | None


def every_change(view: RegisterView) -> tuple[Came, ...]:
    """What each catalogue after the first changed, in order: marks that lapsed by it are in it."""
    return view.memory.recall(("changes-of-the-law",), lambda: tuple(_every_change(view)))


def _every_change(view: RegisterView) -> list[Came]:
    found: list[Came] = []
    for entry, catalogue in view.catalogues()[1:]:
        before, after = view.law_at(entry), view.law_at(entry + 1)
        if before is not None and after is not None:
            changes = changes_between(before, after)
            found += [Came(entry, catalogue.version, catalogue.sha256, one) for one in changes]
    return found


def history_of(view: RegisterView, code: str) -> tuple[Began | Came | Checked, ...]:
    """What became of a provision, newest first."""
    found: list[Began | Came | Checked] = [one for one in every_change(view) if one.change.code == code]
    first = view.catalogues()[:1]
    found += [Began(entry, one.version, one.sha256) for entry, one in first if code in one.provisions]
    marks = view.verifications_of(Point(provision=code).key)
    found += [Checked(entry, said[0] if said else None) for entry, said in marks]
    return tuple(sorted(found, key=lambda one: -one.entry))
