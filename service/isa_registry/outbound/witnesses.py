"""Asking witnesses to cosign a checkpoint, and what they have cosigned (C2SP tlog-witness, the log's side)."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import re
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import httpx
from msgspec import Struct

from isa_registry.ledger.witness import request_body
from isa_registry.outbound.fetching import OutboundError
from isa_verify.cosignature import LAST_TIME
from isa_verify.encoding import parse_decimal
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.note import MAX_NOTE_SIZE, VerifiedSignature, VerifierKey, parse_note

DEADLINE_SECONDS = 5.0
"""For one request, from the name's look-up to the last byte."""

MAX_ANSWER = 64 * 1024
"""In bytes. Two cosignatures take less than four thousand."""

_HOST = re.compile(rb"[a-z0-9.-]+|[0-9a-f:.]+")
_STATUSES = {
    400: "request-refused",
    403: "log-key-unknown",
    404: "log-unknown",
    429: "busy",
    503: "busy",
}


class WitnessError(OutboundError):
    """A witness could not be asked, or did not cosign.

    Codes: `address-refused`, `unreachable`, `too-slow`, `too-large`; `request-refused`, `log-key-unknown`,
    `log-unknown`, `busy`, `status-refused`; `root-differs`: it has cosigned another root of this very size;
    `proof-refused`; `answer-malformed`, `cosignature-missing`, `cosignature-invalid`, `cosignature-undated`.
    """


class RecordedSize(Struct, frozen=True):
    """The size of the newest checkpoint that a witness says it has cosigned. Its word alone proves nothing."""

    size: int


class WitnessClient:
    """Speaks to witnesses over HTTPS, or over HTTP to this machine. Redirects are not followed."""

    def __init__(self, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            timeout=httpx.Timeout(DEADLINE_SECONDS, connect=2.0),
            # A proxy that the environment names would carry loopback addresses off this machine.
            mounts={f"all://{host}": transport for host in ("127.0.0.1", "localhost", "[::1]")},
            headers={"Accept-Encoding": "identity", "User-Agent": "isa-registry"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections kept open."""
        await self._client.aclose()

    async def add_checkpoint(
        self, url: str, keys: Sequence[VerifierKey], note: bytes, *, size: int, old: int, proof: Sequence[bytes]
    ) -> tuple[VerifiedSignature, ...] | RecordedSize:
        """The cosignatures, by these keys alone and each verified, of the witness at `url` over a checkpoint's note.

        `size` is the checkpoint's; `proof` leads from `old`. Lines of other cosigners are ignored. A `RecordedSize`
        says that the witness stands at another size than `old`: prove from there. Raises `WitnessError`.
        """
        status, answer, host = await self._ask("POST", url, "add-checkpoint", request_body(old, proof, note))
        if status == 200:
            return _cosignatures(answer, keys, note, host)
        # Until 2026 a witness said 409, too, where the size is the recorded one and the root is not.
        if old == size and (status == 422 or (status == 409 and _size(answer) in (None, size))):
            raise WitnessError("root-differs", host)
        if status == 409:
            recorded = _size(answer)
            if recorded is None or recorded == old:
                raise WitnessError("answer-malformed", host)
            return RecordedSize(recorded)
        raise WitnessError("proof-refused" if status == 422 else _STATUSES.get(status, "status-refused"), host)

    async def newest(self, url: str, origin: str) -> bytes | None:
        """The newest checkpoint of a log that the witness shows, as a signed note: nothing about it is verified.

        None where it has none, or does not speak this part of the protocol. Raises `WitnessError`.
        """
        path = f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
        status, answer, host = await self._ask("GET", url, path, b"")
        if status == 404:
            return None
        if status != 200:
            raise WitnessError(_STATUSES.get(status, "status-refused"), host)
        return answer

    async def _ask(self, method: str, prefix: str, path: str, body: bytes) -> tuple[int, bytes, str]:
        target = _address(prefix, path)
        try:
            async with (
                asyncio.timeout(DEADLINE_SECONDS),
                self._client.stream(method, target, content=body or None) as response,
            ):
                answer = await _read(response, target.host)
                return response.status_code, answer, target.host
        except (TimeoutError, httpx.TimeoutException):
            raise WitnessError("too-slow", target.host) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise WitnessError("unreachable", target.host) from None


def _address(prefix: str, path: str) -> httpx.URL:
    try:
        target = httpx.URL(f"{prefix.rstrip('/')}/{path}")
    except (httpx.InvalidURL, TypeError):
        raise WitnessError("address-refused", "") from None
    proper = _HOST.fullmatch(target.raw_host) and not target.userinfo and not target.fragment and not target.query
    if not proper or not (target.scheme == "https" or (target.scheme == "http" and _is_loopback(target.host))):
        raise WitnessError("address-refused", target.host)
    return target


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _read(response: httpx.Response, host: str) -> bytes:
    # A compressed body could grow a thousandfold in a single step, before its size can be seen.
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise WitnessError("answer-malformed", host)
    answer = bytearray()
    async for chunk in response.aiter_bytes():
        answer += chunk
        if len(answer) > MAX_ANSWER:
            raise WitnessError("too-large", host)
    return bytes(answer)


def _size(answer: bytes) -> int | None:
    try:
        text = answer.decode("ascii")
        return parse_decimal(text.removesuffix("\n"))
    except (UnicodeDecodeError, MalformedError):
        return None


def _cosignatures(answer: bytes, keys: Sequence[VerifierKey], note: bytes, host: str) -> tuple[VerifiedSignature, ...]:
    text = parse_note(note).text
    if len(text) + 1 + len(answer) > MAX_NOTE_SIZE:
        raise WitnessError("too-large", host)
    try:
        parsed = parse_note(text + b"\n" + answer)
    except MalformedError:
        raise WitnessError("answer-malformed", host) from None
    # An answer that holds an empty line would move part of itself into the text.
    if parsed.text != text:
        raise WitnessError("answer-malformed", host)
    known = {(key.name, key.key_id): key for key in keys}
    found: dict[VerifierKey, VerifiedSignature] = {}
    for line in parsed.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        try:
            timestamp = key.verify(text, line.signature)
        except VerificationError:
            raise WitnessError("cosignature-invalid", host) from None
        if not timestamp or timestamp > LAST_TIME:
            raise WitnessError("cosignature-undated", host)
        found[key] = VerifiedSignature(key, line, timestamp)
    if not found:
        raise WitnessError("cosignature-missing", host)
    return tuple(found.values())
