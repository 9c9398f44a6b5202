"""The straight way to an answer, for the request that comes most: a system's question, with a token that is known.

It passes what every request passes, by the same functions: the access table's terms, the token, the quota, the form and
codes of the question. It leaves out what the framework does between them, which costs more than the answer. Whatever
is not plain, and whatever would be refused, goes the ordinary way from its beginning, as it came: nothing is refused
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from litestar.datastructures import State
from litestar.types import Message, Receive
from msgspec import Struct

from isa_registry.actions import checks
from isa_registry.api.access import Access, access_of
from isa_registry.api.access.terms import JSON
from isa_registry.api.browser_safety import Headers, safe
from isa_registry.api.together import PATH, Asked, Together
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.identity.tokens import TokenValidator
from isa_registry.runtime.asking import ANSWERED_AGAIN, CHANGED, recorded
from isa_registry.runtime.evidence_of import refers
from isa_registry.runtime.registry import Registry

_encode = msgspec.json.Encoder().encode
_JSON: Headers = [(b"content-type", b"application/json")]
_SAFE = tuple(safe(_JSON)[1:])
_KNOWN = frozenset({b"authorization", b"content-type", b"content-length"})
# A request with one of these is not plain.
_SPECIAL = frozenset({b"content-encoding", b"transfer-encoding", b"idempotency-key", b"isa-min-log-size", b"expect"})


class Straight(Struct, frozen=True):
    """What became of a request: its answer, or whence the ordinary way reads it."""

    receive: Receive
    body: bytes | None = None
    quota: tuple[tuple[bytes, bytes], ...] = ()

    def headers(self, request_id: bytes, size: int) -> Headers:
        """The headers of the answer: those of the ordinary way, in its order."""
        return [
            *_JSON,
            (b"content-length", b"%d" % len(self.body or b"")),
            (b"x-request-id", request_id),
            (b"isa-log-size", b"%d" % size),
            *self.quota,
            *_SAFE,
        ]


class StraightWay:
    """Answers plain questions. `state` is the application's; `token_of` and `authorise` are what every request with a
    token passes."""

    def __init__(
        self,
        state: State,
        registry: Registry,
        *,
        token_of: Callable[[list[str]], str],
        authorise: Callable[[Caller, Access, Registry], None],
    ) -> None:
        self._state, self._registry = state, registry
        self._token_of, self._authorise = token_of, authorise
        self._together = Together(state, registry)
        self._coming = 0
        self._access = access_of("POST", PATH)
        if self._access.content_types != JSON:
            raise ValueError("the straight way takes JSON, and checks no longer do")

    async def ask(self, headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> Straight:
        """The answer to a plain question; for any other request, whence the ordinary way is to read its body. `receive`
        gives up what does not come in time, with `Refused`, as often as it is asked."""
        plain = self._plain(headers)
        if plain is None:
            return Straight(receive)
        caller, length = plain
        self._coming += 1
        try:
            message: Any = await receive()
        except Refused:
            return Straight(receive)
        finally:
            self._coming -= 1
        onward = Straight(_again(message, receive))
        if message["type"] != "http.request" or len(message["body"]) != length:
            return onward
        asked = Asked(message["body"], caller)
        await self._together.answer(asked, alone=not self._coming)
        if not asked.admitted:
            return onward
        try:
            body = await self._told(asked)
        except Exception:  # noqa: BLE001 - what goes wrong here goes wrong there, where it is said and logged
            return onward
        return onward if body is None else Straight(receive, body, asked.quota)

    async def _told(self, asked: Asked) -> bytes | None:
        """The answer to an admitted question as it goes out, recorded where it can be; None where none was found."""
        for tries_left in reversed(range(ANSWERED_AGAIN + 1)):
            if asked.body is not None or asked.answered is None:
                return asked.body
            try:
                return await self._recorded(asked)
            except Refused as refused:
                if refused.code != CHANGED:
                    raise
                if not tries_left:
                    return _encode(checks.render_unrecorded(asked.answered))
                asked.answered = None
                await self._together.answer_from_records([asked])
        raise AssertionError("the last try returns")

    async def _recorded(self, asked: Asked) -> bytes:
        assert asked.answered is not None and asked.question is not None and asked.found is not None
        unchanged = asked.found.unchanged(asked.question) if refers(asked.question) else None
        appended = await recorded(self._registry, asked.answered, asked.caller, None, unchanged)
        if appended is None:
            return _encode(checks.render_unrecorded(asked.answered))
        assert not appended.repeated, "nothing is repeated without a key"
        return checks.rendered(asked.answered, asked.members, recorded=True, stale=asked.found.stale)

    def _plain(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[Caller, int] | None:
        """Who asks, and how long the body is: where that is a system whose token is known and that may ask, and where
        all else is plain."""
        found: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in _KNOWN:
                if name in found:
                    return None
                found[name] = value
            elif name in _SPECIAL:
                return None
        length = found.get(b"content-length", b"")
        if found.get(b"content-type") != b"application/json" or not length.isdigit():
            return None
        size = int(length[:10])
        if size > self._access.body_limit:
            return None
        tokens: TokenValidator = self._state["tokens"]
        try:
            token = self._token_of([found.get(b"authorization", b"").decode("latin-1")])
            caller = tokens.validate_warm(token, self._registry.follower.view)
            if caller is None or caller.person:
                return None
            self._authorise(caller, self._access, self._registry)
        except Refused:
            return None
        return caller, size


def _again(message: Message, receive: Receive) -> Receive:
    """Gives a message that was read already, and then what comes after it."""
    waiting = [message]

    async def received() -> Any:
        return waiting.pop() if waiting else await receive()

    return received
