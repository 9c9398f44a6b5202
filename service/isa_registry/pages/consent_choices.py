"""What can be chosen in the steps of recording a consent, and what stands in them at first."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.consents.codes import CHILDS_VIEWS, METHODS, SHOWN_BY, STANDINGS
from isa_registry.domain.dates import day_after, london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.asking_choices import CATEGORIES, PURPOSES, SUBJECTS, Group, Lately, Option, grouped, options
from isa_registry.pages.consent_answers import OTHER, Answers, now_in_london
from isa_registry.pages.consent_steps import Step
from isa_registry.pages.consent_words import ANSWERS, CHILDS_VIEW_ASKED, EXPLICIT, LANGUAGES, NEEDS, Choice

REVIEW_DAYS = 365
"""A yes counts for so long at most without being said again: as usual practice has it, and as a form begins."""

ENGLISH = "en"


class Choices(Struct, frozen=True):
    """Each question's choices, as the register and the catalogue stand."""

    needs: tuple[Choice, ...]
    purposes: tuple[Group, ...]
    recipients: tuple[Group, ...]
    categories: tuple[Group, ...]
    subjects: tuple[Option, ...]
    standings: tuple[Option, ...]
    shown_by: tuple[Option, ...]
    childs_views: tuple[Option, ...]
    answers: tuple[Choice, ...]
    explicit: tuple[Choice, ...]
    methods: tuple[Option, ...]
    languages: tuple[Option, ...]
    roles: tuple[Option, ...]


def choices_of(view: RegisterView, law: Catalogue, own: str, answers: Answers) -> Choices:
    asked = options(view, law, own, Lately())
    standing = STANDINGS.get(answers.by)
    return Choices(
        needs=NEEDS,
        purposes=grouped(PURPOSES, {one.code: one.label for one in law.purposes.values()}),
        recipients=asked.recipients,
        categories=grouped(CATEGORIES, {one.code: one.label for one in law.categories.values()}),
        subjects=tuple(one for one in asked.subjects if one[0] in SUBJECTS),
        standings=tuple((by, one.says) for by, one in STANDINGS.items()),
        shown_by=tuple((code, SHOWN_BY[code]) for code in (() if standing is None else standing.shown_by)),
        childs_views=tuple((code, CHILDS_VIEWS[code]) for code in CHILDS_VIEW_ASKED),
        answers=ANSWERS,
        explicit=EXPLICIT,
        methods=tuple(METHODS.items()),
        languages=(*LANGUAGES, (OTHER, "Another language")),
        roles=tuple(law.codes.roles.items()),
    )


def begun(answers: Answers, step: Step, now: datetime) -> Answers:
    """The answers as a step shows them: what is usual stands in it already, to be changed where it is not so."""
    day, time = now_in_london(now)
    usual = {
        "day": day,
        "time": time,
        "language": ENGLISH,
        "review_on": day_after(london_date(now), REVIEW_DAYS),
    }
    # Once anything of a step is answered, what is empty in it was emptied.
    if any(getattr(answers, member) for member in step.members):
        return answers
    return replace(answers, **{member: value for member, value in usual.items() if member in step.members})


def catalogue_of(view: RegisterView) -> Catalogue:
    law = view.catalogue()
    if law is None:
        raise Refused("unavailable", "The registry has no catalogue of the law yet.", retry_after=30)
    return law
