"""The registry's API as an agency's system calls it: ask, send, fetch the proof."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from isa_client.connections import Connection, Reply
from isa_client.errors import ClientError, FieldProblem, InputError, ProblemError, UnreachableError
from isa_client.identifiers import is_check_id, is_event_id
from isa_verify.checkpoint import check_origin
from isa_verify.encoding import JsonValue
from isa_verify.errors import MalformedError

WRITE_ATTEMPTS = 3
RECEIPT_ATTEMPTS = 5


class Tokens(Protocol):
    """Where access tokens come from; `isa_client.tokens.TokenSource` is one."""

    def token(self) -> str:
        """Return an access token that is good now."""

    def forget(self) -> None:
        """Take the last token for spent."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The registry's answer to a sharing event: where it lies in the log, since when, and what was flagged.

    `new` is False where the registry held this very event already. `receipt` is a path at the registry.
    """

    id: str
    entry: int
    recorded_at: str
    flags: tuple[str, ...]
    receipt: str
    new: bool


@dataclass(frozen=True, slots=True)
class Attested:
    """The registry's answer to an attestation. `receipt` is a path at the registry; `new` as for `Recorded`."""

    attestation: str
    entry: int
    logged_at: str
    receipt: str
    new: bool


class Registry:
    """One registry at `url`, called with the tokens of one organisation.

    Every method raises `UnreachableError` where no usable answer came, and `ProblemError` where the registry
    answered with an error. A refused token is fetched anew once.
    """

    def __init__(self, url: str, tokens: Tokens, connection: Connection | None = None) -> None:
        self._connection = connection or Connection()
        self._url = self._connection.check_url(url)
        self._tokens = tokens

    def ask(self, question: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the answer to a check, as the registry gave it. The question is the body of `POST /api/v1/checks`.

        An answer other than "share" is advice, not a prohibition, unless its outcome is `do-not-share`.
        """
        reply = self._call(
            "POST",
            "/api/v1/checks",
            content=json.dumps(dict(question)).encode("utf-8"),
            headers={"Content-Type": "application/json", "Idempotency-Key": f'"{secrets.token_hex(16)}"'},
            attempts=2,
        )
        answer = _expect(reply, 200).json_object()
        if not isinstance(answer.get("outcome"), str):
            raise UnreachableError("answer-malformed", "The registry's answer holds no outcome.")
        return answer

    def send_event(self, event: str, withheld: str | None = None) -> Recorded:
        """Record a signed sharing event, with its signed list of what was withheld where it names one.

        Sending the same documents again is safe: the registry gives its first answer again.
        """
        if withheld is None:
            content, media_type = event.encode("ascii"), "application/jose"
        else:
            content, media_type = json.dumps({"event": event, "withheld": withheld}).encode("ascii"), "application/json"
        # The key follows from the content, so that a later run of the same command repeats this one.
        key = hashlib.sha256(content).hexdigest()
        reply = self._call(
            "POST",
            "/api/v1/sharing-events",
            content=content,
            headers={"Content-Type": media_type, "Idempotency-Key": f'"{key}"'},
            attempts=WRITE_ATTEMPTS,
        )
        return _recorded(_expect(reply, 200, 201))

    def send_attestation(self, attestation: str, agreement: str, version: str) -> Attested:
        """Record a signed attestation of a version. Sending it again is safe: the registry gives its first answer."""
        reply = self._call(
            "POST",
            f"/api/v1/agreements/{quote(agreement, safe='')}/versions/{quote(version, safe='')}/attestations",
            content=attestation.encode("ascii"),
            headers={"Content-Type": "application/jose"},
            attempts=WRITE_ATTEMPTS,
        )
        return _attested(_expect(reply, 200, 201))

    def event_receipt(self, event_id: str) -> bytes:
        """Return the receipt of a sharing event, unverified, exactly as served."""
        if not is_event_id(event_id):
            raise InputError("event-id-malformed", "The id of a sharing event is a UUID version 7 in lower case.")
        return self._receipt(f"/api/v1/sharing-events/{event_id}/receipt")

    def check_receipt(self, check_id: str) -> bytes:
        """Return the receipt of a recorded check, unverified, exactly as served."""
        if not is_check_id(check_id):
            raise InputError("check-id-malformed", "The id of a check starts with chk_.")
        return self._receipt(f"/api/v1/checks/{check_id}/receipt")

    def _receipt(self, path: str) -> bytes:
        reply = _expect(self._call("GET", path, attempts=RECEIPT_ATTEMPTS), 200)
        reply.json_object()
        return reply.body

    def _call(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        attempts: int,
    ) -> Reply:
        for last in (False, True):
            sent = {
                "Authorization": f"Bearer {self._tokens.token()}",
                "Accept": "application/json, application/problem+json",
                **(headers or {}),
            }
            reply = self._connection.request(method, self._url + path, headers=sent, content=content, attempts=attempts)
            if reply.status != 401 or last:
                break
            self._tokens.forget()
        return reply


def log_origin(url: str, connection: Connection) -> str:
    """Return the name of the registry's log, from the first line of its public checkpoint.

    The name is not proved by this; where it matters more than convenience, hold it in your own configuration.
    """
    base = connection.check_url(url)
    reply = connection.request("GET", f"{base}/log/checkpoint", headers={"Accept": "text/plain"}, attempts=2)
    if reply.status == 404:
        reply = connection.request(
            "GET", f"{base}/log/checkpoint.pending", headers={"Accept": "text/plain"}, attempts=2
        )
    if reply.status != 200:
        raise UnreachableError("log-unreachable", f"The log's checkpoint is not there (status {reply.status}).")
    try:
        origin = reply.body.split(b"\n", 1)[0].decode("utf-8")
        check_origin(origin)
    except (UnicodeDecodeError, MalformedError):
        raise UnreachableError("log-malformed", "The log's checkpoint does not begin with a usable name.") from None
    return origin


def problem_of(reply: Reply) -> ClientError:
    """Return the error that an unexpected answer means: its RFC 9457 problem, or its bare status."""
    if reply.media_type != "application/problem+json":
        detail = f"The server answered with status {reply.status} and no explanation."
        return ProblemError(reply.status, f"http-{reply.status}", "Unexplained", detail)
    document = reply.json_object()
    title, detail = (_text(document.get(name)) for name in ("title", "detail"))
    kind = _text(document.get("type")).rstrip("/").rpartition("/")[2]
    listed = document.get("errors")
    fields = [
        FieldProblem(_text(item.get("pointer")), _text(item.get("detail")))
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict)
    ]
    return ProblemError(
        reply.status,
        kind or f"http-{reply.status}",
        title or "Refused",
        detail,
        fields=fields,
        request=_text(document.get("instance")) or None,
    )


def _expect(reply: Reply, *statuses: int) -> Reply:
    if reply.status not in statuses:
        raise problem_of(reply)
    if reply.media_type != "application/json":
        raise UnreachableError("answer-malformed", "The registry's answer is not JSON.")
    return reply


def _recorded(reply: Reply) -> Recorded:
    document = reply.json_object()
    entry, flags = document.get("entry"), document.get("flags")
    texts = [_text(document.get(name)) for name in ("id", "recorded_at", "receipt")]
    if not isinstance(entry, int) or not isinstance(flags, list) or not all(texts):
        raise UnreachableError("answer-malformed", "The registry's answer does not say what it recorded.")
    return Recorded(texts[0], entry, texts[1], tuple(_text(flag) for flag in flags), texts[2], new=reply.status == 201)


def _attested(reply: Reply) -> Attested:
    document = reply.json_object()
    entry = document.get("entry")
    texts = [_text(document.get(name)) for name in ("attestation", "logged_at", "receipt")]
    if not isinstance(entry, int) or not all(texts):
        raise UnreachableError("answer-malformed", "The registry's answer does not say what it recorded.")
    return Attested(texts[0], entry, texts[1], texts[2], new=reply.status == 201)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""
