"""Preconditions of the drafts of one turn, held against the register at its tail."""

from __future__ import annotations

from collections.abc import Callable

from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Precondition


class HeldHere:
    """What holds at one state of the register, at one time: many drafts of a turn rest on the same. What is no entry of
    the register changes nothing that a precondition may look at."""

    def __init__(self, at: str) -> None:
        self._at = at
        self._held: set[Precondition] = set()

    def hold(
        self, preconditions: tuple[Precondition, ...], register_at: Callable[[int], RegisterView], size: int
    ) -> None:
        """Raises what one raises that does not hold at that size of the log."""
        view: RegisterView | None = None
        for precondition in preconditions:
            if precondition not in self._held:
                if view is None:
                    view = register_at(size)
                precondition(view, self._at)
                self._held.add(precondition)

    def forget(self) -> None:
        """Says that the register has changed."""
        self._held.clear()
