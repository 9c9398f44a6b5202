"""The register as it would be with some bodies more, or with others' records in the place of theirs."""

from __future__ import annotations

from collections.abc import Mapping

from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.memory import Memory
from isa_registry.domain.register.register import RegisterView


class Supposing(RegisterView):
    """A view in which these bodies are registered as well, except the one that is looked at: of it the register itself
    tells, so that what holds of a body before it joins can be asked."""

    __slots__ = ("_all_bodies", "_looked_at", "_supposed", "_under")

    def __init__(self, view: RegisterView, bodies: Mapping[str, Organisation]) -> None:
        super().__init__(view._register, view.size, Memory())  # noqa: SLF001 - a view of the same register
        self._under = view
        self._supposed = bodies
        self._looked_at: str | None = None
        self._all_bodies: list[Organisation] | None = None

    def looking_at(self, organisation: str) -> Supposing:
        """The same view, seen by what is to be decided about one of them."""
        self._looked_at = organisation
        return self

    def apart(self) -> RegisterView:
        found = Supposing(self._under, self._supposed)
        found._looked_at = self._looked_at
        return found

    def organisation(self, organisation: str) -> Organisation | None:
        found = None if organisation == self._looked_at else self._supposed.get(organisation)
        return self._under.organisation(organisation) if found is None else found

    def organisations(self) -> list[Organisation]:
        if self._all_bodies is None:
            found = {one.organisation: one for one in self._under.organisations()} | dict(self._supposed)
            self._all_bodies = [found[one] for one in sorted(found)]
        return self._all_bodies
