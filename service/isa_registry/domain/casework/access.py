"""What a body finds about one person when somebody asks for that person's data: events, checks and consents, with what
to think of before anything is given. It informs a person who decides; it is not the answer."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.casework.access_law import ACCESS_LAW, AccessLaw
from isa_registry.domain.casework.selection import Side
from isa_registry.domain.casework.warnings import Warned


class Note(Struct, frozen=True):
    """Something about the whole list: a code with words, and the law behind it with how sure it is."""

    code: str
    text: str
    law: tuple[AccessLaw, ...] = ()


class AccessEvent(Struct, frozen=True):
    """An event about the person. `check` is the body's own check before it and `acknowledged` when the recipient said
    that it came, where either is there; `corrected_by` are events of the same body that correct it."""

    id: str
    entry: int
    recorded_at: str
    side: Side
    decision: str
    provider: str
    recipient: str
    purpose: str
    categories: tuple[str, ...]
    decided_at: str
    shared_at: str | None
    case_record: str
    check: str | None
    acknowledged: str | None
    corrected_by: tuple[str, ...]
    warnings: tuple[Warned, ...]


class AccessConsent(Struct, frozen=True):
    """A consent that the body recorded about the person: what happened in its life, and when, oldest first."""

    id: str
    happened: tuple[str, ...]
    at: tuple[str, ...]


class SubjectAccess(Struct, frozen=True):
    """Everything that the registry can find for these references, newest first. `erased` is how many of the body's own
    events were erased: of whom they were is not known any more. `next` is the cursor of the page after it."""

    notes: tuple[Note, ...]
    events: tuple[AccessEvent, ...]
    consents: tuple[AccessConsent, ...]
    erased: int
    next: str | None


_NOTES = (
    (
        "a-person-decides",
        "This list helps a person decide. It decides nothing, and it is not the answer to a request.",
        (),
    ),
    (
        "make-sure-who-asks",
        (
            "Make sure who asks, and in what standing. The right of access is the child's own; a parent asks for the "
            "child, and never by right alone where the child can decide."
        ),
        ("dpa-2018-sch3-para4", "dpa-2018-sch3-para21"),
    ),
    (
        "look-in-the-case-too",
        (
            "The registry holds no content. What was shared, and why, stands in your own case record, and so does most "
            "of what is to be given."
        ),
        ("art15-1a", "art12-3"),
    ),
    (
        "no-warning-is-no-clearance",
        (
            "Warnings come from what the signed event says. That there is none does not mean that nothing stands "
            "against it."
        ),
        (),
    ),
)
_ERASED = (
    "erased-not-found",
    "Events were erased when their retention ended. Their references went with them, so none of them is found here.",
    (),
)
_RECEIVED = (
    "received-by-id-alone",
    (
        "What others shared with you carries their references and not yours. Send the ids that your systems have "
        "filed, or search by period, purpose and organisation."
    ),
    (),
)


def notes_for(*, erased: int, received_named: bool) -> tuple[Note, ...]:
    """What is said of the whole list."""
    told = [*_NOTES]
    if not received_named:
        told.append(_RECEIVED)
    if erased:
        told.append(_ERASED)
    return tuple(Note(code, text, tuple(ACCESS_LAW[one] for one in law)) for code, text, law in told)
