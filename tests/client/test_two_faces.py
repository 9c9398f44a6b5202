"""Blocking and awaited calls say the same to the registry and make the same of its answers."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from client.scripted import EVENT, RECORDED, Heard, Says, Scripted, compact, problem, scripted
from client.stand_in import ORGANISATION, StandIn
from isa_client import (
    AsyncConnection,
    AsyncRegistry,
    AsyncTokenSource,
    ClientCredentials,
    Connection,
    Registry,
    Signed,
    TokenSource,
)
from isa_client.answers import Acknowledged, Page, Recorded
from isa_client.async_registry import log_origin as log_origin_async
from isa_client.errors import SHARE_NOW, ClientError, InputError, ProblemError, TokenRefusedError, UnreachableError
from isa_client.exchanges import Reply, retry_after
from isa_client.registry import log_origin

FIRST = Recorded(EVENT, 7, "2026-11-27T10:00:00.000Z", ("review-basis",), "/r", True)
ANSWER = {"outcome": "may-share", "id": "chk_1"}


class Tokens:
    """Counts what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def token(self) -> str:
        self.asked.append("token")
        return f"t{len(self.asked)}"

    def forget(self, token: str) -> None:
        assert token == f"t{len(self.asked)}", "the token that was refused is named"
        self.asked.append("forget")


class AsyncTokens(Tokens):
    async def token(self) -> str:  # type: ignore[override]
        return super().token()


Face = Callable[..., Any]


@pytest.fixture(scope="module")
def serving() -> Iterator[Scripted]:
    with scripted() as state:
        yield state


@pytest.fixture
def server(serving: Scripted) -> Scripted:
    serving.heard.clear()
    serving.connections = 0
    return serving


class Caller:
    """Calls a method of one face by name. `waits` are the seconds that it meant to wait, `asked` what tokens it
    asked for."""

    def __init__(self, awaited: bool) -> None:
        self.awaited = awaited
        self.waits: list[float] = []
        self.asked: list[str] = []

    def __call__(self, url: str, method: str, *arguments: Any, **named: Any) -> Any:
        if not self.awaited:
            tokens = Tokens()
            self.asked = tokens.asked
            registry = Registry(url, tokens, Connection(sleep=self.waits.append))
            return getattr(registry, method)(*arguments, **named)

        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        async def call() -> Any:
            tokens = AsyncTokens()
            self.asked = tokens.asked
            registry = AsyncRegistry(url, tokens, AsyncConnection(sleep=sleep))
            return await getattr(registry, method)(*arguments, **named)

        return asyncio.run(call())


@pytest.fixture(params=[False, True], ids=["blocking", "awaited"])
def call(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def test_both_faces_offer_the_same_methods_with_the_same_signatures() -> None:
    def offered(face: type) -> dict[str, str]:
        members = {name: value for name, value in vars(face).items() if not name.startswith("_")}
        return {
            name: str(inspect.signature(value.fget if isinstance(value, property) else value))
            for name, value in members.items()
        }

    assert offered(Registry) == offered(AsyncRegistry)
    assert offered(Registry)
    assert all(inspect.iscoroutinefunction(getattr(AsyncRegistry, name)) for name in offered(Registry) if name != "url")


CALLS: dict[str, tuple[str, tuple[Any, ...], Says, Any]] = {
    "a check": ("ask", ({"recipient": "x"},), Says(200, ANSWER), ANSWER),
    "an event": ("send_event", ("a.b.c",), Says(201, RECORDED), FIRST),
    "an event known before": ("send_event", ("a.b.c", "d.e.f"), Says(200, RECORDED), replace(FIRST, new=False)),
    "an acknowledgement": (
        "acknowledge",
        (compact(event=EVENT),),
        Says(201, {"event": EVENT, "entry": 9, "recorded_at": "2026-11-27T10:00:00.000Z"}),
        Acknowledged(EVENT, 9, "2026-11-27T10:00:00.000Z", True),
    ),
    "a list": ("events", ("recipient", "e5"), Says(200, {"events": [RECORDED], "next": "e3"}), Page((RECORDED,), "e3")),
    "those of a list in a state": (
        "events",
        ("recipient", None, "unmatched"),
        Says(200, {"events": [RECORDED], "next": None}),
        Page((RECORDED,), None),
    ),
    "the last of a list": ("events", (), Says(200, {"events": [], "next": None}), Page((), None)),
    "one event": ("event", (EVENT,), Says(200, {**RECORDED, "event": "a.b.c"}), {**RECORDED, "event": "a.b.c"}),
    "an acknowledgement's receipt": ("event_receipt", (EVENT, "acknowledgement"), Says(200, {"v": 1}), b'{"v": 1}'),
    "a receipt": ("check_receipt", ("chk_1",), Says(200, {"v": 1}), b'{"v": 1}'),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_call_gives_what_the_registry_answered(server: Scripted, call: Caller, name: str) -> None:
    method, arguments, says, expected = CALLS[name]
    server.script = [says]
    assert call(server.url, method, *arguments) == expected


@pytest.mark.parametrize("name", CALLS)
def test_both_faces_send_the_same_bytes(server: Scripted, name: str) -> None:
    method, arguments, says, _ = CALLS[name]
    server.script = [says]
    for awaited in (False, True):
        Caller(awaited)(server.url, method, *arguments)
    first, second = (replace(heard, headers=_told(heard)) for heard in server.heard)
    assert first == second


def _told(heard: Heard) -> dict[str, str]:
    """What this client says; a check has a fresh key each time."""
    told = ("authorization", "accept", "content-type", "idempotency-key")
    found = {name: heard.headers[name] for name in told if name in heard.headers}
    return found | ({"idempotency-key": "fresh"} if heard.path == "/api/v1/checks" else {})


def test_many_checks_are_asked_at_once_and_each_has_its_own_answer_or_problem(server: Scripted, call: Caller) -> None:
    refused = problem(422, "unprocessable", ("#/checks/1/purpose", "unknown-code")).document
    server.script = [Says(200, {"results": [ANSWER, refused]})]
    first, second = call(server.url, "ask_many", [{"recipient": "x"}, {"recipient": "y"}])
    assert first == ANSWER
    assert isinstance(second, ProblemError)
    assert (second.code, second.fields[0].pointer) == ("unprocessable", "#/checks/1/purpose")
    assert second.immediate_danger == SHARE_NOW
    assert json.loads(server.heard[0].body) == {"checks": [{"recipient": "x"}, {"recipient": "y"}]}


def test_a_thousand_answers_are_longer_than_any_other_answer_may_be_and_are_read(
    server: Scripted, call: Caller
) -> None:
    long = {**ANSWER, "headline": "x" * 5000}
    server.script = [Says(200, {"results": [long] * 1000})]
    assert call(server.url, "ask_many", [{}] * 1000) == [long] * 1000
    with pytest.raises(UnreachableError, match="too long"):
        call(server.url, "events")


def test_many_events_are_sent_at_once_as_the_very_documents(server: Scripted, call: Caller) -> None:
    refused = problem(422, "bad-document", ("#/events/1", "unknown-key")).document
    results = [{**RECORDED, "status": 201}, refused, {**RECORDED, "status": 200}]
    server.script = [Says(200, {"results": results})]
    sent = [Signed("a.b.c"), Signed("d.e.f", "g.h.i"), Signed("j.k.l")]
    first, second, third = call(server.url, "send_events", sent)
    assert (first, third) == (FIRST, replace(FIRST, new=False))
    assert (second.status, second.code) == (422, "bad-document")
    assert json.loads(server.heard[0].body) == {
        "events": [{"event": "a.b.c"}, {"event": "d.e.f", "withheld": "g.h.i"}, {"event": "j.k.l"}]
    }


@pytest.mark.parametrize("results", [None, [], [ANSWER], [ANSWER, 7], [ANSWER, ANSWER, ANSWER], [ANSWER, {}]], ids=repr)
def test_an_answer_to_a_batch_that_does_not_match_it_is_no_answer(
    server: Scripted, call: Caller, results: object
) -> None:
    server.script = [Says(200, {"results": results})]
    with pytest.raises(UnreachableError) as caught:
        call(server.url, "ask_many", [{"recipient": "x"}, {"recipient": "y"}])
    assert caught.value.immediate_danger == SHARE_NOW


BUSY = {
    "a quota": [problem(429, "quota-exceeded", Retry_After="2")],
    "an outage": [problem(503, "unavailable", Retry_After="1"), problem(503, "history-unconfirmed", Retry_After="3")],
    "a gateway": [Says(502, b"", media_type="text/html"), Says(504, b"", media_type="text/html")],
    "still being answered": [problem(409, "in-flight", Retry_After="1")],
    "a lost connection": [Says(drops=True), Says(drops=True)],
}


@pytest.mark.parametrize("name", BUSY)
def test_what_may_be_sent_twice_is_sent_again_unchanged_after_the_time_that_is_named(
    server: Scripted, call: Caller, name: str
) -> None:
    server.script = [*BUSY[name], Says(201, RECORDED)]
    assert call(server.url, "send_event", "a.b.c").new
    assert len({(heard.body, heard.headers["idempotency-key"]) for heard in server.heard}) == 1
    named = [float(says.headers["Retry-After"]) for says in BUSY[name] if says.headers]
    assert call.waits == named if named else all(0.1 < waited < 1 for waited in call.waits)
    assert len(call.waits) == len(BUSY[name])


def test_a_registry_that_asks_for_longer_than_five_seconds_is_not_waited_for_and_says_when(
    server: Scripted, call: Caller
) -> None:
    server.script = [problem(429, "quota-exceeded", Retry_After="60")]
    with pytest.raises(ProblemError) as caught:
        call(server.url, "send_event", "a.b.c")
    assert (caught.value.retry_after, call.waits, len(server.heard)) == (60.0, [], 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("2", 2.0),
        (" 120 ", 120.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 400, None),
        ("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_when_to_come_again_is_read_as_seconds_or_a_date_and_otherwise_not(header: str, seconds: float | None) -> None:
    assert retry_after(Reply(503, {"retry-after": header}, b"")) == seconds


def test_a_date_to_come_is_so_many_seconds_away() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < (retry_after(Reply(503, {"retry-after": then}, b"")) or 0) <= 100


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 415, 422, 500])
def test_a_refusal_is_not_sent_again(server: Scripted, call: Caller, status: int) -> None:
    server.script = [problem(status, "refused")]
    with pytest.raises(ProblemError) as caught:
        call(server.url, "send_event", "a.b.c")
    assert (caught.value.status, len(server.heard)) == (status, 1)
    assert caught.value.to_do
    assert caught.value.immediate_danger is None


def test_attempts_are_bounded(server: Scripted, call: Caller) -> None:
    server.script = [Says(drops=True)]
    with pytest.raises(UnreachableError):
        call(server.url, "send_event", "a.b.c")
    assert (len(server.heard), len(call.waits)) == (3, 2)


def test_a_refused_token_is_fetched_anew_once(server: Scripted, call: Caller) -> None:
    server.script = [problem(401, "invalid-token"), Says(200, ANSWER)]
    assert call(server.url, "ask", {}) == ANSWER
    assert call.asked == ["token", "forget", "token"]
    server.script = [problem(401, "invalid-token")]
    with pytest.raises(ProblemError, match="invalid-token"):
        call(server.url, "ask", {})
    assert call.asked == ["token", "forget", "token"]


NO_ANSWER: dict[str, Says] = {
    "refused": problem(422, "unprocessable"),
    "forbidden": problem(403, "insufficient-scope"),
    "down": problem(503, "unavailable"),
    "dropped": Says(drops=True),
    "not JSON": Says(200, b"<h1>", media_type="text/html"),
    "no outcome": Says(200, {}),
    "a redirect": Says(302, b"", {"Location": "/elsewhere"}),
}


@pytest.mark.parametrize(
    ("url", "settings", "code"),
    [
        ("https://registry.example.org", {"HTTPS_PROXY": "socks5://127.0.0.1:9"}, "environment-unusable"),
        ("https://registry.example.org", {"ALL_PROXY": "proxy://127.0.0.1:9"}, "environment-unusable"),
        ("https://registry.example.org", {"SSL_CERT_FILE": "/nowhere/authorities.pem"}, "environment-unusable"),
        ("https://registry.example.org", {"SSL_CERT_FILE": __file__}, "environment-unusable"),
        ("https://xn--a.example.org", {}, "url-malformed"),
    ],
)
def test_a_machine_whose_settings_lead_nowhere_says_so_and_that_danger_does_not_wait(
    call: Caller, monkeypatch: pytest.MonkeyPatch, url: str, settings: dict[str, str], code: str
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as caught:
        call(url, "ask", {})
    assert (caught.value.code, caught.value.immediate_danger) == (code, SHARE_NOW)


@pytest.mark.parametrize("name", NO_ANSWER)
@pytest.mark.parametrize(("method", "argument"), [("ask", {}), ("ask_many", [{}])])
def test_whoever_gets_no_answer_is_told_that_immediate_danger_does_not_wait(
    server: Scripted, call: Caller, name: str, method: str, argument: object
) -> None:
    server.script = [NO_ANSWER[name]]
    with pytest.raises(ClientError) as caught:
        call(server.url, method, argument)
    assert caught.value.immediate_danger == SHARE_NOW
    assert str(caught.value).endswith(SHARE_NOW)
    assert caught.value.to_do


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("ask", ({"recipient": {1, 2}},)),
        ("ask", ({"as_of": float("nan")},)),
        ("ask_many", ([],)),
        ("ask_many", ([{}] * 1001,)),
        ("send_events", ([],)),
        ("send_events", ([Signed("a.b.c")] * 101,)),
        ("send_event", ("é",)),
        ("acknowledge", ("no document",)),
        ("acknowledge", (compact(event="../checks"),)),
        ("acknowledge", (compact(),)),
        ("events", ("both",)),
        ("events", ("provider", None, "lost")),
        ("event_receipt", (EVENT, "other")),
        ("prove_acknowledgement", (compact(event=7), [])),
        ("event", ("../checks",)),
        ("event_receipt", ("../checks",)),
        ("check_receipt", ("chk_a/b",)),
        ("prove_event", ("no document", [])),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is_sent(
    server: Scripted, call: Caller, method: str, arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(InputError) as caught:
        call(server.url, method, *arguments)
    assert server.heard == []
    assert (caught.value.immediate_danger is not None) == method.startswith("ask")


@pytest.mark.parametrize(
    ("method", "arguments", "document"),
    [
        *(("send_event", ("a.b.c",), {**RECORDED, name: wrong}) for name, wrong in [
            ("id", None), ("entry", True), ("entry", -1), ("entry", "7"), ("recorded_at", 7), ("flags", "x"),
            ("receipt", ""),
        ]),
        ("acknowledge", (compact(event=EVENT),), {"event": EVENT, "entry": 1}),
        ("acknowledge", (compact(event=EVENT),), {"event": EVENT, "entry": None, "recorded_at": "x"}),
        ("events", (), {"events": {}, "next": None}),
        ("events", (), {"events": [], "next": 7}),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_say_what_it_should_is_no_answer(
    server: Scripted, call: Caller, method: str, arguments: tuple[Any, ...], document: object
) -> None:
    server.script = [Says(201 if method != "events" else 200, document)]
    with pytest.raises(UnreachableError, match="answer"):
        call(server.url, method, *arguments)


def _credentials(stand_in: StandIn, secret: str = "demo") -> ClientCredentials:
    return ClientCredentials(f"{stand_in.url}/demo/idp/{ORGANISATION}", f"{ORGANISATION}-system", secret)


async def test_of_many_tasks_that_want_a_token_at_once_one_asks_for_it(stand_in: StandIn) -> None:
    async with AsyncConnection() as connection:
        source = AsyncTokenSource(_credentials(stand_in), connection)
        tokens = await asyncio.gather(*(source.token() for _ in range(8)))
        assert len(set(tokens)) == 1
        assert stand_in.calls.count(f"POST /demo/idp/{ORGANISATION}/token") == 1
        source.forget("another")
        await source.token()
        assert stand_in.calls.count(f"POST /demo/idp/{ORGANISATION}/token") == 1
        source.forget(tokens[0])
        await source.token()
        assert stand_in.calls.count(f"POST /demo/idp/{ORGANISATION}/token") == 2
        with pytest.raises(TokenRefusedError, match="invalid_client"):
            await AsyncTokenSource(_credentials(stand_in, "mistyped"), connection).token()


def test_whoever_wants_no_token_in_vain_is_told_too(stand_in: StandIn) -> None:
    registry = Registry(stand_in.url, TokenSource(_credentials(stand_in, "mistyped"), Connection()))
    with pytest.raises(TokenRefusedError) as caught:
        registry.ask({})
    assert caught.value.immediate_danger == SHARE_NOW


async def test_the_logs_name_is_read_the_same_way(stand_in: StandIn) -> None:
    assert await log_origin_async(stand_in.url, AsyncConnection()) == log_origin(stand_in.url, Connection())


async def test_connections_are_kept_within_a_block(server: Scripted) -> None:
    server.script = [Says(200, {})]
    with Connection() as connection:
        for _ in range(3):
            assert connection.request("GET", server.url, headers={}).status == 200
    async with AsyncConnection() as awaited:
        for _ in range(3):
            assert (await awaited.request("GET", server.url, headers={})).status == 200
    assert (len(server.heard), server.connections) == (6, 2)


async def test_what_must_not_be_sent_twice_goes_over_a_connection_of_its_own(server: Scripted) -> None:
    """A server may close a kept connection at any time; what was sent over it then cannot be sent again."""
    server.script = [Says(200, {"results": [{"outcome": "may-share"}], "outcome": "may-share"})]
    with Connection() as connection:
        registry = Registry(server.url, Tokens(), connection)
        for _ in range(2):
            registry.ask({})
            registry.ask_many([{}])
    async with AsyncConnection() as awaited:
        other = AsyncRegistry(server.url, AsyncTokens(), awaited)
        for _ in range(2):
            await other.ask({})
            await other.ask_many([{}])
    assert (len(server.heard), server.connections) == (8, 6)
