"""The steps of validating an access token, each a function of its own: `tokens.py` takes them in order, and the
self-test of an issuer takes every one and says what each found.

Each step refuses by raising `InvalidToken`.
"""

from __future__ import annotations

from collections.abc import Iterable

from isa_registry.domain.register.facts import Issuer
from isa_registry.identity.compact import ASYMMETRIC, Compact, split_compact
from isa_registry.identity.profiles import InvalidToken, Members
from isa_verify.encoding import parse_json_strict
from isa_verify.errors import MalformedError

MAX_TOKEN = 8 * 1024
"""Characters."""

LEEWAY = 30
"""Seconds by which the clocks of an issuer and this registry may differ."""

LONGEST_LIFE = 24 * 3600
"""Seconds from a token's `iat` to its `exp`: one that lives longer was made by mistake, or to be kept."""

REFUSED_HEADERS = ("crit", "b64", "jwk", "jku", "x5u", "x5c")


def read_token(token: str) -> tuple[Compact, Members]:
    """The parts and the claims of a token, none of which is to be believed yet."""
    if len(token) > MAX_TOKEN:
        raise InvalidToken("token-too-large")
    try:
        compact = split_compact(token)
        claims = parse_json_strict(compact.payload)
    except MalformedError:
        raise InvalidToken("token-malformed") from None
    if not isinstance(claims, dict):
        raise InvalidToken("token-malformed")
    return compact, claims


def check_header(header: Members) -> str | None:
    """The id of the key that the header names, if it does. No header may bring its own key or rules."""
    if any(name in header for name in REFUSED_HEADERS):
        raise InvalidToken("header-refused")
    kid = header.get("kid")
    if not (kid is None or isinstance(kid, str)):
        raise InvalidToken("header-refused")
    return kid


def registered_use(claims: Members, uses: Iterable[Issuer]) -> Issuer:
    """The one of an issuer's registered uses that the claims fall under."""
    uses = tuple(uses)
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


def check_algorithm(header: Members, use: Issuer) -> str:
    """The header's algorithm, one that is registered for the issuer."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in use.algorithms or algorithm not in ASYMMETRIC:
        raise InvalidToken("algorithm-refused")
    return algorithm


def check_times(claims: Members, now: float) -> int:
    """When the token ends, in seconds since 1970."""
    expires_at = seconds(claims, "exp")
    if now >= expires_at + LEEWAY:
        raise InvalidToken("token-expired")
    issued_at = seconds(claims, "iat")
    if issued_at > now + LEEWAY:
        raise InvalidToken("token-from-the-future")
    if "nbf" in claims and seconds(claims, "nbf") > now + LEEWAY:
        raise InvalidToken("token-not-yet-valid")
    if expires_at - issued_at > LONGEST_LIFE:
        raise InvalidToken("token-lives-too-long")
    return expires_at


def check_audience(claims: Members, use: Issuer) -> None:
    """Every audience must be one of ours: whoever else a token is good for could replay it here."""
    audience = claims.get("aud")
    members = audience if isinstance(audience, list) else [audience]
    if not members or not all(isinstance(one, str) and one in use.audiences for one in members):
        raise InvalidToken("audience-refused")


def check_bearer(claims: Members) -> None:
    """That the token is good in the hands of whoever shows it, acting as whom it names.

    A token bound to its holder's key proves nothing when shown without it (RFC 8705, RFC 9449). One with `act` is
    somebody else's acting in its subject's name (RFC 8693 section 4.1), which the log could not tell apart; `may_act`
    only says who might have asked for such a token, and is passed over.
    """
    if "cnf" in claims:
        raise InvalidToken("token-bound-to-a-key")
    if "act" in claims:
        raise InvalidToken("token-delegated")


def auth_time(claims: Members, now: float) -> int | None:
    """When a person signed in, in seconds since 1970; None where the token does not say."""
    if "auth_time" not in claims:
        return None
    moment = seconds(claims, "auth_time")
    if moment > now + LEEWAY:
        raise InvalidToken("auth-time-in-the-future")
    return moment


def seconds(claims: Members, name: str) -> int:
    """A claim that must be a time in whole seconds since 1970."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidToken(f"{name.replace('_', '-')}-missing")
    return value
