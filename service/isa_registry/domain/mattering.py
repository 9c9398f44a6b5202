"""Which facts a question is worth asking about: those that could change its answer, told by deciding it with each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.answers import Answer
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER
from isa_registry.domain.decisions import decide
from isa_registry.domain.questions import Circumstances, Evidence, Question, Subject
from isa_registry.domain.register.register import RegisterView

Weight = Literal["decides", "refines"]
"""`decides`: it can change what is shared, whether a duty is engaged, whom one asks or tells. `refines`: it changes
only on what basis, on which conditions, or what is still missing."""

Value = bool | str

YES_OR_NO: tuple[Value, ...] = (True, False)
BINDING_REQUESTS = ("ca-1989-s47", "ca-1989-s27", "ca-2004-s16h", "ca-2004-s16d")
"""The requests that rule 4 of a decision knows (docs/decisions.md)."""

_HANGS_ON: Mapping[str, tuple[str, Value]] = {"detriment_confirmed_by": ("more_detrimental_to_share", True)}
"""Facts that mean nothing by themselves, and the fact with which they do."""


class Mattering(Struct, frozen=True):
    """A fact that could change the answer, and which of its values could; `weight` is that of the weightiest."""

    fact: str
    values: tuple[Value, ...]
    weight: Weight


class RoleMattering(Struct, frozen=True):
    """A kind of person among the subjects, and a role of theirs that could change the answer."""

    kind: str
    role: str
    weight: Weight


def facts_that_matter(
    view: RegisterView, catalogue: Catalogue, question: Question, *, today: str
) -> tuple[Mattering, ...]:
    """The circumstances that are not known yet and could change the answer, in the order of their table.

    The question is one that `decide` takes. In immediate danger nobody is asked for anything more.
    """
    if question.urgency == IMMEDIATE_DANGER:
        return ()
    asked = _Asked(view, catalogue, question, today)
    found: list[Mattering] = []
    for fact, values in _values(catalogue, asked.answer).items():
        if getattr(question.circumstances, fact) is not None:
            continue
        weights = {value: asked.weight_of(fact, value) for value in values}
        matter = tuple(value for value, weight in weights.items() if weight is not None)
        if matter:
            found.append(Mattering(fact, matter, "decides" if "decides" in weights.values() else "refines"))
    return tuple(found)


def roles_that_matter(
    view: RegisterView, catalogue: Catalogue, question: Question, *, today: str
) -> tuple[RoleMattering, ...]:
    """The same for what the people concerned are in the matter: kinds of the subjects that have no role yet."""
    if question.urgency == IMMEDIATE_DANGER:
        return ()
    asked = _Asked(view, catalogue, question, today)
    found: list[RoleMattering] = []
    for kind in dict.fromkeys(one.kind for one in question.subjects if not one.roles):
        for role in catalogue.codes.subject_roles:
            subjects = tuple(Subject(one.kind, (role,)) if one.kind == kind else one for one in question.subjects)
            weight = asked.weight(replace(question, subjects=subjects), asked.answer)
            if weight is not None:
                found.append(RoleMattering(kind, role, weight))
    return tuple(found)


def _values(catalogue: Catalogue, answer: Answer) -> dict[str, tuple[Value, ...]]:
    """Every circumstance with what it can be, as it is asked: what decides most, first. Of the laws that may authorise
    a use, those that the answer names as a power to share."""
    codes = catalogue.codes
    return {
        "would_help_recipient": YES_OR_NO,
        "more_detrimental_to_share": YES_OR_NO,
        "detriment_confirmed_by": tuple(codes.roles),
        "informing_increases_risk": YES_OR_NO,
        "relates_to_child": YES_OR_NO,
        "consent": tuple(codes.consent_states),
        "agreement_to_service": tuple(codes.consent_states),
        "support_stage": YES_OR_NO,
        "statutory_request": BINDING_REQUESTS,
        "restriction": tuple(codes.restrictions),
        "anonymised": YES_OR_NO,
        "law_enforcement_purpose": YES_OR_NO,
        "para18_reason": tuple(codes.para18_reasons),
        "confidentiality_route": tuple(codes.confidentiality_routes),
        "s36_4_authority": answer.basis.gateways,
    }


class _Asked:
    """A question, its answer with what is known, and what the answer would be if more were."""

    def __init__(self, view: RegisterView, catalogue: Catalogue, question: Question, today: str) -> None:
        self._view, self._catalogue, self._today = view, catalogue, today
        self._question = replace(question, explain=False)
        self.answer = self._decide(self._question)

    def weight_of(self, fact: str, value: Value) -> Weight | None:
        on = _HANGS_ON.get(fact)
        if on is None:
            return self.weight(self._with(fact, value), self.answer)
        stated = getattr(self._question.circumstances, on[0])
        if stated is not None and stated != on[1]:
            return None
        return self.weight(self._with(*on, fact, value), self._decide(self._with(*on)))

    def weight(self, other: Question, answer: Answer) -> Weight | None:
        """What the difference between two questions does to the answer; None where it does nothing that matters."""
        changed = self._decide(other)
        if any(one.code == "request-does-not-bind" for one in changed.reasons):
            return None
        if _deciding(changed) != _deciding(answer):
            return "decides"
        return "refines" if _refining(changed) != _refining(answer) else None

    def _with(self, *facts: Value) -> Question:
        stated = dict(_pairs(facts))
        return replace(self._question, circumstances=replace(self._question.circumstances, **stated))

    def _decide(self, question: Question) -> Answer:
        return decide(self._view, self._catalogue, question, Evidence(), today=self._today)


def _pairs(facts: tuple[Value, ...]) -> Iterator[tuple[str, Value]]:
    names, values = facts[::2], facts[1::2]
    for name, value in zip(names, values, strict=True):
        assert isinstance(name, str) and name in Circumstances.__struct_fields__
        yield name, value


def _deciding(answer: Answer) -> object:
    duty = None if answer.duty is None else (answer.duty.provision, answer.duty.engaged)
    outcomes = tuple((one.code, one.outcome) for one in answer.categories)
    return answer.outcome, outcomes, duty, answer.consent.seek, answer.inform.now


def _refining(answer: Answer) -> object:
    return (
        answer.regime,
        answer.basis,
        answer.consent.role,
        tuple(one.code for one in answer.conditions),
        tuple(one.code for one in answer.missing),
        tuple(one.code for one in answer.guidance),
    )
