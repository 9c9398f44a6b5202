"""The calls of the registry's API: what is sent for each, how often it may be, and how its answer is read.

Nothing here speaks to a network. `isa_client.registry` makes these calls with blocking connections and
`isa_client.async_registry` with awaited ones.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

from isa_client import answers
from isa_client.answers import Acknowledged, Attested, Page, Recorded, check_answer, expect
from isa_client.documents import payload_of
from isa_client.errors import SHARE_NOW, ClientError, InputError, ProblemError
from isa_client.exchanges import MAX_BODY, Exchange, Reply, Request, TokenSpent, TokenWanted, attempted
from isa_client.identifiers import is_check_id, is_event_id
from isa_verify.encoding import JsonValue
from isa_verify.errors import MalformedError

ASK_ATTEMPTS = 2
READ_ATTEMPTS = 3
WRITE_ATTEMPTS = 3
RECEIPT_ATTEMPTS = 5
MAX_BATCH_OF_EVENTS = 100
MAX_BATCH_OF_CHECKS = 1000
LONGEST_ANSWER = 64 * 1024
"""Bytes for one answer of a batch of checks: one that explains every rule was some 9,000."""
STATES = ("matched", "unmatched", "disputed", "corrected")
"""What became of an event on both sides."""
PARTS = ("event", "withheld", "acknowledgement")
"""What of an event a receipt may be for."""

_Answer = TypeVar("_Answer")
_Answer_co = TypeVar("_Answer_co", covariant=True)
_EVENTS = "/api/v1/sharing-events"


@dataclass(frozen=True, slots=True)
class Call(Generic[_Answer_co]):
    """One call, whose answer is at most `longest` bytes. `about_check` says that whoever gets none is told that in
    immediate danger one shares now."""

    method: str
    path: str
    read: Callable[[Reply], _Answer_co]
    attempts: int
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    about_check: bool = False
    longest: int = MAX_BODY


def made(call: Call[_Answer], base: str) -> Exchange[_Answer]:
    """The call's answer, from the registry at `base`. A refused token is fetched anew once."""
    with in_danger_share_now() if call.about_check else _as_it_is():
        for last in (False, True):
            token = yield TokenWanted()
            headers = {
                "Authorization": f"Bearer {token}",
                "Accept": "application/json, application/problem+json",
                **call.headers,
            }
            once = call.attempts == 1
            request = Request(call.method, base + call.path, headers, call.content, call.longest, fresh=once)
            reply = yield from attempted(request, call.attempts)
            if reply.status != 401 or last:
                break
            yield TokenSpent(token)
        return call.read(reply)


@contextmanager
def in_danger_share_now() -> Iterator[None]:
    """Whatever goes wrong with a question, the error says that immediate danger does not wait for an answer."""
    try:
        yield
    except ClientError as error:
        error.immediate_danger = SHARE_NOW
        raise


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


def ask(question: Mapping[str, JsonValue]) -> Call[dict[str, JsonValue]]:
    """One check: the body of `POST /api/v1/checks`."""
    with in_danger_share_now():
        return Call(
            "POST",
            "/api/v1/checks",
            lambda reply: check_answer(expect(reply, 200)),
            ASK_ATTEMPTS,
            encoded(dict(question)),
            _fresh_json(),
            about_check=True,
        )


def ask_many(questions: Sequence[Mapping[str, JsonValue]]) -> Call[list[dict[str, JsonValue] | ProblemError]]:
    """Up to 1,000 checks at once, each with its own answer or problem, in order."""
    with in_danger_share_now():
        if not 1 <= len(questions) <= MAX_BATCH_OF_CHECKS:
            raise InputError("batch-size", "A batch has 1 to 1,000 questions.")
        content = encoded({"checks": [dict(question) for question in questions]})
    return Call(
        "POST",
        "/api/v1/checks/batch",
        _checks(len(questions)),
        # Checks that are recorded would be recorded a second time: a batch is sent again by whoever decides to.
        1,
        content,
        _JSON,
        about_check=True,
        longest=len(questions) * LONGEST_ANSWER,
    )


def _checks(expected: int) -> Callable[[Reply], list[dict[str, JsonValue] | ProblemError]]:
    def read(reply: Reply) -> list[dict[str, JsonValue] | ProblemError]:
        found = answers.each(expect(reply, 200), expected)
        for one in found:
            if isinstance(one, ProblemError):
                one.immediate_danger = SHARE_NOW
            else:
                check_answer(one)
        return found

    return read


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed sharing event, and the signed list of what was withheld where it names one: the exact compact JWS."""

    event: str
    withheld: str | None = None

    def body(self) -> tuple[bytes, str]:
        """Return the request's body and its media type. Raises `InputError` where they are not text of a JWS."""
        if self.withheld is None:
            return _ascii(self.event), "application/jose"
        return encoded({"event": self.event, "withheld": self.withheld}), "application/json"


def send_event(signed: Signed, key: str | None = None) -> Call[Recorded]:
    """Record a sharing event. Without a key the Idempotency-Key follows from the content, so that a later run repeats
    this one."""
    content, media_type = signed.body()
    headers = {"Content-Type": media_type, "Idempotency-Key": f'"{key or content_key(content)}"'}
    return Call("POST", _EVENTS, partial(_new_or_known, answers.recorded), WRITE_ATTEMPTS, content, headers)


def send_events(events: Sequence[Signed]) -> Call[list[Recorded | ProblemError]]:
    """Record up to 100 sharing events at once, each with its own answer or problem, in order."""
    if not 1 <= len(events) <= MAX_BATCH_OF_EVENTS:
        raise InputError("batch-size", "A batch has 1 to 100 events.")
    listed: list[JsonValue] = [
        {"event": one.event} if one.withheld is None else {"event": one.event, "withheld": one.withheld}
        for one in events
    ]

    def read(reply: Reply) -> list[Recorded | ProblemError]:
        found = answers.each(expect(reply, 200), len(events))
        return [
            one if isinstance(one, ProblemError) else answers.recorded(one, new=one.get("status") == 201)
            for one in found
        ]

    # Each event's own id makes it safe to send again; a batch needs no key beside that.
    return Call("POST", f"{_EVENTS}/batch", read, WRITE_ATTEMPTS, encoded({"events": listed}), _JSON)


def acknowledge(acknowledgement: str, key: str | None = None) -> Call[Acknowledged]:
    """Record a recipient's signed acknowledgement of the event that it names."""
    content = _ascii(acknowledgement)
    path = f"{_EVENTS}/{_event_id(_named(acknowledgement, 'event'))}/acknowledgement"
    headers = {"Content-Type": "application/jose", "Idempotency-Key": f'"{key or content_key(content)}"'}
    return Call("POST", path, partial(_new_or_known, answers.acknowledged), WRITE_ATTEMPTS, content, headers)


def attest(attestation: str, agreement: str, version: str) -> Call[Attested]:
    """Record a signed attestation of a version."""
    path = f"/api/v1/agreements/{quote(agreement, safe='')}/versions/{quote(version, safe='')}/attestations"
    headers = {"Content-Type": "application/jose"}
    read = partial(_new_or_known, answers.attested)
    return Call("POST", path, read, WRITE_ATTEMPTS, _ascii(attestation), headers)


def event(event_id: str) -> Call[dict[str, JsonValue]]:
    """One sharing event as the registry shows it, with its signed document as `event`."""
    return Call("GET", f"{_EVENTS}/{_event_id(event_id)}", lambda reply: expect(reply, 200), READ_ATTEMPTS)


def events(side: str, cursor: str | None, state: str | None) -> Call[Page]:
    """A page of the sharing events that one provided (`provider`) or received (`recipient`), newest first."""
    if side not in ("provider", "recipient"):
        raise InputError("side-unknown", "The side is provider or recipient.")
    if state not in (None, *STATES):
        raise InputError("state-unknown", f"The state is one of {', '.join(STATES)}.")
    query = {"side": side, "state": state, "cursor": cursor}
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return Call("GET", f"{_EVENTS}?{asked}", lambda reply: answers.page(expect(reply, 200), "events"), READ_ATTEMPTS)


def event_receipt(event_id: str, part: str | None = None) -> Call[bytes]:
    """The receipt of a sharing event, or of its list or acknowledgement, unverified, exactly as served."""
    if part not in (None, *PARTS):
        raise InputError("part-unknown", f"The part is one of {', '.join(PARTS)}.")
    query = "" if part is None else f"?part={part}"
    return Call("GET", f"{_EVENTS}/{_event_id(event_id)}/receipt{query}", exactly, RECEIPT_ATTEMPTS)


def check_receipt(check_id: str) -> Call[bytes]:
    """The receipt of a recorded check, unverified, exactly as served."""
    if not is_check_id(check_id):
        raise InputError("check-id-malformed", "The id of a check starts with chk_.")
    return Call("GET", f"/api/v1/checks/{check_id}/receipt", exactly, RECEIPT_ATTEMPTS)


def content_key(content: bytes) -> str:
    """Return the Idempotency-Key of a request that is always the same: the lower-case hex SHA-256 of its body."""
    return hashlib.sha256(content).hexdigest()


_JSON = {"Content-Type": "application/json"}


def _fresh_json() -> dict[str, str]:
    return {**_JSON, "Idempotency-Key": f'"{secrets.token_hex(16)}"'}


def exactly(reply: Reply) -> bytes:
    """Return the bytes of a good answer as they were served."""
    expect(reply, 200)
    return reply.body


def _new_or_known(read: Callable[..., _Answer], reply: Reply) -> _Answer:
    return read(expect(reply, 200, 201), new=reply.status == 201)


def encoded(document: Mapping[str, JsonValue]) -> bytes:
    """Return the document as the bytes of a JSON request. Raises `InputError` where JSON cannot say it."""
    try:
        return json.dumps(document, allow_nan=False).encode("ascii")
    except (TypeError, ValueError, RecursionError):
        raise InputError("request-malformed", "The request holds something that JSON cannot say.") from None


def _ascii(compact: str) -> bytes:
    try:
        return compact.encode("ascii")
    except UnicodeEncodeError:
        raise InputError("document-malformed", "A signed document is ASCII text.") from None


def _named(compact: str, member: str) -> str:
    try:
        return answers.text(payload_of(compact).get(member))
    except MalformedError:
        raise InputError("document-malformed", "The text is not a signed document.") from None


def _event_id(identifier: str) -> str:
    if not is_event_id(identifier):
        raise InputError("event-id-malformed", "The id of a sharing event is a UUID version 7 in lower case.")
    return identifier
