"""What a client asks of the demonstration's identity providers, and how it is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class OAuthError(Exception):
    """A refusal as OAuth 2.0 words it (RFC 6749 sections 4.1.2.1 and 5.2): an error code and a plain
    sentence."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


class AuthorizationRefused(Exception):
    """The request names no redirect address that may be trusted, so the refusal is shown, never
    redirected."""


class AuthorizationRequest(Struct, frozen=True):
    """What a client asked for when it sent somebody to sign in (RFC 6749 section 4.1.1, RFC 7636)."""

    client: str
    redirect_uri: str
    challenge: str
    state: str
    nonce: str
    scope: str = "openid"


def after_signing_out(parameters: Mapping[str, str], clients: Collection[str]) -> str | None:
    """Where the browser goes after signing out (OpenID Connect RP-Initiated Logout 1.0); None: nowhere.

    There is no session to end, since nobody has a password. Raises `AuthorizationRefused`.
    """
    target = parameters.get("post_logout_redirect_uri")
    if target is None:
        return None
    if parameters.get("client_id", "") not in clients or not is_loopback(target):
        raise AuthorizationRefused("The redirect address must be an http address of this machine.")
    state = parameters.get("state", "")[:512]
    return f"{target}{'&' if urlsplit(target).query else '?'}{urlencode({'state': state})}" if state else target


def is_loopback(redirect_uri: str) -> bool:
    """Whether an address is plain http to this machine, without credentials or fragment (RFC 8252 section
    7.3)."""
    if len(redirect_uri) > 512 or not redirect_uri.isascii() or not redirect_uri.isprintable():
        return False
    try:
        parts = urlsplit(redirect_uri)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    return (
        parts.scheme == "http"
        and parts.hostname in _LOOPBACK
        and "@" not in parts.netloc
        and not any(character in redirect_uri for character in '#\\ "<>')
    )


def bad_code() -> OAuthError:
    """The one refusal of a code or a refresh token: it says nothing of why."""
    return OAuthError("invalid_grant", "It is not one of ours, was used before, or has expired.")
