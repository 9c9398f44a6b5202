"""The one place where what a question may rely on, beside the register and the law, is gathered."""

from __future__ import annotations

from isa_registry.domain.questions import Evidence, Question
from isa_registry.runtime.registry import Registry

_NOTHING = Evidence()
_NONE_ON_RECORD = Evidence(references=True)
_UNREAD = Evidence(references=True, consent_register="unavailable")


def evidence_of(question: Question, registry: Registry) -> Evidence:
    """What is on record under a question's own references. One that has none needs no database, and asks none.

    No consent is recorded here yet, so while the database is there it is certain, without asking, that none is on
    record. While it is away nothing is certain: a refusal could be there that nobody here can read.
    """
    if not refers(question):
        return _NOTHING
    return _NONE_ON_RECORD if registry.follower.connected else _UNREAD


def refers(question: Question) -> bool:
    """Whether a question names somebody by the caller's own reference."""
    for subject in question.subjects:  # noqa: SIM110 - half the time of any(), for every question there is
        if subject.ref is not None:
            return True
    return False
