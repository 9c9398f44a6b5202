"""What kinds of information and people add to a question, as bits: looked up once, asked about many times.

A question's features are those of its categories and of its subjects, or-ed together.
"""

from __future__ import annotations

from isa_registry.domain.catalogue import Category
from isa_registry.domain.questions import Subject

SUSPECTED = frozenset({"suspect", "convicted"})
CHILDREN = frozenset({"child", "unborn-child", "other-child"})

# Of categories. The first two: is, or may be.
SPECIAL = 1 << 0
CRIMINAL = 1 << 1
IDENTIFYING = 1 << 2
OPINION = 1 << 3
OTHERS = 1 << 4
INTELLIGENCE = 1 << 5
NETWORK = 1 << 6
SEXUAL_HEALTH = 1 << 7
REFERRER = 1 << 8
IMAGES = 1 << 9
IMMIGRATION = 1 << 10
DOMESTIC_ABUSE = 1 << 11
WHEREABOUTS = 1 << 12

# Of people.
CHILD = 1 << 16
OTHER_CHILD = 1 << 17
ADULT_AT_RISK = 1 << 18
PARENT_SUSPECTED = 1 << 19
CHILD_SUSPECTED = 1 << 20
ASSOCIATE = 1 << 21
REFERENCED = 1 << 22

_BY_CODE: dict[str, int] = {
    "intelligence": INTELLIGENCE | OPINION,
    "risk-assessment": OPINION,
    "social-care": OPINION,
    "radicalisation": OPINION,
    "professional-details": OPINION | OTHERS | REFERRER,
    "exploitation-network": OTHERS | NETWORK,
    "photos-media": OTHERS | IMAGES,
    "sexual-health": SEXUAL_HEALTH,
    "immigration": IMMIGRATION,
    "domestic-abuse": DOMESTIC_ABUSE,
    "contact": WHEREABOUTS,
    "locations": WHEREABOUTS,
    "housing": WHEREABOUTS,
}


def of_category(code: str, category: Category | None) -> int:
    """The features of a category; one that the catalogue does not have may identify somebody."""
    found = _BY_CODE.get(code, 0)
    if category is None:
        return found | IDENTIFYING
    if category.special or category.may_be_special:
        found |= SPECIAL
    if category.criminal or category.may_be_criminal:
        found |= CRIMINAL
    return found | IDENTIFYING if category.identifying else found


def of_subjects(subjects: tuple[Subject, ...]) -> int:
    """The features of the people concerned."""
    found = 0
    for subject in subjects:
        kind = subject.kind
        if kind in CHILDREN:
            found |= CHILD | OTHER_CHILD if kind == "other-child" else CHILD
        elif kind == "adult-at-risk":
            found |= ADULT_AT_RISK
        if subject.ref is not None:
            found |= REFERENCED
        if subject.roles:
            found |= _of_roles(kind, subject.roles)
    return found


def _of_roles(kind: str, roles: tuple[str, ...]) -> int:
    found = ASSOCIATE if "associate" in roles else 0
    if not SUSPECTED.isdisjoint(roles):
        if kind == "parent-carer":
            found |= PARENT_SUSPECTED
        elif kind in CHILDREN:
            found |= CHILD_SUSPECTED
    return found
