"""A person's own account: where they are signed in, as what, and for whom else they can act."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import RECENT_SECONDS
from isa_registry.identity.cookies import FALLBACK, ORGANISATION, SESSION
from isa_registry.identity.forms import only
from isa_registry.pages.changing import ROLES
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.navigation import of_account
from isa_registry.pages.people import (
    caller_of,
    form_of,
    organisation_name,
    people_of,
    plain_time,
    registry_of,
    session_of,
    set_cookies,
    visitor_of,
)
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.people.ending import may_end_sessions_of
from isa_registry.runtime.people.entering import switchable
from isa_registry.runtime.people.events import access_event
from isa_registry.runtime.people.visitors import fallback_cookie, visitor_in
from isa_registry.store.sessions import Session

_REMEMBERED_SECONDS = 365 * 24 * 3600
_BROWSERS = {
    "edge": "Edge", "opera": "Opera", "firefox": "Firefox", "chrome": "Chrome", "safari": "Safari",
    "other": "Another browser",
}  # fmt: skip


class SessionShown(Struct, frozen=True):
    """One of the person's sessions. No address and no device is known, so none is shown."""

    reference: str
    organisation: str
    browser: str
    signed_in: str
    last_used: str
    this: bool


def account_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [_account(reads), *_ending(writes), _switching(writes)]


def _account(reads: Declare) -> HTTPRouteHandler:
    @reads("/account")
    async def account(request: Request) -> Response[bytes]:
        visitor, caller = visitor_of(request), caller_of(request)
        own = await people_of(request).sessions.of_person(visitor)
        view = registry_of(request).follower.view
        ending = tuple((one, organisation_name(request, one)) for one in may_end_sessions_of(caller, view))
        layout = layout_of(request)
        return layout.page(
            "account.html",
            groups=() if layout.signed_in is None else of_account(layout.signed_in),
            sessions=[_shown(request, one) for one in own],
            roles=[ROLES.get(role, role) for role in sorted(caller.roles)],
            may_ask=bool(caller.roles - {"signatory", "partnership-unit"}),
            subject=caller.subject,
            issuer=caller.issuer,
            ending=ending,
            signed_in_lately=caller.signed_in_since(people_of(request).sessions.now().timestamp() - RECENT_SECONDS),
        )

    return account


def _shown(request: Request, session: Session) -> SessionShown:
    return SessionShown(
        reference=session.reference,
        organisation=organisation_name(request, session.organisation),
        browser=_BROWSERS[session.browser],
        signed_in=plain_time(session.signed_in_at),
        last_used=plain_time(session.last_used_at),
        this=session.id_sha256 == visitor_of(request).id_sha256,
    )


def _ending(writes: Declare) -> list[HTTPRouteHandler]:
    @writes("/account/sessions/revocation")
    async def end_own(request: Request) -> Response[bytes]:
        sessions, held = people_of(request).sessions, session_of(request)
        assert held is not None
        reference = only(form_of(request), "session")
        if reference == "others":
            await sessions.revoke_others(held)
        elif not await sessions.revoke_own(visitor_of(request), reference):
            raise Refused("not-found", "You have no such session. It may have ended by itself.")
        return redirect("/account")

    @writes("/account/organisation/revocation")
    async def end_all(request: Request) -> Response[bytes]:
        caller = caller_of(request)
        organisation = only(form_of(request), "organisation")
        if organisation not in may_end_sessions_of(caller, registry_of(request).follower.view):
            raise Refused("forbidden", "You may end the sessions of no such organisation.")
        await people_of(request).sessions.revoke_of_organisation(organisation)
        return redirect("/account")

    return [end_own, end_all]


def _switching(writes: Declare) -> HTTPRouteHandler:
    @writes("/account/organisation")
    async def switch(request: Request) -> Response[bytes]:
        people, held = people_of(request), session_of(request)
        assert held is not None
        now = people.sessions.now()
        organisation = only(form_of(request), "organisation")
        allowed = switchable(held, registry_of(request).follower.view, now)
        if organisation not in [use.organisation for use in allowed]:
            raise Refused("forbidden", "Your sign-in does not hold for that organisation. Sign in anew for it.")
        value, session = await people.sessions.switch(held, organisation)
        access_event("switched", organisation=organisation, session=session.reference)
        set_cookies(
            request,
            people.cookies.setting(SESSION, value),
            people.cookies.setting(FALLBACK, fallback_cookie(people.keys, visitor_in(session), now)),
            people.cookies.setting(ORGANISATION, organisation, seconds=_REMEMBERED_SECONDS),
        )
        return redirect("/account")

    return switch
