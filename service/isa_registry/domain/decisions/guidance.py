"""Guidance that an answer carries where it matters: which of the catalogue's items, and the clause each links to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from isa_registry.domain.answers import Basis, ConsentAdvice, Guidance
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import CHILDREN, Case
from isa_registry.domain.decisions.conditions import SHARING
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.decisions.topics import clauses_on
from isa_registry.domain.guidance import GuidanceItem, Occasion

_SUSPECTED = frozenset({"suspect", "convicted"})
_WHEREABOUTS = frozenset({"contact", "locations", "housing"})


class Given(Struct, frozen=True):
    """What the occasions are told from: the question, and the answer so far."""

    case: Case
    finding: Finding
    basis: Basis
    consent: ConsentAdvice

    @property
    def categories(self) -> tuple[str, ...]:
        return self.case.question.categories

    @property
    def shares(self) -> bool:
        return self.finding.outcome in SHARING

    def about(self, *kinds: str) -> bool:
        return any(subject.kind in kinds for subject in self.case.question.subjects)

    def suspected(self, *kinds: str) -> bool:
        return any(
            subject.kind in kinds and not _SUSPECTED.isdisjoint(subject.roles)
            for subject in self.case.question.subjects
        )


def guidance(given: Given) -> tuple[Guidance, ...]:
    """In the catalogue's order: first what the question and the answer call for, then what purpose and row say. None in
    immediate danger, nor about information that is not personal."""
    case = given.case
    if case.immediate or given.finding.regime == "none":
        return ()
    return tuple([_told(item, case) for item in _fitting(given)])


def _fitting(given: Given) -> Iterator[GuidanceItem]:
    case = given.case
    named = set(case.row.cautions) if case.row is not None else set()
    if case.purpose is not None and (given.shares or given.finding.outcome == "ask-consent"):
        named.update(case.purpose.guidance)
    for item in case.catalogue.guidance.values():
        if item.purposes and case.question.purpose not in item.purposes:
            continue
        if item.when in ("row-says", "purpose-says"):
            if item.code in named:
                yield item
        elif OCCASIONS[item.when](given):
            yield item


def _told(item: GuidanceItem, case: Case) -> Guidance:
    clauses = clauses_on(case, item.topic) if item.topic is not None else ()
    cites = [code for code in item.cites if code in case.in_force]
    return Guidance(
        code=item.code,
        title=item.title,
        text=wording.guidance(item.text, case),
        cites=(*cites, *(clause.cite for clause in clauses)),
        url=clauses[0].url if clauses else None,
    )


# --- occasions ----------------------------------------------------------------------------------------------


def _child_may_decide(given: Given) -> bool:
    plays = given.consent.role != "not-the-basis" or given.consent.seek == "yes"
    return plays and given.case.child_link is True and not given.case.refusal


def _child_refused(given: Given) -> bool:
    return given.case.refusal and given.case.child_link is True and given.shares


def _several_people(given: Given) -> bool:
    subjects = given.case.question.subjects
    others = given.about("other-child") or any("associate" in subject.roles for subject in subjects)
    return others or "exploitation-network" in given.categories


def _beyond_the_minimum(given: Given) -> bool:
    coverage = given.finding.coverage
    enough = {code for one in coverage for code in one.minimum}
    return given.shares and bool(enough) and not enough.issuperset(given.categories)


def _commissioned(given: Given) -> bool:
    organisation = given.case.provider.organisation
    return organisation is not None and organisation.commissioned is True


def _worried(given: Given) -> bool:
    return not given.shares or not given.case.routine


OCCASIONS: dict[Occasion, Callable[[Given], bool]] = {
    "limited-use": lambda given: given.case.row is not None and given.case.row.typical == "limited",
    "rare-use": lambda given: given.case.row is not None and given.case.row.typical == "rare",
    "asking": lambda given: given.consent.seek == "yes",
    "child-may-decide": _child_may_decide,
    "child-refused": _child_refused,
    "parent-suspected": lambda given: given.suspected("parent-carer"),
    "child-suspected": lambda given: given.suspected(*CHILDREN),
    "several-people": _several_people,
    "adult-at-risk": lambda given: given.about("adult-at-risk"),
    "sexual-health": lambda given: "sexual-health" in given.categories,
    "intelligence": lambda given: "intelligence" in given.categories,
    "referrer": lambda given: "professional-details" in given.categories,
    "images": lambda given: "photos-media" in given.categories,
    "immigration": lambda given: "immigration" in given.categories,
    "safe-addresses": lambda given: (
        "domestic-abuse" in given.categories and not _WHEREABOUTS.isdisjoint(given.categories)
    ),
    "beyond-the-minimum": _beyond_the_minimum,
    "recipient-not-here": lambda given: given.case.recipient.organisation is None,
    "commissioned-provider": _commissioned,
    "recognised-interest": lambda given: "art6-1-ea" in given.basis.article_6,
    "balancing": lambda given: "art6-1-f" in given.basis.article_6,
    "on-a-meeting": lambda given: given.shares and given.case.purpose is not None and given.case.purpose.meets,
    "worried": _worried,
}
