"""What every request goes through: an id, size limits, who is calling, and the headers that every answer carries."""

from __future__ import annotations

import hmac
import re
import time
from typing import Any, cast

import structlog
from litestar import Response
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from isa_registry.api.access import Access
from isa_registry.api.browser_safety import fetches, form_targets, framed_by, safe
from isa_registry.api.cross_origin import let_read
from isa_registry.api.limits import CHECKS, Limits
from isa_registry.api.people import admit_handshake, admit_person, greet_person
from isa_registry.api.problems import PROBLEMS, danger_link, problem_bytes
from isa_registry.api.requests import Request
from isa_registry.api.straight import StraightWay
from isa_registry.api.timely import Body, Timely
from isa_registry.api.together import PATH
from isa_registry.api.watching import Watch
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.callers import Caller
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.tokens import TokenValidator
from isa_registry.identity.uploads import MULTIPART, boundary_of
from isa_registry.runtime.reading_entries import refuse_doubtful_records
from isa_registry.runtime.registry import Registry

_access_log = structlog.get_logger("isa_registry.access")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,128}")
_SIZE = re.compile(r"[0-9]{1,15}")
_AUTHZEN = ("/access/", "/.well-known/authzen-configuration")
"""Paths of a standard that has its own word for some of this: what was sent as X-Request-ID comes back unchanged, and
another content type is a bad request."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
READ_YOUR_WRITES_SECONDS = 0.5
BODY_SECONDS = 20.0
"""How long a body may take to come, whole."""


class Frame:
    """The outermost ASGI layer. It never looks into a body; its one log line has no query, no header, no body."""

    def __init__(
        self,
        app: ASGIApp,
        registry: Registry,
        *,
        watch: Watch,
        hosts: frozenset[bytes],
        public_url: str,
        state: State,
        embedding_hosts: frozenset[str] = frozenset(),
        bare_prefix: str | None = None,
    ) -> None:
        self._app = app
        self._registry = registry
        self._watch = watch
        self._hosts = hosts
        self._public_url = public_url
        self._embedding_hosts = embedding_hosts
        self._straight = StraightWay(state, registry, token_of=_token_of, authorise=_authorise)
        self._timely = Timely(lambda: BODY_SECONDS)
        self._bare_prefix = bare_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or (self._bare_prefix and scope["path"].startswith(self._bare_prefix)):
            await self._app(scope, receive, send)
            return
        request_id, echoed = self._request_id(scope)
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            await self._misdirected(send, request_id, echoed)
            return
        started = time.perf_counter()
        body = self._timely.of(receive)
        timely: Receive = body
        if scope["path"] == PATH and str(scope["method"]) == "POST":
            straight = await self._straight.ask(scope["headers"], body)
            if straight.body is not None:
                headers = straight.headers(echoed, self._registry.follower.view.size)
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": straight.body, "more_body": False})
                _say("POST", PATH, 200, started, request_id)
                return
            timely = straight.receive
        await self._ordinary(scope, timely, body, send, request_id, echoed, started)

    async def _ordinary(
        self, scope: Scope, timely: Receive, body: Body, send: Send, request_id: bytes, echoed: bytes, started: float
    ) -> None:
        """Through the framework, which reads the `body` as `timely` gives it."""
        inner = cast("dict[str, Any]", scope)
        inner["isa_request_id"] = request_id.decode()
        status, method = 0, str(inner["method"])
        if method == "HEAD":
            # Answered as GET is; the server sends the headers alone (RFC 9110 section 9.3.2).
            inner["method"] = "GET"

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [(name, _allowed(value) if name == b"allow" else value) for name, value in message["headers"]]
                headers.append((b"x-request-id", echoed))
                headers.append((b"isa-log-size", b"%d" % self._registry.follower.view.size))
                headers.extend(inner.get("isa_quota", ()))
                cookies = inner.get("isa_cookies", ())
                headers.extend((b"set-cookie", cookie) for cookie in cookies)
                headers.extend(let_read(scope, self._embedding_hosts))
                if not body.whole and _ends_connection(scope):
                    headers.append((b"connection", b"close"))
                message["headers"] = safe(headers, form_targets(scope), framed_by(scope), fetches=fetches(scope))
            await send(message)

        await self._app(scope, timely, framed)
        refusal: str | None = inner.get("isa_refusal")
        if refusal is not None:
            self._watch.refusal(refusal, inner.get("isa_caller"), inner.get("isa_violated", ()))
        _say(method, inner.get("isa_route", ""), status, started, request_id)

    def _request_id(self, scope: Scope) -> tuple[bytes, bytes]:
        """The caller's own id where it is a plain one, otherwise a fresh one; and the one to send back. Only the first
        goes into documents and log lines."""
        given = b""
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                if _REQUEST_ID.fullmatch(value):
                    return bytes(value), bytes(value)
                given = given or bytes(value)
        fresh = self._registry.randomness(16).hex().encode()
        return fresh, given if given and scope["path"].startswith(_AUTHZEN) else fresh

    async def _misdirected(self, send: Send, request_id: bytes, echoed: bytes) -> None:
        """A Host that this service does not have: a page elsewhere that points here, or a proxy set up wrongly."""
        body = problem_bytes(self._public_url, "misdirected", PROBLEMS["misdirected"].advice, request_id.decode())
        headers: list[tuple[bytes, bytes]] = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", echoed),
            (b"link", danger_link(self._public_url).encode()),
        ]
        await send({"type": "http.response.start", "status": 421, "headers": safe(headers)})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _say(method: str, route: str, status: int, started: float, request_id: bytes) -> None:
    """The log line of a request. A method can be any word that a client likes."""
    _access_log.info(
        "answered",
        method=method if method in _METHODS else "other",
        route=route,
        status=status,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
        request_id=request_id.decode(),
    )


def _allowed(methods: bytes) -> bytes:
    """An Allow header with the HEAD that comes with every GET."""
    return methods.replace(b"GET", b"GET, HEAD") if b"GET" in methods else methods


def _ends_connection(scope: Scope) -> bool:
    """Whether the server closes the connection of a request whose body was not read. Whoever is not told so sends the
    next request into it, and loses it (RFC 9112 section 9.6)."""
    if scope["http_version"] not in ("1.0", "1.1"):
        return False
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


async def admit_request(request: Request) -> Response[bytes] | None:
    """Runs before each API handler: the route's terms from the access table, applied. Returns where to send a person
    who is to sign in first.

    Raises `Refused`: `unsupported-media-type`, `unauthenticated`, `invalid-token`, `insufficient-scope`, `forbidden`,
    `sign-in-too-old`, `quota-exceeded`, `not-folded`, `records-unconfirmed`.
    """
    scope = cast("dict[str, Any]", request.scope)
    if request.scope["method"] == "OPTIONS":
        # The framework's own answer: which methods a path takes, and nothing else.
        return None
    access: Access = request.route_handler.opt["access"]
    scope["isa_access"] = access
    scope["isa_route"] = request.route_handler.opt["route"]
    headers = request.headers
    limits: Limits = request.app.state.limits
    if access.content_types and media_type(request) not in access.content_types:
        raise Refused(
            "malformed" if request.scope["path"].startswith(_AUTHZEN) else "unsupported-media-type",
            f"Send {' or '.join(access.content_types)}, in UTF-8 without compression.",
        )
    wanted = headers.get("isa-min-log-size")
    if wanted is not None:
        # Before anybody is let in: what they may do can be what was just logged.
        await _wait_for(request, wanted)
    if access.session:
        onward = await admit_person(request, access)
        if "isa_caller" in scope:
            _note_use(request, scope["isa_caller"])
        if onward is None:
            _refuse_doubtful_records(request, access)
        return onward
    if access.handshake:
        limits.charge_public(request, scope["isa_route"])
        await admit_handshake(request, access)
        if request.scope["method"] == "GET":
            await greet_person(request)
        return None
    if access.operator:
        _admit_operator(request)
    elif access.public or (access.opened_by and request.app.state[access.opened_by]):
        limits.charge_public(request, scope["isa_route"])
        if access.greets:
            # After the charge: looking for a session costs a question to the database, whoever makes one up.
            await greet_person(request)
    else:
        caller = await _authenticate(request, headers.getall("authorization", []))
        scope["isa_caller"] = caller
        limits.charge(request, scope["isa_route"], caller)
        _authorise(caller, access, request.app.state.registry)
        _note_use(request, caller)
        _refuse_doubtful_records(request, access)
    return None


def _refuse_doubtful_records(request: Request, access: Access) -> None:
    if access.shows_records(request.scope["method"]):
        refuse_doubtful_records(request.app.state.registry)


def _note_use(request: Request, caller: Caller) -> None:
    """Notes that a person was here today, for the report on roles that nobody uses."""
    if caller.person:
        request.app.state.uses.note(caller.organisation, caller.issuer, caller.subject)


def _admit_operator(request: Request) -> None:
    """Raises `Refused` unless the request carries the operator's own token; with none set, there is no such route."""
    wanted: str = request.app.state.metrics_token
    if not wanted:
        raise Refused("not-found", "There is nothing here.")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Refused("unauthenticated", "Send the operator's token as `Authorization: Bearer`.")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise _refused_token()


def media_type(request: Request) -> str:
    """The media type of the request's body, without parameters; another character set than UTF-8 is no type."""
    if "content-encoding" in request.headers:
        return ""
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    # Looked at closely only where it may be one: every question comes by here.
    if kind.strip().lower() == MULTIPART:
        return "" if boundary_of(given) is None else MULTIPART
    if parameters.strip() and parameters.strip().lower().replace('"', "") != "charset=utf-8":
        return ""
    return kind.strip().lower()


def _token_of(given: list[str]) -> str:
    """The token of a request's Authorization headers. Raises `Refused`."""
    if not given:
        raise Refused("unauthenticated", "This route needs an access token.")
    if len(given) > 1:
        # Whatever stands before this service may have looked at another of them (RFC 9110 section 11.6.2).
        raise _refused_token()
    scheme, _, token = given[0].partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("unauthenticated", "Send the token as `Authorization: Bearer`.")
    return token


async def _authenticate(request: Request, given: list[str]) -> Caller:
    token = _token_of(given)
    tokens: TokenValidator = request.app.state.tokens
    limits: Limits = request.app.state.limits
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    caller = tokens.validate_warm(token, view)
    if caller is not None:
        return caller
    limits.refuse_repeated(request, token)
    try:
        return await tokens.validate(token, view)
    except InvalidToken:
        limits.count_refused(request, token)
        # The reason helps a forger as much as an engineer, so it stays with the issuer's self-test.
        raise _refused_token() from None


def _refused_token() -> Refused:
    return Refused("invalid-token", "The access token is not accepted here.")


def _authorise(caller: Caller, access: Access, registry: Registry) -> None:
    if caller.person:
        if not caller.roles & access.roles:
            raise Refused("forbidden", "None of your roles covers this.")
    elif not caller.scopes & access.scopes:
        if not access.scopes:
            raise Refused("forbidden", "This is done by a signed-in person, not by a system.")
        raise Refused("insufficient-scope", f"This needs one of the scopes {access.scope_line()}, granted here too.")
    if access.recent_sign_in and not caller.signed_in_since(registry.now().timestamp() - access.recent_seconds):
        raise Refused("sign-in-too-old", "Sign in again: this needs a sign-in within the last five minutes.")


async def _wait_for(request: Request, wanted: str) -> None:
    """Read-after-write: waits until this worker has folded so far. A check is answered all the same, as stale. Whoever
    waits in vain is counted among those without a token. Raises `Refused`."""
    if not _SIZE.fullmatch(wanted):
        raise Refused(
            "malformed",
            "ISA-Min-Log-Size is a log size, as ISA-Log-Size gave it.",
            (Fault("#", "not-a-size", "Send the number alone."),),
        )
    registry: Registry = request.app.state.registry
    folded = await registry.follower.wait_for_size(int(wanted), seconds=READ_YOUR_WRITES_SECONDS)
    cast("dict[str, Any]", request.scope)["isa_stale"] = not folded
    if not folded and request.route_handler.opt["route"] not in CHECKS:
        # Nobody was let in yet, and nothing counted.
        limits: Limits = request.app.state.limits
        limits.charge_public(request, request.route_handler.opt["route"])
        raise Refused("not-folded", "This worker has not read the log that far yet.", retry_after=1)


def caller_of(request: Request) -> Caller:
    """Who is calling; set for every route that is not public."""
    caller: Caller = cast("dict[str, Any]", request.scope)["isa_caller"]
    return caller


def is_stale(request: Request) -> bool:
    """Whether this worker may know less than the caller does."""
    registry: Registry = request.app.state.registry
    return bool(cast("dict[str, Any]", request.scope).get("isa_stale", False)) or not registry.follower.connected
