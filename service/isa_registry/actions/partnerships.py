"""Partnerships that share the registry: begun, and changed, by the business unit of the registry's own lead body."""

from __future__ import annotations

import re

from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.actions.organisations import refuse_faults
from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.organisation_records import is_line
from isa_registry.domain.party_entries import PartnershipChanged, PartnershipRegistered
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def register(partnership: PartnershipRegistered) -> Draft:
    """A partnership shares the registry, led by a body that is registered. Refused (`unprocessable`) with a pointer to
    each thing that is wrong; (`conflict`) where the id is taken."""
    refuse_faults(_faults(partnership))
    if partnership.ended_on is not None:
        raise _fault("#/ended_on", "not-begun", "A partnership that begins has no end yet.")

    def holds(view: RegisterView, at: str) -> None:
        if view.partnership(partnership.partnership) is not None:
            detail = "A partnership with this id shares the registry already."
            raise Refused("conflict", detail, (Fault("#/partnership", "taken", detail),))
        _refuse_lead(view, partnership, at)

    return Draft(payloads=(partnership,), preconditions=(holds,))


def change(partnership: PartnershipChanged, *, changed_from: int | None = None) -> Draft:
    """A partnership's record as it stands from here on. `changed_from` is the entry that made it what whoever changes
    it had read; 0 where nothing has changed since the log began.

    The registry's own keeps its lead body, whose unit decides for the registry, and does not end. Another ends on a day
    on which no agreement of it is in force. Refused: `not-found`, `unprocessable`, `conflict`.
    """
    refuse_faults(_faults(partnership))

    def holds(view: RegisterView, at: str) -> None:
        current, opened = view.partnership(partnership.partnership), view.opened()
        if current is None or opened is None:
            raise Refused("not-found", "There is no such partnership.")
        if changed_from is not None and view.partnership_since(partnership.partnership) != changed_from:
            detail = "The record was changed since you read it. Read it again, and change what it says now."
            raise Refused("conflict", detail, (Fault("#/changed_from", "changed-since", detail),))
        if _says(current) == _says(partnership):
            raise Refused("conflict", "The record says exactly this already.")
        if partnership.partnership == opened.partnership:
            _refuse_own(partnership, opened.lead_body)
        if partnership.lead_body != current.lead_body:
            _refuse_lead(view, partnership, at)
        if partnership.ended_on is not None and partnership.ended_on != current.ended_on:
            _refuse_in_force(view, partnership.partnership, partnership.ended_on)

    return Draft(payloads=(partnership,), preconditions=(holds,))


def on_the_word_of(draft: Draft, by: Decider, view: RegisterView) -> Draft:
    """The draft on the word of one person of the registry's own business unit."""
    return leading.on_the_word_of(draft, leading.unit_of_the_registry(by, view))


def _faults(partnership: PartnershipRegistered) -> list[Fault]:
    faults: list[Fault] = []
    if not _ID.fullmatch(partnership.partnership):
        faults.append(Fault("#/partnership", "malformed", "An id is up to 64 lower-case letters, digits and hyphens."))
    if not is_line(partnership.name, 200):
        faults.append(Fault("#/name", "malformed", "A name is 1 to 200 characters on one line."))
    if partnership.ended_on is not None and not is_date(partnership.ended_on):
        faults.append(Fault("#/ended_on", "not-a-date", "Write dates as 2026-09-30."))
    return faults


def _says(partnership: PartnershipRegistered) -> tuple[str, str, str | None]:
    return partnership.name, partnership.lead_body, partnership.ended_on


def _refuse_own(partnership: PartnershipChanged, lead_body: str) -> None:
    if partnership.lead_body != lead_body:
        detail = (
            "The registry's own lead body is fixed when its log begins: a log that continues this one names another."
        )
        raise _fault("#/lead_body", "fixed", detail)
    if partnership.ended_on is not None:
        raise _fault("#/ended_on", "fixed", "The partnership that the registry was opened for ends with its log.")


def _refuse_lead(view: RegisterView, partnership: PartnershipRegistered, at: str) -> None:
    lead = view.organisation(partnership.lead_body)
    if lead is None:
        raise _fault("#/lead_body", "unknown-organisation", "Register the lead body first.")
    if not lead.takes_part(london_date(parse_instant(at))) or lead.closed_on is not None:
        raise _fault("#/lead_body", "not-taking-part", "That body is suspended or closed, or will be.")


def _refuse_in_force(view: RegisterView, partnership: str, on: str) -> None:
    if any(one.partnership == partnership and one.in_force(on) for one in view.agreement_versions()):
        detail = "An agreement of this partnership is in force on that day: withdraw it first, or let it end."
        raise Refused("conflict", detail, (Fault("#/ended_on", "agreement-in-force", detail),))


def _fault(pointer: str, code: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, code, detail),))
