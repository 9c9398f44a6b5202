"""What can be chosen on the first page of Ask: grouped, most used first, and what was asked about lately before all.

What was asked about lately is kept in a cookie of the browser alone, so that nothing more is stored of anybody: the
organisation that asked, and the ids and codes of recipients and purposes. Nothing of a person, a case or an answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.questions import Question, RecipientKind
from isa_registry.domain.register.register import RegisterView

Option = tuple[str, str]
"""What is sent, and its words."""

Group = tuple[str, tuple[Option, ...]]
"""The words of a group, and its options."""

ASKED = "isa-asked"
"""The cookie."""

ASKED_SECONDS = 90 * 24 * 3600
REMEMBERED = 4
LATELY = "Asked about lately"
OTHERS = "Others"

PURPOSES = (
    ("Keeping a child safe", ("child-protection-enquiry", "harm-outside-the-home", "missing-now", "pre-birth")),
    ("Helping a family", ("early-help", "child-in-need", "missing-return-interview")),
    ("Crime, exploitation and terrorism",
     ("crime-prevention", "modern-slavery-referral", "mappa", "prevent-channel")),
    ("Learning and checking", ("practice-review", "quality-assurance")),
)  # fmt: skip
CATEGORIES = (
    ("Who they are", ("identity", "contact", "family", "ethnicity-faith", "sexuality", "immigration", "photos-media")),
    ("Health", ("health", "mental-health", "self-harm", "sexual-health", "substance-use")),
    ("Home, school and help", ("education", "social-care", "housing", "finance", "voice-of-the-child")),
    ("Risk and harm",
     ("risk-assessment", "missing-episodes", "domestic-abuse", "modern-slavery", "exploitation-network",
      "radicalisation", "weapons-violence")),
    ("Crime, places and things",
     ("criminal-record", "intelligence", "antisocial-behaviour", "locations", "vehicles-devices")),
    ("Professionals", ("professional-details",)),
)  # fmt: skip
SUBJECTS = ("child", "unborn-child", "other-child", "parent-carer", "adult-at-risk", "adult")
URGENCIES = (
    ("immediate-danger", "Yes, now", "You are told at once what to do. Leave the rest empty."),
    ("urgent", "No, but it cannot wait", "A child could come to harm before the next working day."),
    ("routine", "No", ""),
)


class Lately(Struct, frozen=True):
    """Recipients, as a form sends them, and purposes that were asked about from this browser, newest first."""

    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()

    def after(self, question: Question) -> Lately:
        asked = question.recipient
        recipient = f"kind:{asked.kind}" if isinstance(asked, RecipientKind) else asked
        return Lately(_first(recipient, self.recipients), _first(question.purpose, self.purposes))


def _first(value: str, others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((value, *others)))[:REMEMBERED]


def written(lately: Lately, organisation: str) -> str:
    """The cookie's value."""
    recipients = ".".join(lately.recipients).replace("kind:", "kind_")
    return "~".join((organisation, recipients, ".".join(lately.purposes)))


def read_lately(cookie: str | None, organisation: str) -> Lately:
    """What a cookie says. One of another organisation, or of no form of ours, says nothing."""
    of, *parts = (cookie or "").split("~")
    if of != organisation or len(parts) != 2:
        return Lately()
    recipients, purposes = ([one for one in part.split(".") if one][:REMEMBERED] for part in parts)
    return Lately(tuple(one.replace("kind_", "kind:") for one in recipients), tuple(purposes))


class Options(Struct, frozen=True):
    """What can be chosen, from the register and the catalogue as they stand."""

    recipients: tuple[Group, ...]
    purposes: tuple[Group, ...]
    categories: tuple[Group, ...]
    urgencies: tuple[tuple[str, str, str], ...]
    subjects: tuple[Option, ...]


def options(view: RegisterView, catalogue: Catalogue, own: str, lately: Lately) -> Options:
    bodies = {body.organisation: body.name for body in view.organisations() if body.organisation != own}
    kinds = {f"kind:{one.code}": one.label for one in catalogue.kinds.values()}
    purposes = {one.code: one.label for one in catalogue.purposes.values()}
    return Options(
        recipients=_groups(
            (LATELY, _those(lately.recipients, bodies | kinds)),
            ("In this register", tuple(sorted(bodies.items(), key=lambda one: one[1].casefold()))),
            ("Not in this register: a body of this kind", tuple(kinds.items())),
        ),
        purposes=_groups((LATELY, _those(lately.purposes, purposes)), *grouped(PURPOSES, purposes)),
        categories=grouped(CATEGORIES, {one.code: one.label for one in catalogue.categories.values()}),
        urgencies=tuple(one for one in URGENCIES if one[0] in catalogue.codes.urgencies),
        subjects=_those(dict.fromkeys((*SUBJECTS, *catalogue.codes.subject_kinds)), catalogue.codes.subject_kinds),
    )


def grouped(groups: Iterable[tuple[str, tuple[str, ...]]], labels: dict[str, str]) -> tuple[Group, ...]:
    """The labels in groups; a code that no group names is among the others at the end."""
    listed = tuple(groups)
    known = {code for _, codes in listed for code in codes}
    others = tuple(code for code in labels if code not in known)
    return _groups(*((words, _those(codes, labels)) for words, codes in (*listed, (OTHERS, others))))


def _those(codes: Iterable[str], labels: dict[str, str]) -> tuple[Option, ...]:
    return tuple((code, labels[code]) for code in codes if code in labels)


def _groups(*groups: Group) -> tuple[Group, ...]:
    return tuple(group for group in groups if group[1])
