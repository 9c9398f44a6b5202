"""Signing in: choosing the organisation, going to its provider, coming back, and proving once more who one is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.identity.browsers import browser_family
from isa_registry.identity.cookies import FALLBACK, ORGANISATION, SESSION, SIGN_IN
from isa_registry.identity.flows import FLOW_SECONDS, Flow, PendingFlows, SignInRefused, answered
from isa_registry.identity.forms import only
from isa_registry.identity.return_paths import return_path
from isa_registry.identity.sign_in_uses import use_for
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import (
    form_of,
    organisation_name,
    people_of,
    registry_of,
    set_cookies,
    turned_away,
    visitor_of,
)
from isa_registry.pages.refusals import why
from isa_registry.pages.rendering import Request, redirect
from isa_registry.runtime.people.entering import RoleLacking, enter
from isa_registry.runtime.people.people import People
from isa_registry.runtime.people.sign_in import ProviderAwayError
from isa_registry.runtime.people.visitors import fallback_cookie, roles_for, visitor_in

Declare = Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]
"""Makes a route of a path, on the terms of its line in the access table."""

SHOWN = 20
"""Organisations on the page at once: of more, one searches."""

_ASK = ("/ask", "/ask/facts")
"""The pages of questions, before which comes the one about danger."""

_REMEMBERED_SECONDS = 365 * 24 * 3600


class Choice(Struct, frozen=True):
    """An organisation to sign in with; `by` names the issuer's host where it has several."""

    slug: str
    organisation: str
    name: str
    by: str | None

    @property
    def words(self) -> str:
        return self.name if self.by is None else f"{self.name} ({self.by})"


def signing_in_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [*_choosing(reads, writes), _coming_back(reads), *_again(reads, writes)]


def _choosing(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads("/sign-in")
    async def choose(request: Request) -> Response[bytes]:
        return_to = return_path(request.query_params.get("return"))
        return _elsewhere(request, return_to) or _chooser(
            request, return_to=return_to, search=request.query_params.get("q", "")
        )

    @writes("/sign-in")
    async def go(request: Request) -> Response[bytes]:
        form = form_of(request)
        return_to = return_path(only(form, "return") or None)
        use = people_of(request).sign_in.uses().get(only(form, "use"))
        if use is None:
            return _chooser(request, return_to=return_to, search=only(form, "q"), unchosen=True)
        return await _to_provider(request, use, return_to=return_to or "")

    return [choose, go]


def _elsewhere(request: Request, return_to: str | None) -> Response[bytes] | None:
    """In the demonstration, which answers under two names of this machine: to the one that providers send people back
    to, since cookies of the other do not count there."""
    public_url: str = request.app.state.public_url
    if people_of(request).cookies.secure or request.headers.get("host") == urlsplit(public_url).netloc:
        return None
    return redirect(f"{public_url}/sign-in" + (f"?return={quote(return_to, safe='/')}" if return_to else ""))


def _chooser(request: Request, *, return_to: str | None, search: str, unchosen: bool = False) -> Response[bytes]:
    people = people_of(request)
    choices = _choices(request, people)
    cookie = people.cookies.read(request.headers.get("cookie", ""), ORGANISATION)
    wanted = dict.fromkeys((_named(return_to), cookie))
    remembered = [one for organisation in wanted for one in choices if one.organisation == organisation]
    words = search.casefold().split()[:8]
    found = [one for one in choices if all(word in f"{one.name} {one.organisation}".casefold() for word in words)]
    return layout_of(request).page(
        "sign_in.html",
        status=400 if unchosen else 200,
        remembered=[] if search else remembered,
        choices=found[:SHOWN],
        further=max(0, len(found) - SHOWN),
        searching=len(choices) > SHOWN,
        search=search[:100],
        return_to=return_to or "",
        asks=urlsplit(return_to or "").path in _ASK,
        unchosen=unchosen,
    )


def _named(return_to: str | None) -> str | None:
    """The organisation that a letter's link was sent to: `for` in its query. Its own sign-in is offered first."""
    return next((value for name, value in parse_qsl(urlsplit(return_to or "").query) if name == "for"), None)


def _choices(request: Request, people: People) -> list[Choice]:
    uses = people.sign_in.uses()
    ways = Counter(use.organisation for use in uses.values())
    return [
        Choice(
            slug=slug,
            organisation=use.organisation,
            name=organisation_name(request, use.organisation),
            by=urlsplit(use.issuer).hostname if ways[use.organisation] > 1 else None,
        )
        for slug, use in uses.items()
    ]


async def _to_provider(request: Request, use: Issuer, *, return_to: str, again: str | None = None) -> Response[bytes]:
    """Sends the browser to the provider: by a page of its own, since a browser that holds forms to this site
    (`form-action`) would not follow a redirection elsewhere."""
    people = people_of(request)
    try:
        flow, address = await people.sign_in.start(use, return_to=return_to, again=again)
    except ProviderAwayError:
        return _provider_away(request, use.organisation, return_to, again=again is not None)
    now = people.sessions.now().timestamp()
    cookie = people.cookies.read(request.headers.get("cookie", ""), SIGN_IN)
    pending = PendingFlows.read(people.keys, cookie, now).adding(flow)
    set_cookies(request, people.cookies.setting(SIGN_IN, pending.cookie(people.keys), seconds=FLOW_SECONDS))
    page = layout_of(request).page(
        "onward.html",
        title="Going to your organisation’s sign-in",
        organisation=organisation_name(request, use.organisation),
        address=address,
    )
    page.headers["Refresh"] = f"0; url={address}"
    return page


def _provider_away(request: Request, organisation: str, return_to: str, *, again: bool) -> Response[bytes]:
    """Nobody was refused, and whoever is signed in stays so. `again`: they were to prove anew who they are."""
    turned_away(request, organisation, "provider-away")
    page = layout_of(request).page(
        "provider_away.html",
        status=503,
        organisation=organisation_name(request, organisation),
        return_to=return_to,
        again=again,
    )
    page.headers["Retry-After"] = "10"
    return page


def _coming_back(reads: Declare) -> HTTPRouteHandler:
    @reads("/auth/{slug:str}/callback")
    async def come_back(request: Request, slug: FromPath[str]) -> Response[bytes]:
        people = people_of(request)
        header = request.headers.get("cookie", "")
        cookie = people.cookies.read(header, SIGN_IN)
        pending = PendingFlows.read(people.keys, cookie, people.sessions.now().timestamp())
        try:
            flow, given = answered(pending, slug, list(request.query_params.multi_items()))
        except SignInRefused as refused:
            return _refused(request, slug, refused)
        # What was answered once is not answered again, however it ends.
        rest = pending.without(flow)
        set_cookies(request, people.cookies.setting(SIGN_IN, rest.cookie(people.keys), seconds=FLOW_SECONDS))
        try:
            signed_in = await people.sign_in.finish(flow, given)
            held = await people.sessions.find(people.cookies.read(header, SESSION))
            value, session = await enter(
                people.sessions,
                signed_in,
                registry_of(request).follower.view,
                held=held,
                browser=browser_family(request.headers.get("user-agent")),
            )
        except SignInRefused as refused:
            return _refused(request, slug, refused, flow)
        except ProviderAwayError:
            use = people.sign_in.uses().get(slug)
            organisation = "" if use is None else use.organisation
            return _provider_away(request, organisation, flow.return_to, again=flow.again is not None)
        use = signed_in.use
        now = people.sessions.now()
        set_cookies(
            request,
            people.cookies.setting(SESSION, value),
            people.cookies.setting(FALLBACK, fallback_cookie(people.keys, visitor_in(session), now)),
            people.cookies.setting(ORGANISATION, use.organisation, seconds=_REMEMBERED_SECONDS),
        )
        roles = roles_for(registry_of(request).follower.view, use, session.subject, session.claims, now)
        return redirect(return_path(flow.return_to) or ("/ask" if "practitioner" in roles else "/account"))

    return come_back


def _refused(request: Request, slug: str, refused: SignInRefused, flow: Flow | None = None) -> Response[bytes]:
    """Why nobody was signed in, and the way to where the person was going, where the sign-in that was refused is
    known."""
    use = people_of(request).sign_in.uses().get(slug)
    organisation = "" if use is None else use.organisation
    turned_away(request, organisation, refused.reason)
    lacking = isinstance(refused, RoleLacking)
    return layout_of(request).page(
        "sign_in_refused.html",
        status=403 if lacking else 400,
        why=why(refused.reason),
        reason=refused.reason,
        identifier=refused.subject if isinstance(refused, RoleLacking) else None,
        return_to="" if flow is None else flow.return_to,
        again=flow is not None and flow.again is not None,
    )


def _again(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads("/sign-in/again")
    async def say_why(request: Request) -> Response[bytes]:
        return_to = return_path(request.query_params.get("return"))
        return layout_of(request).page("sign_in_again.html", return_to=return_to or "")

    @writes("/sign-in/again")
    async def go_again(request: Request) -> Response[bytes]:
        visitor = visitor_of(request)
        use = use_for(registry_of(request).follower.view, visitor.issuer, visitor.organisation)
        assert use is not None, "admission looked"
        return_to = return_path(only(form_of(request), "return") or None)
        return await _to_provider(request, use, return_to=return_to or "/account", again=visitor.id_sha256.hex())

    @reads("/signed-in")
    async def back_to_the_form(request: Request) -> Response[bytes]:
        return layout_of(request).page("signed_in.html")

    return [say_why, go_again, back_to_the_form]
