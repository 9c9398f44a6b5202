"""AuthZEN's question as a check, and a check's answer as AuthZEN's: subject a body, action to share, resource
information.

A false decision is not a prohibition: `prohibition` says whether there is one, and what cannot be answered never is.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from isa_registry.actions import checks
from isa_registry.domain.authzen.messages import Evaluation, decoded, is_given
from isa_registry.domain.authzen.policy import Asked, Sought
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.questions import Circumstances, Question, RecipientKind, Subject
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller

SUBJECT_TYPE = "organisation"
ACTION = "share"
RESOURCE_TYPE = "information"
PERMITTED = frozenset({"share-now", "duty-to-share", "may-share"})
PROHIBITED = "do-not-share"

UNKNOWN = {
    "unknown-subject-type": f"Only a subject of the type `{SUBJECT_TYPE}` is decided about here.",
    "unknown-action": f"The one action that is decided about here is `{ACTION}`.",
    "unknown-resource-type": f"Only a resource of the type `{RESOURCE_TYPE}` is decided about here.",
    "unknown-category": "The resource's id is not a category of information that the registry knows.",
}
"""Why something is denied without having been asked of the register: each with what would be decided about."""


class _Recipient(RecipientKind, frozen=True, forbid_unknown_fields=False):
    """Here, unknown members are ignored."""


class _Subject(Subject, frozen=True, forbid_unknown_fields=False):
    """Here, unknown members are ignored."""


class _Circumstances(Circumstances, frozen=True, forbid_unknown_fields=False):
    """Here, unknown members are ignored."""


_NOT_KNOWN = _Circumstances()


class _Properties(Struct, frozen=True, gc=False):
    """What a resource says: who is to have it, and its categories where they are more than its id."""

    recipient: str | _Recipient
    categories: tuple[str, ...] | None = None


class _Context(Struct, frozen=True, gc=False):
    """The rest of a check's question."""

    purpose: str
    urgency: str | None = None
    subjects: tuple[_Subject, ...] | None = None
    circumstances: _Circumstances | None = None
    on: str | None = None
    record: bool | None = None


_properties = msgspec.json.Decoder(_Properties)
_context = msgspec.json.Decoder(_Context)
_EMPTY = Raw(b"{}")

_POINTERS = {
    "#/provider": "#/subject/id",
    "#/recipient": "#/resource/properties/recipient",
    "#/categories": "#/resource/properties/categories",
}


class Unknown(Struct, frozen=True):
    """A question about something that the registry does not decide about; `reason` is one of `UNKNOWN`."""

    reason: str


class Reader:
    """Makes questions of the evaluations of one request. What they share is read once."""

    def __init__(self, caller: Caller, view: RegisterView, seeking: Sought | None = None) -> None:
        self._caller, self._view, self._seeking = caller, view, seeking
        self._context_of: Raw | None = None
        self._context: _Context | None = None

    def question(self, asked: Evaluation, catalogue: Catalogue) -> Question | Unknown:
        """The check that an evaluation asks for, with its provider; a search's records nothing.

        Raises `Refused` (`malformed`) for what a check's question cannot hold.
        """
        unknown = _unknown_kind(asked)
        if unknown is not None:
            return Unknown(unknown)
        resource = asked.resource
        properties = decoded(_properties, _or_empty(resource.properties), "/resource/properties")
        context = self._read_context(asked.context)
        categories = properties.categories
        if categories is None or self._seeking == "resource":
            if resource.id not in catalogue.categories:
                return Unknown("unknown-category")
            categories = (resource.id,)
        return Question(
            provider=asked.subject.id,
            recipient=properties.recipient,
            purpose=context.purpose,
            categories=categories,
            subjects=context.subjects or (),
            urgency=context.urgency or "routine",
            circumstances=context.circumstances or _NOT_KNOWN,
            on=context.on,
            record=context.record if self._seeking is None else False,
        )

    def references(self, asked: Evaluation) -> tuple[str, ...]:
        """Whom an evaluation's context names by reference, in anything but immediate danger. Raises `Refused`."""
        context = self._read_context(asked.context)
        if context.urgency == "immediate-danger":
            return ()
        return tuple(one.ref for one in context.subjects or () if one.ref is not None)

    def _read_context(self, raw: Raw) -> _Context:
        if self._context is None or raw is not self._context_of:
            self._context = decoded(_context, _or_empty(raw), "/context")
            self._context_of = raw
        return self._context

    def candidates(self, asked: Asked, catalogue: Catalogue) -> Sequence[str]:
        """What a search looks at. A body may ask about itself; who may ask about others, about all of them. Categories
        that a resource names narrow a search for resources."""
        example = asked.example
        kinds = _unknown_kind(example)
        if asked.sought == "action":
            return [ACTION] if kinds in (None, "unknown-action") else []
        if kinds is not None:
            return []
        if asked.sought == "subject":
            if not checks.may_ask_for_others(self._caller):
                return [self._caller.organisation]
            return [one.organisation for one in self._view.organisations()]
        named = decoded(_properties, _or_empty(example.resource.properties), "/resource/properties").categories
        return sorted(catalogue.categories if named is None else catalogue.categories.keys() & set(named))


def _unknown_kind(asked: Evaluation) -> str | None:
    if asked.subject.type != SUBJECT_TYPE:
        return "unknown-subject-type"
    if asked.resource.type != RESOURCE_TYPE:
        return "unknown-resource-type"
    if asked.action.name != ACTION:
        return "unknown-action"
    return None


def _or_empty(raw: Raw) -> Raw:
    return raw if is_given(raw) else _EMPTY


def admit(question: Question, caller: Caller, view: RegisterView) -> Question:
    """The question, if this caller may ask it, as `checks.admit` says; what is wrong points into AuthZEN's request, and
    is of its form (the standard has no other word for it)."""
    try:
        return checks.admit(question, caller, view)
    except Refused as refused:
        code = "malformed" if refused.code == "unprocessable" else refused.code
        faults = tuple(replace(fault, pointer=_pointer(fault)) for fault in refused.faults)
        raise Refused(code, refused.detail, faults, refused.retry_after) from None


def _pointer(fault: Fault) -> str:
    for ours, theirs in _POINTERS.items():
        if fault.pointer == ours or fault.pointer.startswith(f"{ours}/"):
            return theirs + fault.pointer.removeprefix(ours)
    return fault.pointer.replace("#/", "#/context/", 1)


class Obligation(Struct, frozen=True, gc=False):
    """A condition of ours, as the draft profile of AuthZEN for obligations has those that a partner agrees upon."""

    id: str
    text: str
    type: str = "custom"
    vendor: str = "isa-registry"


class Said(Struct, frozen=True, gc=False):
    """The context of a decision: why, whether it forbids anything, what is to be kept to, and the answer whole."""

    evaluation_id: str
    evaluated_at: str
    reason: str
    prohibition: bool
    obligations: list[Obligation]
    isa: checks.CheckResponse


class NotDecided(Struct, frozen=True):
    """The context of a decision about something that the registry does not decide about."""

    evaluation_id: str
    evaluated_at: str
    reason: str
    reason_user: str
    immediate_danger: str
    prohibition: bool = False
    obligations: tuple[Obligation, ...] = ()


def said(answer: checks.CheckResponse) -> Said:
    """An answer as AuthZEN's context."""
    return Said(
        evaluation_id=answer.id,
        evaluated_at=answer.decided_at,
        reason=answer.outcome,
        prohibition=answer.outcome == PROHIBITED,
        obligations=[Obligation(condition.code, condition.text) for condition in answer.conditions],
        isa=answer,
    )
