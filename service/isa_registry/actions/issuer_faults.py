"""What is wrong with an issuer as it is proposed, member by member. The log is for ever, so it is looked at first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from isa_registry.domain.access_entries import IssuerRegistered, RoleMapping, SignIn
from isa_registry.domain.refusals import Fault
from isa_registry.domain.roles import LEAD_ROLES, OWN_ROLES
from isa_registry.identity.compact import ASYMMETRIC
from isa_registry.identity.profiles import PROFILES

AUTHENTICATIONS = ("private_key_jwt", "client_secret_basic", "none")
MOST_MAPPINGS = 50
_MOST = 20

_WORD = re.compile(r"[\x21-\x7e]{1,255}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")  # RFC 6749 section 3.3
_CLAIM = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[::1\]")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# What they say changes with every token or is the same for everybody, so they tell no body and no role apart.
_NOT_TELLING = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti", "auth_time", "nonce"})


def issuer_faults(issuer: IssuerRegistered) -> list[Fault]:
    """Everything that is wrong with it by itself."""
    faults = [*_address(issuer.issuer), *_lists(issuer)]
    if issuer.profile not in PROFILES:
        faults.append(Fault("#/profile", "unknown-code", f"Use one of {', '.join(PROFILES)}."))
    elif issuer.profile == "cis2" and issuer.sign_in is None:
        faults.append(Fault("#/sign_in", "missing", "NHS CIS2 signs people in and does nothing else: say how."))
    if (issuer.claim is None) != (issuer.value is None):
        faults.append(Fault("#/claim", "not-a-pair", "A claim and its value come together."))
    if issuer.claim is not None and not _tells(issuer.claim):
        faults.append(Fault("#/claim", "malformed", "Name a claim that says whose token it is."))
    if issuer.value is not None and not 0 < len(issuer.value) <= 255:
        faults.append(Fault("#/value", "malformed", "A value is 1 to 255 characters."))
    if issuer.sign_in is not None:
        faults += _sign_in(issuer.sign_in, plain=issuer.issuer.startswith("http:"))
    return [*faults, *_mappings(issuer.roles_from)]


def _address(address: str) -> Iterator[Fault]:
    detail = (
        "An issuer is an https address as its tokens say it in `iss`: a lower-case host, at most 255 characters, "
        "without a user, a query or a fragment."
    )
    if not _WORD.fullmatch(address) or any(mark in address for mark in ("?", "#", "@", "\\")):
        yield Fault("#/issuer", "malformed", detail)
        return
    try:
        parts = urlsplit(address)
        host, _ = parts.netloc.removesuffix(f":{parts.port}"), parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host) or not address.startswith(parts.scheme):
        yield Fault("#/issuer", "malformed", detail)
    elif parts.scheme == "http" and host not in _LOOPBACK:
        yield Fault("#/issuer", "not-https", "An issuer's address begins with https.")


def _lists(issuer: IssuerRegistered) -> Iterator[Fault]:
    if not _words(issuer.audiences, _WORD):
        yield Fault("#/audiences", "malformed", "Name one or more audiences, each once: what `aud` says in its tokens.")
    if not _words(issuer.algorithms, _WORD) or any(one not in ASYMMETRIC for one in issuer.algorithms):
        yield Fault("#/algorithms", "unknown-code", f"Name one or more of {', '.join(ASYMMETRIC)}, each once.")


def _sign_in(sign_in: SignIn, *, plain: bool) -> Iterator[Fault]:
    if not _WORD.fullmatch(sign_in.client):
        yield Fault("#/sign_in/client", "malformed", "The registry's own client id at the issuer, without spaces.")
    if sign_in.authentication not in AUTHENTICATIONS or (sign_in.authentication == "none" and not plain):
        detail = "Use private_key_jwt or client_secret_basic. `none` is for a demonstration's issuers."
        yield Fault("#/sign_in/authentication", "unknown-code", detail)
    if not _words(sign_in.scopes, _SCOPE) or "openid" not in sign_in.scopes:
        yield Fault("#/sign_in/scopes", "malformed", "Name `openid` and what else is asked for, each once.")
    if sign_in.acr_values and not _words(sign_in.acr_values, _WORD):
        yield Fault("#/sign_in/acr_values", "malformed", "Name each kind of authentication once, without spaces.")


def _mappings(mappings: tuple[RoleMapping, ...]) -> Iterator[Fault]:
    if len(mappings) > MOST_MAPPINGS or len(set(mappings)) != len(mappings):
        yield Fault("#/roles_from", "count", f"Name each mapping once, and at most {MOST_MAPPINGS}.")
    for place, mapping in enumerate(mappings):
        at = f"#/roles_from/{place}"
        if not _tells(mapping.claim):
            yield Fault(f"{at}/claim", "malformed", "Name a claim of the issuer's tokens.")
        if not 0 < len(mapping.value) <= 255:
            yield Fault(f"{at}/value", "malformed", "A value is 1 to 255 characters.")
        if mapping.role in LEAD_ROLES:
            detail = "auditor and business-unit are granted by two people to one person, never by a claim."
            yield Fault(f"{at}/role", "never-by-a-claim", detail)
        elif mapping.role not in OWN_ROLES:
            yield Fault(f"{at}/role", "unknown-code", f"Use one of {', '.join(OWN_ROLES)}.")


def _words(values: tuple[str, ...], shape: re.Pattern[str]) -> bool:
    return 0 < len(values) <= _MOST and len(set(values)) == len(values) and all(map(shape.fullmatch, values))


def _tells(claim: str) -> bool:
    return bool(_CLAIM.fullmatch(claim)) and claim not in _NOT_TELLING
