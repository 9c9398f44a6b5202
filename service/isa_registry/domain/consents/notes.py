"""What is said of a consent beside accepting it: nothing here is wrong, and somebody may want to know."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.consents.states import ConsentState, day_of, is_for_a_child
from isa_registry.domain.dates import day_after

_YEAR = 366


class ConsentNote(Struct, frozen=True):
    """Something to consider: a code, and a sentence that says what to do."""

    code: str
    text: str


REVIEW_WITHIN_A_YEAR = ConsentNote(
    "review-within-a-year",
    "Agree a day, within twelve months, by which you ask again: people's lives change, and consent is refreshed.",
)
CHILD_OBJECTS = ConsentNote(
    "child-objects",
    "The child objects. Note in your own record how you weighed that, and tell them what you decided and why.",
)
ASK_THE_CHILD = ConsentNote(
    "ask-at-transition",
    "Say from which day the child is asked themself (`age_transition_on`), at the latest when they turn 18.",
)


def notes_on(consent: ConsentState) -> tuple[ConsentNote, ...]:
    """What there is to consider about a consent that counts."""
    if consent.state != "given":
        return ()
    said = consent.said
    found = []
    if said.review_on is None or said.review_on > day_after(day_of(said.answered_at), _YEAR):
        found.append(REVIEW_WITHIN_A_YEAR)
    if is_for_a_child(consent.answer.subject.kind, said.standing.by):
        if said.childs_view == "objects":
            found.append(CHILD_OBJECTS)
        if said.age_transition_on is None:
            found.append(ASK_THE_CHILD)
    return tuple(found)
