"""Who is in the register that the reviewed questions are asked of, as plain data: kinds, records, signatures."""

from __future__ import annotations

from typing import NamedTuple

BOTH = ("tier-1", "tier-2-hoth")
WITHDREW_ON = "2026-10-01"

KINDS = (
    "local-authority", "police", "integrated-care-board", "nhs-trust", "nhs-england", "gp-practice",
    "maintained-school", "academy", "academy-trust", "independent-school", "college", "early-years",
    "childrens-home", "fostering-agency", "secure-setting", "probation", "youth-justice", "prison", "cafcass",
    "fire", "british-transport-police", "voluntary", "faith", "sports-club", "housing-provider", "home-office",
    "national-panel",
)  # fmt: skip


class Body(NamedTuple):
    """A made-up body: its kind, the agreements it signed, and what its record says.

    None has lawful basis records; only a `documented` one has an appropriate policy document.
    """

    kind: str
    signed: tuple[str, ...] = BOTH
    council_run: bool = False
    designated: bool | None = None
    commissioned: bool | None = None
    documented: bool = False
    reservations: tuple[str, ...] = ()
    withdrew_on: str | None = None
    gave_up: tuple[str, ...] = BOTH  # on that day


BODIES: dict[str, Body] = {
    **{f"law-{kind}": Body(kind) for kind in KINDS},
    "law-early-years-council-run": Body("early-years", council_run=True),
    "law-childrens-home-council-run": Body("childrens-home", council_run=True),
    "law-fostering-agency-council-run": Body("fostering-agency", council_run=True),
    "law-secure-setting-council-run": Body("secure-setting", council_run=True),
    "law-school-designated": Body("maintained-school", designated=True),
    "law-school-not-designated": Body("maintained-school", designated=False, commissioned=False),
    "law-academy-designated": Body("academy", designated=True),
    "law-independent-school-designated": Body("independent-school", designated=True),
    "law-college-designated": Body("college", designated=True),
    "law-early-years-designated": Body("early-years", designated=True),
    "law-gp-practice-commissioned": Body("gp-practice", commissioned=True),
    "law-voluntary-commissioned": Body("voluntary", commissioned=True),
    "law-voluntary-not-commissioned": Body("voluntary", designated=False, commissioned=False),
    "law-faith-commissioned": Body("faith", commissioned=True),
    "law-sports-club-commissioned": Body("sports-club", commissioned=True),
    "law-housing-provider-commissioned": Body("housing-provider", commissioned=True),
    "law-childrens-home-commissioned": Body("childrens-home", commissioned=True),
    "law-fostering-agency-commissioned": Body("fostering-agency", commissioned=True),
    "law-council-documented": Body("local-authority", documented=True),
    "law-voluntary-documented": Body("voluntary", documented=True),
    "law-police-withdrew": Body("police", withdrew_on=WITHDREW_ON),
    "law-voluntary-withdrew": Body("voluntary", withdrew_on=WITHDREW_ON),
    "law-voluntary-lapsed": Body("voluntary", withdrew_on=WITHDREW_ON, gave_up=("tier-1",)),
    "law-trust-reserved": Body("nhs-trust", reservations=("early-help", "harm-outside-the-home")),
    "law-school-tier-1": Body("maintained-school", signed=("tier-1",)),
    "law-voluntary-tier-1": Body("voluntary", signed=("tier-1",)),
    "law-council-elsewhere": Body("local-authority", signed=()),
    "law-police-elsewhere": Body("police", signed=()),
    "law-trust-elsewhere": Body("nhs-trust", signed=()),
    "law-voluntary-elsewhere": Body("voluntary", signed=()),
    "law-school-elsewhere": Body("maintained-school", signed=()),
}
