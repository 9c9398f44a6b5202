"""The law as a view of the register has it, and as it was before."""

from __future__ import annotations

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.register.law import Law
from isa_registry.domain.register.looking import Looking
from isa_registry.domain.verification_entries import LawChangeLookedAt, LawVerified


class LawOfView(Looking):
    """The part of a view that reads the law as data."""

    __slots__ = ()

    def law(self) -> Law | None:
        return self._register.law.at(self.size)

    def law_at(self, size: int) -> Law | None:
        """The law as the first `size` entries gave it, of those that this view has."""
        return self._register.law.at(min(size, self.size))

    def catalogue(self) -> Catalogue | None:
        """The law as data; what people checked of it counts as verified. One object while neither changes."""
        law = self._register.law.at(self.size)
        return None if law is None else law.read

    def catalogue_entry(self, sha256: str) -> int | None:
        """The first entry that held the law whose catalogue has this hash (lower-case hex)."""
        return next((entry for entry, one in self.catalogues() if one.sha256 == sha256), None)

    def catalogues(self) -> list[tuple[int, Catalogue]]:
        """Every catalogue that the log held, oldest first, as its files have it, with the entry that brought it."""
        return self._register.catalogue.history(self.size)

    def verifications_of(self, key: str) -> list[tuple[int, tuple[LawVerified, ...]]]:
        """What was said to be verified of a point, by its key, after each entry about it: nothing where it was taken
        back."""
        timeline = self._register.verifications.get(key)
        return [] if timeline is None else timeline.history(self.size)

    def looked_at(self, catalogue: str, provision: str) -> tuple[int, LawChangeLookedAt] | None:
        """What the business unit last said of the change that a catalogue (by its hash) brought to a provision, with
        the entry that says so."""
        timeline = self._register.law_looked_at.get(f"{catalogue} {provision}")
        history = [] if timeline is None else timeline.history(self.size)
        return history[-1] if history else None
