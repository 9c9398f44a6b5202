"""Access tokens from an organisation's own OIDC issuer, by client credentials (RFC 6749 section 4.4)."""

import asyncio
import base64
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from isa_client.client_keys import ASSERTION_TYPE, ClientKey
from isa_client.connections import AsyncConnection, Connection, Rules
from isa_client.errors import InputError, TokenRefusedError, UnreachableError
from isa_client.exchanges import Exchange, Reply, Request, attempted, drive, drive_async

EARLY_SECONDS = 30.0
"""A token is renewed this long before it expires, so that it does not expire on its way."""

_BEARER_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Who asks the issuer for a token, by a secret or by a key of its own. `scope` is the space-separated list to ask
    for, or None for the issuer's own; `resource` names whom the token is for, where the issuer wants to be told (RFC
    8707). An assertion made with the key is for the issuer, or with `for_token_endpoint` for that address."""

    issuer: str
    client: str
    secret: str = field(default="", repr=False)
    scope: str | None = None
    key: ClientKey | None = None
    resource: str | None = None
    for_token_endpoint: bool = False


class _Kept:
    """The last token, until shortly before it expires, and how the next one is got. `clock` returns seconds that never
    go back."""

    def __init__(self, credentials: ClientCredentials, clock: Callable[[], float]) -> None:
        if not credentials.client or not (credentials.secret or credentials.key):
            raise InputError("credentials-missing", "A client id, and a client key or secret, are needed for a token.")
        self._credentials = credentials
        self._clock = clock
        self._token: str | None = None
        self._renew_at = 0.0

    def forget(self, token: str) -> None:
        """Drop this token from memory, so that the next call of `token` asks the issuer. Of many calls whose token was
        refused at once the first one asks for another, and the others find that."""
        if self._token == token:
            self._token = None

    def _good(self) -> str | None:
        return self._token if self._clock() < self._renew_at else None

    def _still_good(self) -> str | None:
        """The last token, where the issuer cannot be reached shortly before it expires."""
        return self._token if self._clock() < self._renew_at + EARLY_SECONDS else None

    def _renewed(self, rules: Rules) -> Exchange[str]:
        credentials = self._credentials
        endpoint = yield from _token_endpoint(credentials, rules)
        rules.check_url(endpoint)
        form = {"grant_type": "client_credentials"}
        if credentials.scope is not None:
            form["scope"] = credentials.scope
        if credentials.resource is not None:
            form["resource"] = credentials.resource

        def asked() -> Request:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
            proof: dict[str, str] = {}
            if credentials.key is None:
                headers["Authorization"] = _basic(credentials)
            else:
                audience = endpoint if credentials.for_token_endpoint else credentials.issuer
                proof = {
                    "client_id": credentials.client,
                    "client_assertion_type": ASSERTION_TYPE,
                    "client_assertion": credentials.key.assertion(credentials.client, audience, int(time.time())),
                }
            content = urlencode(form | proof, errors="surrogateescape").encode("ascii")
            return Request("POST", endpoint, headers, content)

        token, lifetime = _token_of((yield from attempted(asked, 2)))
        self._token, self._renew_at = token, self._clock() + lifetime - EARLY_SECONDS
        return token


class TokenSource(_Kept):
    """Hands out an access token, and keeps it in memory until shortly before it expires. Threads may share it."""

    def __init__(
        self,
        credentials: ClientCredentials,
        connection: Connection,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(credentials, clock)
        self._connection = connection
        self._turn = threading.Lock()

    def token(self) -> str:
        """Return a token that is not about to expire, from memory or from the issuer.

        Raises `InputError` for an address that may not be called, `TokenRefusedError` where the issuer says no, and
        `UnreachableError` where it gives no usable answer.
        """
        with self._turn:
            good = self._good()
            if good is None:
                try:
                    good = drive(self._renewed(self._connection), self._connection.perform)
                except UnreachableError:
                    if (good := self._still_good()) is None:
                        raise
            return good


class AsyncTokenSource(_Kept):
    """`TokenSource` for asyncio: of many tasks that want a token at once, one asks the issuer."""

    def __init__(
        self,
        credentials: ClientCredentials,
        connection: AsyncConnection,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(credentials, clock)
        self._connection = connection
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """`TokenSource.token`, awaited."""
        async with self._turn:
            good = self._good()
            if good is None:
                try:
                    good = await drive_async(self._renewed(self._connection), self._connection.perform)
                except UnreachableError:
                    if (good := self._still_good()) is None:
                        raise
            return good


def _token_endpoint(credentials: ClientCredentials, rules: Rules) -> Exchange[str]:
    method = "client_secret_basic" if credentials.key is None else "private_key_jwt"
    issuer = rules.check_url(credentials.issuer)
    asked = Request("GET", f"{issuer}/.well-known/openid-configuration", {"Accept": "application/json"})
    reply = yield from attempted(asked, 2)
    if reply.status != 200:
        raise UnreachableError(
            "discovery-failed", f"The identity provider has no OpenID configuration there (status {reply.status})."
        )
    document = reply.json_object()
    if document.get("issuer") != credentials.issuer:
        raise UnreachableError("issuer-differs", "The identity provider calls itself by another issuer's name.")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not isinstance(methods, list) or method not in methods:
        raise UnreachableError("method-unsupported", f"The identity provider does not take {method}.")
    endpoint = document.get("token_endpoint")
    if not isinstance(endpoint, str):
        raise UnreachableError("discovery-failed", "The identity provider names no token endpoint.")
    return endpoint


def _basic(credentials: ClientCredentials) -> str:
    # RFC 6749 section 2.3.1: both halves are form-encoded before they become HTTP Basic.
    # Bytes of the environment that are no UTF-8 are passed on as they were.
    halves = (quote_plus(half, errors="surrogateescape") for half in (credentials.client, credentials.secret))
    return "Basic " + base64.b64encode(":".join(halves).encode("ascii")).decode("ascii")


def _token_of(reply: Reply) -> tuple[str, float]:
    if reply.status in (400, 401, 403):
        code = reply.json_object().get("error")
        known = code if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else "no reason given"
        raise TokenRefusedError("token-refused", f"The identity provider refused a token ({known}).")
    if reply.status != 200:
        raise UnreachableError("token-failed", f"The identity provider answered with status {reply.status}.")
    document = reply.json_object()
    token, kind, lifetime = (document.get(name) for name in ("access_token", "token_type", "expires_in"))
    if not isinstance(token, str) or _BEARER_TOKEN.fullmatch(token) is None:
        raise UnreachableError("token-malformed", "The identity provider's answer holds no usable access token.")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise UnreachableError("token-malformed", "The identity provider's token is not a bearer token.")
    usable = isinstance(lifetime, int) and not isinstance(lifetime, bool) and lifetime > 0
    return token, float(lifetime) if usable and isinstance(lifetime, int) else 0.0
