"""Of random events between random bodies, each body finds exactly its own; another's is as if it were not there."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextvars import ContextVar
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from msgspec import Struct

from asking import COUNCIL, POLICE
from casework.recorded import child, recorded
from faults.drafts import event_id
from isa_registry.domain.sharing import DECISIONS
from serving import Serving, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODIES = (POLICE, COUNCIL, "harbour", "nenc-icb")
PURPOSES = ("early-help", "harm-outside-the-home", "missing-now")
ROUTES = {name: f"/api/v1/sharing-events/{name}" for name in ("search", "export", "subject-access")}
_FIRST = date(2026, 10, 1)


class Made(Struct, frozen=True):
    """An event as the test made it."""

    id: str
    provider: str
    recipient: str
    decision: str
    purpose: str
    day: date
    references: frozenset[str]

    def found_by(self, body: str, asked: dict[str, Any]) -> bool:
        """Whether a body finds it by a selection: the same question, asked of what the test knows."""
        own = self.provider == body
        if not own and (self.recipient != body or self.decision in ("not-shared", "deferred")):
            return False
        references, side = asked.get("references"), asked.get("side")
        return (
            (not references or (own and not self.references.isdisjoint(references)))
            and (side is None or (side == "provider") is own)
            and asked.get("purpose") in (None, self.purpose)
            and asked.get("decision") in (None, self.decision)
            and asked.get("party") in (None, self.recipient if own else self.provider)
            and ("decided_from" not in asked or self.day >= date.fromisoformat(asked["decided_from"]))
            and ("decided_to" not in asked or self.day <= date.fromisoformat(asked["decided_to"]))
        )


def made(number: int, chance: random.Random) -> tuple[Made, Any]:
    provider, recipient = chance.sample(BODIES, 2)
    decision, purpose = chance.choice(DECISIONS), chance.choice(PURPOSES)
    day = _FIRST + timedelta(days=chance.randrange(40))
    subjects = [child(one, provider) for one in chance.sample(range(4), chance.randint(1, 2))]
    record, request = f"CMS-{chance.randrange(6)}", chance.choice([None, f"REQ-{chance.randrange(6)}"])
    held = (("health", "no-role"),) if decision != "shared" else ()
    draft = recorded(
        number, held_back=held, provider=provider, recipient=recipient, decision=decision, purpose=purpose,
        decided_at=f"{day}T12:00:00.000Z", case_record=record, request=request,
        subjects=[{"kind": "child", "roles": [], "ref": one} for one in subjects],
    )  # fmt: skip
    references = frozenset({*subjects, record, *([] if request is None else [request])})
    return Made(event_id(number), provider, recipient, decision, purpose, day, references), draft


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(
    databases: Any, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Serving, list[Made]]]:
    """Eighty events between four bodies."""
    chance = random.Random(20261127)
    with databases.fresh(template_database) as url:
        async with serving(url, tmp_path_factory.mktemp("isolation")) as running:
            for body in BODIES:
                await running.admit(body, scopes=("events:read",))
            found = []
            for number in range(1, 81):
                one, draft = made(number, chance)
                appended = await running.registry.sequencer.append(draft)
                found.append(one)
            await running.registry.follower.wait_for_size(appended.size, seconds=5)
            yield running, found


async def ask(case: Serving, body: str, route: str, asked: dict[str, Any]) -> httpx.Response:
    async with case.client(case.machine(body, "events:read")) as client:
        return await client.post(ROUTES[route], json=asked)


def selection(chance: random.Random, body: str) -> dict[str, Any]:
    """Any selection, of references that may be anybody's."""
    asked: dict[str, Any] = {}
    if chance.random() < 0.5:
        whose = chance.choice(BODIES)
        anybodys = [child(chance.randrange(5), whose), f"CMS-{chance.randrange(8)}", f"REQ-{chance.randrange(8)}"]
        asked["references"] = chance.sample(anybodys, chance.randint(1, 3))
    elif chance.random() < 0.5:
        asked["side"] = chance.choice(["provider", "recipient"])
    for name, values in (
        ("purpose", PURPOSES),
        ("decision", DECISIONS),
        ("party", [one for one in BODIES if one != body]),
        ("decided_from", [f"2026-10-{day:02}" for day in (1, 10, 20)]),
        ("decided_to", [f"2026-11-{day:02}" for day in (1, 5, 30)]),
    ):
        if chance.random() < 0.25:
            asked[name] = chance.choice(values)
    return asked


async def test_each_body_finds_exactly_its_own_however_it_looks(scene: tuple[Serving, list[Made]]) -> None:
    case, events = scene
    chance, hits = random.Random(8), 0
    for _ in range(60):
        body = chance.choice(BODIES)
        asked = selection(chance, body)
        wanted = [one.id for one in reversed(events) if one.found_by(body, asked)]
        answer = await ask(case, body, "search", {**asked, "limit": 200})
        assert [one["id"] for one in answer.json()["events"]] == wanted, (body, asked)
        exported = await ask(case, body, "export", {**asked, "format": "json"})
        assert [one["event"]["id"] for one in exported.json()] == wanted, (body, asked)
        hits += bool(wanted)
    assert hits > 20, "the chance of the test leaves it something to find"


ASKING: ContextVar[bool] = ContextVar("asking", default=False)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that a request sends to the database."""
    sent: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute", "executemany"):
        original = getattr(asyncpg.Connection, name)

        async def counted(self: Any, query: str, *given: Any, _original: Any = original, **named: Any) -> Any:
            if ASKING.get():
                sent.append(query)
            return await _original(self, query, *given, **named)

        monkeypatch.setattr(asyncpg.Connection, name, counted)
    return sent


@pytest.mark.parametrize("route", ROUTES)
async def test_anothers_reference_and_event_are_as_if_they_were_not_there(
    scene: tuple[Serving, list[Made]], statements: list[str], route: str
) -> None:
    """A reference of Harbour's, one of nobody's; an event that Harbour kept from everybody, and one that never was."""
    case, events = scene
    kept = next(one.id for one in events if one.provider == "harbour" and one.decision == "not-shared")
    pairs: list[dict[str, Any]] = [
        {"references": [child(1, "harbour")]},
        {"references": [child(99, "harbour")]},
    ]
    if route == "subject-access":
        pairs += [{"references": ["CMS-99"], "events": [one]} for one in (kept, event_id(999))]
    seen = []
    for asked in pairs:
        statements.clear()
        token = ASKING.set(True)
        answer = await ask(case, POLICE, route, asked)
        ASKING.reset(token)
        apart = ("x-request-id", "date", "isa-log-size", "ratelimit", "server-timing")
        headers = sorted((name, value) for name, value in answer.headers.items() if name not in apart)
        seen.append((answer.status_code, answer.content, headers, list(statements)))
    assert seen[0][0] == 200
    assert seen[0] == seen[1]
    assert seen[2:3] == seen[3:4]
    assert statements
