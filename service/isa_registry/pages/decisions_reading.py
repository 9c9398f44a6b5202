"""A decision in words, as it was or is about to be signed."""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain.dates import parse_instant
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.sharing import SharingEvent, WithheldCategory
from isa_registry.pages.answer_words import BASES
from isa_registry.pages.changing import body_name
from isa_registry.pages.decisions_words import (
    ADVICE,
    CHILDS_VIEWS,
    CONSENTS,
    DECISIONS,
    INFORMED,
    MARKINGS,
    METHODS,
    NOT_INFORMED,
    WITHHELD_REASONS,
)
from isa_registry.pages.people import caller_of, plain_time, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.runtime import decisions_recorded
from isa_registry.runtime.decisions_recorded import Decision

Row = tuple[str, tuple[str, ...]]
"""What a fact is called, and its lines."""


async def own_decision(request: Request, event: str) -> Decision:
    """A decision of the organisation that the person acts for. Raises `Refused`."""
    return await decisions_recorded.own_decision(registry_of(request), caller_of(request).organisation, event)


def recipient_in_words(event: SharingEvent, view: RegisterView) -> str:
    if not isinstance(event.recipient, RecipientKind):
        return body_name(view, event.recipient)
    catalogue = view.catalogue()
    kind = None if catalogue is None else catalogue.kinds.get(event.recipient.kind)
    return f"{event.recipient.kind if kind is None else kind.label} (not in this register)"


def event_in_words(event: SharingEvent, withheld: tuple[WithheldCategory, ...], view: RegisterView) -> tuple[Row, ...]:
    """Line by line, for the organisation that decided. A code that the register knows no longer stands for itself."""
    return tuple((name, lines) for name, lines in _rows(event, withheld, view) if lines)


_ITS_OWN = frozenset({"Held back", "Not shared", "About", "Decided by", "Your record", "Their request", "The answer",
                      "Kept as", "Look at it again", "Advice", "Confirmed by", "Decided"})  # fmt: skip
"""What the organisation that decided is shown of its record, and the page of the other leaves out: references that mean
something to it alone, and how it came to decide."""


def received_in_words(event: SharingEvent, view: RegisterView) -> tuple[Row, ...]:
    """Line by line, for the organisation with which it was shared."""
    rows = [one for one in event_in_words(event, (), view) if one[0] not in _ITS_OWN and one[0] != "With"]
    about = {} if (catalogue := view.catalogue()) is None else catalogue.codes.subject_kinds
    kinds = [about.get(one.kind, one.kind) for one in event.subjects]
    counted = tuple(f"{kind}: {kinds.count(kind)}" for kind in dict.fromkeys(kinds))
    asked = () if event.request is None else (("Your request", (event.request,)),)
    return (("From", (body_name(view, event.provider),)), *rows, ("About", counted), *asked)


def _rows(event: SharingEvent, withheld: tuple[WithheldCategory, ...], view: RegisterView) -> Iterator[Row]:
    catalogue = view.catalogue()
    categories = {} if catalogue is None else {code: one.label for code, one in catalogue.categories.items()}
    purposes = {} if catalogue is None else {code: one.label for code, one in catalogue.purposes.items()}
    provisions = {} if catalogue is None else {code: one.title for code, one in catalogue.provisions.items()}
    roles = {} if catalogue is None else catalogue.codes.roles
    kinds = {} if catalogue is None else catalogue.codes.subject_kinds
    shares = event.decision in ("shared", "part-shared")
    yield "Decided", (DECISIONS.get(event.decision, event.decision),)
    yield "With", (recipient_in_words(event, view),)
    yield "For", (purposes.get(event.purpose, event.purpose),)
    if shares:
        yield "Shared", tuple(categories.get(code, code) for code in event.categories)
    yield (
        "Held back" if shares else "Not shared",
        tuple(
            f"{categories.get(one.category, one.category)}: {_lower(WITHHELD_REASONS.get(one.reason, one.reason))}"
            for one in withheld
        ),
    )
    yield "About", tuple(f"{kinds.get(one.kind, one.kind)}: {one.ref}" for one in event.subjects)
    by = roles.get(event.decided_by.role, event.decided_by.role)
    yield "Decided by", (f"{by} ({event.decided_by.ref}), {plain_time(parse_instant(event.decided_at))}",)
    if event.shared_at is not None:
        how = _lower(METHODS.get(event.method, event.method))
        yield "When and how", (f"{plain_time(parse_instant(event.shared_at))}, {how}",)
    else:
        yield "How it would have been", (METHODS.get(event.method, event.method),)
    yield "Marking", (MARKINGS.get(event.marking, event.marking),)
    yield "Agreed to by them", (CONSENTS.get(event.consent, event.consent),)
    reason = event.informed.reason
    yield (
        "Family told",
        (
            INFORMED.get(event.informed.family, event.informed.family),
            *(() if reason is None else (NOT_INFORMED.get(reason, reason),)),
        ),
    )
    yield "The child’s view", (CHILDS_VIEWS.get(event.childs_view, event.childs_view),)
    yield (
        "Advice",
        tuple(
            f"{roles.get(one.role, one.role)}: {_lower(ADVICE.get(one.outcome, one.outcome))}" for one in event.advice
        ),
    )
    if event.approved_by is not None:
        yield "Confirmed by", (roles.get(event.approved_by, event.approved_by),)
    for title, member in BASES:
        yield title, tuple(provisions.get(code, code) for code in getattr(event.basis, member))
    for words, said in (
        ("It helps them protect a child", event.duty.would_help_recipient),
        ("Sharing does the child more harm", event.duty.more_detrimental),
    ):
        if said is not None:
            yield words, ("Yes" if said else "No",)
    if event.agreement is not None:
        version = view.agreement_version(event.agreement.id, event.agreement.version)
        yield "Agreement", (f"{event.agreement.id if version is None else version.title}, {event.agreement.version}",)
    yield "Your record", (event.case_record,)
    if event.request is not None:
        yield "Their request", (event.request,)
    if event.retention is not None:
        yield "Kept as", (event.retention,)
    if event.review_on is not None:
        yield "Look at it again", (plain_date(event.review_on),)
    if event.check is not None:
        yield "The answer", (event.check,)
    if event.late_entry:
        yield "Late entry", ("Recorded more than 24 hours after it was decided",)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
