"""Searches: exactly what evaluations permit, a page at a time, each page bound to its request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from asking import COUNCIL, ICB, POLICE
from authzen.speaking import EVALUATIONS, Json, evaluation, setting, without
from demonstration import catalogue, demonstration_view
from isa_registry.domain.authzen.messages import Entity, Evaluation, read_evaluation
from isa_registry.domain.authzen.policy import Asked, Sought
from isa_registry.domain.authzen.searches import (
    LIFE_SECONDS,
    MOST_RESULTS,
    Found,
    begin,
    further,
    go_on,
    read_search,
    searching,
)
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.runtime.authzen import SharingPolicy, Terms
from serving import Serving

over_http = pytest.mark.asyncio(loop_scope="session")

SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{sought}" for sought in ("subject", "resource", "action"))


def subjects(**asked: Any) -> Json:
    return without(evaluation(**asked), "subject.id")


def resources(**asked: Any) -> Json:
    return without(evaluation(**asked), "resource.id")


def actions(category: str = "identity", **asked: Any) -> Json:
    return without(evaluation(category, **asked), "action")


async def page(client: httpx.AsyncClient, path: str, request: Json, **page: Any) -> Json:
    answer = await client.post(path, json={**request, "page": page} if page else request)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert next(iter(found)) == "page"
    assert found["page"]["count"] == len(found["results"])
    return found


async def all_pages(client: httpx.AsyncClient, path: str, request: Json, limit: int) -> list[list[Json]]:
    found = await page(client, path, request, limit=limit)
    pages = [found["results"]]
    while found["page"]["next_token"]:
        found = await page(client, path, request, token=found["page"]["next_token"])
        pages.append(found["results"])
    return pages


async def permitted(client: httpx.AsyncClient, evaluations: list[Json]) -> list[bool]:
    answer = await client.post(EVALUATIONS, json={"evaluations": evaluations})
    return [one["decision"] for one in answer.json()["evaluations"]]


@over_http
@pytest.mark.parametrize("purpose", ["prevent-channel", "harm-outside-the-home", "mappa", "early-help"])
@pytest.mark.parametrize("limit", [1, 7, 1_000])
async def test_the_categories_of_a_search_are_those_that_evaluations_permit(
    running: Serving, police: httpx.AsyncClient, purpose: str, limit: int
) -> None:
    about = {"purpose": purpose, "recipient": ICB}
    pages = await all_pages(police, RESOURCE, resources(**about), limit)
    assert all(len(one) == limit for one in pages[:-1])
    catalogue = running.registry.follower.view.catalogue()
    assert catalogue is not None
    codes = sorted(catalogue.categories)
    decisions = await permitted(police, [evaluation(code, **about) for code in codes])
    wanted = [{"type": "information", "id": code} for code, may in zip(codes, decisions, strict=True) if may]
    assert [one for results in pages for one in results] == wanted


@over_http
async def test_some_categories_may_go_and_others_not(police: httpx.AsyncClient) -> None:
    found = await page(police, RESOURCE, resources(purpose="crime-prevention", recipient="harrogate-district-nhs-ft"))
    ids = {one["id"] for one in found["results"]}
    assert "identity" in ids
    assert not ids & {"finance", "immigration", "sexual-health"}


@over_http
async def test_categories_that_are_named_narrow_the_search(police: httpx.AsyncClient) -> None:
    found = await page(police, RESOURCE, resources(categories=["health", "identity", "unicorns"]))
    assert [one["id"] for one in found["results"]] == ["health", "identity"]


@over_http
async def test_a_body_finds_itself_alone(police: httpx.AsyncClient) -> None:
    assert (await page(police, SUBJECT, subjects()))["results"] == [{"type": "organisation", "id": POLICE}]
    barred = subjects(circumstances={"restriction": "court-order-forbids"})
    assert (await page(police, SUBJECT, barred))["results"] == []


@over_http
@pytest.mark.parametrize("purpose", ["early-help", "harm-outside-the-home"])
@pytest.mark.parametrize("limit", [3, 1_000])
async def test_an_auditor_finds_every_body_that_could_share(
    running: Serving, auditor: httpx.AsyncClient, purpose: str, limit: int
) -> None:
    pages = await all_pages(auditor, SUBJECT, subjects(purpose=purpose), limit)
    bodies = [one.organisation for one in running.registry.follower.view.organisations()]
    decisions = await permitted(auditor, [evaluation(purpose=purpose, provider=body) for body in bodies])
    wanted = [body for body, may in zip(bodies, decisions, strict=True) if may]
    assert 3 < len(wanted) < len(bodies)
    assert [one["id"] for results in pages for one in results] == wanted


@over_http
async def test_sharing_is_found_where_it_is_permitted(police: httpx.AsyncClient) -> None:
    assert (await page(police, ACTION, actions()))["results"] == [{"name": "share"}]
    barred = actions(circumstances={"restriction": "court-order-forbids"})
    assert (await page(police, ACTION, barred))["results"] == []
    several = actions("case-file", categories=["identity", "health"])
    assert (await page(police, ACTION, several))["results"] == [{"name": "share"}]


@over_http
@pytest.mark.parametrize(
    ("path", "request_"),
    [
        (SUBJECT, setting(subjects(), "subject.type", "spaceship")),
        (SUBJECT, setting(subjects(), "action.name", "read")),
        (SUBJECT, setting(subjects(), "resource.id", "unicorns")),
        (RESOURCE, setting(resources(), "resource.type", "record")),
        (RESOURCE, setting(resources(), "subject.type", "user")),
        (ACTION, setting(actions(), "resource.type", "record")),
        (ACTION, setting(actions(), "resource.id", "unicorns")),
    ],
)
async def test_what_is_not_known_is_found_nowhere(police: httpx.AsyncClient, path: str, request_: Json) -> None:
    assert await page(police, path, request_) == {"page": {"next_token": "", "count": 0}, "results": []}


@over_http
@pytest.mark.parametrize(
    ("path", "request_", "status"),
    [
        (RESOURCE, without(resources(), "resource.properties"), 400),
        (RESOURCE, without(resources(), "context.purpose"), 400),
        (RESOURCE, setting(resources(), "subject.id", COUNCIL), 403),
        (ACTION, setting(actions(), "subject.id", "nobody-of-this-name"), 403),
        (ACTION, without(actions(), "context"), 400),
        (SUBJECT, {**subjects(), "page": {"limit": 0}}, 400),
        (SUBJECT, {**subjects(), "page": {"limit": "7"}}, 400),
        (SUBJECT, {**subjects(), "page": 7}, 400),
        (SUBJECT, {**subjects(), "page": {"token": 7}}, 400),
        (SUBJECT, {**subjects(), "page": {"token": "not-a-token"}}, 400),
        (SUBJECT, {**subjects(), "page": {"token": "A" * 60_000}}, 400),
        (SUBJECT, {**subjects(), "page": {"token": "\u00e9\ud800"}}, 400),
    ],
)
async def test_a_search_that_cannot_be_made_is_refused(
    police: httpx.AsyncClient, path: str, request_: Json, status: int
) -> None:
    answer = await police.post(path, content=json.dumps(request_), headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert "share now" in answer.json()["immediate_danger"]


@over_http
async def test_a_search_is_never_recorded(running: Serving, police: httpx.AsyncClient) -> None:
    before = running.registry.follower.view.size
    for path, request in ((SUBJECT, subjects()), (RESOURCE, resources()), (ACTION, actions())):
        for recording in (setting(request, "context.record", True), without(request, "context.record")):
            assert (await page(police, path, recording))["results"]
    assert running.registry.follower.view.size == before


@over_http
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("context.purpose", "early-help"),
        ("context.urgency", "urgent"),
        ("resource.properties.recipient", ICB),
        ("future", 1),
        ("action.properties", {"a": 1}),
    ],
)
async def test_a_token_with_another_request_is_refused(police: httpx.AsyncClient, path: str, value: Any) -> None:
    token = (await page(police, RESOURCE, resources(), limit=2))["page"]["next_token"]
    assert token
    other = {**setting(resources(), path, value), "page": {"token": token}}
    answer = await police.post(RESOURCE, json=other)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/page/token"


@over_http
async def test_a_token_is_its_callers_and_its_searchs(
    running: Serving, police: httpx.AsyncClient, auditor: httpx.AsyncClient
) -> None:
    request = {**resources(), "resource": {"type": "information", "id": "x", "properties": {"recipient": COUNCIL}}}
    token = (await page(police, RESOURCE, request, limit=2))["page"]["next_token"]
    request["page"] = {"token": token}
    async with running.client(running.person(POLICE, "practitioner")) as colleague:
        for client, path in ((auditor, RESOURCE), (colleague, RESOURCE), (police, SUBJECT)):
            assert (await client.post(path, json=request)).status_code == 400
    for place in (0, len(token) // 2, len(token) - 2):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = await police.post(RESOURCE, json={**request, "page": {"token": forged}})
        assert answer.status_code == 400
    # The same words in another order, and another limit, are the same request.
    turned = dict(reversed(list(request.items())))
    turned["page"] = {"token": token, "limit": 5}
    assert (await police.post(RESOURCE, json=turned)).json()["page"]["count"] == 5


@over_http
async def test_a_token_holds_for_a_quarter_of_an_hour(
    running: Serving, police: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await page(police, RESOURCE, resources(), limit=2))["page"]["next_token"]
    request, now = {**resources(), "page": {"token": token}}, running.registry.now
    monkeypatch.setattr(running.registry, "now", lambda: now() + timedelta(seconds=LIFE_SECONDS - 30))
    assert (await police.post(RESOURCE, json=request)).status_code == 200
    monkeypatch.setattr(running.registry, "now", lambda: now() + timedelta(seconds=LIFE_SECONDS + 1))
    assert (await police.post(RESOURCE, json=request)).status_code == 400


@over_http
async def test_the_pages_of_a_search_are_all_of_one_register(
    running: Serving, auditor: httpx.AsyncClient, police: httpx.AsyncClient
) -> None:
    first = await page(auditor, SUBJECT, subjects(), limit=2)
    moments: list[str] = []
    ours = running.app.state["authzen"]

    async def wired(request: Any, wish: Any) -> Any:
        policy = await ours(request, wish)
        moments.append(policy.moment)
        return policy

    size = running.registry.follower.view.size
    recorded = await police.post("/access/v1/evaluation", json=evaluation(record=True))
    assert int(recorded.headers["isa-log-size"]) == size + 1
    running.app.state["authzen"] = wired
    try:
        await page(auditor, SUBJECT, subjects(), token=first["page"]["next_token"])
        await page(auditor, SUBJECT, subjects())
    finally:
        running.app.state["authzen"] = ours
    assert [int(moment.split(" ")[0]) for moment in moments] == [size, size + 1]


@over_http
async def test_without_a_secret_that_workers_share_there_is_one_page(
    running: Serving, police: httpx.AsyncClient
) -> None:
    token = (await page(police, RESOURCE, resources(), limit=2))["page"]["next_token"]
    keys = running.app.state["page_keys"]
    running.app.state["page_keys"] = None
    try:
        found = await page(police, RESOURCE, resources(), limit=2)
        answer = await police.post(RESOURCE, json={**resources(), "page": {"token": token}})
    finally:
        running.app.state["page_keys"] = keys
    assert (found["page"]["next_token"], found["page"]["count"] > 20) == ("", True)
    assert answer.status_code == 400


# --- ours, whatever is asked -----------------------------------------------------------------------------------------

TODAY = "2026-11-27"
REGISTRY: Any = SimpleNamespace(
    now=lambda: datetime(2026, 11, 27, 12, tzinfo=UTC), randomness=lambda count: bytes(count)
)
CALLER = Caller(
    organisation=POLICE, issuer="i", subject="s", client="c", person=False, scopes=frozenset({"audit:read"}),
    roles=frozenset(), auth_time=None, expires_at=0,
)  # fmt: skip
KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "would_help_recipient": st.booleans(),
        "more_detrimental_to_share": st.booleans(),
        "relates_to_child": st.booleans(),
        "informing_increases_risk": st.booleans(),
        "anonymised": st.booleans(),
        "consent": st.sampled_from(["given", "refused", "withdrawn", "not-sought"]),
        "restriction": st.sampled_from(["court-papers", "court-order-forbids"]),
        "statutory_request": st.sampled_from(["ca-1989-s47", "ca-2004-s16h"]),
    },
)
QUESTIONS = st.fixed_dictionaries(
    {
        "provider": st.sampled_from(sorted(one.organisation for one in demonstration_view().organisations())),
        "recipient": st.sampled_from([COUNCIL, POLICE, ICB, "home-office", "durham-cathedral", "nobody-known"]),
        "purpose": st.sampled_from(sorted(catalogue().purposes)),
        "urgency": st.sampled_from(["routine", "urgent", "immediate-danger"]),
        "circumstances": KNOWN,
    }
)


def ours(sought: Sought | None) -> SharingPolicy:
    terms = Terms(immediate_danger="share now")
    return SharingPolicy(
        REGISTRY, CALLER, terms, view=demonstration_view(), root=bytes(32), today=TODAY, seeking=sought
    )


@settings(max_examples=12, deadline=None)
@given(QUESTIONS, st.sampled_from(["identity", "health", "finance", "intelligence"]), st.integers(1, 20))
def test_a_search_finds_exactly_what_evaluations_permit(question: Json, category: str, limit: int) -> None:
    request = evaluation(category, **question)
    for sought, asked, candidates in (
        ("resource", without(request, "resource.id"), sorted(catalogue().categories)),
        ("subject", without(request, "subject.id"), [one.organisation for one in demonstration_view().organisations()]),
        ("action", without(request, "action"), ["share"]),
    ):
        search = read_search(sought, json.dumps(asked).encode())
        place, found, single = begin(search, moment="", now=0), [], ours(None)
        while True:
            *_, results = searching(ours(sought), search.asked, with_limit(place, limit))
            assert isinstance(results, Found)
            found += results.results
            opened = further(place, results)
            if opened is None:
                break
            place = go_on(search, opened, now=1)
        member = {"resource": "resource.id", "subject": "subject.id", "action": "action.name"}[sought]
        one_by_one = [
            candidate
            for candidate in candidates
            for decision in single.decide([read_evaluation(json.dumps(setting(request, member, candidate)).encode())])
            if not isinstance(decision, Refused) and decision.permits
        ]
        assert found == one_by_one


# --- pages, whoever decides ------------------------------------------------------------------------------------------


class _Told(Struct, frozen=True):
    permits: bool


class _Listed:
    """Permits those of its candidates that are in `may`."""

    moment = "now"

    def __init__(self, candidates: Iterable[str], may: Iterable[str]) -> None:
        self._candidates, self._may = sorted(candidates), frozenset(may)
        self.looked = 0

    def decide(self, asked: Sequence[Evaluation]) -> list[_Told | Refused]:
        self.looked += len(asked)
        return [_Told(one.resource.id in self._may) for one in asked]

    def candidates(self, asked: Asked) -> list[str]:
        return self._candidates

    def at_once(self, decisions: object) -> list[Any]:
        raise AssertionError

    async def respond(self, decisions: Sequence[_Told]) -> list[Any]:
        raise AssertionError


ASKED = read_search("resource", json.dumps(resources()).encode())
NAMES = st.text("abcdef-", min_size=1, max_size=3)


def gone_through(policy: _Listed, limit: int) -> list[tuple[str, ...]]:
    place, pages = begin(ASKED, moment="now", now=0), []
    while True:
        policy.looked = 0
        *_, found = searching(policy, ASKED.asked, with_limit(place, limit))
        assert isinstance(found, Found)
        assert policy.looked <= MOST_RESULTS
        pages.append(found.results)
        opened = further(place, found)
        if opened is None:
            return pages
        place = go_on(ASKED, opened, now=1)


def with_limit(place: Any, limit: int) -> Any:
    return type(place)(place.after, place.moment, limit, place.expires)


@given(st.sets(NAMES, max_size=40), st.data(), st.integers(1, 9))
def test_pages_hold_what_is_permitted_once_in_order_and_none_is_empty_before_the_last(
    names: set[str], data: st.DataObject, limit: int
) -> None:
    may = data.draw(st.sets(st.sampled_from(sorted(names)))) if names else set()
    pages = gone_through(_Listed(names, may), limit)
    assert [one for results in pages for one in results] == sorted(may)
    assert all(len(results) == limit for results in pages[:-1])
    assert pages[-1] or len(pages) == 1


@given(st.sets(NAMES, max_size=30), st.sets(NAMES, max_size=10), st.sets(NAMES, max_size=10), st.integers(1, 5))
def test_what_comes_and_goes_meanwhile_moves_nothing_else(
    names: set[str], come: set[str], gone: set[str], limit: int
) -> None:
    *_, first = searching(_Listed(names, names), ASKED.asked, with_limit(begin(ASKED, moment="", now=0), limit))
    assert isinstance(first, Found)
    seen = list(first.results)
    opened = further(begin(ASKED, moment="", now=0), first)
    later = (names | come) - gone
    while opened is not None:
        place = go_on(ASKED, opened, now=1)
        *_, found = searching(_Listed(later, later), ASKED.asked, with_limit(place, limit))
        assert isinstance(found, Found)
        seen += found.results
        opened = further(place, found)
    assert seen == sorted(set(seen))
    assert set(seen) >= (names & later) - ({*come} - names)


@settings(max_examples=3)
@given(st.integers(0, 4))
def test_a_request_looks_at_so_many_and_no_more(permitted: int) -> None:
    names = [f"{number:05d}" for number in range(2 * MOST_RESULTS + 10)]
    pages = gone_through(_Listed(names, names[-permitted:] if permitted else []), 3)
    assert [one for results in pages for one in results] == (names[-permitted:] if permitted else [])
    assert len(pages) >= 3


@pytest.mark.parametrize("opened", [None, further(begin(ASKED, moment="", now=0), Found((), "x"))])
def test_a_token_that_does_not_open_or_is_over_begins_nothing(opened: bytes | None) -> None:
    with pytest.raises(Refused, match="within the last fifteen minutes"):
        go_on(ASKED, opened, now=LIFE_SECONDS)


def test_an_example_is_made_an_evaluation_of_each_candidate() -> None:
    about = ASKED.asked.about("health")
    assert about.resource == Entity("information", "health", about.resource.properties)
    assert about.subject.id == POLICE
