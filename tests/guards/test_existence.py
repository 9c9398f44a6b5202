"""Whether something of another body is there shows in nothing: status, bytes, headers, and how often the database is
asked are those of something that never was."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct

from asking import POLICE
from consenting import entry
from faults.case_drafts import challenge_draft
from faults.drafts import KID, NOW, check_draft, event_draft, event_id
from guards.callers import OPEN_TO_PARTNERS
from guards.conftest import STRANGER
from isa_registry.actions.consents import consent_id
from isa_registry.actions.deciding import Decider
from isa_registry.actions.identifiers import check_id
from isa_registry.api.access import ACCESS
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.notices.events import Event
from isa_registry.domain.party_entries import DelegationGiven, OrganisationRegistered
from isa_registry.ledger.drafts import Draft
from isa_registry.store import webhooks
from isa_registry.store.erasure import erased_record
from isa_registry.store.pool import EVERYTHING, connect
from live import LEAD
from marking import S16LA
from marking import verified as marked
from serving import Serving, issuer_of
from versions import schedule_of, words_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

THEIRS, NOBODYS, ERASED = (check_id(NOW, bytes([number] * 10)) for number in range(3))

CONSENT = consent_id(NOW, b"1" * 10)

PUBLIC = {"agreement", "version", "clause", "path", "code", "slug", "attestation", "question", "token", "partnership",
          "provision", "kind", "purpose"}  # fmt: skip
"""Parameters of what everybody may see, or every body of the registry may (who attested, what was asked, which
partnerships there are, what the law is), or of what whoever has the whole address was given."""


class Pair(Struct, frozen=True):
    """A value that another body has, and one that nobody has, of the same form."""

    theirs: str
    nobodys: str


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pairs(shared: Serving) -> AsyncIterator[dict[str, Pair]]:
    """A check and an event of the police, a proposal and a draft of the business unit: for each parameter that an
    address can have."""
    registry = shared.registry
    event = (await registry.sequencer.append(event_draft(1, registry.follower.view, part=True))).index
    answered = msgspec.structs.replace(check_draft(1).payloads[0], check=THEIRS)
    await registry.sequencer.append(Draft(payloads=(answered,)))
    await registry.follower.wait_for_size(event + 3, seconds=5)
    delegation = DelegationGiven("dlg_of-the-police", POLICE, starts="2026-11-01", until="2099-12-31", ref="POST-1")
    await registry.sequencer.append(Draft(payloads=(delegation,)))
    basis = LawfulBasisRecorded(
        "lb_of-the-police", POLICE, "tier-1", "early-help", ("art6-1-e",), (), (), (), (), "own", "siro", "2026-11-01"
    )
    await registry.sequencer.append(Draft(payloads=(basis,)))
    await shared.admit(LEAD, roles=("business-unit",))
    until = (registry.now() + timedelta(days=30)).date().isoformat()
    change = RoleGranted(organisation=LEAD, issuer=issuer_of(LEAD), subject="another", role="auditor", until=until)
    by = Decider(organisation=LEAD, issuer=issuer_of(LEAD), subject="business-unit")
    proposal = await shared.app.state["proposals"].propose((change,), by)
    await shared.admit(LEAD, roles=("ig-lead",))
    lead = Decider(organisation=LEAD, issuer=issuer_of(LEAD), subject="ig-lead")
    verification = await shared.app.state["verifications"].propose(
        (marked(S16LA, checked_on=london_date(registry.now())),), lead
    )
    joining = OrganisationRegistered("invited-school", "Invited School", "maintained-school")
    invited = await shared.app.state["body_invitations"].invite(joining, None, by)
    draft = await shared.app.state["agreement_drafts"].begin(words_of(), schedule_of(), by)
    await registry.sequencer.append(challenge_draft(1))
    hook, delivery = await _webhook(shared)
    given = entry(0, "given", CONSENT).payload
    await registry.sequencer.append(Draft(payloads=(msgspec.structs.replace(given, organisation=POLICE),)))
    yield {
        "draft": Pair(draft.id, f"agd_{'0' * 32}"),
        "challenge": Pair(f"chl_{1:032x}", f"chl_{0:032x}"),
        "check": Pair(THEIRS, NOBODYS),
        "event": Pair(event_id(1), event_id(2)),
        "consent": Pair(CONSENT, consent_id(NOW, b"2" * 10)),
        "index": Pair(str(event), str(10**9)),
        "organisation": Pair(POLICE, "nobody-here"),
        "kid": Pair(KID, "no-such-key"),
        "webhook": Pair(hook, f"whk_{'0' * 32}"),
        "delivery": Pair(delivery, f"msg_{'0' * 32}"),
        "proposal": Pair(proposal.id, f"prp_{'0' * 32}"),
        "verification": Pair(verification.id, f"vfy_{'0' * 32}"),
        "delegation": Pair("dlg_of-the-police", "dlg_of-nobody"),
        "record": Pair("lb_of-the-police", "lb_of-nobody"),
        "invitation": Pair(invited.invitation.id, f"inv_{'0' * 32}"),
    }


async def _webhook(shared: Serving) -> tuple[str, str]:
    """A webhook of the police, and something that is to be delivered to it."""
    now = shared.registry.now()
    work = await connect(shared.registry._url, "isa_work")
    hook, _ = await webhooks.add(work, POLICE, "https://police.example/", ["agreement.*"], now=now, most=5)
    assert hook is not None
    await webhooks.change_state(work, hook, POLICE, "paused")
    await webhooks.announce(work, Event("agreement.opened", instant(now + timedelta(days=1)), {}, 1), now=now)
    (delivery,) = await webhooks.deliveries_of(work, hook, POLICE, dead=False, before=None, limit=1)
    await work.close()
    return hook, delivery.id


class Asked(Struct, frozen=True):
    """All that somebody outside can see of an answer, and how often the database was asked."""

    status: int
    body: str
    headers: tuple[tuple[str, str], ...]
    queries: int


ASKING: ContextVar[bool] = ContextVar("asking", default=False)
"""Set for what a request does, and for nothing that a worker does beside it."""


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that a request sends to the database, transactions and settings included."""
    sent: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute", "executemany"):
        original = getattr(asyncpg.Connection, name)

        async def counted(self: Any, query: str, *given: Any, _original: Any = original, **named: Any) -> Any:
            if ASKING.get() and asyncpg_reading(self):
                sent.append(query)
            return await _original(self, query, *given, **named)

        monkeypatch.setattr(asyncpg.Connection, name, counted)
    return sent


def asyncpg_reading(connection: Any) -> bool:
    """Whether it is a connection of the pool that requests read by: the follower's come and go by the clock."""
    return (connection._params.server_settings or {}).get("isa.organisation") == ""


async def ask(client: httpx.AsyncClient, method: str, path: str, queries: list[str]) -> Asked:
    queries.clear()
    access = ACCESS[method, re.sub(r"~[^/]*", "", path)]
    sent: dict[str, Any] = {"content": b'{"reason": "ceased"}'} if access.content_types else {}
    headers = {"Content-Type": access.content_types[0]} if access.content_types else {}
    address = re.sub(r"\{\w+\}~([^/]*)", r"\1", path)
    asking = ASKING.set(True)
    try:
        answer = await client.request(method, address, headers=headers, **sent)
    finally:
        ASKING.reset(asking)
    plain = re.sub(r'"instance":"[^"]*"', "", answer.text)
    kept = tuple(
        (name, value) for name, value in answer.headers.items() if name not in ("x-request-id", "date", "ratelimit")
    )
    return Asked(answer.status_code, plain, kept, len(queries))


def addressed(template: str, values: dict[str, str]) -> str:
    """The template with each parameter followed by its value, so that the route is still known."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", f"{{{name}}}~{value}")
    return template


ROUTES = sorted(
    (method, template, tuple(re.findall(r"\{(\w+)\}", template)))
    for (method, template), access in ACCESS.items()
    if not access.public
    and not access.session  # pages: tests/people/test_existence.py
    and (method, template) not in OPEN_TO_PARTNERS
    and set(re.findall(r"\{(\w+)\}", template)) - PUBLIC
)


@pytest.mark.parametrize(("method", "template", "names"), ROUTES, ids=[f"{m} {t}" for m, t, _ in ROUTES])
async def test_what_is_anothers_is_as_if_it_were_not_there(
    shared: Serving, pairs: dict[str, Pair], queries: list[str], method: str, template: str, names: tuple[str, ...]
) -> None:
    unknown = set(names) - set(pairs) - PUBLIC
    assert not unknown, f"say in `pairs` what of another body {unknown} can be"
    access = ACCESS[method, template]
    token = (
        shared.machine(STRANGER, "checks:ask events:read consents:read consents:write")
        if access.scopes
        else shared.person(STRANGER, "ig-lead")
    )
    async with shared.client(token) as stranger:
        theirs = await ask(stranger, method, addressed(template, {n: pairs[n].theirs for n in names}), queries)
        nobodys = await ask(stranger, method, addressed(template, {n: pairs[n].nobodys for n in names}), queries)
    assert theirs == nobodys
    assert theirs.status in (403, 404)


async def test_what_is_compared_is_there_and_its_owner_gets_it(
    shared: Serving, pairs: dict[str, Pair], queries: list[str]
) -> None:
    """Else the test above would compare nothing with nothing."""
    async with shared.client(shared.machine(POLICE, "checks:ask events:read consents:read")) as police:
        for template, name in (
            ("/api/v1/consents/{consent}", "consent"),
            ("/api/v1/checks/{check}", "check"),
            ("/api/v1/sharing-events/{event}", "event"),
            ("/api/v1/challenges/{challenge}", "challenge"),
            ("/api/v1/audit/entries/{index}", "index"),
            ("/api/v1/organisations/{organisation}/keys", "organisation"),
        ):
            found = await ask(police, "GET", addressed(template, {name: pairs[name].theirs}), queries)
            assert (found.status, found.queries > 0 or name == "organisation") == (200, True), template
    async with shared.client(shared.person(LEAD, "business-unit")) as unit:
        assert (await unit.get(f"/api/v1/proposals/{pairs['proposal'].theirs}")).status_code == 200
        invited = f"/api/v1/organisations/invitations/{pairs['invitation'].theirs}"
        assert (await unit.get(invited)).status_code == 200
        assert (await unit.get(f"/api/v1/agreement-drafts/{pairs['draft'].theirs}")).status_code == 200
    async with shared.client(shared.person(LEAD, "ig-lead")) as lead:
        assert (await lead.get(f"/api/v1/law/verifications/{pairs['verification'].theirs}")).status_code == 200


async def test_what_was_erased_of_anothers_is_not_there_either(shared: Serving, queries: list[str]) -> None:
    """Its owner is told that it is gone; nobody else that it ever was."""
    database = shared.registry._url
    owner = await asyncpg.connect(database)
    await owner.execute(
        "INSERT INTO erased_record (index, organisation, id, readers) VALUES (999999, $1, $2, ARRAY[$1])",
        POLICE, ERASED,
    )  # fmt: skip
    await owner.close()
    reading = await connect(database, "isa_read", reader=EVERYTHING)
    assert await erased_record(reading, ERASED, organisation=POLICE) == 999999
    await reading.close()
    template = "/api/v1/checks/{check}"
    async with (
        shared.client(shared.machine(STRANGER, "checks:ask")) as stranger,
        shared.client(shared.machine(POLICE, "checks:ask")) as police,
    ):
        gone = await ask(stranger, "GET", addressed(template, {"check": ERASED}), queries)
        never = await ask(stranger, "GET", addressed(template, {"check": NOBODYS}), queries)
        assert gone == never
        assert (await police.get(f"/api/v1/checks/{ERASED}")).status_code == 410
