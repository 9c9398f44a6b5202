"""ID tokens and logout tokens: from the text to a person, by the same strict path as access tokens.

OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725, RFC 9700. The order: shape and headers, issuer, algorithm, signature
with a key of that issuer only, audience, times, then what this sign-in asked for, and what the issuer's profile
demands.
"""

from __future__ import annotations

import hashlib
import hmac

from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity import validation
from isa_registry.identity.compact import ASYMMETRIC, signature_holds, split_compact
from isa_registry.identity.issuers import IssuerKeys, KeyNotFoundError
from isa_registry.identity.profiles import InvalidToken, Members, text
from isa_registry.identity.validation import LEEWAY, seconds
from isa_verify.encoding import JsonValue, encode_base64url, parse_json_strict
from isa_verify.errors import MalformedError

MAX_TOKEN = 32 * 1024
"""Characters. NHS CIS2 and others put a person's every post into an ID token."""


CIS2_IDENTITY = 3
CIS2_AUTHENTICATION = 2
"""The least levels at which NHS CIS2 vouches for who somebody is, and for how they signed in."""

_MAX_ACR, _MAX_METHOD, _MOST_METHODS = 256, 64, 16

_REFUSED_HEADERS = ("crit", "b64", "jwk", "jku", "x5u", "x5c")
_ID_TOKEN = ("", "jwt")
_LOGOUT_TOKEN = ("", "jwt", "logout+jwt")
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_OLDEST = 10 * 60


class Person(Struct, frozen=True):
    """Whom an ID token speaks of. `provider_subject` is its `sub` as it stands, `provider_session` its `sid`; `reaches`
    are the organisations that its issuer's mapping lets this person act for by way of the same client, and `claims` the
    registered role claims that it carries, as `claim=value`. `id_token_sha256` is of the token itself; `acr` and `amr`
    say how the person signed in, as far as the token does (OpenID Connect Core 1.0 section 2)."""

    issuer: str
    subject: str
    provider_subject: str
    provider_session: str | None
    auth_time: int | None
    reaches: tuple[str, ...]
    claims: tuple[str, ...]
    id_token_sha256: bytes | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()


class LoggedOut(Struct, frozen=True):
    """Whose sessions a logout token ends, and the token's own id. `expires_at` is when the token could no longer be
    shown again."""

    issuer: str
    provider_subject: str | None
    provider_session: str | None
    token: str
    expires_at: int


class Expected(Struct, frozen=True):
    """What this sign-in asked for. `nonce` is None for a refreshed token; `signed_in_since` is set where the person was
    to prove anew who they are."""

    nonce: str | None
    access_token: str | None = None
    signed_in_since: int | None = None


async def read_id_token(
    token: str, *, use: Issuer, view: RegisterView, keys: IssuerKeys, expected: Expected, now: float
) -> Person:
    """The person whom an ID token speaks of, for the registered use through which they sign in.

    Raises `InvalidToken`, or `KeysUnavailableError` while the issuer's keys cannot be had.
    """
    algorithm, claims = await _verified(token, use, keys, _ID_TOKEN)
    _check_audience(claims, use)
    _check_times(claims, now)
    if expected.nonce is not None and not _same(claims.get("nonce"), expected.nonce):
        raise InvalidToken("nonce-refused")
    if "at_hash" in claims and not _same(claims["at_hash"], _half_hash(expected.access_token or "", algorithm)):
        raise InvalidToken("at-hash-refused")
    auth_time = validation.auth_time(claims, now)
    if expected.signed_in_since is not None:
        if auth_time is None:
            raise InvalidToken("auth-time-missing")
        if auth_time < expected.signed_in_since - LEEWAY:
            raise InvalidToken("auth-time-too-old")
    assert use.sign_in is not None
    if use.sign_in.acr_values and claims.get("acr") not in use.sign_in.acr_values:
        raise InvalidToken("acr-refused")
    provider_subject = text(claims, "sub")
    return Person(
        issuer=use.issuer,
        subject=_subject(use.profile, claims),
        provider_subject=provider_subject,
        provider_session=text(claims, "sid") if "sid" in claims else None,
        auth_time=auth_time,
        reaches=_reaches(claims, use, view),
        claims=tuple(
            f"{mapping.claim}={mapping.value}"
            for mapping in use.roles_from
            if _covers(claims.get(mapping.claim), mapping.value)
        ),
        id_token_sha256=hashlib.sha256(token.encode()).digest(),
        acr=_said(claims.get("acr"), _MAX_ACR),
        amr=_methods(claims.get("amr")),
    )


async def read_logout_token(token: str, *, use: Issuer, keys: IssuerKeys, now: float) -> LoggedOut:
    """Whose sessions a back-channel logout token ends (OpenID Connect Back-Channel Logout 1.0 section 2.6).

    Raises `InvalidToken`, or `KeysUnavailableError`.
    """
    _, claims = await _verified(token, use, keys, _LOGOUT_TOKEN)
    _check_audience(claims, use)
    expires_at = _check_times(claims, now)
    if seconds(claims, "iat") < now - _LOGOUT_OLDEST:
        raise InvalidToken("token-expired")
    if "nonce" in claims:
        raise InvalidToken("nonce-refused")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
        raise InvalidToken("events-refused")
    subject = text(claims, "sub") if "sub" in claims else None
    session = text(claims, "sid") if "sid" in claims else None
    if subject is None and session is None:
        raise InvalidToken("sub-missing")
    return LoggedOut(
        issuer=use.issuer,
        provider_subject=subject,
        provider_session=session,
        token=text(claims, "jti"),
        expires_at=min(expires_at, int(now) + _LOGOUT_OLDEST) + LEEWAY,
    )


async def _verified(token: str, use: Issuer, keys: IssuerKeys, types: tuple[str, ...]) -> tuple[str, Members]:
    """The algorithm and the claims of a token that this use's issuer signed."""
    if len(token) > MAX_TOKEN:
        raise InvalidToken("token-too-large")
    try:
        compact = split_compact(token)
        claims = parse_json_strict(compact.payload)
    except MalformedError:
        raise InvalidToken("token-malformed") from None
    if not isinstance(claims, dict):
        raise InvalidToken("token-malformed")
    header = compact.header
    if any(name in header for name in _REFUSED_HEADERS):
        raise InvalidToken("header-refused")
    typ, algorithm, kid = header.get("typ", ""), header.get("alg"), header.get("kid")
    # Another kind of token of the same issuer, such as an access token, says nothing of a sign-in.
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in types:
        raise InvalidToken("typ-refused")
    if claims.get("iss") != use.issuer:
        raise InvalidToken("issuer-refused")
    if not isinstance(algorithm, str) or algorithm not in use.algorithms or algorithm not in ASYMMETRIC:
        raise InvalidToken("algorithm-refused")
    if not (kid is None or isinstance(kid, str)):
        raise InvalidToken("header-refused")
    try:
        key = await keys.key(use.issuer, kid)
    except KeyNotFoundError:
        raise InvalidToken("key-unknown") from None
    if not signature_holds(compact, algorithm, key):
        raise InvalidToken("signature-invalid")
    return algorithm, claims


def _check_audience(claims: Members, use: Issuer) -> None:
    """The token is for our client there, and for nobody else: no other audience is one that we trust."""
    assert use.sign_in is not None
    audience = claims.get("aud")
    members = audience if isinstance(audience, list) else [audience]
    if not members or any(one != use.sign_in.client for one in members):
        raise InvalidToken("audience-refused")
    if claims.get("azp", use.sign_in.client) != use.sign_in.client:
        raise InvalidToken("azp-refused")


def _check_times(claims: Members, now: float) -> int:
    expires_at = seconds(claims, "exp")
    if now >= expires_at + LEEWAY:
        raise InvalidToken("token-expired")
    if seconds(claims, "iat") > now + LEEWAY:
        raise InvalidToken("token-from-the-future")
    if "nbf" in claims and seconds(claims, "nbf") > now + LEEWAY:
        raise InvalidToken("token-not-yet-valid")
    return expires_at


def _subject(profile: str, claims: Members) -> str:
    """Who it is, for good. Entra's `sub` differs from one application to the next, so `oid` is meant there."""
    if profile == "entra-v2":
        if claims.get("ver") != "2.0":
            raise InvalidToken("ver-refused")
        if f"/{text(claims, 'tid')}/" not in text(claims, "iss"):
            raise InvalidToken("tid-refused")
        return text(claims, "oid")
    if profile == "cis2":
        if _level(claims, "id_assurance_level") < CIS2_IDENTITY:
            raise InvalidToken("identity-assurance-too-low")
        if _level(claims, "authentication_assurance_level") < CIS2_AUTHENTICATION:
            raise InvalidToken("authentication-assurance-too-low")
    return text(claims, "sub")


def _said(value: JsonValue, most: int) -> str | None:
    """A short text as it stands; None for anything else."""
    return value if isinstance(value, str) and 0 < len(value.encode("utf-8", "replace")) <= most else None


def _methods(value: JsonValue) -> tuple[str, ...]:
    """The methods of authentication that a token names (RFC 8176); none where it names them in another form."""
    members = value if isinstance(value, list) else []
    named = tuple(one for one in members if _said(one, _MAX_METHOD) is not None and isinstance(one, str))
    return named if len(named) == len(members) <= _MOST_METHODS else ()


def _level(claims: Members, name: str) -> int:
    """A level from 0 to 9, as a number or as its digit; 0 where nothing is said."""
    value = claims.get(name)
    if isinstance(value, str) and len(value) == 1 and value in "0123456789":
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _reaches(claims: Members, use: Issuer, view: RegisterView) -> tuple[str, ...]:
    """The organisations that the issuer's mapping gives this token, by way of the same client.

    Raises `InvalidToken` where the one that the person chose is not among them.
    """
    uses = view.issuers(use.issuer)
    split = any(one.claim is not None for one in uses)
    client = use.sign_in.client if use.sign_in is not None else ""
    reached = {
        one.organisation
        for one in uses
        if one.sign_in is not None
        and one.sign_in.client == client
        # Once an issuer is split by a claim, a use without one would let every body behind it act as that body.
        and (not split or (one.claim is not None and _covers(claims.get(one.claim), one.value)))
    }
    if use.organisation not in reached:
        raise InvalidToken("organisation-refused")
    return tuple(sorted(reached))


def _covers(claim: JsonValue, value: str | None) -> bool:
    members = claim if isinstance(claim, list) else [claim]
    return bool(value) and any(isinstance(one, str) and one == value for one in members)


def _same(given: JsonValue, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def _half_hash(value: str, algorithm: str) -> str:
    """OpenID Connect Core 1.0 section 3.1.3.6: the left half of the algorithm's own hash."""
    name = "sha512" if algorithm in ("Ed25519", "EdDSA") else f"sha{algorithm[2:]}"
    digest = hashlib.new(name, value.encode("ascii", "replace")).digest()
    return encode_base64url(digest[: len(digest) // 2])
