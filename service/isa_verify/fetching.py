"""Read a published log over HTTP: the only module here that opens a connection."""

import http.client
import ipaddress
import re
import time
import urllib.error
import urllib.request
from email.message import Message
from typing import IO, Final
from urllib.parse import urlsplit, urlunsplit

from isa_verify.errors import AccessDeniedError, CannotRunError, NotFoundError
from isa_verify.tiles import FULL_WIDTH, MAX_ENTRY_SIZE

MAX_RESPONSE_SIZE: Final = FULL_WIDTH * (MAX_ENTRY_SIZE + 2)
"""In bytes: a bundle of the largest entries, which nothing else that a log serves exceeds."""

_CONNECT_SECONDS: Final = 20.0
_RESPONSE_SECONDS: Final = 120.0
_CHUNK_SIZE: Final = 1 << 16
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class HttpLog:
    """A log below an `http` or `https` address: the service's base, or its `/log` prefix.

    Redirects are refused, so that a bearer token reaches no other server. Raises `CannotRunError`
    `url-unusable` or `token-unusable`; a token is refused over plain HTTP, except to this machine.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._prefix, host = _log_prefix(url)
        on_this_machine = _is_loopback(host)
        self._headers = {"Accept-Encoding": "identity", "User-Agent": "isa-verify"}
        if token is not None:
            if self._prefix.startswith("http:") and not on_this_machine:
                raise CannotRunError("token-unusable", "A token is not sent over plain HTTP to another machine.")
            if _TOKEN.fullmatch(token) is None:
                raise CannotRunError("token-unusable", "The token is not a bearer token.")
            self._headers["Authorization"] = f"Bearer {token}"
        # A proxy from the environment would carry what is meant to stay on this machine, the token too.
        proxies = urllib.request.ProxyHandler({} if on_this_machine else None)
        self._opener = urllib.request.build_opener(_NoRedirects(), proxies)

    def fetch(self, path: str) -> bytes:
        """Return what the log serves under a path such as `tile/0/000`.

        Raises `NotFoundError`, `AccessDeniedError` (401, 403), or another `CannotRunError`.
        """
        # The prefix was checked to be HTTP, so that no other scheme can be opened.
        request = urllib.request.Request(f"{self._prefix}/{path}", headers=self._headers)  # noqa: S310
        deadline = time.monotonic() + _RESPONSE_SECONDS
        try:
            with self._opener.open(request, timeout=_CONNECT_SECONDS) as response:
                if response.status != http.client.OK:
                    raise _unexpected_status(response.status)
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise CannotRunError("response-unusable", "The log's server sent a compressed answer unasked.")
                data = _read(response, deadline)
                # Reading in chunks, the standard library takes a connection that broke off for the end.
                if response.headers.get("Content-Length", str(len(data))) != str(len(data)):
                    raise CannotRunError("network-failed", "The log's server broke off in the middle.")
                return data
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
            raise _unexpected_status(status) from None
        except (OSError, http.client.HTTPException, ValueError):
            raise CannotRunError("network-failed", "The log's server could not be reached or broke off.") from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def _log_prefix(url: str) -> tuple[str, str]:
    unusable = CannotRunError("url-unusable", "The address is not an http or https address of a log.")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise unusable from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise unusable
    if any(character <= " " or character > "~" for character in url):
        raise unusable
    path = parts.path.rstrip("/")
    if not path.endswith("/log"):
        path += "/log"
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unexpected_status(status: int) -> CannotRunError:
    if status == http.client.NOT_FOUND:
        return NotFoundError("not-found", "The log's server has nothing under a path that was asked for.")
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        return AccessDeniedError("access-denied", f"The log's server refused access with status {status}.")
    return CannotRunError("network-failed", f"The log's server answered with status {status}.")


def _read(response: IO[bytes], deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read(_CHUNK_SIZE):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_RESPONSE_SIZE:
            raise CannotRunError("response-unusable", "The log's server sent more than any part of a log can hold.")
        if time.monotonic() > deadline:
            raise CannotRunError("network-failed", "The log's server took too long to answer.")
    return b"".join(chunks)
