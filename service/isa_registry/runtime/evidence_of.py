"""The one place where what a question may rest on, beside the register and the law, is gathered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import structlog
from msgspec import Struct

from isa_registry.domain.consents.on_record import on_record
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Unchanged
from isa_registry.ledger.threads import consent_thread, subject_thread
from isa_registry.runtime.consents import Records
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store.pool import DatabaseError

_log = structlog.get_logger(__name__)

READING_SECONDS = 2.0
"""How long an answer waits for consent records: without them it says that they could not be read."""

FOLDING_SECONDS = 0.5
"""How long it waits for this worker to fold the log as far as they reach."""

_DANGER = "immediate-danger"
_TRIES = 4
_NOTHING = Evidence()
_NONE_ON_RECORD = Evidence(references=True)
_UNREAD = Evidence(references=True, consent_register="unavailable")


def refers(question: Question) -> bool:
    """Whether a question names somebody by the caller's own reference."""
    for subject in question.subjects:  # noqa: SIM110 - half the time of any(), for every question there is
        if subject.ref is not None:
            return True
    return False


def evidence_of(question: Question) -> Evidence:
    """What a question that names nobody by reference rests on: nothing, and no database is asked. Raises `ValueError`
    for one that does: what is on record about somebody is never taken for nothing (`consult`)."""
    if refers(question):
        raise ValueError("this question rests on records")
    return _NOTHING


class Consulted(Struct, frozen=True):
    """What was read of one body's consents for questions of its own, and the state of the register that goes with it:
    `view` with its Merkle root covers every entry that was read, unless it is `stale`. Consents are as they were at
    `below` entries of the log. Without `records` they could not be read; what was not among the `references` that were
    read about is as if it could not."""

    organisation: str
    references: frozenset[str]
    view: RegisterView
    root: bytes
    below: int
    stale: bool
    records: Records | None

    def evidence(self, question: Question, today: str) -> Evidence:
        """What an admitted question may rest on."""
        references = references_of([question])
        if not references:
            return _NOTHING
        if not _reads(question, self.organisation):
            return _NONE_ON_RECORD
        if not self.references.issuperset(references):
            return _UNREAD
        if self.records is None:
            return _UNREAD
        if self.records.entries.keys().isdisjoint(references):
            return _NONE_ON_RECORD
        try:
            consents = self.records.consents(references, below=self.below)
        except ValueError:
            _log.error("consents-disagree")
            return _UNREAD
        named = question.recipient if isinstance(question.recipient, str) else ""
        body = self.view.organisation(named)
        kind = None if body is None else body.organisation_kind
        found = on_record(consents, question, question.on or today, recipient_kind=kind)
        return Evidence(consents=found, references=True) if found else _NONE_ON_RECORD

    def unchanged(self, question: Question) -> Unchanged | None:
        """What must not have changed when the answer is recorded."""
        references = references_read_for(question, self.organisation)
        if self.records is None or not references:
            return None
        threads = [subject_thread(self.organisation, one) for one in references]
        for consents in self.records.consents(references, below=self.below).values():
            threads += [consent_thread(self.organisation, one.answer.consent) for one in consents]
        return Unchanged(tuple(threads), self.records.size)


def references_of(questions: Iterable[Question]) -> tuple[str, ...]:
    """The references by which questions name people, each once."""
    return tuple(dict.fromkeys([one.ref for asked in questions for one in asked.subjects if one.ref is not None]))


def references_read_for(question: Question, organisation: str) -> tuple[str, ...]:
    """The references under which a body's own consents are read for an admitted question: in immediate danger none are,
    since nothing on record changes that answer, and none for another body's question."""
    return references_of([question]) if _reads(question, organisation) else ()


def references_read_for_all(questions: Iterable[Question], organisation: str) -> tuple[str, ...]:
    """The same of several questions, each once."""
    return references_of([one for one in questions if _reads(one, organisation)])


def _reads(question: Question, organisation: str) -> bool:
    return question.urgency != _DANGER and question.provider == organisation


async def consult(
    registry: Registry,
    organisation: str,
    references: Sequence[str],
    *,
    view: RegisterView,
    root: bytes,
    stale: bool = False,
    past: bool = False,
) -> Consulted:
    """Reads a body's own consents about the people whom its questions name, for answers from `view` or from what this
    worker has folded by then. A `view` of the `past` stays, and consents are as they were then.

    Never raises for what cannot be read, and never waits for it long.
    """
    named = frozenset(references)
    unread = Consulted(organisation, named, view, root, view.size, True, None)
    if not references:
        return nothing_consulted(organisation, view, root, stale=stale)
    if not registry.follower.connected:
        return unread
    # An older copy may lack that somebody took back what they had said.
    if registry.guard.doubts_records:
        return unread
    for _ in range(_TRIES):
        try:
            async with asyncio.timeout(READING_SECONDS):
                records = await registry.consents.about(organisation, references)
        except (*DatabaseError, LogDisagrees) as error:
            _log.warning("consents-unread", error=type(error).__name__)
            return unread
        covered = records.covered(references)
        if past or covered <= view.size:
            return Consulted(organisation, named, view, root, view.size, stale, records)
        if not await registry.follower.wait_for_size(covered, seconds=FOLDING_SECONDS):
            break
        # What was appended since then is read again together with the register of now.
        view, root = registry.follower.view, registry.follower.root
    return Consulted(organisation, named, view, root, records.size, True, records)


def nothing_consulted(organisation: str, view: RegisterView, root: bytes, *, stale: bool) -> Consulted:
    """What there is for questions that name nobody by reference."""
    return Consulted(organisation, frozenset(), view, root, view.size, stale, Records(view.size, {}))
