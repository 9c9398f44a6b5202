"""The lawful-basis records of both sides: which holds on the date, and which did until lately."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from isa_registry.domain.decisions.case import Case
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.register.register import RegisterView


class Standing(NamedTuple):
    """A body's record for a purpose. `lapsed_on` is the first day without one, where one held before and none does."""

    record: LawfulBasisRecorded | None
    lapsed_on: date | None


_NONE = Standing(None, None)


def of_provider(case: Case) -> Standing | None:
    """The provider's; None where no agreement speaks of the purpose, so that none is looked for."""
    provider = case.question.provider
    if provider is None or case.provider.organisation is None or not case.coverages:
        return None
    return _standing(case, provider)


def of_recipient(case: Case) -> Standing | None:
    """The recipient's; None where it signed no agreement that speaks of the purpose."""
    recipient = case.question.recipient
    if not isinstance(recipient, str) or not any(one.recipient_signed for one in case.coverages):
        return None
    return _standing(case, recipient)


def _standing(case: Case, body: str) -> Standing:
    purpose, on = case.question.purpose, case.on
    key = ("lawful-basis", body, purpose, on)
    return case.view.memory.recall_each(key, lambda: _looked_up(case.view, body, purpose, on))


def _looked_up(view: RegisterView, body: str, purpose: str, on: str) -> Standing:
    last: date | None = None
    for version, _, _ in view.versions_for(purpose, on):
        records = view.lawful_bases_for(body, version.agreement, purpose)
        for record in reversed(records):
            if record.holds(on):
                return Standing(record.recorded, None)
            gone = record.gone_from
            if record.held and gone is not None and gone <= on:
                last = max(last or date.min, date.fromisoformat(gone))
    return _NONE if last is None else Standing(None, last)
