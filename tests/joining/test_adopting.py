"""A body adopts the default lawful-basis records for what it signed, and its set-up list is shorter by each."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from demonstration import attested
from isa_registry.actions import adopting
from isa_registry.actions.deciding import Decider
from isa_registry.domain.dates import instant
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Draft
from joining.test_importing import problem
from joining.test_pages import send, signed_in, words
from live import POLICE
from serving import Serving, issuer_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def joined(served: Serving, body: str, *agreements: str) -> str:
    """A body with a lead and a policy document, which signed these; its address."""
    document = PolicyDocument("APD-2026-1", "2027-03-31")
    whole = OrganisationRegistered(body, body, "maintained-school", policy_document=document)
    await served.registry.sequencer.append(Draft(payloads=(whole,)))
    await served.admit(body, roles=("ig-lead", "signatory"))
    for agreement in agreements:
        await served.registry.sequencer.append(Draft(payloads=(attested(body, agreement),)))
    return f"/api/v1/organisations/{body}"


async def lacking(client: httpx.AsyncClient, address: str) -> list[dict[str, str]]:
    found: list[dict[str, Any]] = (await client.get(f"{address}/set-up")).json()["steps"]
    return [
        {"agreement": one["agreement"], "purpose": one["purpose"]}
        for one in found
        if one["code"] == "lawful-basis" and not one["done"]
    ]


async def test_all_of_what_was_signed_is_adopted_by_the_bodys_own_lead(served: Serving) -> None:
    address = await joined(served, "adopting-school", "tier-1")
    async with served.client(served.person("adopting-school", "ig-lead")) as lead:
        wanted = await lacking(lead, address)
        assert len(wanted) == 6
        before = served.registry.follower.view.size
        done = await lead.post(f"{address}/lawful-bases", json={"purposes": wanted})
        assert done.status_code == 201, done.text
        assert served.registry.follower.view.size == before + 6
        assert await lacking(lead, address) == []
        assert len((await lead.get(f"{address}/lawful-bases")).json()["lawful_bases"]) == 6
        problem(await lead.post(f"{address}/lawful-bases", json={"purposes": wanted[:1]}), 409, "conflict")


async def test_what_was_not_signed_or_has_no_default_is_refused_whole(served: Serving) -> None:
    address = await joined(served, "careful-school", "tier-1")
    unsigned = {"agreement": "tier-2-hoth", "purpose": "missing-now"}
    async with served.client(served.person("careful-school", "ig-lead")) as lead:
        wanted = await lacking(lead, address)
        before = served.registry.follower.view.size
        bodies: list[tuple[list[dict[str, str]], int, str]] = [
            ([*wanted, unsigned], 409, "conflict"),
            ([], 422, "unprocessable"),
            ([wanted[0], wanted[0]], 422, "unprocessable"),
            ([{"agreement": "tier-1", "purpose": "no-such-purpose"}], 422, "unprocessable"),
        ]
        for purposes, status, code in bodies:
            problem(await lead.post(f"{address}/lawful-bases", json={"purposes": purposes}), status, code)
    assert served.registry.follower.view.size == before


async def test_only_its_own_lead_adopts_signed_in_just_now(served: Serving) -> None:
    address = await joined(served, "guarded-school", "tier-1")
    body = {"purposes": [{"agreement": "tier-1", "purpose": "early-help"}]}
    old = served.person("guarded-school", "ig-lead", auth_time=int(time.time()) - 3600)
    for token, status in (
        (served.person("guarded-school", "signatory"), 403),
        (served.person(POLICE, "ig-lead"), 403),
        (old, 401),
    ):
        async with served.client(token) as client:
            assert (await client.post(f"{address}/lawful-bases", json=body)).status_code == status


async def test_at_the_tail_too_only_a_lead_by_a_grant_adopts(served: Serving) -> None:
    """Whatever an edge let in, and whatever a claim says."""
    await joined(served, "claiming-school", "tier-1")
    registry = served.registry
    wanted = (adopting.Purpose("tier-1", "early-help"),)
    for subject, code in (("signatory", "forbidden"), ("nobody-known", "forbidden")):
        by = Decider(organisation="claiming-school", issuer=issuer_of("claiming-school"), subject=subject)
        now = instant(registry.now())
        with pytest.raises(Refused) as refused:
            draft = adopting.adopt("claiming-school", wanted, by, registry.follower.view, now, lambda: "lb_1")
            await registry.sequencer.append(draft)
        assert refused.value.code == code
    another = Decider(organisation=POLICE, issuer=issuer_of(POLICE), subject="ig-lead")
    with pytest.raises(Refused) as refused:
        adopting.adopt("claiming-school", wanted, another, registry.follower.view, now, lambda: "lb_1")
    assert refused.value.code == "not-your-organisation"


async def test_the_page_shows_what_in_law_it_is_and_asks_who_agreed(served: Serving) -> None:
    await joined(served, "reading-school", "tier-1")
    async with signed_in(served, "reading-school", "ig-lead") as lead:
        page = await words(lead, "/account/lawful-bases/adoption")
        assert page.count('name="purposes"') == 6
        assert "Children Act" in page
        address = "/account/lawful-bases/adoption"
        assert "has agreed" in await send(lead, address, 422, purposes="tier-1 early-help")
        assert "Choose the purposes" in await send(lead, address, 422, agreed="yes")
        assert "did not sign" in await send(lead, address, 409, agreed="yes", purposes="tier-2-hoth missing-now")
        done = await send(lead, address, agreed="yes", purposes="tier-1 early-help")
        assert "1 record counts" in done
        page = await words(lead, address)
        assert page.count('name="purposes"') == 5
        assert "Holds today" in await words(lead, "/account/lawful-bases")
