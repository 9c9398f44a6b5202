"""What the pages for people share: who is signed in, and the form that was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from isa_registry.identity.callers import Caller
from isa_registry.identity.cookies import give_cookies
from isa_registry.identity.forms import Sent
from isa_registry.identity.uploads import Files
from isa_registry.pages.navigation import SignedIn
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.typed import as_typed
from isa_registry.runtime.people.entering import switchable
from isa_registry.runtime.people.events import access_event
from isa_registry.runtime.people.people import People, required
from isa_registry.runtime.people.visitors import Visitor, csrf_token
from isa_registry.runtime.registry import Registry
from isa_registry.store.sessions import Session

_LONDON = ZoneInfo("Europe/London")


def people_of(request: Request) -> People:
    """Raises `Refused`: `not-found` where nobody can sign in on the pages of this service."""
    return required(request.app.state.people)


def registry_of(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def form_of(request: Request) -> Sent:
    """The form that admission read, with its days and times spelled out."""
    form: Sent = _scope(request)["isa_form"]
    return as_typed(form)


def query_of(request: Request) -> Sent:
    """What an address says, by name, with its days and times spelled out."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in request.query_params.multi_items():
        found[name] = (*found.get(name, ()), str(value))
    return as_typed(found)


def file_of(request: Request, field: str) -> bytes | None:
    """A file that the form brought; None where nobody chose one."""
    files: Files = _scope(request)["isa_files"]
    return files.get(field)


def visitor_of(request: Request) -> Visitor:
    """Who is signed in; set for every page that asks for a session."""
    visitor: Visitor = _scope(request)["isa_visitor"]
    return visitor


def caller_of(request: Request) -> Caller:
    caller: Caller = _scope(request)["isa_caller"]
    return caller


def session_of(request: Request) -> Session | None:
    """The live session; None while the database is away and its fallback lets the person in."""
    session: Session | None = _scope(request)["isa_session"]
    return session


def turned_away(request: Request, organisation: str, reason: str) -> None:
    """Notes that a provider's answer was not taken: one line in the log, and one more of the operator's figure."""
    access_event("refused", organisation=organisation, reason=reason)
    request.app.state.watch.sign_in_refused(reason)


def set_cookies(request: Request, *headers: str) -> None:
    give_cookies(_scope(request), *headers)


def signed_in(request: Request) -> SignedIn:
    """Who is signed in, for header and forms. Admission calls this, so that every page has the same."""
    view = registry_of(request).follower.view
    caller, visitor, session, people = (
        caller_of(request),
        visitor_of(request),
        session_of(request),
        people_of(request),
    )
    others = [] if session is None else switchable(session, view, people.sessions.now())
    return SignedIn(
        organisation=caller.organisation,
        organisation_name=organisation_name(request, caller.organisation),
        roles=caller.roles,
        csrf=csrf_token(people.keys, visitor),
        others=tuple((use.organisation, organisation_name(request, use.organisation)) for use in others),
    )


def organisation_name(request: Request, organisation: str) -> str:
    found = registry_of(request).follower.view.organisation(organisation)
    return organisation if found is None else found.name


def plain_time(moment: datetime) -> str:
    """A time in London by the minute, as 1 June 2026 at 14:05."""
    local = moment.astimezone(_LONDON)
    return f"{plain_date(local.date().isoformat())} at {local:%H:%M}"


def _scope(request: Request) -> dict[str, Any]:
    return cast("dict[str, Any]", request.scope)
