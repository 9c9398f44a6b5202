"""People on the pages: let in by their session, with the terms of the route applied.

A session counts on pages alone. The interface for systems takes tokens and no cookies, so no other site's form can use
it.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

from litestar import Response

from isa_registry.api.access import Access
from isa_registry.api.kept_forms import keep
from isa_registry.api.limits import Limits
from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Refused
from isa_registry.identity.cookies import FALLBACK, SESSION, give_cookies
from isa_registry.identity.forms import Sent, only, read_form, refuse_other_sites
from isa_registry.identity.return_paths import return_path
from isa_registry.identity.uploads import Files, boundary_of, read_upload
from isa_registry.runtime.people.events import access_event
from isa_registry.runtime.people.people import People, required
from isa_registry.runtime.people.visitors import (
    Visitor,
    caller_for,
    fallback_cookie,
    fallback_visitor,
    id_hash,
    is_csrf_token,
    is_of_the_same_person,
    needs_renewal,
    visitor_in,
)
from isa_registry.runtime.registry import Registry
from isa_registry.store.pool import DatabaseError
from isa_registry.store.sessions import Session


async def admit_person(request: Request, access: Access) -> Response[bytes] | None:
    """Lets a signed-in person in: sets caller, visitor and form. Returns where to send somebody who is not signed in,
    or did so too long ago, and looked at a page.

    Raises `Refused`: `not-signed-in`, `forged-request`, `forbidden`, `sign-in-too-old`, `malformed`, `unavailable`,
    `quota-exceeded`.
    """
    people = people_of(request)
    reads = request.scope["method"] == "GET"
    if not reads:
        refuse_other_sites(request.headers, request.app.state.public_url)
    limits: Limits = request.app.state.limits
    scope = cast("dict[str, Any]", request.scope)
    try:
        visitor, session = await _visitor(request, people, access)
    except (*DatabaseError, Refused):
        await keep(request)
        raise
    if visitor is None:
        # Looking for a session costs a question to the database, whoever makes one up.
        limits.charge_public(request, scope["isa_route"])
    caller = None if visitor is None else caller_for(visitor, _registry(request).follower.view, people.sessions.now())
    if visitor is None or caller is None:
        if reads:
            return _away("/sign-in", request)
        await keep(request)
        raise Refused("not-signed-in", "You are not signed in, or no longer. Nothing was done.")
    scope["isa_caller"], scope["isa_visitor"], scope["isa_session"] = caller, visitor, session
    scope["isa_signed_in"] = request.app.state.signed_in(request)
    # Before the form is read, and whatever becomes of it: what is refused costs as much.
    limits.charge(request, scope["isa_route"], caller)
    if not reads:
        form, scope["isa_files"] = await _form(request)
        if not is_csrf_token(people.keys, visitor, only(form, "csrf")):
            access_event(
                "refused", organisation=visitor.organisation, session=visitor.reference, reason="forged-request"
            )
            if is_of_the_same_person(people.keys, visitor, only(form, "csrf")):
                await keep(request)
            raise Refused("forged-request", "The form does not belong to your session. Nothing was done.")
        scope["isa_form"] = form
    if not caller.roles & access.roles:
        raise Refused("forbidden", "None of your roles covers this.")
    if access.recent_sign_in and not caller.signed_in_since(people.sessions.now().timestamp() - access.recent_seconds):
        if reads:
            return _away("/sign-in/again", request)
        await keep(request)
        raise Refused("sign-in-too-old", "Sign in again: this needs a sign-in within the last five minutes.")
    if session is not None:
        people.refreshing.used(session)
        _renew_fallback(request, people, visitor)
    return None


async def greet_person(request: Request) -> None:
    """On a page that everybody may read: says who is signed in, where a live session is shown. Never raises for want of
    a database or a session, and lets nobody do anything."""
    people: People | None = request.app.state.people
    cookie = None if people is None else people.cookies.read(request.headers.get("cookie", ""), SESSION)
    if people is None or cookie is None or not _registry(request).follower.connected:
        return
    try:
        session = await people.sessions.find(cookie)
    except DatabaseError:
        return
    visitor = None if session is None else visitor_in(session)
    caller = None if visitor is None else caller_for(visitor, _registry(request).follower.view, people.sessions.now())
    if caller is not None:
        scope = cast("dict[str, Any]", request.scope)
        scope["isa_caller"], scope["isa_visitor"], scope["isa_session"] = caller, visitor, session
        scope["isa_signed_in"] = request.app.state.signed_in(request)


async def _visitor(request: Request, people: People, access: Access) -> tuple[Visitor | None, Session | None]:
    """Who shows a session; while the database is away, and the route survives that, who has its fallback too."""
    cookies = request.headers.get("cookie", "")
    shown = people.cookies.read(cookies, SESSION)
    if shown is None:
        return None, None
    try:
        if access.survives and not _registry(request).follower.connected:
            # Waiting for a database that is known to be away helps nobody.
            raise TimeoutError
        session = await people.sessions.find(shown)
    except DatabaseError:
        if not access.survives:
            raise
        visitor = fallback_visitor(people.keys, people.cookies.read(cookies, FALLBACK), people.sessions.now())
        own = visitor is not None and visitor.id_sha256 == id_hash(shown)
        if visitor is None or not own or people.sessions.knows_revoked(visitor.id_sha256):
            raise Refused(
                "unavailable", "Who you are cannot be looked up at this moment. Try again shortly.", retry_after=5
            ) from None
        access_event("admitted-without-database", organisation=visitor.organisation, session=visitor.reference)
        return visitor, None
    return (None, None) if session is None else (visitor_in(session), session)


async def _form(request: Request) -> tuple[Sent, Files]:
    """The fields and the files that were sent; files come only to routes that take such forms."""
    body = await request.body()
    boundary = boundary_of(request.headers.get("content-type", ""))
    return (read_form(body), {}) if boundary is None else read_upload(body, boundary)


def _renew_fallback(request: Request, people: People, visitor: Visitor) -> None:
    cookie = people.cookies.read(request.headers.get("cookie", ""), FALLBACK)
    now = people.sessions.now()
    if needs_renewal(people.keys, cookie, visitor, now):
        made = fallback_cookie(people.keys, visitor, now)
        give_cookies(cast("dict[str, Any]", request.scope), people.cookies.setting(FALLBACK, made))


def _away(page: str, request: Request) -> Response[bytes]:
    """303 to a page of signing in that comes back here."""
    query = request.scope["query_string"].decode("ascii", "replace")
    wanted = return_path(request.scope["path"] + (f"?{query}" if query else ""))
    address = page if wanted is None else f"{page}?return={quote(wanted, safe='/')}"
    return Response(b"", status_code=303, media_type="text/plain", headers={"Location": address})


async def admit_handshake(request: Request, access: Access) -> None:
    """A step of signing in or out: its form is read, and is refused where another site sent it. What a provider's own
    system sends proves itself by its signature, whatever headers that system adds.

    Raises `Refused`: `forged-request`, `malformed`, or `not-found` where nobody signs in on the pages of this service.
    """
    people_of(request)
    if request.scope["method"] != "GET":
        if not access.from_provider:
            refuse_other_sites(request.headers, request.app.state.public_url)
        cast("dict[str, Any]", request.scope)["isa_form"] = read_form(await request.body())


def people_of(request: Request) -> People:
    """Raises `Refused`: `not-found` where nobody can sign in on the pages of this service."""
    return required(request.app.state.people)


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry
