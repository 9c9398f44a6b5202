"""What a caller without the right token is told in `WWW-Authenticate`, and where it reads how to get one."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from isa_registry.api.access import Access
from isa_registry.api.requests import Request
from isa_registry.identity.callers import RECENT_SECONDS, Caller
from isa_registry.runtime.registry import Registry

METADATA_PATH = "/.well-known/oauth-protected-resource"


def metadata_url(public_url: str) -> str:
    """Where a service at this address publishes its metadata: before the path, if it has one (RFC 9728 section 3.1)."""
    parts = urlsplit(public_url)
    return urlunsplit((parts.scheme, parts.netloc, f"{METADATA_PATH}{parts.path.removesuffix('/')}", "", ""))


def challenge(code: str, request: Request) -> str | None:
    """The challenge that goes with a refusal (RFC 6750 section 3, RFC 9470 section 3, RFC 9728 section 5.1); None
    where no other token would help."""
    if code == "not-signed-in":
        # RFC 9110 section 15.5.2 asks for a challenge; this one (draft-broyer-http-cookie-auth) no browser acts on.
        return 'Cookie realm="isa-registry", form-action="/sign-in"'
    told = _told(code, request)
    if told is None:
        return None
    access: Access | None = request.route_handler.opt.get("access")
    if access is None or not access.operator:
        # The operator's own token comes from no issuer.
        told["resource_metadata"] = metadata_url(request.app.state.public_url)
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in {"realm": "isa-registry", **told}.items())


def _told(code: str, request: Request) -> dict[str, str] | None:
    if code == "unauthenticated":
        return {}
    if code == "invalid-token":
        return {"error": "invalid_token"}
    if code == "insufficient-scope":
        access: Access = request.route_handler.opt["access"]
        return {"error": "insufficient_scope", "scope": access.scope_line()}
    if code == "sign-in-too-old":
        kinds = _kinds_of_sign_in(request)
        told = {"error": "insufficient_user_authentication", "max_age": str(RECENT_SECONDS)}
        return {**told, "acr_values": " ".join(kinds)} if kinds else told
    return None


def _kinds_of_sign_in(request: Request) -> tuple[str, ...]:
    """The kinds of authentication that the caller's own issuer was registered with."""
    caller = cast("dict[str, Any]", request.scope).get("isa_caller")
    if not isinstance(caller, Caller):
        return ()
    registry: Registry = request.app.state.registry
    for use in registry.follower.view.issuers_of(caller.organisation):
        if use.issuer == caller.issuer and use.sign_in is not None:
            return use.sign_in.acr_values
    return ()
