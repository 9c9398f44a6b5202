"""A consent that is being recorded as it is looked at once more, and as the document that is recorded."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.consent_entries import (
    ConsentRecorder,
    ConsentScope,
    ConsentStanding,
    ConsentStatement,
    ConsentSubject,
)
from isa_registry.domain.consents.codes import CHILD_KINDS, CHILDS_VIEWS, EVIDENCED, METHODS, SHOWN_BY
from isa_registry.domain.consents.documents import ConsentRequest, RenewalRequest
from isa_registry.domain.consents.states import is_for_a_child
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.consent_answers import Answers, moment_of
from isa_registry.pages.consent_steps import STEPS
from isa_registry.pages.consent_words import (
    category_labels,
    language_label,
    purpose_labels,
    recipient_labels,
    role_label,
    standing_label,
)
from isa_registry.pages.rendering import plain_date


class Section(Struct, frozen=True):
    """One step's answers in words, with the step that changes them."""

    step: str
    title: str
    rows: tuple[tuple[str, str | list[str]], ...]


def request_of(answers: Answers) -> ConsentRequest:
    """The document that the answers make, as the interface takes it. Nothing is wanting in them."""
    given = answers.answer == "given"
    return ConsentRequest(
        answer=answers.answer,
        subject=ConsentSubject(answers.kind, answers.subject),
        role=answers.role,
        scope=ConsentScope(answers.purposes, answers.recipients_named(), answers.categories),
        standing=_standing(answers),
        childs_view=childs_view_of(answers),
        explicit=given and answers.explicit == "yes",
        statement=_statement(answers),
        method=answers.method,
        evidence=answers.evidence,
        answered_at=moment_of(answers.day, answers.time),
        recorded_by=recorder_of(answers),
        review_on=answers.review_on if given else None,
        age_transition_on=_age_transition(answers),
    )


def renewal_of(answers: Answers, *, after: str) -> RenewalRequest:
    """The same of a consent that is said again, and was said before at `after`."""
    return RenewalRequest(
        standing=_standing(answers),
        childs_view=childs_view_of(answers),
        explicit=answers.explicit == "yes",
        statement=_statement(answers),
        method=answers.method,
        evidence=answers.evidence,
        answered_at=moment_of(answers.day, answers.time, after=after),
        recorded_by=recorder_of(answers),
        review_on=answers.review_on,
        age_transition_on=_age_transition(answers),
    )


def recorder_of(answers: Answers) -> ConsentRecorder:
    return ConsentRecorder(answers.staff_role, answers.staff)


def _standing(answers: Answers) -> ConsentStanding:
    evidence = answers.standing_evidence if answers.shown_by in EVIDENCED else ""
    return ConsentStanding(answers.by, answers.shown_by, evidence or None)


def _statement(answers: Answers) -> ConsentStatement:
    return ConsentStatement(answers.statement, answers.statement_version, answers.shown_in)


def _age_transition(answers: Answers) -> str | None:
    return (answers.age_transition_on or None) if is_for_a_child(answers.kind, answers.by) else None


def childs_view_of(answers: Answers) -> str:
    """What the child says of it: asked where somebody else answers for a child, and otherwise plain."""
    if is_for_a_child(answers.kind, answers.by):
        return answers.childs_view
    if answers.kind in CHILD_KINDS:
        return "objects" if answers.answer == "refused" else "agrees"
    return "too-young" if answers.kind == "unborn-child" else "no-child"


def check_sections(answers: Answers, view: RegisterView) -> list[Section]:
    law = view.catalogue()
    kinds = {} if law is None else law.codes.subject_kinds
    roles = {} if law is None else law.codes.roles
    given = answers.answer == "given"
    rows: dict[str, list[tuple[str, str | list[str]]]] = {
        "need": [("Kind of record", role_label(answers.role))],
        "whom": [
            ("For", purpose_labels(view, answers.purposes)),
            ("Who may be told", recipient_labels(view, answers.recipients_named())),
        ],
        "what": [
            ("Kinds of information", category_labels(view, answers.categories)),
        ],
        "who": [
            ("Who it is about", kinds.get(answers.kind, answers.kind)),
            ("Who answered", standing_label(answers.by)),
        ],
        "standing": [
            ("Shown by", SHOWN_BY.get(answers.shown_by, answers.shown_by)),
            ("What the child says", CHILDS_VIEWS[childs_view_of(answers)]),
        ],
        "said": [
            ("Answer", "Yes" if given else "No"),
            *([("In clear words", "Yes" if answers.explicit == "yes" else "No")] if given else []),
            ("How", METHODS.get(answers.method, answers.method)),
            ("When", f"{plain_date(answers.day)} at {answers.time}"),
        ],
        "words": [
            ("Statement", f"{answers.statement}, version {answers.statement_version}"),
            ("Shown in", language_label(answers.shown_in)),
        ],
        "own": [
            ("The person’s reference", answers.subject),
            ("What shows it", answers.evidence),
            *([("What shows that they may answer", answers.standing_evidence)] if answers.standing_evidence else []),
            ("You", f"{roles.get(answers.staff_role, answers.staff_role)}, {answers.staff}"),
            *([("Counts until", plain_date(answers.review_on))] if given else []),
            *(
                [("The young person is asked from", plain_date(answers.age_transition_on))]
                if answers.age_transition_on and is_for_a_child(answers.kind, answers.by)
                else []
            ),
        ],
    }
    return [Section(step.code, step.said, tuple(rows[step.code])) for step in STEPS]
