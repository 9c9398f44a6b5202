"""The pages that everybody can read: what this is, the agreements, the log, the interface, immediate danger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.leading import leads
from isa_registry.domain.dates import london_date
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages import agreements
from isa_registry.pages.agreements_register import agreements_register_handlers
from isa_registry.pages.assets import ASSETS
from isa_registry.pages.attesting_words import Task, task_to_sign
from isa_registry.pages.citing import citing_handlers
from isa_registry.pages.comparing import comparing_handlers
from isa_registry.pages.documentation import code_lists, documentation
from isa_registry.pages.law import law_handlers
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.log_state import log_handlers
from isa_registry.pages.log_verifying import log_verifying_handlers
from isa_registry.pages.navigation import UNITS, SignedIn
from isa_registry.pages.problems import ProblemPage
from isa_registry.pages.rendering import Request, redirect
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
    return [
        *_front(declare),
        *log_handlers(declare),
        *_agreements(declare),
        *agreements_register_handlers(declare),
        *citing_handlers(declare),
        *comparing_handlers(declare),
        *law_handlers(declare),
        *log_verifying_handlers(declare),
        *_identifiers(declare),
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

    @declare("/agreements/{agreement:str}")
    async def to_version(request: Request, agreement: FromPath[str]) -> Response[bytes]:
        view, today = _now(request)
        found = agreements.standing_version(view, agreement, today)
        if found is None:
            return layout_of(request).missing("There is no such agreement.", _LIST)
        return redirect(f"/agreements/{found.agreement}/{found.version}")

    @declare("/agreements/{agreement:str}/{version:str}")
    async def read_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        view, today = _now(request)
        found = view.agreement_version(agreement, version)
        if found is None:
            return layout_of(request).missing("There is no such version of an agreement.", _LIST)
        layout = layout_of(request)
        return layout.page(
            "agreement.html",
            cache=_VERSION,
            shown=agreements.version_page(found, view, today),
            to_sign=_to_sign(view, found, layout.signed_in, today),
            unit=_unit_page(view, found, layout.signed_in),
        )

    return [list_agreements, to_version, read_version]


def _to_sign(view: RegisterView, version: AgreementVersion, signed_in: SignedIn | None, today: str) -> Task | None:
    """What a signatory can sign when they have read it."""
    if signed_in is None or "signatory" not in signed_in.roles:
        return None
    return task_to_sign(view, version, signed_in.organisation, today)


def _unit_page(view: RegisterView, version: AgreementVersion, signed_in: SignedIn | None) -> str | None:
    """Where the business unit of the version's partnership asks bodies, answers and reminds."""
    if signed_in is None or not signed_in.roles & UNITS or not leads(view, version.partnership, signed_in.organisation):
        return None
    return f"/account/agreements/{version.agreement}/{version.version}/bodies"


def _identifiers(declare: Declare) -> list[HTTPRouteHandler]:
    @declare("/id/agreement/{agreement:str}")
    async def agreement_identifier(request: Request, agreement: FromPath[str]) -> Response[bytes]:
        view, today = _now(request)
        found = agreements.standing_version(view, agreement, today)
        if found is None:
            return layout_of(request).missing("There is no such agreement.", _LIST)
        return redirect(f"/agreements/{found.agreement}/{found.version}")

    @declare("/id/agreement/{agreement:str}/clause/{clause:str}")
    async def clause_identifier(request: Request, agreement: FromPath[str], clause: FromPath[str]) -> Response[bytes]:
        view, today = _now(request)
        found = agreements.version_with_clause(view, agreement, clause, today)
        if found is None:
            return layout_of(request).missing("There is no such clause in any version of this agreement.", _LIST)
        version, known = found
        return redirect(f"/agreements/{version.agreement}/{version.version}#{known}")

    return [agreement_identifier, clause_identifier]


_LIST = ("/agreements", "All agreements")


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
