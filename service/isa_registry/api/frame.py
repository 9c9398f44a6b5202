"""What every request goes through: an id, size limits, who is calling, and the headers that every answer carries."""

from __future__ import annotations

import hmac
import re
import time
from typing import Any, cast

import structlog
from litestar import Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from isa_registry.api.access import Access
from isa_registry.api.people import admit_handshake, admit_person, greet_person
from isa_registry.api.problems import PROBLEMS, problem_bytes
from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.callers import Caller
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.tokens import TokenValidator
from isa_registry.runtime.erasure.journal import ErasuresNotReapplied
from isa_registry.runtime.registry import Registry

_access_log = structlog.get_logger("isa_registry.access")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,128}")
_SIZE = re.compile(r"[0-9]{1,15}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_RECENT_SECONDS = 300
READ_YOUR_WRITES_SECONDS = 0.5
_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", _POLICY),
)


class Frame:
    """The outermost ASGI layer. It never looks into a body; its one log line has no query, no header, no body."""

    def __init__(
        self,
        app: ASGIApp,
        registry: Registry,
        *,
        hosts: frozenset[bytes],
        public_url: str,
        bare_prefix: str | None = None,
    ) -> None:
        self._app = app
        self._registry = registry
        self._hosts = hosts
        self._public_url = public_url
        self._bare_prefix = bare_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or (self._bare_prefix and scope["path"].startswith(self._bare_prefix)):
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            await self._misdirected(send, request_id)
            return
        cast("dict[str, Any]", scope)["isa_request_id"] = request_id.decode()
        started = time.perf_counter()
        status, method = 0, str(scope["method"])
        if method == "HEAD":
            # Answered as GET is; the server sends the headers alone (RFC 9110 section 9.3.2).
            cast("dict[str, Any]", scope)["method"] = "GET"

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [(name, _allowed(value) if name == b"allow" else value) for name, value in message["headers"]]
                headers.append((b"x-request-id", request_id))
                headers.append((b"isa-log-size", b"%d" % self._registry.follower.view.size))
                headers.extend(_SECURITY)
                cookies = cast("dict[str, Any]", scope).get("isa_cookies", ())
                headers.extend((b"set-cookie", cookie) for cookie in cookies)
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, framed)
        _access_log.info(
            "answered",
            # A method can be any word that a client likes.
            method=method if method in _METHODS else "other",
            route=cast("dict[str, Any]", scope).get("isa_route", ""),
            status=status,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
            request_id=request_id.decode(),
        )

    def _request_id(self, scope: Scope) -> bytes:
        """The caller's own id where it is a plain one, otherwise a fresh one."""
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                return bytes(value)
        return self._registry.randomness(16).hex().encode()

    async def _misdirected(self, send: Send, request_id: bytes) -> None:
        """A Host that this service does not have: a page elsewhere that points here, or a proxy set up wrongly."""
        body = problem_bytes(self._public_url, "misdirected", PROBLEMS["misdirected"].advice, request_id.decode())
        headers: list[tuple[bytes, bytes]] = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", request_id),
            (b"cache-control", b"no-store"),
            *_SECURITY,
        ]
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _allowed(methods: bytes) -> bytes:
    """An Allow header with the HEAD that comes with every GET."""
    return methods.replace(b"GET", b"GET, HEAD") if b"GET" in methods else methods


async def admit_request(request: Request) -> Response[bytes] | None:
    """Runs before each API handler: the route's terms from the access table, applied. Returns where to send a person
    who is to sign in first.

    Raises `Refused`: `unsupported-media-type`, `unauthenticated`, `invalid-token`, `insufficient-scope`, `forbidden`,
    `sign-in-too-old`, `not-folded`.
    """
    scope = cast("dict[str, Any]", request.scope)
    if request.scope["method"] == "OPTIONS":
        # The framework's own answer: which methods a path takes, and nothing else.
        return None
    access: Access = request.route_handler.opt["access"]
    scope["isa_access"] = access
    scope["isa_route"] = request.route_handler.opt["route"]
    headers = request.headers
    if access.content_types and media_type(request) not in access.content_types:
        raise Refused(
            "unsupported-media-type", f"Send {' or '.join(access.content_types)}, in UTF-8 without compression."
        )
    if access.session:
        return await admit_person(request, access)
    if access.handshake:
        await admit_handshake(request, access)
        if request.scope["method"] == "GET":
            await greet_person(request)
        return None
    if access.greets:
        await greet_person(request)
    if access.operator:
        _admit_operator(request)
    elif not (access.public or (access.opened_by and request.app.state[access.opened_by])):
        caller = await _authenticate(request, headers.get("authorization"))
        _authorise(caller, access, request.app.state.registry)
        scope["isa_caller"] = caller
        if request.scope["method"] == "GET":
            _refuse_what_was_erased(request.app.state.registry)
    wanted = headers.get("isa-min-log-size")
    if wanted is not None:
        await _wait_for(request, wanted)
    return None


def _admit_operator(request: Request) -> None:
    """Raises `Refused` unless the request carries the operator's own token; with none set, there is no such route."""
    wanted: str = request.app.state.metrics_token
    if not wanted:
        raise Refused("not-found", "There is nothing here.")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Refused("unauthenticated", "Send the operator's token as `Authorization: Bearer`.")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Refused("invalid-token", "The access token is not accepted here.")


def media_type(request: Request) -> str:
    """The media type of the request's body, without parameters; another character set than UTF-8 is no type."""
    if "content-encoding" in request.headers:
        return ""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if parameters.strip() and parameters.strip().lower().replace('"', "") != "charset=utf-8":
        return ""
    return kind.strip().lower()


async def _authenticate(request: Request, authorization: str | None) -> Caller:
    if authorization is None:
        raise Refused("unauthenticated", "This route needs an access token.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("unauthenticated", "Send the token as `Authorization: Bearer`.")
    tokens: TokenValidator = request.app.state.tokens
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    caller = tokens.validate_warm(token, view)
    if caller is not None:
        return caller
    try:
        return await tokens.validate(token, view)
    except InvalidToken:
        # The reason helps a forger as much as an engineer, so it stays with the issuer's self-test.
        raise Refused("invalid-token", "The access token is not accepted here.") from None


def _refuse_what_was_erased(registry: Registry) -> None:
    """Records are not shown while the database holds some that were erased."""
    if ErasuresNotReapplied.code in registry.guard.reasons:
        raise Refused(
            "unavailable",
            "A backup brought back what had been erased. Records are shown when it is gone.",
            retry_after=60,
        )


def _authorise(caller: Caller, access: Access, registry: Registry) -> None:
    if caller.person:
        if not caller.roles & access.roles:
            raise Refused("forbidden", "None of your roles covers this.")
    elif not caller.scopes & access.scopes:
        if not access.scopes:
            raise Refused("forbidden", "This is done by a signed-in person, not by a system.")
        raise Refused("insufficient-scope", f"This needs one of the scopes {access.scope_line()}, granted here too.")
    if access.recent_sign_in and not caller.signed_in_since(registry.now().timestamp() - _RECENT_SECONDS):
        raise Refused("sign-in-too-old", "Sign in again: this needs a sign-in within the last five minutes.")


async def _wait_for(request: Request, wanted: str) -> None:
    """Read-after-write: waits until this worker has folded so far. A check is answered all the same, as stale."""
    if not _SIZE.fullmatch(wanted):
        raise Refused(
            "malformed",
            "ISA-Min-Log-Size is a log size, as ISA-Log-Size gave it.",
            (Fault("#", "not-a-size", "Send the number alone."),),
        )
    registry: Registry = request.app.state.registry
    folded = await registry.follower.wait_for_size(int(wanted), seconds=READ_YOUR_WRITES_SECONDS)
    cast("dict[str, Any]", request.scope)["isa_stale"] = not folded
    if not folded and request.route_handler.opt["route"] not in ("/api/v1/checks", "/api/v1/checks/batch"):
        raise Refused("not-folded", "This worker has not read the log that far yet.", retry_after=1)


def caller_of(request: Request) -> Caller:
    """Who is calling; set for every route that is not public."""
    caller: Caller = cast("dict[str, Any]", request.scope)["isa_caller"]
    return caller


def is_stale(request: Request) -> bool:
    """Whether this worker may know less than the caller does."""
    registry: Registry = request.app.state.registry
    return bool(cast("dict[str, Any]", request.scope).get("isa_stale", False)) or not registry.follower.connected
