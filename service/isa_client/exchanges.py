"""What is said to a server, in which order, and how often: the part of HTTP that needs no network.

An exchange is a generator. It yields the next thing to do (a request to send, a pause, a token to get), is handed what
came of it, and returns its result in the end. `drive` runs one with blocking calls and `drive_async` with awaited ones,
so both faces of this client say the same to a server by the same lines.
"""

import json
import random
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias, TypeVar

from isa_client.errors import ClientError, UnreachableError
from isa_verify.encoding import JsonValue

MAX_ATTEMPTS = 5
MAX_BODY = 4 * 1024 * 1024
LONGEST_WAIT_SECONDS = 5.0

_TRY_AGAIN = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without parameters, lower-case; empty where none was given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json_object(self) -> dict[str, JsonValue]:
        """Return the body as a JSON object. Raises `UnreachableError` where it is anything else."""
        try:
            value: JsonValue = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise UnreachableError("answer-malformed", "The server's answer is not the JSON that was expected.")
        return value


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send once; a `Reply` of at most `longest` bytes comes of it, or an `UnreachableError` is raised in
    its place. `fresh`: over a connection of its own, since a kept one may have been closed meanwhile, and what must not
    be sent twice could not be sent again."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None
    longest: int = MAX_BODY
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds to let pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class TokenWanted:
    """An access token that is good now; the text of one comes of it."""


@dataclass(frozen=True, slots=True)
class TokenSpent:
    """This token is no longer taken."""

    token: str


Step: TypeAlias = Request | Pause | TokenWanted | TokenSpent
_Result = TypeVar("_Result")
Exchange: TypeAlias = Generator[Step, Any, _Result]


def drive(exchange: Exchange[_Result], perform: Callable[[Step], object]) -> _Result:
    """Run an exchange to its end with blocking calls. What `perform` raises is raised inside it."""
    try:
        step = next(exchange)
        while True:
            try:
                outcome = perform(step)
            except ClientError as error:
                step = exchange.throw(error)
            else:
                step = exchange.send(outcome)
    except StopIteration as ended:
        result: _Result = ended.value
        return result
    finally:
        exchange.close()


async def drive_async(exchange: Exchange[_Result], perform: Callable[[Step], Awaitable[object]]) -> _Result:
    """Run an exchange to its end, awaiting each step. What `perform` raises is raised inside it."""
    try:
        step = next(exchange)
        while True:
            try:
                outcome = await perform(step)
            except ClientError as error:
                step = exchange.throw(error)
            else:
                step = exchange.send(outcome)
    except StopIteration as ended:
        result: _Result = ended.value
        return result
    finally:
        exchange.close()


def attempted(request: Request | Callable[[], Request], attempts: int) -> Exchange[Reply]:
    """The answer to a request, whatever its status, sent at most `attempts` times and five in all. One that is good
    for once is made anew each time.

    Only what may safely be sent twice is given more than one attempt. It is sent again where the server was not
    reached, or is busy (429, 502, 503, 504, or a 409 that says when to come again), after its `Retry-After`. One that
    asks for more than five seconds is not waited for: its answer says when. A server that let the time run out is not
    asked twice.
    """
    allowed = max(1, min(attempts, MAX_ATTEMPTS))
    for attempt in range(1, allowed + 1):
        try:
            reply = yield from _sent(request() if callable(request) else request)
        except UnreachableError as error:
            if attempt == allowed or error.code != "unreachable":
                raise
            yield Pause(_growing(attempt))
            continue
        asked = retry_after(reply)
        busy = reply.status in _TRY_AGAIN or (reply.status == 409 and asked is not None)
        if not busy or attempt == allowed or (asked is not None and asked > LONGEST_WAIT_SECONDS):
            break
        yield Pause(_growing(attempt) if asked is None else asked)
    return reply


def _sent(request: Request) -> Exchange[Reply]:
    reply = yield request
    assert isinstance(reply, Reply)
    return reply


def retry_after(reply: Reply) -> float | None:
    """Return the seconds for which the server asks to be left alone (RFC 9110 section 10.2.3), or None."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _growing(attempt: int) -> float:
    # Spread, so that the systems of an area do not all come back in the same moment after an outage.
    return float(min(0.4 * 2 ** (attempt - 1), LONGEST_WAIT_SECONDS)) * random.uniform(0.5, 1.0)  # noqa: S311
