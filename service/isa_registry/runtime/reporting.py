"""Reports as somebody sees them: which bodies they are shown whole, and how far those have come with invitations."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.dates import london_date
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import led_by
from isa_registry.domain.reporting.matrix import Invited, Matrix, matrix, with_invitations, without_reasons
from isa_registry.domain.reporting.reviews import Due, reviews_due
from isa_registry.domain.roles import PARTNERSHIP_UNIT
from isa_registry.identity.callers import Caller
from isa_registry.runtime.registry import Registry
from isa_registry.store.attesting import invitations_of_version
from isa_registry.store.pool import EVERYTHING, reading_for


class Reader(Struct, frozen=True):
    """Who reads a report. `everything`: as the registry's business unit or an auditor; `audits`: as an auditor. `led`
    are the partnerships whose unit they are of."""

    organisation: str
    everything: bool = False
    audits: bool = False
    led: frozenset[str] = frozenset()

    @property
    def scope(self) -> str:
        """For whom row-level security shows rows of working state, which `sees` then narrows."""
        return EVERYTHING if self.everything or self.led else self.organisation

    def sees(self, organisation: str, partnerships: Collection[str]) -> bool:
        """Whether they see of a body what it and its business units see alone."""
        return self.everything or self.owns(organisation) or not self.led.isdisjoint(partnerships)

    def owns(self, organisation: str) -> bool:
        """Whether they see a body's own references too."""
        return self.audits or organisation == self.organisation


def reader_for(view: RegisterView, caller: Caller, *, everything: bool, audits: bool) -> Reader:
    """Whoever calls, on the terms of their route."""
    led = led_by(view, caller.organisation) if PARTNERSHIP_UNIT in caller.roles else ()
    return Reader(caller.organisation, everything, audits, frozenset(one.partnership for one in led))


async def matrix_for(registry: Registry, view: RegisterView, reader: Reader) -> Matrix:
    """The matrix with the invitations and the reasons of those bodies alone that the reader sees whole. Raises
    `Refused` while the database is away."""
    # Worked out once between two changes of the register, which takes long where there are thousands of bodies.
    found = await asyncio.to_thread(matrix, view, london_date(registry.now()))
    whole = {row.organisation for row in found.rows if reader.sees(row.organisation, row.partnerships)}
    invited = await _invited(registry, found, reader.scope)
    seen = {key: value for key, value in invited.items() if key[2] in whole}
    return without_reasons(with_invitations(found, seen), lambda row: row.organisation in whole)


async def _invited(registry: Registry, found: Matrix, scope: str) -> Invited:
    invited: dict[tuple[str, str, str], tuple[str, str]] = {}
    async with reading_for(registry.reading, scope) as connection:
        for column in found.columns:
            for one in await invitations_of_version(connection, column.agreement, column.version):
                invited[one.agreement, one.version, one.organisation] = (one.state, london_date(one.since))
    return invited


def due_for(view: RegisterView, today: str, within: int, reader: Reader) -> Iterator[Due]:
    """What is due of agreements, of the reader's own body, and of those that they see whole."""
    for one in reviews_due(view, today, within):
        if one.organisation is None or reader.owns(one.organisation):
            yield one
        elif reader.sees(one.organisation, one.partnerships):
            yield replace(one, reference=None)


_AUDITORS = frozenset({"auditor"})
_OVERSEERS = frozenset({"auditor", "business-unit"})


def reader_in_person(view: RegisterView, caller: Caller) -> Reader:
    """Somebody who is signed in on the pages, on the same terms as systems have."""
    everything, audits = bool(caller.roles & _OVERSEERS), bool(caller.roles & _AUDITORS)
    return reader_for(view, caller, everything=everything, audits=audits)
