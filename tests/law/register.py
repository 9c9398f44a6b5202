"""The register that the reviewed questions are asked of: the demonstration's, and made-up bodies of every kind.

`law-{kind}` is a body of each of the 27 kinds that signed both agreements and has neither an appropriate policy
document nor lawful basis records, so that what the law asks for shows as missing. The others vary one thing each.
"""

from __future__ import annotations

from functools import cache

from demonstration import Demonstration, attested
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.register.register import RegisterView
from law.bodies import BODIES


def law_register() -> Demonstration:
    """The demonstration's register with `BODIES` added."""
    register = Demonstration()
    for identifier, body in BODIES.items():
        register.then(
            OrganisationRegistered(
                organisation=identifier,
                name=identifier.replace("-", " ").title(),
                organisation_kind=body.kind,
                council_run=body.council_run,
                designated=body.designated,
                commissioned=body.commissioned,
                policy_document=PolicyDocument(reference="APD-2") if body.documented else None,
            )
        )
        for agreement in body.signed:
            register.then(attested(identifier, agreement, reservations=body.reservations))
            if body.withdrew_on is not None and agreement in body.gave_up:
                register.withdraws(identifier, agreement, on=body.withdrew_on)
    return register


@cache
def law_view() -> RegisterView:
    """The view that every reviewed question is asked of."""
    return law_register().view()
