"""What an agency's identity provider says of itself: where people sign in and out, and how it answers.

Read by discovery (OpenID Connect Discovery 1.0 section 4), kept for an hour, and for a day while the provider cannot be
reached. Nobody is sent to a provider that does not answer at all. Only registered issuers are asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from msgspec import Struct

from isa_registry.identity.issuers import FetchJson, discovery_url
from isa_verify.encoding import JsonValue

_log = structlog.get_logger(__name__)

KEEP = 3600.0
STALE_KEEP = 24 * 3600.0
RETRY_FLOOR = 2.0
"""Seconds: how long metadata is fresh, how long past that it still serves, and between attempts."""

HEARD_OF = 5.0
"""Seconds since a provider last answered, within which a person is sent there without asking it anew."""

_ANSWERED = frozenset({"status-refused", "too-large", "not-json"})
"""Codes of a fetch that failed though somebody is there."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class ProviderUnavailableError(Exception):
    """The provider cannot be reached, or says of itself what cannot be used."""


class ProviderUnusableError(Exception):
    """A document is not the metadata of a provider through which people can sign in. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Provider(Struct, frozen=True):
    """A provider's metadata, as far as signing people in needs it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str | None = None
    revocation_endpoint: str | None = None
    names_itself: bool = False
    """Whether every answer carries `iss` (RFC 9207)."""


def read_provider(issuer: str, document: dict[str, JsonValue], *, loopback: bool = False) -> Provider:
    """The metadata in a discovery document. With `loopback`, plain http to this machine is taken too.

    Raises `ProviderUnusableError`.
    """
    if document.get("issuer") != issuer:
        raise ProviderUnusableError("issuer-differs")
    methods = document.get("code_challenge_methods_supported", ["S256"])
    if not isinstance(methods, list) or "S256" not in methods:
        raise ProviderUnusableError("pkce-not-offered")
    authorization = _address(document, "authorization_endpoint", loopback=loopback)
    token = _address(document, "token_endpoint", loopback=loopback)
    if authorization is None or token is None:
        raise ProviderUnusableError("endpoints-missing")
    return Provider(
        issuer=issuer,
        authorization_endpoint=authorization,
        token_endpoint=token,
        end_session_endpoint=_address(document, "end_session_endpoint", loopback=loopback),
        revocation_endpoint=_address(document, "revocation_endpoint", loopback=loopback),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(document: dict[str, JsonValue], name: str, *, loopback: bool) -> str | None:
    """An address to which a browser may be sent or a form posted; None where there is none."""
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _is_address(value, loopback=loopback):
        raise ProviderUnusableError(f"{name.replace('_', '-')}-refused")
    return value


def _is_address(text: str, *, loopback: bool) -> bool:
    if len(text) > 2048 or not text.isascii() or not text.isprintable() or any(one in text for one in ' "<>\\^`{|}'):
        return False
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    proper = parts.hostname and "@" not in parts.netloc and not parts.fragment
    local = loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK
    return bool(proper) and (parts.scheme == "https" or local)


@dataclass
class _Held:
    provider: Provider | None = None
    fetched_at: float = float("-inf")
    attempted_at: float = float("-inf")
    silent: bool = False
    fetching: asyncio.Task[None] | None = None


class Providers:
    """Keeps each issuer's metadata. `clock` gives seconds since 1970."""

    def __init__(self, fetch_json: FetchJson, clock: Callable[[], float], *, loopback: bool = False) -> None:
        self._fetch_json = fetch_json
        self._clock = clock
        self._loopback = loopback
        self._held: dict[str, _Held] = {}

    async def provider(self, issuer: str) -> Provider:
        """The issuer's metadata; concurrent calls share one fetch. Raises `ProviderUnavailableError`."""
        held = self._held.setdefault(issuer, _Held())
        if self._clock() >= held.fetched_at + KEEP:
            await self._refresh(issuer, held)
        if held.provider is None or self._clock() >= held.fetched_at + KEEP + STALE_KEEP:
            raise ProviderUnavailableError
        return held.provider

    async def reachable(self, issuer: str) -> Provider:
        """The same, of a provider that answers: for sending a person there, who would otherwise be left with an error
        of their browser. One that answers with what cannot be used is not away, and what is held serves."""
        held = self._held.setdefault(issuer, _Held())
        if self._clock() >= held.fetched_at + HEARD_OF:
            await self._refresh(issuer, held)
        if held.silent:
            raise ProviderUnavailableError
        return await self.provider(issuer)

    async def _refresh(self, issuer: str, held: _Held) -> None:
        if held.fetching is None:
            now = self._clock()
            if now - held.attempted_at < RETRY_FLOOR:
                return
            held.attempted_at = now
            held.fetching = asyncio.create_task(self._fetch(issuer, held))
        await asyncio.shield(held.fetching)

    async def _fetch(self, issuer: str, held: _Held) -> None:
        try:
            document = (await self._fetch_json(discovery_url(issuer))).document
            held.provider = read_provider(issuer, document, loopback=self._loopback)
            held.fetched_at = self._clock()
            held.silent = False
        except ProviderUnusableError as error:
            held.silent = False
            _log.warning("provider not usable", issuer=issuer, reason=error.reason)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, what is held stays
            held.silent = getattr(error, "code", None) not in _ANSWERED
            _log.warning("provider not read", issuer=issuer, reason=type(error).__name__)
        finally:
            held.fetching = None
