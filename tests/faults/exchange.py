"""Two agencies that share with each other through two workers, and what must be true of it in the end.

What each would send is drawn beforehand: items, of which some correct one before them, and acknowledgements. Sending it
again is the same document, byte for byte.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from asking import COUNCIL, POLICE
from faults.drafts import CALLER
from isa_client.references import subject_reference
from isa_registry.actions.acknowledgements import ACKNOWLEDGEMENT_TYPE
from isa_registry.actions.identifiers import uuid7
from isa_registry.actions.sharing_events import EVENT_TYPE, WITHHELD_TYPE, Submitted
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.identity.signing import new_signing_key, sign_document
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.acknowledging import Acknowledged, acknowledge
from isa_registry.runtime.recording_events import Recorded, record_all
from isa_registry.runtime.registry import Registry
from isa_registry.store import acknowledgements
from isa_registry.store.pool import reading_for
from running import ORIGIN

BODIES = (POLICE, COUNCIL)
STATES = ("matched", "unmatched", "disputed", "corrected")
_FOR_NOW = frozenset({"unavailable", "history-unconfirmed"})
_numbers = count(1)


class Item(Struct, frozen=True):
    """An event of a body: what it decides, and which of its items before this one it corrects."""

    decision: str
    corrects: int | None


class Word(Struct, frozen=True):
    """What the recipient says of an item; `nth` tells several such words apart."""

    item: int
    matches: bool
    nth: int


class Agency:
    """One of the two bodies: its keys, its items, and what it was told of each."""

    def __init__(self, name: str, other: str, items: list[Item], now: datetime) -> None:
        self.name, self.other, self.items = name, other, items
        self.kid = f"{name}-exchanging"
        self.private, public = new_signing_key(self.kid)
        self.key = KeyRegistered(
            organisation=name,
            kid=self.kid,
            algorithm="Ed25519",
            jwk={member: public[member] for member in ("kty", "crv", "x")},
            uses=("event", "acknowledgement"),
            valid_from=instant(now - timedelta(days=1)),
        )
        self.caller: Caller = replace(CALLER, organisation=name, client=f"{name}-system")
        self.ids = [uuid7(now, next(_numbers).to_bytes(10, "big")) for _ in items]
        self.sent = [self._submitted(number, instant(now)) for number in range(len(items))]
        self.told: dict[int, int] = {}
        """The index of each item of which that was told."""
        self.heard: dict[Word, int] = {}
        """The same of what this body said of the other's items."""
        self._now = now

    def _submitted(self, number: int, at: str) -> Submitted:
        item, event = self.items[number], self.ids[number]
        shared = item.decision in ("shared", "part-shared")
        named = {"v": 1, "registry": ORIGIN, "partnership": "durham"}
        listed = None
        if item.decision != "shared":
            withheld = [{"category": "health", "reason": "not-necessary"}]
            listed = sign_document(
                {**named, "event": event, "withheld": withheld}, WITHHELD_TYPE, self.private, self.kid  # type: ignore[dict-item]
            )  # fmt: skip
        claims: dict[str, Any] = {
            **named, "id": event, "decision": item.decision, "provider": self.name, "recipient": self.other,
            "purpose": "harm-outside-the-home", "categories": ["identity"],
            "withheld_sha256": None if listed is None else hashlib.sha256(listed.encode()).hexdigest(),
            "subjects": [{"kind": "child", "roles": [], "ref": subject_reference(bytes(32), "local-child-77")}],
            "urgency": "routine", "check": None, "agreement": None,
            "basis": {"article_6": ["art6-1-e"], "article_9": [], "article_10": [], "part_3": [], "gateways": []},
            "para18_reason": None, "s36_4_authority": None, "confidentiality_route": None,
            "duty": {"would_help_recipient": None, "more_detrimental": None}, "consent": "not-sought",
            "informed": {"family": "yes", "reason": None}, "childs_view": "not-sought", "advice": [],
            "approved_by": None, "decided_by": {"role": "social-worker", "ref": "STAFF-17"}, "decided_at": at,
            "shared_at": at if shared else None, "method": "case-system", "marking": "official-sensitive",
            "request": None, "case_record": f"CMS-{number + 100}", "retention": None, "review_on": None,
            "late_entry": False, "corrects": None if item.corrects is None else self.ids[item.corrects],
        }  # fmt: skip
        return Submitted(event=sign_document(claims, EVENT_TYPE, self.private, self.kid), withheld=listed)

    async def send(self, worker: Registry, numbers: list[int]) -> list[Recorded | Refused]:
        """Sends these items in one request; what is told of them never changes."""
        outcomes = await record_all(worker, [self.sent[number] for number in numbers], self.caller)
        for number, outcome in zip(numbers, outcomes, strict=True):
            if isinstance(outcome, Recorded):
                assert self.told.setdefault(number, outcome.index) == outcome.index
                assert outcome.id == self.ids[number]
        return outcomes

    async def say(self, worker: Registry, of: Agency, word: Word) -> Acknowledged:
        """Says something of an item of the other's."""
        claims = {
            "v": 1, "registry": ORIGIN, "partnership": "durham", "event": of.ids[word.item],
            "event_sha256": hashlib.sha256(of.sent[word.item].event.encode()).hexdigest(), "recipient": self.name,
            "received_at": instant(self._now + timedelta(milliseconds=word.nth)), "matches": word.matches,
        }  # fmt: skip
        jws = sign_document(claims, ACKNOWLEDGEMENT_TYPE, self.private, self.kid)  # type: ignore[arg-type]
        said = await acknowledge(worker, jws, of.ids[word.item], self.caller)
        assert self.heard.setdefault(word, said.index) == said.index
        return said

    def shows(self, number: int) -> bool:
        """Whether the other body sees an item."""
        return self.items[number].decision in ("shared", "part-shared")


async def until_it_is_told(work: Callable[[], Awaitable[Any]]) -> Any:
    """The same again until it is not refused for now: what somebody does whose answers are lost."""
    for _ in range(60):
        try:
            found = await work()
        except Refused as refused:
            if refused.code not in _FOR_NOW:
                return refused
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            pass
        else:
            if not any(isinstance(one, Refused) and one.code in _FOR_NOW for one in _each(found)):
                return found
        await asyncio.sleep(0.05)
    raise AssertionError("it was refused for now, again and again")


def _each(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


async def ended_in_the_middle(url: str, milliseconds: int) -> None:
    """The sessions that append are ended after so long, wherever they are."""
    await asyncio.sleep(milliseconds / 1000)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE '%isa_sequence'"
        )
    finally:
        await connection.close()


async def with_answers_lost(work: Awaitable[Any], milliseconds: int | None) -> None:
    """Whoever asked has gone after so long; what was refused is tried again later."""
    with suppress(TimeoutError, Refused, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        async with asyncio.timeout(None if milliseconds is None else milliseconds / 1000):
            await work


async def register(worker: Registry, agencies: list[Agency]) -> int:
    """Registers the agencies' keys; the size of the log then."""
    size = 0
    for agency in agencies:
        size = (await worker.sequencer.append(Draft(payloads=(agency.key,)))).size
    return size


async def lists_of(worker: Registry, reader: str, provider: str) -> dict[str, set[str]]:
    """What a body is listed of what `provider` shared, by state."""
    side = {"provider": provider, "recipient": None if reader == provider else reader}
    found: dict[str, set[str]] = {}
    async with reading_for(worker.reading, reader) as connection:
        for state in STATES:
            page = await acknowledgements.events_by_state(connection, 2**62, **side, state=state, limit=200)
            found[state] = {str(row.id) for row, _ in page.events}
    return found


def model_of(agency: Agency, words: dict[Word, int]) -> dict[str, set[str]]:
    """What both sides should be listed of an agency's items, from what was told of each: `words` are the other's."""
    found: dict[str, set[str]] = {state: set() for state in STATES}
    corrected = {agency.items[number].corrects for number in agency.told}
    for number in agency.told:
        if agency.shows(number):
            said = sorted((index, word.matches) for word, index in words.items() if word.item == number)
            state = "unmatched" if not said else "matched" if said[-1][1] else "disputed"
            found["corrected" if number in corrected else state].add(agency.ids[number])
    return found
