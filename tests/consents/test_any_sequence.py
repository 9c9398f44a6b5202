"""Any sequence of entries about many people, on two workers at once: a check never rests on a consent that is not valid
at that moment, or as of that size."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from asking import COUNCIL, POLICE
from consenting import BY_CHILD, BY_PARENT
from consents import oracle
from consents.calling import CONSENTS, SAID_AGAIN, TAKEN_BACK, TOLD, consent, question, reference
from consents.conftest import OWN, SCOPES
from databases import Databases
from isa_registry.domain.dates import day_after, instant, london_date
from isa_registry.runtime.consents import _AT_ONCE
from isa_registry.store.pool import EVERYTHING, connect
from serving import Serving, serving

PEOPLE = 4
CATEGORIES = ("identity", "family", "education")


class Agency:
    """One body at work at one worker: does something at random, and notes what it was told."""

    def __init__(self, worker: Serving, client: httpx.AsyncClient, chance: random.Random, shared: Shared) -> None:
        self.worker, self.client, self.chance, self.shared = worker, client, chance, shared

    async def work(self, steps: int) -> None:
        for _ in range(steps):
            await self.chance.choice((self.answer, self.follow, self.follow, self.ask, self.ask, self.what_if))()

    async def answer(self) -> None:
        said = self.chance.choice(("given",) * 6 + ("refused",))
        by_child = self.chance.random() < 0.3
        today = london_date(self.worker.registry.now())
        moment = self.worker.registry.now()
        body = consent(self.shared.anybody(self.chance), said)
        body |= {
            "standing": BY_CHILD if by_child else BY_PARENT,
            "childs_view": ("agrees" if said == "given" else "objects") if by_child else "not-sought",
            "role": self.chance.choice(("the-basis",) * 4 + ("agreement-to-service",)),
            "scope": {
                "purposes": self.chance.sample(("early-help", "child-in-need"), self.chance.choice((1, 2, 2, 2))),
                "recipients": [self.chance.choice((COUNCIL, COUNCIL, COUNCIL, POLICE, {"kind": "local-authority"}))],
                "categories": self.chance.sample(CATEGORIES, self.chance.choice((1, 2, 3, 3, 3))),
            },
            "answered_at": f"{day_after(today, -self.chance.choice((1, 2, 5)))}{instant(moment)[10:]}",
        }
        if self.chance.random() < 0.4:
            body["age_transition_on"] = day_after(today, self.chance.choice((0, 0, 1, 4)))
        if said == "given":
            body["review_on"] = day_after(today, self.chance.choice((-1, 0, 0, 3, 3, 3)))
        answered = await self.client.post(CONSENTS, json=body)
        assert answered.status_code == 201, answered.text
        self.shared.acknowledge(answered.json())

    async def follow(self) -> None:
        """Something more about a consent that is there; what it does not take is refused."""
        if not self.shared.consents:
            return
        step, body = self.chance.choice((
            ("renewal", {**SAID_AGAIN, "review_on": day_after(london_date(self.worker.registry.now()), 2)}),
            ("withdrawal", {**TAKEN_BACK, "by": self.chance.choice((BY_PARENT, BY_CHILD))["by"]}),
            ("withdrawal", TAKEN_BACK),
            ("invalidation", {**TOLD, "reason": "wrong-person"}),
        ))  # fmt: skip
        answered = await self.client.post(f"{CONSENTS}/{self.chance.choice(self.shared.consents)}/{step}", json=body)
        assert answered.status_code in (201, 409), answered.text
        if answered.status_code == 201:
            self.shared.acknowledge(answered.json())

    async def ask(self) -> None:
        """A question about now, recorded or not."""
        asked = self._question(record=self.chance.random() < 0.5)
        least = max((self.shared.newest.get(one["ref"], 0) for one in asked["subjects"]), default=0)
        await self._ask(asked, least)

    async def what_if(self) -> None:
        """A question about another day, or about what was known before."""
        today = london_date(self.worker.registry.now())
        changes: dict[str, Any] = {}
        if self.chance.random() < 0.7:
            changes["as_of"] = self.chance.randint(self.shared.first, self.worker.registry.follower.view.size)
        if not changes or self.chance.random() < 0.5:
            changes["on"] = day_after(today, self.chance.choice((-3, -1, 0, 1, 4)))
        await self._ask(self._question(**changes), 0)

    def _question(self, **changes: Any) -> dict[str, Any]:
        people = [self.shared.anybody(self.chance) for _ in range(self.chance.choice((1, 1, 1, 2)))]
        categories = self.chance.sample(CATEGORIES, self.chance.choice((1, 1, 2)))
        return question(*people, categories=categories, **changes)

    async def _ask(self, asked: dict[str, Any], least: int) -> None:
        answered = await self.client.post("/api/v1/checks", json=asked)
        assert answered.status_code == 200, answered.text
        self.shared.told.append((asked, least, answered.json()))


class Shared:
    """What both agencies know: people, consents, what was acknowledged, and every answer."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.people = [reference() for _ in range(PEOPLE)]
        self.consents: list[str] = []
        self.newest: dict[str, int] = {}
        self.told: list[tuple[dict[str, Any], int, dict[str, Any]]] = []

    def anybody(self, chance: random.Random) -> str:
        return chance.choice(self.people)

    def acknowledge(self, told: dict[str, Any]) -> None:
        if told["id"] not in self.consents:
            self.consents.append(told["id"])
        ref = told["subject"]["ref"]
        self.newest[ref] = max(self.newest.get(ref, 0), told["entries"][-1]["entry"] + 1)


async def rounds(databases: Databases, template: str, place: Path, *, seed: int, steps: int) -> dict[str, int]:
    """Two workers on one database, two agencies' systems at each at once. Returns how often each outcome was told by
    who knew."""
    name = databases.create(template)
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        workers = []
        for number in range(2):
            at = place / str(number)
            at.mkdir()
            workers.append(await stack.enter_async_context(serving(databases.url(name), at, beside=number == 1)))
        await workers[0].admit(OWN, scopes=SCOPES)
        # One issuer, whose key both workers know.
        workers[1]._keys = workers[0]._keys
        first = workers[0].registry.follower.view.size
        assert await workers[1].registry.follower.wait_for_size(first, seconds=10)
        shared = Shared(first)
        agencies = []
        for worker in workers * _AT_ONCE:
            token = worker.machine(OWN, "checks:ask consents:write consents:read")
            client = await stack.enter_async_context(worker.client(token))
            agencies.append(Agency(worker, client, random.Random(chance.random()), shared))
        await asyncio.gather(*(agency.work(steps) for agency in agencies))
        log = await whole_log(databases.url(name))
    databases.drop(name)
    return judged(shared, log)


async def whole_log(url: str) -> oracle.Log:
    connection = await connect(url, "isa_read", reader=EVERYTHING)
    rows = await connection.fetch(
        "SELECT index, payload FROM payload WHERE kind LIKE 'consent.%' OR kind = 'check.answered' ORDER BY index"
    )
    await connection.close()
    return [(row["index"], msgspec.json.decode(row["payload"])) for row in rows]


def judged(shared: Shared, log: oracle.Log) -> dict[str, int]:
    """Holds every answer against the log itself."""
    consents = [(index, payload) for index, payload in log if payload["kind"].startswith("consent.")]
    recorded = {p["check"]: (index, p) for index, p in log if p["kind"] == "check.answered"}
    outcomes: dict[str, int] = {}
    for asked, least, told in shared.told:
        if told["stale"]:
            # Said of itself that it may not know: on a busy machine some do.
            continue
        size = told["register"]["log_size"]
        day = asked.get("on") or oracle.london_day(told["decided_at"])
        expected = oracle.evidence(consents, size, OWN, asked, day)
        assert oracle.outcome(expected, len(asked["subjects"])) == told["outcome"], (asked, size)
        if "as_of" in asked:
            assert size == asked["as_of"]
        # What was acknowledged before anybody asked is part of the answer, whichever worker it was given to.
        assert size >= least
        if told["recorded"]:
            index, payload = recorded[told["id"]]
            assert expected == oracle.evidence(consents, index, OWN, asked, day), "it changed before it was recorded"
            assert expected == {
                (one["entry"], one["subject"], one["role"], one["status"])
                for one in payload["evidence"].get("consents", [])
            }
        outcomes[told["outcome"]] = outcomes.get(told["outcome"], 0) + 1
    return outcomes


async def test_a_check_never_rests_on_a_consent_that_is_not_valid(
    databases: Databases, template_database: str, tmp_path: Path
) -> None:
    told = await rounds(databases, template_database, tmp_path, seed=27560, steps=32)
    assert set(told) == {"may-share", "ask-consent", "do-not-share"}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
async def test_nor_in_longer_sequences(databases: Databases, template_database: str, tmp_path: Path, seed: int) -> None:
    told = await rounds(databases, template_database, tmp_path, seed=seed, steps=250)
    assert set(told) == {"may-share", "ask-consent", "do-not-share"}
