"""Access tokens: from the text after `Bearer` to a caller (RFC 9068 section 4, RFC 8725, RFC 9700).

The order of the checks:
1. the shape: at most 8 KiB, a strict compact JWS, no header that brings its own key;
2. the issuer: `iss` is read, still unverified, only to pick one that is registered, by its exact name;
3. the body: where an issuer serves several, the registered claim says which;
4. the algorithm: one that is registered for that issuer;
5. the signature, with a key of that issuer only;
6. the times, the audience, what binds it to another holder, and what the issuer's profile demands;
7. the register: the client's granted scopes, or the person's roles today.

What 1 to 6 found is kept for a while under the token's SHA-256. Step 7 is done again on every call, so that
what the register takes away counts at once; and so is the question whether the issuer still publishes the key.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from joserfc.jwk import Key
from msgspec import Struct

from isa_registry.domain.register.facts import Client, Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import roles_in_effect
from isa_registry.identity.callers import Caller
from isa_registry.identity.compact import signature_holds
from isa_registry.identity.issuers import IssuerKeys, KeyNotFoundError, KeysUnavailableError
from isa_registry.identity.mapped_roles import mapped_roles
from isa_registry.identity.profiles import PROFILES, Bearer, InvalidToken, Members, kinds_of_sign_in
from isa_registry.identity.validation import (
    LEEWAY,
    MAX_TOKEN,
    auth_time,
    check_algorithm,
    check_audience,
    check_bearer,
    check_header,
    check_times,
    read_token,
    registered_use,
)

__all__ = ["LEEWAY", "InvalidToken", "KeysUnavailableError", "TokenValidator", "roles_today"]

WARM_TOKENS = 10_000
WARM_FOR = 15 * 60
"""Seconds for which a token is not verified again, as long as its issuer publishes the key."""

_LONDON = ZoneInfo("Europe/London")
_NONE: frozenset[str] = frozenset()


class _Verified(Struct, frozen=True, gc=False):
    use: Issuer
    bearer: Bearer
    mapped: frozenset[str]
    auth_time: int | None
    expires_at: int
    warm_until: float
    kid: str | None
    key: Key


class _Known(Struct, gc=False):
    """A token that was verified; and the machine that it speaks for in one state of the register, where that is the
    same on every day: what the register says of it is not looked up again until the register changes."""

    verified: _Verified
    state: object | None = None
    machine: Caller | None = None


class TokenValidator:
    """Validates the access tokens of registered issuers. `clock` gives seconds since 1970."""

    def __init__(self, keys: IssuerKeys, clock: Callable[[], float], *, warm_tokens: int = WARM_TOKENS) -> None:
        self._keys = keys
        self._clock = clock
        self._warm_tokens = warm_tokens
        self._warm: OrderedDict[bytes, _Known] = OrderedDict()

    async def validate(self, token: str, view: RegisterView) -> Caller:
        """The caller that a token speaks for, as the register at `view` has it.

        Raises `InvalidToken`, or `KeysUnavailableError` while the issuer's keys cannot be had.
        """
        caller = self.validate_warm(token, view)
        if caller is not None:
            return caller
        verified = await self._verify(token, view)
        caller = _caller(verified, view, self._clock())
        self._warm[_fingerprint(token)] = _Known(verified)
        while len(self._warm) > self._warm_tokens:
            self._warm.popitem(last=False)
        return caller

    def validate_warm(self, token: str, view: RegisterView) -> Caller | None:
        """The caller, where the token was verified lately, its issuer still publishes the key, and the register still
        lets it act; otherwise None, and `validate` says why. Never raises."""
        if len(token) > MAX_TOKEN:
            return None
        fingerprint = _fingerprint(token)
        known = self._warm.get(fingerprint)
        if known is None:
            return None
        verified, now = known.verified, self._clock()
        use = verified.use
        if now < verified.warm_until and self._keys.publishes(use.issuer, verified.kid, verified.key):
            if known.state is view.memory.state:
                self._warm.move_to_end(fingerprint)
                return known.machine
            caller = self._known_to(view, known, now)
            if caller is not None:
                self._warm.move_to_end(fingerprint)
                return caller
        del self._warm[fingerprint]
        return None

    def _known_to(self, view: RegisterView, known: _Known, now: float) -> Caller | None:
        """The caller as the register has it now; None where it lets it act no longer."""
        verified = known.verified
        if verified.use not in view.issuers(verified.use.issuer):
            return None
        try:
            caller = _caller(verified, view, now)
        except InvalidToken:
            return None
        if not caller.person and _on_every_day(verified, view):
            known.state, known.machine = view.memory.state, caller
        return caller

    async def _verify(self, token: str, view: RegisterView) -> _Verified:
        compact, claims = read_token(token)
        kid = check_header(compact.header)
        issuer = claims.get("iss")
        use = registered_use(claims, view.issuers(issuer) if isinstance(issuer, str) else ())
        algorithm = check_algorithm(compact.header, use)
        try:
            key = await self._keys.key(use.issuer, kid)
        except KeyNotFoundError:
            raise InvalidToken("key-unknown") from None
        if not signature_holds(compact, algorithm, key):
            raise InvalidToken("signature-invalid")
        now = self._clock()
        expires_at = check_times(claims, now)
        check_audience(claims, use)
        check_bearer(claims)
        profile = PROFILES.get(use.profile)
        if profile is None:
            raise InvalidToken("profile-unknown")
        bearer = profile(compact.header, claims)
        return _Verified(
            use=use,
            bearer=bearer,
            mapped=mapped_roles(use, claims) if bearer.person else _NONE,
            auth_time=_accepted_sign_in(use, claims, now),
            expires_at=expires_at,
            warm_until=min(expires_at + LEEWAY, now + WARM_FOR),
            kid=kid,
            key=key,
        )


def _accepted_sign_in(use: Issuer, claims: Members, now: float) -> int | None:
    """When the person signed in. A sign-in of another kind than the issuer was registered with counts as none."""
    moment = auth_time(claims, now)
    wanted = () if use.sign_in is None else use.sign_in.acr_values
    return moment if not wanted or not kinds_of_sign_in(claims).isdisjoint(wanted) else None


def _caller(verified: _Verified, view: RegisterView, now: float) -> Caller:
    use, bearer = verified.use, verified.bearer
    # Not every provider marks a person's token as one; a subject that holds a role is a person all the same.
    person = bearer.person or (bearer.subject != bearer.client and bool(view.roles(use.issuer, bearer.subject)))
    scopes = roles = _NONE
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


def _on_every_day(verified: _Verified, view: RegisterView) -> bool:
    """Whether what a client was granted has no last day."""
    client = view.client(verified.use.organisation, verified.bearer.client)
    return client is not None and client.until is None


def roles_today(view: RegisterView, organisation: str, issuer: str, subject: str, now: float) -> frozenset[str]:
    """The roles that are in effect for a person at a body at `now` (seconds since 1970). A role's last day is its
    `until`."""
    granted = [role for role in view.roles(issuer, subject) if role.organisation == organisation]
    if all(role.until is None for role in granted):
        return roles_in_effect(view, organisation, frozenset(role.role for role in granted))
    today = _today(now)
    held = frozenset(role.role for role in granted if role.until is None or today <= role.until)
    return roles_in_effect(view, organisation, held)


def _scopes_today(client: Client, now: float) -> tuple[str, ...]:
    return client.scopes if client.until is None else client.scopes_on(_today(now))


def _today(now: float) -> str:
    return datetime.fromtimestamp(now, _LONDON).date().isoformat()


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
