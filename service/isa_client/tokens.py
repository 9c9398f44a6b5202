"""Access tokens from an organisation's own OIDC issuer, by client credentials (RFC 6749 section 4.4)."""

import base64
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from isa_client.client_keys import ASSERTION_TYPE, ClientKey
from isa_client.connections import Connection, Reply
from isa_client.errors import InputError, TokenRefusedError, UnreachableError

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


class TokenSource:
    """Hands out an access token, and keeps it in memory until shortly before it expires.

    `clock` returns seconds that never go back.
    """

    def __init__(
        self,
        credentials: ClientCredentials,
        connection: Connection,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not credentials.client or not (credentials.secret or credentials.key):
            raise InputError("credentials-missing", "A client id, and a client key or secret, are needed for a token.")
        self._credentials = credentials
        self._connection = connection
        self._clock = clock
        self._token: str | None = None
        self._renew_at = 0.0

    def token(self) -> str:
        """Return a token that is not about to expire, from memory or from the issuer.

        Raises `InputError` for an address that may not be called, `TokenRefusedError` where the issuer says no, and
        `UnreachableError` where it gives no usable answer.
        """
        if self._token is None or self._clock() >= self._renew_at:
            self._token, lifetime = self._fetch()
            self._renew_at = self._clock() + lifetime - EARLY_SECONDS
        return self._token

    def forget(self) -> None:
        """Drop the token from memory, so that the next call of `token` asks the issuer."""
        self._token = None

    def _fetch(self) -> tuple[str, float]:
        credentials = self._credentials
        form = {"grant_type": "client_credentials"}
        if credentials.scope is not None:
            form["scope"] = credentials.scope
        if credentials.resource is not None:
            form["resource"] = credentials.resource
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        endpoint = self._token_endpoint("client_secret_basic" if credentials.key is None else "private_key_jwt")
        if credentials.key is None:
            headers["Authorization"] = _basic(credentials)
        else:
            audience = endpoint if credentials.for_token_endpoint else credentials.issuer
            form["client_id"] = credentials.client
            form["client_assertion_type"] = ASSERTION_TYPE
            form["client_assertion"] = credentials.key.assertion(credentials.client, audience, int(time.time()))
        reply = self._connection.request(
            "POST",
            endpoint,
            headers=headers,
            content=urlencode(form, errors="surrogateescape").encode("ascii"),
            # An assertion is good for once; a secret may be shown again.
            attempts=2 if credentials.key is None else 1,
        )
        return _token_of(reply)

    def _token_endpoint(self, method: str) -> str:
        issuer = self._connection.check_url(self._credentials.issuer)
        reply = self._connection.request(
            "GET", f"{issuer}/.well-known/openid-configuration", headers={"Accept": "application/json"}, attempts=2
        )
        if reply.status != 200:
            raise UnreachableError(
                "discovery-failed", f"The identity provider has no OpenID configuration there (status {reply.status})."
            )
        document = reply.json_object()
        if document.get("issuer") != self._credentials.issuer:
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
