"""What bodies rely on, as a view of the register has it. Dates are YYYY-MM-DD, Europe/London."""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.looking import Looking


class BasesOfView(Looking):
    """The part of a view that reads lawful-basis records."""

    __slots__ = ()

    def lawful_basis(self, organisation: str, agreement: str, purpose: str, on: str) -> LawfulBasis | None:
        """The body's record for a purpose that holds on a date: of several, the one that was logged last."""
        records = self._look(self._register.lawful_bases, f"{organisation} {agreement} {purpose}") or ()
        for record in reversed(records):
            if record.holds(on):
                return record
        return None

    def lawful_bases_for(self, organisation: str, agreement: str, purpose: str) -> tuple[LawfulBasis, ...]:
        """Every record of a body for a purpose, in the order in which they were logged."""
        return self._look(self._register.lawful_bases, f"{organisation} {agreement} {purpose}") or ()

    def every_lawful_basis(self) -> Iterator[tuple[LawfulBasis, ...]]:
        """For each body, agreement and purpose, its records, in no order."""
        return self._all(self._register.lawful_bases)

    def lawful_bases_of(self, organisation: str) -> list[LawfulBasis]:
        """Every record of a body, in the order in which they were logged."""
        return [one for _, one in self.lawful_bases_by_entry(organisation)]

    def lawful_bases_by_entry(self, organisation: str) -> list[tuple[int, LawfulBasis]]:
        """The same, each with the entry that made it."""
        made: list[tuple[int, LawfulBasis]] = []
        for key in self._look(self._register.lawful_basis_keys, organisation) or ():
            first: dict[str, int] = {}
            for entry, records in self._register.lawful_bases[key].history(self.size):
                for one in records:
                    first.setdefault(one.recorded.record, entry)
            made += [(first[one.recorded.record], one) for one in self._look(self._register.lawful_bases, key) or ()]
        return sorted(made, key=lambda found: found[0])

    def lawful_basis_record(self, organisation: str, record: str) -> LawfulBasis | None:
        """One record of a body by its id."""
        return next((one for one in self.lawful_bases_of(organisation) if one.recorded.record == record), None)

    def lawful_basis_history(
        self, organisation: str, agreement: str, purpose: str
    ) -> list[tuple[int, tuple[LawfulBasis, ...]]]:
        """A body's records for a purpose after each entry that was about one of them, with the entry's index."""
        timeline = self._register.lawful_bases.get(f"{organisation} {agreement} {purpose}")
        return [] if timeline is None else timeline.history(self.size)
