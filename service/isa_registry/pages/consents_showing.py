"""A consent in words: as one of a list, and by itself with all that happened to it."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.consent_entries import ConsentInvalidated, ConsentRefused, ConsentWithdrawn
from isa_registry.domain.consents.codes import (
    CHILDS_VIEWS,
    INVALIDATION_REASONS,
    METHODS,
    NOT_UNDONE,
    SHOWN_BY,
    STATUSES,
)
from isa_registry.domain.consents.life import takes
from isa_registry.domain.consents.notes import notes_on
from isa_registry.domain.consents.states import ConsentState, Entry, day_of, status
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.consent_words import (
    HAPPENED,
    NOTES,
    TAGS,
    category_labels,
    language_label,
    purpose_labels,
    recipient_labels,
    role_label,
    standing_label,
)
from isa_registry.pages.people import plain_time
from isa_registry.pages.rendering import plain_date
from isa_registry.runtime.consents_lately import last_day

CONSENTS = "/consents"


class ConsentLine(Struct, frozen=True):
    """One of a list: its id, where it stands, what it is for, and a sentence that says nothing of who the person is."""

    consent: str
    page: str
    standing: tuple[str, str]
    what: str
    says: str


class HappenedShown(Struct, frozen=True):
    says: str
    when: str
    how: str
    by: str
    entry: int


class ConsentShown(Struct, frozen=True):
    """`counts`: a yes that holds today. `notes` are things to consider. `takes` are the events that its state takes."""

    consent: str
    heading: str
    standing: tuple[str, str]
    means: str
    not_undone: str
    counts: bool
    notes: tuple[str, ...]
    rows: tuple[tuple[str, str | list[str]], ...]
    takes: tuple[str, ...]
    history: tuple[HappenedShown, ...]


def page_of(consent: str) -> str:
    return f"{CONSENTS}/{consent}"


def line_of(consent: ConsentState, view: RegisterView, today: str) -> ConsentLine:
    answer, said = consent.answer, consent.said
    last = last_day(consent) if consent.state == "given" else None
    until = "" if last is None else f"; counts until {plain_date(last)}"
    return ConsentLine(
        consent=answer.consent,
        page=page_of(answer.consent),
        standing=_standing(consent, today),
        what=", ".join(purpose_labels(view, answer.scope.purposes)),
        says=f"Said on {plain_date(day_of(said.answered_at))}{until}.",
    )


def consent_shown(consent: ConsentState, view: RegisterView, today: str) -> ConsentShown:
    answer, said = consent.answer, consent.said
    law, now = view.catalogue(), status(consent, today)
    kinds = {} if law is None else law.codes.subject_kinds
    rows: list[tuple[str, str | list[str]]] = [
        ("What it is", role_label(answer.role)),
        ("Who it is about", kinds.get(answer.subject.kind, answer.subject.kind)),
        ("Your reference of the person", answer.subject.ref),
        ("For", purpose_labels(view, answer.scope.purposes)),
        ("Who may be told", recipient_labels(view, answer.scope.recipients)),
        ("What may be shared", category_labels(view, answer.scope.categories)),
        ("Who answered", standing_label(said.standing.by)),
        ("How it is shown that they may", _shown_by(said.standing.shown_by, said.standing.evidence)),
        ("What the child says", CHILDS_VIEWS.get(said.childs_view, said.childs_view)),
    ]
    if not isinstance(said, ConsentRefused):
        rows.append(("In clear words", "Yes" if said.explicit else "No"))
    rows += [
        ("How they said it", METHODS.get(said.method, said.method)),
        ("What shows it", said.evidence),
        ("What they were shown", f"{said.statement.id}, version {said.statement.version}"),
        ("Shown in", language_label(said.statement.language)),
    ]
    if said.review_on is not None:
        over = consent.state != "given" or now == "expired"
        rows.append(("Was to count until" if over else "Counts until", plain_date(said.review_on)))
    if said.age_transition_on is not None:
        rows.append(("The young person is asked from", plain_date(said.age_transition_on)))
    return ConsentShown(
        consent=answer.consent,
        heading="They said no" if isinstance(answer, ConsentRefused) else "They said yes",
        standing=_standing(consent, today),
        means=f"{STATUSES[now]}." if now is not None else "",
        not_undone=NOT_UNDONE if consent.state == "withdrawn" else "",
        counts=now == "given",
        notes=tuple(NOTES.get(one.code, one.text) for one in notes_on(consent)),
        rows=tuple(rows),
        takes=takes(consent.state),
        history=tuple(_happened(one, view) for one in reversed(consent.entries)),
    )


def _standing(consent: ConsentState, today: str) -> tuple[str, str]:
    now = status(consent, today)
    return ("pending", "Not yet") if now is None else TAGS[now]


def _shown_by(code: str, evidence: str | None) -> str:
    says = SHOWN_BY.get(code, code)
    return says if evidence is None else f"{says}: {evidence}"


def _happened(entry: Entry, view: RegisterView) -> HappenedShown:
    payload, law = entry.payload, view.catalogue()
    roles = {} if law is None else law.codes.roles
    if isinstance(payload, ConsentInvalidated):
        when, how = payload.found_at, INVALIDATION_REASONS.get(payload.reason, payload.reason)
    elif isinstance(payload, ConsentWithdrawn):
        who = standing_label(payload.by)
        when, how = payload.answered_at, f"{who}. {METHODS.get(payload.method, payload.method)}"
    else:
        who = standing_label(payload.standing.by)
        when, how = payload.answered_at, f"{who}. {METHODS.get(payload.method, payload.method)}"
    recorder = payload.recorded_by
    return HappenedShown(
        says=HAPPENED[str(payload.__struct_config__.tag)],
        when=plain_time(parse_instant(when)),
        how=how,
        by=f"{roles.get(recorder.role, recorder.role)}, {recorder.ref}",
        entry=entry.index,
    )
