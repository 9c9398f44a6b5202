"""The demonstration's sign-in pages and token endpoint: HTTP around `isa_registry.identity.demonstration`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote_plus, urlencode

from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from isa_registry.identity.demonstration import DemonstrationIdentity
from isa_registry.identity.demonstration_people import role_of
from isa_registry.identity.demonstration_requests import AuthorizationRefused, AuthorizationRequest, OAuthError
from isa_registry.pages.changing import ROLES
from isa_registry.pages.rendering import Layout
from isa_verify.encoding import JsonValue

MAX_FORM = 16 * 1024
"""Bytes."""

_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_Request = Request[object, object, State]


def demo_identity_router(provider: DemonstrationIdentity) -> Router:
    """Routes below `/demo/idp/{org}` that serve the demonstration's providers: never mounted anywhere else.

    They carry `exclude_from_auth` and `exclude_from_csrf`: whoever is to sign in has no session yet.
    """
    handlers: list[HTTPRouteHandler] = [
        *_published(provider),
        *_signing_in(provider),
        _signing_out(provider),
        _token_endpoint(provider),
    ]
    return Router(
        path="/demo/idp/{org:str}",
        route_handlers=handlers,
        opt={"exclude_from_auth": True, "exclude_from_csrf": True},
        include_in_schema=False,
        request_max_body_size=MAX_FORM,
    )


def _published(provider: DemonstrationIdentity) -> list[HTTPRouteHandler]:
    cached = {"Cache-Control": "max-age=300"}

    @get("/.well-known/openid-configuration", name="demo-discovery")
    async def discovery(org: FromPath[str]) -> Response[dict[str, JsonValue]]:
        _known(provider, org)
        return Response(provider.discovery(org), headers=cached)

    @get("/jwks", name="demo-jwks")
    async def jwks(org: FromPath[str]) -> Response[dict[str, JsonValue]]:
        _known(provider, org)
        return Response(provider.key_set(org), headers=cached)

    return [discovery, jwks]


def _signing_in(provider: DemonstrationIdentity) -> list[HTTPRouteHandler]:
    @get("/authorize", name="demo-authorize")
    async def authorize(request: _Request, org: FromPath[str]) -> Response[bytes] | Redirect:
        """Lists the people of the organisation. Choosing one comes back here with `person`."""
        name = _known(provider, org)
        pairs = list(request.query_params.multi_items())
        parameters = dict(pairs)
        try:
            if len(parameters) != len(pairs):
                raise AuthorizationRefused("A parameter is given twice.")
            asked = provider.authorization_request(parameters)
            if "person" in parameters:
                return _away(provider.sign_in(org, parameters["person"], asked))
        except AuthorizationRefused as refused:
            return _page("Sign-in cannot start", name, says=str(refused), status=400)
        except OAuthError as error:
            return _away(provider.refusal(org, parameters, error))
        return _people_page(provider, org, name, asked)

    return [authorize]


def _signing_out(provider: DemonstrationIdentity) -> HTTPRouteHandler:
    @get("/logout", name="demo-logout")
    async def logout(request: _Request, org: FromPath[str]) -> Response[bytes] | Redirect:
        name = _known(provider, org)
        try:
            address = provider.signed_out(dict(request.query_params.multi_items()))
        except AuthorizationRefused as refused:
            return _page("Signing out", name, says=str(refused), status=400)
        if address is not None:
            return _away(address)
        return _page("Signed out", name, says="Nobody is signed in here.")

    return logout


def _token_endpoint(provider: DemonstrationIdentity) -> HTTPRouteHandler:
    @post("/token", status_code=200, name="demo-token")
    async def token(request: _Request, org: FromPath[str]) -> Response[dict[str, JsonValue]]:
        """RFC 6749 section 3.2: a form in, JSON out."""
        _known(provider, org)
        authorization = request.headers.get("authorization")
        try:
            form = _form(request.headers.get("content-type", ""), await request.body())
            answer = provider.token(org, form, _basic(authorization))
        except OAuthError as error:
            unknown_client = error.error == "invalid_client"
            headers = {"WWW-Authenticate": 'Basic realm="demonstration"'} if unknown_client else {}
            return Response(
                {"error": error.error, "error_description": error.description},
                status_code=401 if unknown_client else 400,
                headers=_NO_STORE | headers,
            )
        return Response(answer, headers=_NO_STORE)

    return token


def _known(provider: DemonstrationIdentity, organisation: str) -> str:
    name = provider.name(organisation)
    if name is None:
        raise NotFoundException
    return name


def _form(content_type: str, body: bytes) -> Mapping[str, str]:
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "The token endpoint takes a form.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict")
    except ValueError:
        raise OAuthError("invalid_request", "The form cannot be read.") from None
    if len(dict(pairs)) != len(pairs):
        raise OAuthError("invalid_request", "A parameter is given twice.")
    return dict(pairs)


def _basic(authorization: str | None) -> tuple[str, str] | None:
    """RFC 6749 section 2.3.1: both parts are form-encoded before they are joined."""
    if authorization is None:
        return None
    scheme, _, credentials = authorization.partition(" ")
    try:
        decoded = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        decoded = ""
    client, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", "The Authorization header cannot be read.")
    return unquote_plus(client), unquote_plus(secret)


def _away(address: str) -> Redirect:
    return Redirect(address, status_code=303, headers=_NO_STORE)


def _people_page(
    provider: DemonstrationIdentity, organisation: str, name: str, asked: AuthorizationRequest
) -> Response[bytes]:
    people = []
    for person in provider.people(organisation):
        query = {
            "response_type": "code",
            "scope": asked.scope,
            "client_id": asked.client,
            "redirect_uri": asked.redirect_uri,
            "code_challenge": asked.challenge,
            "code_challenge_method": "S256",
            "state": asked.state,
            "nonce": asked.nonce,
            "person": person,
        }
        label = ROLES[role_of(person)] + ("" if person == role_of(person) else ", a second person")
        people.append((f"authorize?{urlencode(query)}", label))
    return _page("Sign in", name, people=people)


def _page(
    title: str, organisation: str, *, people: Sequence[tuple[str, str]] = (), says: str = "", status: int = 200
) -> Response[bytes]:
    """A page of the organisation's own provider, which is not the registry and does not look like it."""
    page = Layout(demonstration=True, partnership="").page(
        "demonstration_sign_in.html", status=status, title=title, organisation=organisation, people=people, says=says
    )
    page.headers.update(_NO_STORE)
    return page
