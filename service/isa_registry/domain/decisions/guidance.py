"""Guidance that an answer carries where it matters: which of the catalogue's items, and the clause each links to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from isa_registry.domain.answers import Basis, ConsentAdvice, Guidance, Reason
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.conditions import SHARING
from isa_registry.domain.decisions.confidence import Rests, not_yet_checked
from isa_registry.domain.decisions.features import (
    ADULT_AT_RISK,
    ASSOCIATE,
    CHILD_SUSPECTED,
    DOMESTIC_ABUSE,
    IMAGES,
    IMMIGRATION,
    INTELLIGENCE,
    NETWORK,
    OTHER_CHILD,
    PARENT_SUSPECTED,
    REFERRER,
    SEXUAL_HEALTH,
    WHEREABOUTS,
)
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.decisions.topics import Clauses
from isa_registry.domain.guidance import NAMED, OF_CONFIDENCE, GuidanceItem, Occasion

_WAYS = 4_096
_SELDOM: dict[Occasion, str] = {"limited-use": "limited", "rare-use": "rare"}


class Given(Struct, frozen=True, gc=False):
    """What the occasions are told from: the question, and the answer so far."""

    case: Case
    finding: Finding
    basis: Basis
    consent: ConsentAdvice
    shares: bool


Tell = Callable[[Given], bool]


class Choice:
    """The items that an answer for a purpose and row may carry, and what was made of them.

    `told` holds the guidance for each way in which their occasions hold or do not: the features that bear on it
    (`bearing`), and what each of `tells` told.
    """

    __slots__ = ("bearing", "items", "tells", "told", "when")

    def __init__(self, items: list[GuidanceItem]) -> None:
        occasions = dict.fromkeys(item.when for item in items)
        self.items = items
        self.bearing = 0
        for occasion in occasions:
            if occasion in FEATURES:
                self.bearing |= FEATURES[occasion].bits
        self.when = tuple(occasion for occasion in occasions if occasion in OCCASIONS)
        self.tells = tuple(OCCASIONS[occasion] for occasion in self.when)
        self.told: dict[tuple[int, tuple[bool, ...]], tuple[Guidance, ...]] = {}

    def held(self, bearing: int, telling: tuple[bool, ...]) -> frozenset[Occasion]:
        """The occasions that hold."""
        told: set[Occasion] = {occasion for occasion, holds in zip(self.when, telling, strict=True) if holds}
        return ALWAYS | told | {occasion for occasion, featured in FEATURES.items() if featured.hold(bearing)}


def guidance(
    case: Case, finding: Finding, rests: Rests, consent: ConsentAdvice, reasons: Sequence[Reason]
) -> tuple[Guidance, ...]:
    """In the catalogue's order: first what the question and the answer call for, then what purpose and row say; last,
    what nobody has checked of the law that stands in the basis and in the `reasons`. None in immediate danger, nor
    about information that is not personal."""
    if case.immediate or finding.regime == "none":
        return ()
    choice = case.standpoint.guidance
    if choice is None:
        choice = case.standpoint.guidance = Choice(_candidates(case))
    given = Given(case, finding, rests.basis, consent, finding.outcome in SHARING)
    bearing, telling = case.features & choice.bearing, tuple([tell(given) for tell in choice.tells])
    found = choice.told.get((bearing, telling))
    if found is None:
        found = _told(case, choice.items, choice.held(bearing, telling))
        if len(choice.told) >= _WAYS:
            choice.told.clear()
        choice.told[bearing, telling] = found
    return found + not_yet_checked(case, rests, reasons)


def _candidates(case: Case) -> list[GuidanceItem]:
    """The items that an answer for this purpose and row may carry."""
    named = set(case.row.cautions) if case.row is not None else set()
    named.update(case.purpose.guidance if case.purpose is not None else ())
    return [
        item
        for item in case.catalogue.guidance.values()
        if item.when not in OF_CONFIDENCE
        and (not item.purposes or case.question.purpose in item.purposes)
        and (item.when not in NAMED or item.code in named)
        and (item.when not in _SELDOM or (case.row is not None and case.row.typical == _SELDOM[item.when]))
    ]


def _told(case: Case, items: list[GuidanceItem], held: frozenset[Occasion]) -> tuple[Guidance, ...]:
    told = [_written(item, case) for item in items if item.when in held]
    # Contacts are empty where no agreement in force names any.
    return tuple([one for one in told if one.text])


def _written(item: GuidanceItem, case: Case) -> Guidance:
    clauses = case.matter.clauses_on(item.topic) if item.topic is not None else Clauses((), None)
    cites = [code for code in item.cites if code in case.in_force]
    text = wording.guidance(item.text, case).of(case)
    return Guidance(code=item.code, title=item.title, text=text, cites=(*cites, *clauses.cites), url=clauses.url)


# --- occasions ----------------------------------------------------------------------------------------------


def _child_may_decide(given: Given) -> bool:
    purpose = given.case.purpose
    # A parent or guardian agrees to Channel support for a child, and only adults to a modern slavery referral.
    theirs = given.consent.role == "the-basis" or (purpose is not None and purpose.consent == "agreement")
    plays = given.consent.role != "not-the-basis" or given.consent.seek == "yes"
    return theirs and plays and given.case.child_link is True and not given.case.refusal


def _child_refused(given: Given) -> bool:
    return given.case.refusal and given.case.child_link is True and given.shares


def _beyond_the_minimum(given: Given) -> bool:
    enough = given.case.covered.part(given.finding.coverage).minimum
    return given.shares and bool(enough) and not enough.issuperset(given.case.question.categories)


def _under_uk_gdpr(given: Given) -> bool:
    return given.case.competent and not given.case.law_enforcement


def _commissioned(given: Given) -> bool:
    organisation = given.case.provider.organisation
    return organisation is not None and organisation.commissioned is True


def _worried(given: Given) -> bool:
    return not given.shares or not given.case.routine


class Featured(NamedTuple):
    """An occasion that the question's own features tell: one of `bits`, or `all` of them."""

    bits: int
    all: bool = False

    def hold(self, features: int) -> bool:
        found = features & self.bits
        return found == self.bits if self.all else found != 0


# Which rows and purposes these are for is settled where the candidates are chosen.
ALWAYS: frozenset[Occasion] = frozenset({"row-says", "limited-use", "rare-use"})

FEATURES: dict[Occasion, Featured] = {
    "parent-suspected": Featured(PARENT_SUSPECTED),
    "child-suspected": Featured(CHILD_SUSPECTED),
    "several-people": Featured(OTHER_CHILD | ASSOCIATE | NETWORK),
    "adult-at-risk": Featured(ADULT_AT_RISK),
    "sexual-health": Featured(SEXUAL_HEALTH),
    "intelligence": Featured(INTELLIGENCE),
    "referrer": Featured(REFERRER),
    "images": Featured(IMAGES),
    "immigration": Featured(IMMIGRATION),
    "safe-addresses": Featured(DOMESTIC_ABUSE | WHEREABOUTS, all=True),
}

OCCASIONS: dict[Occasion, Tell] = {
    "row-says-outside-law-enforcement": _under_uk_gdpr,
    "purpose-says": lambda given: given.shares or given.finding.outcome == "ask-consent",
    "asking": lambda given: given.consent.seek == "yes",
    "child-may-decide": _child_may_decide,
    "child-refused": _child_refused,
    "beyond-the-minimum": _beyond_the_minimum,
    "recipient-not-here": lambda given: given.case.recipient.organisation is None,
    "commissioned-provider": _commissioned,
    "recognised-interest": lambda given: "art6-1-ea" in given.basis.article_6,
    "balancing": lambda given: "art6-1-f" in given.basis.article_6,
    "on-a-meeting": lambda given: given.shares and given.case.purpose is not None and given.case.purpose.meets,
    "worried": _worried,
}
