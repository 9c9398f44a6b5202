"""What the rules write: a finding that decides, and the notes of rules that only add something."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.answers import Advice, Duty, Reason
from isa_registry.domain.decisions.coverage import Coverage


class Finding(Struct):
    """What the deciding rule found.

    `headline` is a key of the catalogue's headlines. `held` maps categories to an outcome of their own. `duty_code` is
    the duty or binding request relied on, `power` an express power. `rests_on_consent`: consent is the basis.
    """

    outcome: str
    headline: str
    reasons: list[Reason]
    conditions: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    held: dict[str, str] | None = None
    duty_code: str | None = None
    own_basis_after_duty: bool = True
    power: str | None = None
    rests_on_consent: bool = False
    regime: str | None = None


class Notebook:
    """Notes for the answer, whichever rule decides it."""

    __slots__ = ("conditions", "duty", "reasons")

    def __init__(self) -> None:
        self.reasons: list[Reason] = []
        self.conditions: list[str] = []
        self.duty: Duty | None = None
