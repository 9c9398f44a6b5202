"""The business unit of the registry's lead body says what follows from a change of the law: one person of it."""

from __future__ import annotations

from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.domain.law_watch.history import every_change
from isa_registry.domain.law_watch.looking import OUTCOMES
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.verification_entries import LawChangeLookedAt
from isa_registry.ledger.drafts import Draft


def look_at(catalogue: str, provision: str, outcome: str, by: Decider, view: RegisterView) -> Draft:
    """That a person looked at what a catalogue (by its SHA-256, hex) changed of a provision, and what follows.

    Refused: `unprocessable` for an outcome that is none of the list; `not-found` where that catalogue changed no such
    provision; `conflict` where the same is in the register already; `forbidden` for who is not of the unit.
    """
    if outcome not in OUTCOMES:
        detail = f"outcome is one of {', '.join(OUTCOMES)}."
        raise Refused("unprocessable", detail, (Fault("#/outcome", "unknown-code", detail),))

    def holds(view: RegisterView, at: str) -> None:
        if not any((one.catalogue, one.change.code) == (catalogue, provision) for one in every_change(view)):
            raise Refused("not-found", "That catalogue changed no such provision here.")
        said = view.looked_at(catalogue, provision)
        if said is not None and said[1].outcome == outcome:
            raise Refused("conflict", "The register says exactly this already.")

    fact = LawChangeLookedAt(organisation=by.organisation, catalogue=catalogue, provision=provision, outcome=outcome)
    draft = Draft(payloads=(fact,), preconditions=(holds,))
    return leading.on_the_word_of(draft, leading.unit_of_the_registry(by, view))
