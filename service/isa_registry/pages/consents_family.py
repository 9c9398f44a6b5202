"""The page that a family takes home: what was agreed, who may see what, how to change one's mind, how to complain.

It holds no name and no reference of anybody's own system, and it never says what a child thinks of what somebody else
agreed to: who reads it at home is not known. The child's own page says it to the child alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from isa_registry.domain.consent_entries import ConsentGiven, ConsentRefused
from isa_registry.domain.consents.codes import CHILD_ITSELF, CHILD_KINDS
from isa_registry.domain.consents.states import ConsentState, day_of, status
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.changing import body_name
from isa_registry.pages.consent_family_words import (
    ABOUT,
    CATEGORIES_FOR_A_CHILD,
    CATEGORIES_PLAIN,
    PURPOSES_FOR_A_CHILD,
    PURPOSES_PLAIN,
    SAID_FOR_A_CHILD,
)
from isa_registry.pages.consent_words import category_labels, language_label, purpose_labels, recipient_labels
from isa_registry.pages.rendering import plain_date

Answer = ConsentGiven | ConsentRefused


class Part(Struct, frozen=True):
    """A part of the page: its heading, and its sentences and list, in that order."""

    heading: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()


class FamilyPage(Struct, frozen=True):
    title: str
    lead: tuple[str, ...]
    parts: tuple[Part, ...]
    language: str

    def text(self) -> str:
        """Its words, as a text whose reading age can be measured."""
        lines = [*self.lead]
        for part in self.parts:
            lines += [part.heading, *part.sentences, *(f"- {item}" for item in part.items)]
        return "\n\n".join(lines)


def may_be_a_childs(consent: ConsentState) -> bool:
    """Whether there is a page for the child: where it is about a child who is born."""
    return consent.answer.subject.kind in CHILD_KINDS


def family_page(consent: ConsentState, view: RegisterView, today: str) -> FamilyPage:
    """For whoever answered."""
    answer, said, own = consent.answer, consent.said, consent.answer.organisation
    body, now = body_name(view, own), status(consent, today)
    about = ABOUT.get(answer.standing.by, "about the person concerned")
    yes = now == "given"
    kind = f"This is what was said about sharing information {about}."
    parts = (
        Part("What it is for", (), _purposes(PURPOSES_PLAIN, answer, view)),
        Part(
            "What may be shared" if yes else "What you were asked about",
            ("Only this, and only as much of it as is needed.",) if yes else (),
            _categories(CATEGORIES_PLAIN, answer, view),
        ),
        Part(
            "Who may see it" if yes else "Who would have seen it",
            (f"{body} has it already.", "These may be told:" if yes else "You were asked about these:"),
            tuple(recipient_labels(view, answer.scope.recipients)),
        ),
        *((Part("For how long", (f"Your yes counts until {plain_date(said.review_on)}. Then we ask you again.",)),)
          if yes and said.review_on is not None else ()),
        Part("How to change your mind", tuple(_change_of_mind(body, now))),
        Part(
            "When we may share all the same",
            (
                "If a child may come to harm, we may have to share, whatever was said here. The law says so.",
                "We tell you first, if that is safe.",
            ),
        ),
        Part(
            "If you are not happy",
            (
                f"Tell {body}, in any way that you like. Within 30 days we must say that we have your complaint.",
                "You can also complain to the Information Commissioner. It costs nothing.",
                "Ring 0303 123 1113, or look at ico.org.uk/make-a-complaint.",
                "You can ask what we hold, and ask us to put it right.",
            ),
        ),
    )  # fmt: skip
    return FamilyPage(
        title="Sharing information: what was agreed" if yes else "Sharing information: what was said",
        lead=(kind, *_what_stands(consent, now, "You said {answer}")),
        parts=parts,
        language=language_label(said.statement.language),
    )


def childs_page(consent: ConsentState, view: RegisterView, today: str) -> FamilyPage:
    """For the child whom it is about, in words for a reader of nine to eleven."""
    answer, said = consent.answer, consent.said
    body, now = body_name(view, answer.organisation), status(consent, today)
    yes = now == "given"
    lead = _what_stands(consent, now, SAID_FOR_A_CHILD.get(answer.standing.by, "Someone said {answer} for you"))
    view_of_the_child = said.childs_view if answer.standing.by != CHILD_ITSELF else ""
    heard = {
        "agrees": ("You said that is fine by you.",),
        "objects": ("You said you do not want this. We wrote that down. It matters.",),
    }
    parts = (
        Part("Why", (), _purposes(PURPOSES_FOR_A_CHILD, answer, view)),
        Part(
            "What they can tell" if yes else "What it was about",
            ("Only this. Not all of it, just what they need.",) if yes else (),
            _categories(CATEGORIES_FOR_A_CHILD, answer, view),
        ),
        Part(
            "Who they can tell" if yes else "Who would have been told",
            (),
            tuple(recipient_labels(view, answer.scope.recipients)),
        ),
        *((Part("How long", (f"This lasts until {plain_date(said.review_on)}. Then we ask again.",)),)
          if yes and said.review_on is not None else ()),
        Part(
            "You can change your mind",
            (
                "Tell any grown-up who helps you. Just say it. You do not have to say why.",
                "No one will be cross with you. You will still get help.",
                "What was told before can not be taken back.",
            ),
        ),
        Part(
            "When we tell someone all the same",
            ("If you or another child could get hurt, we may have to tell someone. We do that to keep you safe.",
             "We tell you first, if that is safe."),
        ),
        Part(
            "If you are not happy",
            (
                f"Tell a grown-up you trust. They can tell {body} for you.",
                "You can ring Childline for free on 0800 1111. You can do that at any time.",
                "If you are in danger, ring 999.",
            ),
        ),
    )  # fmt: skip
    return FamilyPage(
        title="Who can know about you",
        lead=(*lead, *heard.get(view_of_the_child, ())),
        parts=parts,
        language=language_label(said.statement.language),
    )


def _what_stands(consent: ConsentState, now: str | None, says: str) -> Iterator[str]:
    """What was said, on which day, and what became of it."""
    answer = consent.answer
    first = "yes" if str(answer.__struct_config__.tag) == "consent.given" else "no"
    yield f"{says.format(answer=first)} on {plain_date(day_of(answer.answered_at))}."
    if consent.said is not answer:
        yield f"That was said again on {plain_date(day_of(consent.said.answered_at))}."
    if now == "withdrawn":
        yield "That was taken back later. It does not count any more."
    elif now == "expired":
        yield "That does not count any more. It has run out."
    elif now == "invalidated":
        yield "That does not count. It was written down wrongly."
    elif answer.role == "agreement-to-service":
        yield "This is about the help. Other rules in law say what may be shared to give it."


def _change_of_mind(body: str, now: str | None) -> Iterator[str]:
    yield f"Tell any worker who helps you, or {body}. Say it, ring or write. You need give no reason."
    if now == "given":
        yield "It is as easy as saying yes was. From then on nobody shares because of your yes."
        yield "It does not undo what was shared before."
    else:
        yield "If you want to say something else now, it is written down anew."


def _purposes(plain: dict[str, str], answer: Answer, view: RegisterView) -> tuple[str, ...]:
    codes = answer.scope.purposes
    return tuple(plain.get(code, label) for code, label in zip(codes, purpose_labels(view, codes), strict=True))


def _categories(plain: dict[str, str], answer: Answer, view: RegisterView) -> tuple[str, ...]:
    codes = answer.scope.categories
    return tuple(plain.get(code, label) for code, label in zip(codes, category_labels(view, codes), strict=True))
