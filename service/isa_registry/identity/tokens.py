"""Access tokens: from the text after `Bearer` to a caller (RFC 9068 section 4, RFC 8725, RFC 9700).

The order of the checks:
1. the shape: at most 8 KiB, a strict compact JWS, no header that brings its own key;
2. the issuer: `iss` is read, still unverified, only to pick one that is registered, by its exact name;
3. the body: where an issuer serves several, the registered claim says which;
4. the algorithm: one that is registered for that issuer;
5. the signature, with a key of that issuer only;
6. the times, the audience, and what the issuer's profile demands;
7. the register: the client's granted scopes, or the person's roles today with those that a claim gives.

What 1 to 6 found is kept for a while under the token's SHA-256. Step 7 is done again on every call, so that
what the register takes away counts at once.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from isa_registry.domain.register.facts import Client, Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.identity.compact import ASYMMETRIC, Compact, signature_holds, split_compact
from isa_registry.identity.issuers import IssuerKeys, KeyNotFoundError, KeysUnavailableError
from isa_registry.identity.mapped_roles import mapped_roles
from isa_registry.identity.profiles import PROFILES, Bearer, InvalidToken, Members
from isa_verify.encoding import parse_json_strict
from isa_verify.errors import MalformedError

__all__ = ["InvalidToken", "KeysUnavailableError", "TokenValidator"]

MAX_TOKEN = 8 * 1024
"""Characters."""

LEEWAY = 30
"""Seconds by which the clocks of an issuer and this registry may differ."""

WARM_TOKENS = 10_000
WARM_FOR = 15 * 60
"""Seconds for which a token is not verified again: how long a key that its issuer withdrew can still
count."""

_REFUSED_HEADERS = ("crit", "b64", "jwk", "jku", "x5u", "x5c")
_LONDON = ZoneInfo("Europe/London")


class _Verified(Struct, frozen=True):
    use: Issuer
    bearer: Bearer
    mapped: frozenset[str]
    auth_time: int | None
    expires_at: int
    warm_until: float


class TokenValidator:
    """Validates the access tokens of registered issuers. `clock` gives seconds since 1970."""

    def __init__(self, keys: IssuerKeys, clock: Callable[[], float], *, warm_tokens: int = WARM_TOKENS) -> None:
        self._keys = keys
        self._clock = clock
        self._warm_tokens = warm_tokens
        self._warm: OrderedDict[bytes, _Verified] = OrderedDict()

    async def validate(self, token: str, view: RegisterView) -> Caller:
        """The caller that a token speaks for, as the register at `view` has it.

        Raises `InvalidToken`, or `KeysUnavailableError` while the issuer's keys cannot be had.
        """
        caller = self.validate_warm(token, view)
        if caller is not None:
            return caller
        verified = await self._verify(token, view)
        caller = _caller(verified, view, self._clock())
        self._warm[_fingerprint(token)] = verified
        while len(self._warm) > self._warm_tokens:
            self._warm.popitem(last=False)
        return caller

    def validate_warm(self, token: str, view: RegisterView) -> Caller | None:
        """The caller, where the token was verified lately and the register still lets it act; otherwise
        None, and `validate` says why. Never raises."""
        if len(token) > MAX_TOKEN:
            return None
        fingerprint = _fingerprint(token)
        verified = self._warm.get(fingerprint)
        if verified is None:
            return None
        now = self._clock()
        if now < verified.warm_until and verified.use in view.issuers(verified.use.issuer):
            try:
                caller = _caller(verified, view, now)
            except InvalidToken:
                pass
            else:
                self._warm.move_to_end(fingerprint)
                return caller
        del self._warm[fingerprint]
        return None

    async def _verify(self, token: str, view: RegisterView) -> _Verified:
        compact, claims = _read(token)
        use = _registered_use(claims, view)
        algorithm = compact.header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in use.algorithms or algorithm not in ASYMMETRIC:
            raise InvalidToken("algorithm-refused")
        kid = compact.header.get("kid")
        if not (kid is None or isinstance(kid, str)):
            raise InvalidToken("header-refused")
        try:
            key = await self._keys.key(use.issuer, kid)
        except KeyNotFoundError:
            raise InvalidToken("key-unknown") from None
        if not signature_holds(compact, algorithm, key):
            raise InvalidToken("signature-invalid")
        now = self._clock()
        expires_at = _check_times(claims, now)
        _check_audience(claims, use)
        profile = PROFILES.get(use.profile)
        if profile is None:
            raise InvalidToken("profile-unknown")
        return _Verified(
            use=use,
            bearer=profile(compact.header, claims),
            mapped=mapped_roles(use, claims),
            auth_time=_auth_time(claims, now),
            expires_at=expires_at,
            warm_until=min(expires_at + LEEWAY, now + WARM_FOR),
        )


def _read(token: str) -> tuple[Compact, Members]:
    if len(token) > MAX_TOKEN:
        raise InvalidToken("token-too-large")
    try:
        compact = split_compact(token)
        claims = parse_json_strict(compact.payload)
    except MalformedError:
        raise InvalidToken("token-malformed") from None
    if not isinstance(claims, dict):
        raise InvalidToken("token-malformed")
    if any(name in compact.header for name in _REFUSED_HEADERS):
        raise InvalidToken("header-refused")
    return compact, claims


def _registered_use(claims: Members, view: RegisterView) -> Issuer:
    """The one registered use of the issuer that the claims fall under."""
    issuer = claims.get("iss")
    uses = view.issuers(issuer) if isinstance(issuer, str) else ()
    if not uses:
        raise InvalidToken("issuer-unknown")
    split = any(use.claim is not None for use in uses)
    # Once an issuer is split by a claim, a use without one would let every body behind it act as that body.
    fitting = [use for use in uses if not split or (use.claim is not None and _claims_value(claims, use))]
    if len(fitting) != 1:
        raise InvalidToken("organisation-unknown")
    return fitting[0]


def _claims_value(claims: Members, use: Issuer) -> bool:
    value = claims.get(use.claim or "")
    return isinstance(value, str) and value != "" and value == use.value


def _check_times(claims: Members, now: float) -> int:
    expires_at = _seconds(claims, "exp")
    if now >= expires_at + LEEWAY:
        raise InvalidToken("token-expired")
    if _seconds(claims, "iat") > now + LEEWAY:
        raise InvalidToken("token-from-the-future")
    if "nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY:
        raise InvalidToken("token-not-yet-valid")
    return expires_at


def _seconds(claims: Members, name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidToken(f"{name.replace('_', '-')}-missing")
    return value


def _check_audience(claims: Members, use: Issuer) -> None:
    """Every audience must be one of ours: whoever else a token is good for could replay it here."""
    audience = claims.get("aud")
    members = audience if isinstance(audience, list) else [audience]
    if not members or not all(isinstance(one, str) and one in use.audiences for one in members):
        raise InvalidToken("audience-refused")
    # RFC 8705 and RFC 9449: a token bound to its holder's key proves nothing when shown without it.
    if "cnf" in claims:
        raise InvalidToken("token-bound-to-a-key")


def _auth_time(claims: Members, now: float) -> int | None:
    if "auth_time" not in claims:
        return None
    auth_time = _seconds(claims, "auth_time")
    if auth_time > now + LEEWAY:
        raise InvalidToken("auth-time-in-the-future")
    return auth_time


def _caller(verified: _Verified, view: RegisterView, now: float) -> Caller:
    use, bearer = verified.use, verified.bearer
    # Not every provider marks a person's token as one; a subject that holds a role is a person all the same.
    person = bearer.person or (bearer.subject != bearer.client and bool(view.roles(use.issuer, bearer.subject)))
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    if person:
        roles = roles_today(view, use.organisation, use.issuer, bearer.subject, now) | verified.mapped
    else:
        client = view.client(use.organisation, bearer.client)
        granted = () if client is None else _scopes_today(client, now)
        if not granted:
            raise InvalidToken("client-not-registered")
        scopes = bearer.scopes.intersection(granted)
    return Caller(
        organisation=use.organisation,
        issuer=use.issuer,
        subject=bearer.subject,
        client=bearer.client,
        person=person,
        scopes=scopes,
        roles=roles,
        auth_time=verified.auth_time,
        expires_at=verified.expires_at,
    )


def roles_today(view: RegisterView, organisation: str, issuer: str, subject: str, now: float) -> frozenset[str]:
    """The roles that a person holds for a body at `now` (seconds since 1970). A role's last day is its
    `until`."""
    granted = [role for role in view.roles(issuer, subject) if role.organisation == organisation]
    if all(role.until is None for role in granted):
        return frozenset(role.role for role in granted)
    today = _today(now)
    return frozenset(role.role for role in granted if role.until is None or today <= role.until)


def _scopes_today(client: Client, now: float) -> tuple[str, ...]:
    return client.scopes if client.until is None else client.scopes_on(_today(now))


def _today(now: float) -> str:
    return datetime.fromtimestamp(now, _LONDON).date().isoformat()


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
