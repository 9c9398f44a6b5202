"""Guidance that an answer carries where it matters: which of the catalogue's items, and the clause each links to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from isa_registry.domain.answers import Basis, ConsentAdvice, Guidance
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import CHILDREN, SUSPECTED, Case
from isa_registry.domain.decisions.conditions import SHARING
from isa_registry.domain.decisions.confidence import not_yet_checked
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.decisions.topics import Clauses, clauses_on
from isa_registry.domain.guidance import NAMED, OF_CONFIDENCE, GuidanceItem, Occasion

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
            subject.kind in kinds and not SUSPECTED.isdisjoint(subject.roles) for subject in self.case.question.subjects
        )


def guidance(given: Given) -> tuple[Guidance, ...]:
    """In the catalogue's order: first what the question and the answer call for, then what purpose and row say; last,
    what nobody has checked. None in immediate danger, nor about information that is not personal."""
    case = given.case
    if case.immediate or given.finding.regime == "none":
        return ()
    told = [_told(item, case) for item, occurs in _candidates(case) if occurs(given)]
    # Contacts are empty where no agreement in force names any.
    return (*[one for one in told if one.text], *not_yet_checked(case, given.finding, given.basis))


_Candidate = tuple[GuidanceItem, Callable[[Given], bool]]


def _candidates(case: Case) -> tuple[_Candidate, ...]:
    """The items that an answer for this purpose and row may carry, each with its occasion."""
    row = case.row.organisation if case.row is not None else None
    key = ("guidance", case.catalogue.sha256, case.question.purpose, row)
    return case.view.memory.recall(key, lambda: tuple(_worked_out(case)))


def _worked_out(case: Case) -> Iterator[_Candidate]:
    named = set(case.row.cautions) if case.row is not None else set()
    named.update(case.purpose.guidance if case.purpose is not None else ())
    for item in case.catalogue.guidance.values():
        if item.when in OF_CONFIDENCE or (item.purposes and case.question.purpose not in item.purposes):
            continue
        if item.when not in NAMED or item.code in named:
            yield item, OCCASIONS[item.when]


def _told(item: GuidanceItem, case: Case) -> Guidance:
    key = ("told", case.catalogue.sha256, item.code, case.question.purpose, case.on)
    return case.view.memory.recall(key, lambda: _written(item, case))


def _written(item: GuidanceItem, case: Case) -> Guidance:
    clauses = clauses_on(case, item.topic) if item.topic is not None else Clauses((), None)
    cites = [code for code in item.cites if code in case.in_force]
    text = wording.guidance(item.text, case)
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


def _several_people(given: Given) -> bool:
    subjects = given.case.question.subjects
    others = given.about("other-child") or any("associate" in subject.roles for subject in subjects)
    return others or "exploitation-network" in given.categories


def _beyond_the_minimum(given: Given) -> bool:
    coverage = given.finding.coverage
    enough = {code for one in coverage for code in one.minimum}
    return given.shares and bool(enough) and not enough.issuperset(given.categories)


def _under_uk_gdpr(given: Given) -> bool:
    return given.case.competent and not given.case.law_enforcement


def _commissioned(given: Given) -> bool:
    organisation = given.case.provider.organisation
    return organisation is not None and organisation.commissioned is True


def _worried(given: Given) -> bool:
    return not given.shares or not given.case.routine


OCCASIONS: dict[Occasion, Callable[[Given], bool]] = {
    "row-says": lambda given: True,
    "row-says-outside-law-enforcement": _under_uk_gdpr,
    "purpose-says": lambda given: given.shares or given.finding.outcome == "ask-consent",
    "limited-use": lambda given: given.case.row is not None and given.case.row.typical == "limited",
    "rare-use": lambda given: given.case.row is not None and given.case.row.typical == "rare",
    "asking": lambda given: given.consent.seek == "yes",
    "child-may-decide": _child_may_decide,
    "child-refused": _child_refused,
    "parent-suspected": lambda given: given.case.parent_suspected,
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
