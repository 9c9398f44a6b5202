"""HTTP as this client speaks it: no redirects, a limit on time and size, and few, bounded retries."""

import ipaddress
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import httpx

from isa_client.errors import InputError, UnreachableError
from isa_verify.encoding import JsonValue

TIMEOUT_SECONDS = 10.0
MAX_BODY = 4 * 1024 * 1024
MAX_ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 5.0

_NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority. Plain http has no use for the real one, which takes a while to load."""

_TRY_AGAIN = frozenset({429, 503})


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


class Connection:
    """One way out to servers that use TLS, or plain HTTP on this machine.

    `allow_http` permits plain HTTP to other machines. `sleep` waits that many seconds between attempts.
    """

    def __init__(
        self,
        *,
        allow_http: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._allow_http = allow_http
        self._timeout = timeout
        self._sleep = sleep or time.sleep

    def check_url(self, url: str) -> str:
        """Return an address without a trailing slash; raise `InputError` unless it may be called.

        It is https, or http to a loopback address, and holds no user name, query or fragment.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if host is None or parts.scheme not in ("http", "https") or "@" in parts.netloc:
            raise InputError("url-malformed", "An address is https://host, without a user name.")
        if parts.query or parts.fragment or not url.isascii() or not url.isprintable():
            raise InputError("url-malformed", "An address has no query, no fragment and only ASCII characters.")
        if parts.scheme == "http" and not self._allow_http and not is_loopback(host):
            raise InputError(
                "url-not-secure", "Plain http is refused except to this machine (--allow-http permits it)."
            )
        return url.rstrip("/")

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        attempts: int = 1,
    ) -> Reply:
        """Send one request and return the answer, whatever its status.

        A 429 or 503 is tried again, at most `attempts` times in all, after its `Retry-After` or one second, never
        longer than five. Raises `UnreachableError` where no complete answer of at most 4 MiB came in time.
        """
        address = self.check_url(url)
        for attempt in range(1, min(attempts, MAX_ATTEMPTS) + 1):
            reply = self._once(method, address, headers, content)
            if reply.status not in _TRY_AGAIN or attempt == min(attempts, MAX_ATTEMPTS):
                break
            self._sleep(_wait(reply.headers.get("retry-after", "")))
        return reply

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()

    def _once(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        # A proxy of the environment is right for a server elsewhere and never for one on this machine.
        trust_env = not is_loopback(urlsplit(url).hostname or "")
        deadline = time.monotonic() + self._timeout
        try:
            with (
                httpx.Client(
                    timeout=self._timeout,
                    follow_redirects=False,
                    trust_env=trust_env,
                    verify=self._trust if url.startswith("https:") else _NO_TRUST,
                ) as client,
                client.stream(method, url, headers=dict(headers), content=content) as response,
            ):
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_BODY or time.monotonic() > deadline:
                        raise UnreachableError("answer-too-long", "The server's answer was too long or too slow.")
                found = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, found, bytes(body))
        except httpx.TimeoutException:
            raise UnreachableError("timed-out", "The server did not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise UnreachableError("unreachable", "The server cannot be reached.") from None


def is_loopback(host: str) -> bool:
    """Say whether the host is this machine by its literal address or the name `localhost`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _wait(retry_after: str) -> float:
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), LONGEST_WAIT_SECONDS)
    return 1.0
