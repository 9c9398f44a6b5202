"""Every link to an agreement or a clause that was ever given out leads somewhere, whatever was published since."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urljoin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.addressing import application
from pages.histories import MARK, History, Link, history


class Answer(NamedTuple):
    status: int
    location: str
    address: str
    text: str


class Addresses:
    """The addresses alone, in this thread: thousands of links are followed."""

    def __init__(self) -> None:
        self._registry = SimpleNamespace(follower=SimpleNamespace(view=None), now=lambda: datetime.now(UTC))
        self._app = application(self._registry)
        self._known: dict[tuple[str, str], Answer] = {}
        self.loop = asyncio.new_event_loop()

    def over(self, found: History) -> Addresses:
        self._registry.follower.view = found.view
        self._registry.now = lambda: datetime(found.today.year, found.today.month, found.today.day, 9, tzinfo=UTC)
        self._known.clear()
        return self

    def arrival(self, address: str, accept: str = "text/html") -> Answer:
        """The answer at the end of a link, three redirections away at most."""
        for _ in range(4):
            answer = self._known.get((address, accept))
            if answer is None:
                answer = self._known[address, accept] = self.loop.run_until_complete(self._ask(address, accept))
            if answer.status != 303:
                return answer
            address = urljoin(address, answer.location)
        raise AssertionError(f"{address} leads round and round")

    async def _ask(self, address: str, accept: str) -> Answer:
        path, _, query = address.partition("?")
        scope: Any = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "https", "path": path, "root_path": "",
            "raw_path": path.encode(), "query_string": query.encode(), "headers": [(b"accept", accept.encode())],
            "client": ("127.0.0.1", 1), "server": ("registry.test", 443), "asgi": {"version": "3.0"}, "state": {},
        }  # fmt: skip
        told: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            told.append(message)

        await self._app(scope, receive, send)
        headers = dict(told[0]["headers"])
        body = b"".join(one.get("body", b"") for one in told[1:])
        return Answer(told[0]["status"], headers.get(b"location", b"").decode(), address, body.decode())


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    found = Addresses()
    yield found
    found.loop.close()


def words_at(answer: Answer, anchor: str = "") -> str:
    """The words of what an answer is about: a clause within a whole text, a clause by itself, or everything."""
    text = answer.text
    if anchor:
        begin = text.index(f'<section id="{anchor}"')
        return text[begin : text.index("</section>", begin)]
    if "<article" in text:
        return text[text.index("<article") : text.index("</article>")]
    return text


def marks_behind(addresses: Addresses, link: Link, answer: Answer) -> set[str] | None:
    """The marks of the words that a link leads to; of all heirs where they are several. None where the link names a day
    on which none is in force, or on which the clause was not there yet, and that is what it says."""
    if answer.status == 300 or (answer.status == 200 and "/at/" in answer.address):
        told = msgspec.json.decode(addresses.arrival(link.address, "application/json").text)
        if "in_force" in told or told["outcome"] == "not-yet":
            return None
        each = [set(MARK.findall(words_at(addresses.arrival(one["url"])))) for one in told["clauses"]]
        assert len(each) > 1
        return set().union(*each)
    return set(MARK.findall(words_at(answer, link.address.partition("#")[2])))


def broken(addresses: Addresses, found: History) -> list[str]:
    """The links that do not lead to words of their lineage."""
    addresses.over(found)
    wrong = []
    for link in found.links:
        answer = addresses.arrival(link.address.partition("#")[0])
        if answer.status not in (200, 300, 410):
            wrong.append(f"{link.address}: {answer.status}")
            continue
        marks = marks_behind(addresses, link, answer)
        if marks is not None and "/at/" in link.address and "?was=" in answer.address:
            # Another version is in force on that day by now: perhaps one from before the clause, with part of it.
            marks = link.marks if link.marks & marks else marks
        if marks is not None and not link.marks <= marks:
            wrong.append(f"{link.address}: {answer.status} at {answer.address} without {link.marks - marks}")
    return wrong


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 2**32))
def test_every_link_ever_given_out_leads_to_words_of_its_lineage(addresses: Addresses, seed: int) -> None:
    with history(seed, versions=10) as found:
        assert broken(addresses, found) == []


@pytest.mark.long
@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 10))
def test_so_it_is_over_many_histories(addresses: Addresses, seed: int, versions: int) -> None:
    with history(seed, versions) as found:
        assert broken(addresses, found) == []


def test_the_histories_hold_everything_that_can_happen_to_a_clause() -> None:
    seen: set[str] = set()
    for seed in range(4):
        with history(seed, versions=10) as found:
            seen |= found.fates
    assert seen == {"stands", "changed", "renumbered", "split", "merged", "withdrawn"}
