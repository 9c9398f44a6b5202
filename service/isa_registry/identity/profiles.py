"""How the access tokens of each kind of issuer present themselves: one function per registered profile.

Each takes the header and the claims of a token and says whose it is, or refuses it. They are called only
after the signature and the claims common to all (`iss`, `aud`, `exp`, `nbf`, `iat`) were checked.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from isa_verify.encoding import JsonValue

Members = dict[str, JsonValue]

_ACCESS_TOKEN = ("at+jwt", "application/at+jwt")
_PERSON_SIGNS = frozenset(
    ("auth_time", "acr", "amr", "sid", "session_state", "nonce", "name", "email", "preferred_username")
)
_ID_TOKEN_SIGNS = frozenset(("nonce", "at_hash", "c_hash", "s_hash"))


class InvalidToken(Exception):
    """The token is refused. `reason` is a stable kebab-case code; nothing of the token is ever repeated."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bearer(Struct, frozen=True):
    """Whom a token speaks for, by its own claims: a machine client, or a person by way of one."""

    subject: str
    client: str
    person: bool
    scopes: frozenset[str]


def _rfc9068(header: Members, claims: Members) -> Bearer:
    """RFC 9068 sections 2.2 and 4. The `typ` keeps ID tokens out."""
    if _typ(header) not in _ACCESS_TOKEN:
        raise InvalidToken("typ-refused")
    text(claims, "jti")
    return _by_client(claims, text(claims, "client_id"))


def _entra_v2(header: Members, claims: Members) -> Bearer:
    """Microsoft Entra ID, version 2.0 access tokens.

    They share `typ` JWT with ID tokens, so `ver`, and `scp` or `roles`, must tell them apart. `oid` is the
    subject: `sub` differs per application. A machine must have proved itself by a certificate (`azpacr` 2).
    """
    if _typ(header) != "jwt":
        raise InvalidToken("typ-refused")
    if claims.get("ver") != "2.0":
        raise InvalidToken("ver-refused")
    if f"/{text(claims, 'tid')}/" not in text(claims, "iss"):
        raise InvalidToken("tid-refused")
    subject, client = text(claims, "oid"), text(claims, "azp")
    if "scp" in claims:
        return Bearer(subject=subject, client=client, person=True, scopes=_scopes(claims, "scp"))
    roles = claims.get("roles")
    if not isinstance(roles, list):
        raise InvalidToken("roles-missing")
    if claims.get("azpacr") != "2" or claims.get("idtyp", "app") != "app":
        raise InvalidToken("client-authentication-refused")
    scopes = frozenset(role for role in roles if isinstance(role, str))
    return Bearer(subject=subject, client=client, person=False, scopes=scopes)


def _cis2(header: Members, claims: Members) -> Bearer:
    """NHS CIS2 signs people in; its access tokens are for its own userinfo endpoint, never for another
    API."""
    raise InvalidToken("profile-signs-in-only")


def _generic(header: Members, claims: Members) -> Bearer:
    """Providers that sign JWT access tokens without the RFC 9068 type. An ID token never carries `scope`."""
    if _typ(header) not in ("", "jwt", *_ACCESS_TOKEN):
        raise InvalidToken("typ-refused")
    if not _ID_TOKEN_SIGNS.isdisjoint(claims):
        raise InvalidToken("id-token-refused")
    if "scope" not in claims:
        raise InvalidToken("scope-missing")
    return _by_client(claims, text(claims, "client_id" if "client_id" in claims else "azp"))


PROFILES: dict[str, Callable[[Members, Members], Bearer]] = {
    "rfc9068": _rfc9068,
    "entra-v2": _entra_v2,
    "cis2": _cis2,
    "generic": _generic,
}


SIGNS_IN_ONLY = frozenset({"cis2"})
"""Profiles whose access tokens are taken nowhere here: their providers sign people in."""


def kinds_of_sign_in(claims: Members) -> frozenset[str]:
    """How a person proved who they are, as their provider calls it: `acr` (OpenID Connect Core section 2), or the
    authentication contexts in Entra's `acrs`."""
    acr, acrs = claims.get("acr"), claims.get("acrs")
    several = acrs if isinstance(acrs, list) else [acrs]
    return frozenset(kind for kind in (acr, *several) if isinstance(kind, str))


def text(claims: Members, name: str) -> str:
    """A claim that must be a string of 1 to 255 characters, none of which is U+0000, which nothing here could keep.
    Raises `InvalidToken`."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or "\0" in value:
        raise InvalidToken(f"{name.replace('_', '-')}-missing")
    return value


def _by_client(claims: Members, client: str) -> Bearer:
    """A client acting for itself says so (`sub` is the client), or shows no sign of anybody having signed
    in."""
    if claims.get("azp", client) != client:
        raise InvalidToken("client-ambiguous")
    subject = text(claims, "sub")
    person = subject != client and not _PERSON_SIGNS.isdisjoint(claims)
    return Bearer(subject=subject, client=client, person=person, scopes=_scopes(claims, "scope"))


def _typ(header: Members) -> str:
    typ = header.get("typ", "")
    if not isinstance(typ, str):
        raise InvalidToken("typ-refused")
    return typ.lower()


def _scopes(claims: Members, name: str) -> frozenset[str]:
    value = claims.get(name, "")
    if not isinstance(value, str):
        raise InvalidToken("scope-malformed")
    return frozenset(value.split(" ")) - {""}
