"""The pages that everybody can read: what this is, the agreements, the log, the interface, immediate danger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.dates import london_date
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages import agreements
from isa_registry.pages.agreements_register import agreements_register_handlers
from isa_registry.pages.assets import ASSETS
from isa_registry.pages.citing import citing_handlers
from isa_registry.pages.clauses import clause_handlers
from isa_registry.pages.comparing import comparing_handlers
from isa_registry.pages.documentation import code_lists, documentation
from isa_registry.pages.documents import document_handlers
from isa_registry.pages.identifiers import identifier_handlers
from isa_registry.pages.law import law_handlers
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.log_state import log_handlers
from isa_registry.pages.log_verifying import log_verifying_handlers
from isa_registry.pages.problems import ProblemPage
from isa_registry.pages.reading import reading_handlers
from isa_registry.pages.rendering import Request
from isa_registry.pages.representing import Problems
from isa_registry.runtime.registry import Registry

Declare = Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]
"""Makes a GET route of a path and carries the terms on which it may be called."""

_SHORT = "public, max-age=60"
_VERSION = "public, max-age=300"


class Site(Struct, frozen=True):
    """What the pages are made from, beside the register: the problem types by code, and the OpenAPI document."""

    problems: Mapping[str, ProblemPage]
    openapi: Mapping[str, object]


def site_handlers(site: Site, declare: Declare) -> list[HTTPRouteHandler]:
    """Every page's route, each made with `declare`. They read `registry` and `public_url` from the app's state."""
    problems = Problems(site.problems)
    return [
        *_front(declare),
        *log_handlers(declare),
        *_agreements(declare),
        *agreements_register_handlers(declare),
        *citing_handlers(declare),
        *reading_handlers(declare),
        *comparing_handlers(declare),
        *law_handlers(declare),
        *log_verifying_handlers(declare),
        *identifier_handlers(declare, problems),
        *document_handlers(declare, problems),
        *clause_handlers(declare, problems),
        *_interface(site, declare),
    ]


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def _now(request: Request) -> tuple[RegisterView, str]:
    registry = _registry(request)
    return registry.follower.view, london_date(registry.now())


def _front(declare: Declare) -> list[HTTPRouteHandler]:
    @declare("/")
    async def home(request: Request) -> Response[bytes]:
        view, today = _now(request)
        checkpoint = _registry(request).follower.checkpoint
        return layout_of(request).page(
            "home.html",
            agreements=agreements.summaries(view, today),
            origin=_registry(request).origin,
            log_size=view.size,
            checkpoint_size=None if checkpoint is None else checkpoint.size,
            bodies=len(view.organisations()),
        )

    @declare("/immediate-danger")
    async def immediate_danger(request: Request) -> Response[bytes]:
        view, today = _now(request)
        return layout_of(request).page(
            "immediate_danger.html", cache=_SHORT, contacts=agreements.local_contacts(view, today)
        )

    @declare("/accessibility-statement")
    async def accessibility_statement(request: Request) -> Response[bytes]:
        return layout_of(request).page(
            "accessibility_statement.html",
            cache=_VERSION,
            contact=request.app.state.accessibility_contact,
            address=request.app.state.public_url,
        )

    @declare("/static/{path:path}")
    async def static(request: Request, path: FromPath[str]) -> Response[bytes]:
        found = ASSETS.response(path.removeprefix("/"))
        if found is not None:
            return found
        return layout_of(request).missing("There is no such file here.")

    return [home, immediate_danger, accessibility_statement, static]


def _agreements(declare: Declare) -> list[HTTPRouteHandler]:
    @declare("/agreements")
    async def list_agreements(request: Request) -> Response[bytes]:
        view, today = _now(request)
        return layout_of(request).page("agreements.html", agreements=agreements.summaries(view, today))

    return [list_agreements]


def _interface(site: Site, declare: Declare) -> list[HTTPRouteHandler]:
    interface = documentation(site.openapi)

    @declare("/documentation")
    async def read_documentation(request: Request) -> Response[bytes]:
        catalogue = _registry(request).follower.view.catalogue()
        return layout_of(request).page(
            "documentation.html",
            cache=_SHORT,
            interface=interface,
            problems=site.problems,
            codes=None if catalogue is None else code_lists(catalogue),
            catalogue_version=None if catalogue is None else catalogue.version,
        )

    @declare("/problems/{code:str}")
    async def problem(request: Request, code: FromPath[str]) -> Response[bytes]:
        found = site.problems.get(code)
        if found is None:
            return layout_of(request).missing(
                "There is no such problem type.", ("/documentation#problems", "All problem types")
            )
        return layout_of(request).page("problem.html", cache=_VERSION, code=code, problem=found)

    return [read_documentation, problem]
