"""The second page of Ask: the facts that could change this answer, each with why it matters."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.mattering import Mattering, Value, facts_that_matter, roles_that_matter
from isa_registry.domain.questions import Circumstances, Question, Subject
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.asking_form import UNKNOWN

Option = tuple[str, str]


class Fact(Struct, frozen=True):
    """How a circumstance is asked: the question, why it matters, and the words of not knowing."""

    asks: str
    why: str
    unknown: str = "I do not know"


FACTS: dict[str, Fact] = {
    "would_help_recipient": Fact(
        "Would it help them to protect a child, or to look after the child’s welfare?",
        "If it would, your organisation may have a duty to share.",
    ),
    "more_detrimental_to_share": Fact(
        "Would sharing do the child more harm than not sharing?",
        "If you think so, somebody senior looks at it with you before anything is held back.",
    ),
    "detriment_confirmed_by": Fact(
        "If you think that it would: who has confirmed it?",
        "A judgement that sharing does more harm counts once one of these people has confirmed it.",
        "Nobody yet",
    ),
    "informing_increases_risk": Fact(
        "Could telling or asking the family put anybody at risk?",
        "If it could, you do not ask them first, and you tell them later or not at all.",
    ),
    "relates_to_child": Fact(
        "Does it bear on a child’s safety or welfare?",
        "What matters to a child may be shared where what is only about an adult may not.",
    ),
    "consent": Fact(
        "Has the person or family agreed that you share it?",
        "Where their choice is the lawful basis it decides. Elsewhere it is written down, and never stops you "
        "protecting a child.",
    ),
    "agreement_to_service": Fact(
        "Have they agreed to the help or the referral itself?",
        "Some help is voluntary. Agreeing to it is not the same as agreeing that information is shared.",
    ),
    "support_stage": Fact(
        "Is this about the support itself, after the referral?",
        "A referral needs no agreement. The support that may follow does.",
    ),
    "statutory_request": Fact(
        "Have they asked you for it under one of these laws?",
        "A request that binds your organisation has to be answered.",
        "No, or I do not know",
    ),
    "restriction": Fact(
        "Is any of it one of these?",
        "The law guards these closely. What you know from elsewhere is not barred.",
        "None of these, or I do not know",
    ),
    "anonymised": Fact(
        "Has everything been taken out that points to somebody?",
        "What identifies nobody is not personal data, and may be shared.",
    ),
    "law_enforcement_purpose": Fact(
        "Is it shared for law enforcement?",
        "Police, probation, youth justice and prisons share under Part 3 of the Data Protection Act 2018 then, and "
        "under the UK GDPR otherwise.",
    ),
    "para18_reason": Fact(
        "If you share without consent: why is it not asked for?",
        "The law lets you share sensitive information to protect somebody for one of these reasons. Your record says "
        "which.",
    ),
    "confidentiality_route": Fact(
        "What lets you share what was told in confidence?",
        "Health information is confidential. Your record says what lifts that here.",
    ),
    "s36_4_authority": Fact(
        "If it was collected for law enforcement: which law lets you use it for this?",
        "Information collected for law enforcement needs a law of its own for any other use.",
    ),
}
_CONSENT = {
    "given": "Yes, they agreed",
    "refused": "No, they refused",
    "withdrawn": "They agreed, and took it back",
    "not-sought": "Nobody has asked them",
}
_LISTED = frozenset({"consent", "agreement_to_service"})
_YES_NO: tuple[Option, ...] = (("yes", "Yes"), ("no", "No"))


class FactAsked(Struct, frozen=True):
    """A fact as the page asks for it: in a line where it is yes or no (`shape` is `inline`), as a `list` where it is
    often what decides, and otherwise folded (`folded`)."""

    name: str
    asks: str
    why: str
    options: tuple[Option, ...]
    shape: str
    decides: bool


class FactsAsked(Struct, frozen=True):
    """What the page asks: what can change the answer, what makes it exact, and who the people are in the matter."""

    deciding: tuple[FactAsked, ...]
    refining: tuple[FactAsked, ...]
    roles: tuple[Option, ...]

    def __bool__(self) -> bool:
        return bool(self.deciding or self.refining or self.roles)


def facts_asked(view: RegisterView, catalogue: Catalogue, question: Question, *, today: str) -> FactsAsked:
    """For a question with its provider, whatever is known of it already."""
    bare = replace(
        question, circumstances=Circumstances(), subjects=tuple(Subject(one.kind) for one in question.subjects)
    )
    facts = [_asked(one, catalogue) for one in facts_that_matter(view, catalogue, bare, today=today)]
    roles = roles_that_matter(view, catalogue, bare, today=today)
    kinds, labels = catalogue.codes.subject_kinds, catalogue.codes.subject_roles
    return FactsAsked(
        deciding=tuple(one for one in facts if one.decides),
        refining=tuple(one for one in facts if not one.decides),
        roles=tuple((f"{one.kind}.{one.role}", f"{kinds[one.kind]}: {labels[one.role].lower()}") for one in roles),
    )


def _asked(one: Mattering, catalogue: Catalogue) -> FactAsked:
    fact = FACTS[one.fact]
    yes_no = isinstance(one.values[0], bool)
    choices = _YES_NO if yes_no else tuple(_choices(one, catalogue))
    options = (*choices, (UNKNOWN, fact.unknown))
    shape = "inline" if yes_no else "list" if one.fact in _LISTED else "folded"
    return FactAsked(one.fact, fact.asks, fact.why, options, shape, decides=one.weight == "decides")


def _choices(one: Mattering, catalogue: Catalogue) -> Iterator[Option]:
    """The values that could change the answer; all of them where one of them is always so, or is to be written down."""
    whole: dict[str, tuple[Value, ...]] = {
        "consent": tuple(_CONSENT),
        "agreement_to_service": tuple(_CONSENT),
        "para18_reason": tuple(catalogue.codes.para18_reasons),
    }
    for value in whole.get(one.fact, one.values):
        yield str(value), value_in_words(one.fact, str(value), catalogue)


def value_in_words(fact: str, value: str, catalogue: Catalogue) -> str:
    """A value of a fact, as the form sends it, in words; the value itself where the catalogue no longer has it."""
    codes = catalogue.codes
    named = {
        "detriment_confirmed_by": codes.roles,
        "consent": _CONSENT,
        "agreement_to_service": _CONSENT,
        "restriction": codes.restrictions,
        "para18_reason": codes.para18_reasons,
        "confidentiality_route": codes.confidentiality_routes,
    }
    if fact in named:
        return named[fact].get(value, value)
    found = catalogue.provisions.get(value)
    return dict(_YES_NO).get(value, value) if found is None else found.title
