"""Signing out: here and at one's own provider, and when the provider says that somebody did."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.domain.refusals import Refused
from isa_registry.identity.cookies import FALLBACK, SESSION, SIGN_IN
from isa_registry.identity.forms import only
from isa_registry.identity.issuers import KeysUnavailableError
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.sign_in_uses import use_for
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import form_of, organisation_name, people_of, registry_of, set_cookies, turned_away
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.people.events import access_event
from isa_registry.runtime.people.visitors import id_hash, is_csrf_token, is_csrf_token_of, visitor_in
from isa_registry.store.pool import DatabaseError
from isa_registry.store.sessions import Session

_NO_STORE = {"Cache-Control": "no-store"}


def signing_out_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [*_by_the_person(reads, writes), _by_the_provider(writes)]


def _by_the_person(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @writes("/sign-out")
    async def sign_out(request: Request) -> Response[bytes]:
        people = people_of(request)
        cookies = people.cookies
        session: Session | None = None
        ended = True
        shown = cookies.read(request.headers.get("cookie", ""), SESSION)
        try:
            session = await people.sessions.find(shown)
            if session is not None:
                if not is_csrf_token(people.keys, visitor_in(session), only(form_of(request), "csrf")):
                    raise Refused("forged-request", "The form does not belong to your session. Nothing was done.")
                await people.sessions.revoke(session.id_sha256, "signed-out")
        except DatabaseError:
            # The browser forgets the session all the same, and it ends once the database is back.
            ended = False
            identifier = id_hash(shown)
            if identifier is not None and is_csrf_token_of(people.keys, identifier, only(form_of(request), "csrf")):
                people.sessions.end_when_possible(identifier)
        set_cookies(request, cookies.clearing(SESSION), cookies.clearing(FALLBACK), cookies.clearing(SIGN_IN))
        address = None
        if session is not None:
            access_event("signed-out", organisation=session.organisation, session=session.reference)
            address = await _away(request, session)
        page = layout_of(request).page(
            "signed_out.html",
            address=address,
            organisation="" if session is None else organisation_name(request, session.organisation),
            ended=ended,
        )
        if address is not None:
            page.headers["Refresh"] = f"0; url={address}"
        return page

    @reads("/signed-out")
    async def signed_out(request: Request) -> Response[bytes]:
        return layout_of(request).page("signed_out.html", address=None, organisation="", ended=True)

    return [sign_out, signed_out]


async def _away(request: Request, session: Session) -> str | None:
    """Where to sign out at the provider too. What it gave for asking it again is given back."""
    people = people_of(request)
    use = use_for(registry_of(request).follower.view, session.issuer, session.organisation)
    if use is None:
        return None
    people.refreshing.gave_up(use, session)
    return await people.sign_in.end_session_address(use)


def _by_the_provider(writes: Declare) -> HTTPRouteHandler:
    @writes("/auth/{slug:str}/backchannel-logout")
    async def logged_out(request: Request, slug: FromPath[str]) -> Response[bytes]:
        """OpenID Connect Back-Channel Logout 1.0 sections 2.5 to 2.8: 200, or 400 with a reason that helps nobody
        forge one."""
        people = people_of(request)
        use = people.sign_in.uses().get(slug)
        try:
            if use is None:
                raise InvalidToken("use-unknown")
            await people.sign_in.logged_out(use, only(form_of(request), "logout_token"))
        except InvalidToken as error:
            organisation = "" if use is None else use.organisation
            turned_away(request, organisation, f"logout-token-{error.reason}")
            return _told(400, "invalid_request")
        except (KeysUnavailableError, *DatabaseError):
            # Section 2.8 asks for 400 here too; the provider may send the token again.
            return _told(400, "temporarily_unavailable")
        return Response(b"", status_code=200, media_type="text/plain", headers=_NO_STORE)

    return logged_out


def _told(status: int, error: str) -> Response[bytes]:
    return Response(
        msgspec.json.encode({"error": error}), status_code=status, media_type="application/json", headers=_NO_STORE
    )
