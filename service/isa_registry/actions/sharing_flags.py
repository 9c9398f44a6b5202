"""What the registry marks on an event for its provider's own leads: about the decision, never about who took it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.decisions import outcome as outcome_of
from isa_registry.domain.decisions.consent_standing import REFUSED
from isa_registry.domain.questions import Circumstances, Evidence, Question, Subject
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.sharing import SHARED, SharingEvent


class _Outcome(Struct, frozen=True):
    outcome: str


class RecordedCheck(Struct, frozen=True):
    """What a recorded check was about and came to: as much of a `check.answered` as an event is held against."""

    question: Question
    answer: _Outcome


_check = msgspec.json.Decoder(RecordedCheck)


def read_check(payload: bytes) -> RecordedCheck:
    """The question and the outcome in the payload of a `check.answered`."""
    return _check.decode(payload)


def as_question(event: SharingEvent) -> Question:
    """The question that the event's decision answers, from what the event itself says."""
    return Question(
        provider=event.provider,
        recipient=event.recipient,
        purpose=event.purpose,
        categories=event.categories,
        subjects=tuple(Subject(kind=subject.kind, roles=subject.roles) for subject in event.subjects),
        urgency=event.urgency,
        circumstances=Circumstances(
            would_help_recipient=event.duty.would_help_recipient,
            more_detrimental_to_share=event.duty.more_detrimental,
            detriment_confirmed_by=event.approved_by,
            consent=event.consent,
            para18_reason=event.para18_reason,
            s36_4_authority=event.s36_4_authority,
            confidentiality_route=event.confidentiality_route,
        ),
    )


def flags_for(event: SharingEvent, view: RegisterView, check: RecordedCheck | None) -> tuple[str, ...]:
    """`withheld-against-duty` where nothing was shared though the answer was to share now or that a duty is engaged,
    and `review-basis` where something was shared though the answer was not to.

    The answer is that of the check which the event names, if it asked about the same recipient and purpose; otherwise
    that to the event's own facts, on the day of its decision. Nothing of who decided goes in or comes out.
    """
    if check is not None and (check.question.recipient, check.question.purpose) == (event.recipient, event.purpose):
        outcome = check.answer.outcome
    elif event.decision in SHARED and not _may_be_barred(event):
        return ()
    else:
        catalogue = view.catalogue()
        assert catalogue is not None
        today = london_date(parse_instant(event.decided_at))
        outcome = outcome_of(view, catalogue, as_question(event), Evidence(), today=today)
    if outcome in ("share-now", "duty-to-share") and event.decision not in SHARED:
        return ("withheld-against-duty",)
    if outcome == "do-not-share" and event.decision in SHARED:
        return ("review-basis",)
    return ()


def _may_be_barred(event: SharingEvent) -> bool:
    """Whether the answer to an event's own facts can be not to share. These facts name no order of a court and claim
    nothing of anonymity, so that a judgement that sharing harms the child, or a refusal, is all that bars it."""
    return event.duty.more_detrimental is True or event.consent in REFUSED
