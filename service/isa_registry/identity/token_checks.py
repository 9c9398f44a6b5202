"""What is wrong with a sample token, by every step of its validation: for the self-test of an issuer alone.

To a caller nothing is told but that a token is not taken. Here whoever runs the issuer learns all of it, in the same
steps as the service takes them (`validation.py`, `profiles.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from joserfc.jwk import Key
from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.identity.compact import Compact, signature_holds
from isa_registry.identity.findings import Finding, finding
from isa_registry.identity.mapped_roles import mapped_roles
from isa_registry.identity.profiles import PROFILES, Bearer, InvalidToken, Members, kinds_of_sign_in
from isa_registry.identity.validation import (
    auth_time,
    check_algorithm,
    check_audience,
    check_bearer,
    check_header,
    check_times,
    read_token,
    registered_use,
)

NEEDED: dict[str, tuple[str, ...]] = {
    "rfc9068": ("sub", "client_id", "jti"),
    "entra-v2": ("tid", "oid", "azp", "ver"),
    "generic": ("sub", "scope"),
    "cis2": (),
}
"""The texts that each profile needs beside `iss`, `aud`, `exp` and `iat`; docs/guides/agency-engineer.md says more."""

_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,60}")
Granted = Callable[[str], Collection[str]]


class KeySet(Struct, frozen=True):
    """An issuer's usable keys by id, and the only one where there is just one."""

    keys: Mapping[str, Key]
    sole: Key | None


def check_token(
    token: str, use: Issuer, keys: KeySet, *, known_scopes: Collection[str], granted: Granted | None, now: float
) -> Iterator[Finding]:
    """Every step's finding for a token as it was issued. `granted` gives the scopes that a client was granted; None
    where that cannot be looked up."""
    try:
        compact, claims = read_token(token)
    except InvalidToken as refused:
        yield finding(_unreadable(token, refused.reason))
        return
    shown = _shown(use, compact, claims)
    found = [finding(reason, **shown) for reason in _reasons(use, compact, claims, keys, now)]
    missing = [name for name in NEEDED.get(use.profile, ()) if not _is_text(claims.get(name))]
    if missing:
        found = [one for one in found if one.code not in {f"{name.replace('_', '-')}-missing" for name in missing}]
        names = sorted(name for name in claims if _NAME.fullmatch(name))
        found.append(finding("claims-missing", missing=missing, names=names))
    bearer = _bearer(use, compact, claims)
    if bearer is not None:
        found += _person(use, claims, now) if bearer.person else _machine(claims, bearer, known_scopes, granted)
    if bearer is not None and all(one.level != "wrong" for one in found):
        who = "a person, with the roles granted or mapped to them" if bearer.person else "a system, with its scopes"
        roles = sorted(mapped_roles(use, claims)) if bearer.person else []
        yield finding("token-right", who=f"{who}, of them by a claim: {', '.join(roles)}" if roles else who)
    yield from found


def _unreadable(token: str, reason: str) -> str:
    if reason == "token-too-large":
        return reason
    dots = token.count(".")
    if dots == 4:
        return "token-encrypted"
    return "token-opaque" if dots != 2 else reason


def _shown(use: Issuer, compact: Compact, claims: Members) -> dict[str, object]:
    return {
        "iss": claims.get("iss"),
        "aud": claims.get("aud"),
        "alg": compact.header.get("alg"),
        "typ": compact.header.get("typ"),
        "issuer": use.issuer,
        "audiences": use.audiences,
        "algorithms": use.algorithms,
        "profile": use.profile,
        "claim": use.claim,
    }


def _reasons(use: Issuer, compact: Compact, claims: Members, keys: KeySet, now: float) -> Iterator[str]:
    """Why each step refuses, of those that do. A step that cannot be taken because of an earlier one is left out."""
    header = compact.header

    def signature() -> None:
        kid = check_header(header)
        algorithm = check_algorithm(header, use)
        key = keys.sole if kid is None else keys.keys.get(kid)
        if key is None:
            raise InvalidToken("key-unknown")
        if not signature_holds(compact, algorithm, key):
            raise InvalidToken("signature-invalid")

    steps: tuple[Callable[[], object], ...] = (
        lambda: check_header(header),
        lambda: registered_use(claims, (use,) if claims.get("iss") == use.issuer else ()),
        lambda: registered_use(claims, (use,)),
        lambda: check_algorithm(header, use),
        signature,
        lambda: check_times(claims, now),
        lambda: auth_time(claims, now),
        lambda: check_audience(claims, use),
        lambda: check_bearer(claims),
        lambda: _profiled(use, compact, claims),
    )
    told: set[str] = set()
    for step in steps:
        try:
            step()
        except InvalidToken as refused:
            if refused.reason not in told:
                told.add(refused.reason)
                yield refused.reason


def _profiled(use: Issuer, compact: Compact, claims: Members) -> Bearer:
    profile = PROFILES.get(use.profile)
    if profile is None:
        raise InvalidToken("profile-unknown")
    return profile(compact.header, claims)


def _bearer(use: Issuer, compact: Compact, claims: Members) -> Bearer | None:
    try:
        return _profiled(use, compact, claims)
    except InvalidToken:
        return None


def _machine(
    claims: Members, bearer: Bearer, known_scopes: Collection[str], granted: Granted | None
) -> Iterator[Finding]:
    claim = "client_id" if "client_id" in claims else "azp"
    carried = bearer.scopes.intersection(known_scopes)
    if not carried:
        yield finding("scopes-none", scopes=sorted(known_scopes))
    if granted is None:
        yield finding("client-to-be-granted", claim=claim)
        return
    scopes = granted(bearer.client)
    if not scopes:
        yield finding("client-not-registered", claim=claim)
    elif carried.difference(scopes):
        yield finding("scopes-not-granted", scopes=sorted(carried.difference(scopes)))


def _person(use: Issuer, claims: Members, now: float) -> Iterator[Finding]:
    try:
        signed_in_at = auth_time(claims, now)
    except InvalidToken:
        return
    if signed_in_at is None:
        yield finding("person-without-time")
    wanted = () if use.sign_in is None else use.sign_in.acr_values
    if wanted and kinds_of_sign_in(claims).isdisjoint(wanted):
        yield finding("person-of-another-kind", kinds=wanted)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255
