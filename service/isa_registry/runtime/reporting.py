"""What reports show beside the register: how far bodies have come with their invitations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from isa_registry.domain.dates import london_date
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.matrix import Invited, Matrix, matrix, with_invitations, without_reasons
from isa_registry.runtime.registry import Registry
from isa_registry.store.attesting import invitations_of_version
from isa_registry.store.pool import reading_for

Shown = Callable[[str, Collection[str]], bool]


async def matrix_for(registry: Registry, view: RegisterView, *, reader: str, shown: Shown) -> Matrix:
    """The matrix as somebody sees it: with the invitations and the reasons of those bodies alone that are shown whole.
    `reader` is for whom row-level security shows invitations. Raises `Refused` while the database is away."""
    today = london_date(registry.now())
    # Worked out once between two changes of the register, which takes long where there are thousands of bodies.
    found = await asyncio.to_thread(matrix, view, today)
    whole = {row.organisation for row in found.rows if shown(row.organisation, row.partnerships)}
    invited = await _invited(registry, found, reader)
    seen = {key: value for key, value in invited.items() if key[2] in whole}
    return without_reasons(with_invitations(found, seen), lambda row: row.organisation in whole)


async def _invited(registry: Registry, found: Matrix, reader: str) -> Invited:
    invited: dict[tuple[str, str, str], tuple[str, str]] = {}
    async with reading_for(registry.reading, reader) as connection:
        for column in found.columns:
            for one in await invitations_of_version(connection, column.agreement, column.version):
                invited[one.agreement, one.version, one.organisation] = (one.state, london_date(one.since))
    return invited
