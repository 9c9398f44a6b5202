"""The signing keys of registered OpenID Connect issuers: found by discovery, kept, and refreshed with
restraint.

Callers ask only for issuers that are registered; nothing here decides whom to trust.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import structlog
from joserfc.jwk import Key
from msgspec import Struct

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
"""Fetches a JSON object by its URL. Whatever it raises counts as "could not be reached"; an error whose `code` is
`status-refused` says that the server answered, and has no such document."""


class KeyNotFoundError(Exception):
    """The issuer publishes no such key."""


class KeysUnavailableError(Exception):
    """The issuer's keys cannot be fetched, and none fresh enough are held."""


class KeptKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """An issuer's key set as it was fetched, and until when it is fresh and serves (seconds since 1970)."""

    issuer: str
    document: dict[str, Any]
    fresh_until: float
    usable_until: float


@dataclass
class _Held:
    document: dict[str, JsonValue] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    sole: Key | None = None
    fresh_until: float = float("-inf")
    usable_until: float = float("-inf")
    attempted_at: float = float("-inf")
    failing: bool = False
    fetching: asyncio.Task[None] | None = None


class _UnusableError(Exception):
    """What the provider answered is not a discovery document or key set of that issuer; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class IssuerKeys:
    """Keeps a key set per issuer. `clock` gives seconds since 1970."""

    def __init__(self, fetch_json: FetchJson, clock: Callable[[], float]) -> None:
        self._fetch_json = fetch_json
        self._clock = clock
        self._held: dict[str, _Held] = {}

    async def key(self, issuer: str, kid: str | None) -> Key:
        """The issuer's key of that id; without an id, its only key.

        Concurrent calls share one fetch. An unknown id causes at most one fetch a minute. While the provider is down,
        nobody but the first waits for it again. Raises `KeyNotFoundError`, or `KeysUnavailableError` while the provider
        is down and nothing usable is held.
        """
        held = self._held.setdefault(issuer, _Held())
        now = self._clock()
        if now >= held.fresh_until:
            fetching = self._refresh(issuer, held)
            if not (held.failing and now < held.usable_until and _find(held, kid) is not None):
                await _finished(fetching)
        found = _find(held, kid)
        if found is None and self._clock() < held.usable_until:
            await _finished(self._refresh(issuer, held))
            found = _find(held, kid)
        if self._clock() >= held.usable_until:
            raise KeysUnavailableError
        if found is None:
            raise KeyNotFoundError
        return found

    def publishes(self, issuer: str, kid: str | None, key: Key) -> bool:
        """Whether the issuer, as far as its set is known, still has the key under that id.

        Asks without waiting. A set that is no longer fresh is fetched in the background: a key that was withdrawn ends
        then, though nobody ever comes with an unknown one.
        """
        held = self._held.get(issuer)
        now = self._clock()
        if held is None or now >= held.usable_until:
            return False
        if now >= held.fresh_until:
            self._refresh(issuer, held)
        return _find(held, kid) is key

    def kept(self) -> list[KeptKeys]:
        """The sets that still serve, for `remember`."""
        now = self._clock()
        return [
            KeptKeys(issuer, held.document, held.fresh_until, held.usable_until)
            for issuer, held in self._held.items()
            if now < held.usable_until
        ]

    def remember(self, kept: Iterable[KeptKeys]) -> None:
        """Takes sets of which the caller knows that they were `kept` here: each serves for as long as it would have,
        and is fetched anew when it would have been. A set that is held already stays."""
        now = self._clock()
        for one in kept:
            if one.issuer in self._held or not now < one.usable_until <= now + LONGEST_KEEP + STALE_KEEP:
                continue
            try:
                keys, sole = usable_keys(one.document)
            except _UnusableError:
                continue
            self._held[one.issuer] = _Held(
                document=one.document,
                keys=keys,
                sole=sole,
                fresh_until=min(one.fresh_until, now + LONGEST_KEEP),
                usable_until=one.usable_until,
            )

    def _refresh(self, issuer: str, held: _Held) -> asyncio.Task[None] | None:
        """The fetch that is under way, or that begins now; None where it is too soon for another."""
        if held.fetching is None:
            now = self._clock()
            floor = REFRESH_FLOOR if now < held.usable_until else RETRY_FLOOR
            if now - held.attempted_at < floor:
                return None
            held.attempted_at = now
            held.fetching = asyncio.create_task(self._fetch(issuer, held), name="issuer keys")
        return held.fetching

    async def _fetch(self, issuer: str, held: _Held) -> None:
        try:
            discovery = await self._discover(issuer)
            if discovery.get("issuer") != issuer:
                raise _UnusableError("issuer-differs")
            address = discovery.get("jwks_uri")
            if not isinstance(address, str):
                raise _UnusableError("key-set-address-wrong")
            fetched = await self._fetch_json(address)
            keys, sole = usable_keys(fetched.document)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the set held stays
            held.failing = True
            reason = getattr(error, "code", type(error).__name__)
            _log.warning("issuer keys not refreshed", issuer=issuer, reason=reason)
        else:
            keep = DEFAULT_KEEP if fetched.max_age is None else fetched.max_age
            _replace(held, keys, sole)
            held.document = {"keys": fetched.document["keys"]}
            held.failing = False
            held.fresh_until = self._clock() + min(max(keep, SHORTEST_KEEP), LONGEST_KEEP)
            held.usable_until = held.fresh_until + STALE_KEEP
        finally:
            held.fetching = None

    async def _discover(self, issuer: str) -> dict[str, JsonValue]:
        try:
            return (await self._fetch_json(discovery_url(issuer))).document
        except Exception as error:
            if getattr(error, "code", None) != "status-refused":
                raise
        return (await self._fetch_json(oauth_discovery_url(issuer))).document


async def _finished(fetching: asyncio.Task[None] | None) -> None:
    if fetching is not None:
        # Shielded: one caller who hangs up must not take the keys away from the others.
        await asyncio.shield(fetching)


def _replace(held: _Held, keys: dict[str, Key], sole: Key | None) -> None:
    """Puts a new set in the old one's place. A key that stayed stays the same object, which is how those who verified
    something with it know it again."""
    before = {_identity(key): key for key in (*held.keys.values(), held.sole) if key is not None}
    held.keys = {kid: before.get(_identity(key), key) for kid, key in keys.items()}
    held.sole = None if sole is None else before.get(_identity(sole), sole)


def _identity(key: Key) -> tuple[str, object]:
    """What makes a key the same: its numbers, and the algorithm that its issuer holds it to."""
    return key.thumbprint(), key.get("alg")


def discovery_url(issuer: str) -> str:
    """Where an issuer publishes its metadata (OpenID Connect Discovery 1.0 section 4)."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def oauth_discovery_url(issuer: str) -> str:
    """Where an issuer publishes its metadata that is no OpenID provider (RFC 8414 section 3.1): before the path."""
    parts = urlsplit(issuer)
    path = parts.path.removesuffix("/")
    return urlunsplit((parts.scheme, parts.netloc, f"/.well-known/oauth-authorization-server{path}", "", ""))


def _find(held: _Held, kid: str | None) -> Key | None:
    return held.sole if kid is None else held.keys.get(kid)


def usable_keys(document: dict[str, JsonValue]) -> tuple[dict[str, Key], Key | None]:
    """The usable keys by id, and the only usable one where there is just one (RFC 7517 section 5)."""
    members = document.get("keys")
    if not isinstance(members, list) or len(members) > MAX_KEYS:
        raise _UnusableError("keys-malformed")
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
