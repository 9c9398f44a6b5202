"""Two workers of a registry with the demonstration's register, and the people of its business unit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from asking import COUNCIL, POLICE
from faults.drafts import furnish
from isa_registry.actions.deciding import Decider
from isa_registry.domain.access_entries import IssuerRegistered, RoleGranted
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.agreements.drafts import AgreementDrafts
from isa_registry.runtime.registry import Registry
from running import checkpointing, working

ISSUER, OTHER_ISSUER = "https://login.council.example", "https://other.council.example"
ANN, BEA, CAT = (Decider(COUNCIL, ISSUER, subject) for subject in ("ann", "bea", "cat"))
OLD_BEA = Decider(COUNCIL, OTHER_ISSUER, "bea-elsewhere")
LEAD = Decider(COUNCIL, ISSUER, "lead")
POLICE_UNIT = Decider(POLICE, "https://login.police.example", "unit")


class Unit:
    """`here` and `there` are the drafts as two workers have them."""

    def __init__(self, url: str, one: Registry, other: Registry, owner: asyncpg.Connection) -> None:
        self.one, self.other, self.owner = one, other, owner
        self.here, self.there = AgreementDrafts(url, one), AgreementDrafts(url, other)

    async def append(self, *payloads: Any) -> None:
        for payload in payloads:
            await self.one.sequencer.append(Draft(payloads=(payload,)))
        await self.same_size()

    async def same_size(self) -> None:
        size = max(self.one.follower.view.size, self.other.follower.view.size)
        assert await self.one.follower.wait_for_size(size, seconds=20)
        assert await self.other.follower.wait_for_size(size, seconds=20)

    def number(self, by: Decider) -> int:
        found = self.one.follower.view.first_known_by(*by.person)
        assert found is not None
        return found

    async def row(self, identifier: str) -> dict[str, Any]:
        return dict(await self.owner.fetchrow("SELECT * FROM agreement_draft WHERE id = $1", identifier))


@asynccontextmanager
async def unit_at_work(url: str) -> AsyncIterator[Unit]:
    owner = await asyncpg.connect(url)
    async with checkpointing(url), working(url) as one, working(url) as other:
        await furnish(one)
        unit = Unit(url, one, other, owner)
        await unit.append(
            *(
                IssuerRegistered(
                    organisation=body, issuer=issuer, audiences=("a",), algorithms=("ES256",), profile="rfc9068"
                )
                for body, issuer in ((COUNCIL, ISSUER), (COUNCIL, OTHER_ISSUER), (POLICE, POLICE_UNIT.issuer))
            ),
            *(
                RoleGranted(organisation=who.organisation, issuer=who.issuer, subject=who.subject, role=role)
                for who, role in (
                    (ANN, "business-unit"),
                    (BEA, "business-unit"),
                    (CAT, "business-unit"),
                    (OLD_BEA, "business-unit"),
                    (LEAD, "ig-lead"),
                    (POLICE_UNIT, "business-unit"),
                )
            ),
        )
        yield unit
    await owner.close()


async def refusal(attempt: Awaitable[object]) -> Refused:
    with pytest.raises(Refused) as refused:
        await attempt
    return refused.value
