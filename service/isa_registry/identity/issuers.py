"""The signing keys of registered OpenID Connect issuers: found by discovery, kept, and refreshed with
restraint.

Callers ask only for issuers that are registered; nothing here decides whom to trust.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from joserfc.jwk import Key

from isa_registry.identity.compact import KeyUnusableError, public_key
from isa_verify.encoding import JsonValue

_log = structlog.get_logger(__name__)

SHORTEST_KEEP = 5 * 60.0
LONGEST_KEEP = 24 * 3600.0
DEFAULT_KEEP = 3600.0
"""Seconds that a key set is fresh: as its sender says, within these bounds; the default where it says
nothing."""

STALE_KEEP = 24 * 3600.0
"""Seconds past its freshness for which a set still serves while its provider cannot be reached."""

REFRESH_FLOOR = 60.0
"""Seconds between fetches of one issuer's keys, so that made-up key ids cannot make us fetch per request."""

RETRY_FLOOR = 2.0
"""Seconds between attempts while no keys are held at all."""

MAX_KEYS = 100


class Document(Protocol):
    """A fetched JSON object with the seconds it may be kept."""

    @property
    def document(self) -> dict[str, JsonValue]: ...

    @property
    def max_age(self) -> float | None: ...


FetchJson = Callable[[str], Awaitable[Document]]
"""Fetches a JSON object by its URL. Whatever it raises counts as "could not be reached"."""


class KeyNotFoundError(Exception):
    """The issuer publishes no such key."""


class KeysUnavailableError(Exception):
    """The issuer's keys cannot be fetched, and none fresh enough are held."""


@dataclass
class _Held:
    keys: dict[str, Key] = field(default_factory=dict)
    sole: Key | None = None
    fresh_until: float = float("-inf")
    usable_until: float = float("-inf")
    attempted_at: float = float("-inf")
    fetching: asyncio.Task[None] | None = None


class _UnusableError(Exception):
    """What the provider answered is not a discovery document or key set of that issuer."""


class IssuerKeys:
    """Keeps a key set per issuer. `clock` gives seconds since 1970."""

    def __init__(self, fetch_json: FetchJson, clock: Callable[[], float]) -> None:
        self._fetch_json = fetch_json
        self._clock = clock
        self._held: dict[str, _Held] = {}

    async def key(self, issuer: str, kid: str | None) -> Key:
        """The issuer's key of that id; without an id, its only key.

        Concurrent calls share one fetch. An unknown id causes at most one fetch a minute. Raises
        `KeyNotFoundError`, or `KeysUnavailableError` while the provider is down and nothing usable is held.
        """
        held = self._held.setdefault(issuer, _Held())
        if self._clock() >= held.fresh_until:
            await self._refresh(issuer, held)
        found = _find(held, kid)
        if found is None and self._clock() < held.usable_until:
            await self._refresh(issuer, held)
            found = _find(held, kid)
        if self._clock() >= held.usable_until:
            raise KeysUnavailableError
        if found is None:
            raise KeyNotFoundError
        return found

    async def _refresh(self, issuer: str, held: _Held) -> None:
        if held.fetching is None:
            now = self._clock()
            floor = REFRESH_FLOOR if now < held.usable_until else RETRY_FLOOR
            if now - held.attempted_at < floor:
                return
            held.attempted_at = now
            held.fetching = asyncio.create_task(self._fetch(issuer, held))
        # Shielded: one caller who hangs up must not take the keys away from the others.
        await asyncio.shield(held.fetching)

    async def _fetch(self, issuer: str, held: _Held) -> None:
        try:
            discovery = (await self._fetch_json(discovery_url(issuer))).document
            if discovery.get("issuer") != issuer:
                raise _UnusableError
            address = discovery.get("jwks_uri")
            if not isinstance(address, str):
                raise _UnusableError
            fetched = await self._fetch_json(address)
            keys, sole = _key_set(fetched.document)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the set held stays
            _log.warning("issuer keys not refreshed", issuer=issuer, reason=type(error).__name__)
        else:
            keep = DEFAULT_KEEP if fetched.max_age is None else fetched.max_age
            held.keys, held.sole = keys, sole
            held.fresh_until = self._clock() + min(max(keep, SHORTEST_KEEP), LONGEST_KEEP)
            held.usable_until = held.fresh_until + STALE_KEEP
        finally:
            held.fetching = None


def discovery_url(issuer: str) -> str:
    """Where an issuer publishes its metadata (OpenID Connect Discovery 1.0 section 4)."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def _find(held: _Held, kid: str | None) -> Key | None:
    return held.sole if kid is None else held.keys.get(kid)


def _key_set(document: dict[str, JsonValue]) -> tuple[dict[str, Key], Key | None]:
    """The usable keys by id, and the only usable one where there is just one (RFC 7517 section 5)."""
    members = document.get("keys")
    if not isinstance(members, list) or len(members) > MAX_KEYS:
        raise _UnusableError
    keys: dict[str, Key] = {}
    usable: list[Key] = []
    for member in members:
        if not isinstance(member, dict):
            continue
        try:
            key = public_key(member)
        except KeyUnusableError:
            continue
        usable.append(key)
        kid = member.get("kid")
        if isinstance(kid, str):
            keys.setdefault(kid, key)
    return keys, usable[0] if len(usable) == 1 else None
