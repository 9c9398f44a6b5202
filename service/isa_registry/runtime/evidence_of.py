"""The one place where it is gathered what a question may rely on beside the register and the law."""

from __future__ import annotations

from isa_registry.domain.questions import Evidence, Question
from isa_registry.runtime.registry import Registry

_NONE = Evidence()


def evidence_of(question: Question, registry: Registry) -> Evidence:
    """What is on record for a question's references. One without any needs no database, and asks none.

    No consent is kept here yet, so there is nothing to be read: while the database is there, that is certain.
    """
    if not any(subject.ref for subject in question.subjects):
        return _NONE
    return _NONE
