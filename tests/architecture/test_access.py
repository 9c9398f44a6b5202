"""One line per route says who may call it and what they see, and no route is served without one."""

from __future__ import annotations

import importlib
import pkgutil
from typing import get_args

import msgspec
import pytest
from litestar import Litestar, get, post
from litestar.types import ControllerRouterHandler

from isa_registry import api
from isa_registry.api import access, sharing_events
from isa_registry.api.access import ACCESS, Access, RouteWithoutAccess, check_routes, template_of
from isa_registry.api.access.terms import UPLOAD
from isa_registry.api.openapi import openapi_document
from isa_registry.api.problems import PROBLEMS
from isa_registry.api.routes import reads, writes
from isa_registry.bootstrap import _handlers
from isa_registry.identity.callers import RECENT_SECONDS, SIGN_SECONDS
from isa_registry.identity.demonstration import LEAD_SCOPES, MACHINE_SCOPES

ROUTES = pytest.mark.parametrize(
    ("route", "terms"), sorted(ACCESS.items()), ids=[" ".join(route) for route in sorted(ACCESS)]
)
FORM = "application/x-www-form-urlencoded"
PEOPLE = {"practitioner", "signatory", "ig-lead", "auditor", "business-unit", "partnership-unit", "law-lead"}
READERS = set(get_args(access.Reader))
MODULES = [
    module
    for found in pkgutil.iter_modules(api.__path__)
    if found.name not in ("echo", "problems")
    and hasattr(module := importlib.import_module(f"isa_registry.api.{found.name}"), "HANDLERS")
]


@pytest.fixture(scope="module")
def handlers() -> list[ControllerRouterHandler]:
    """Every handler of the real application."""
    return _handlers(openapi_document("https://registry.test"))


def app(handlers: list[ControllerRouterHandler]) -> Litestar:
    return Litestar(route_handlers=handlers, openapi_config=None, logging_config=None)


def test_every_served_route_has_a_line_and_every_line_a_route(handlers: list[ControllerRouterHandler]) -> None:
    whole = app(handlers)
    check_routes(whole)
    served = {(method, template_of(route.path)) for route in whole.routes for method in getattr(route, "methods", ())}
    assert {one for one in served if one[0] != "OPTIONS"} == set(ACCESS)


def test_a_route_without_a_line_does_not_start(handlers: list[ControllerRouterHandler]) -> None:
    @get("/api/v1/quietly-added")
    async def added() -> None: ...

    with pytest.raises(RouteWithoutAccess, match="GET /api/v1/quietly-added"):
        check_routes(app([*handlers, added]))


def test_another_method_of_a_known_path_does_not_start(handlers: list[ControllerRouterHandler]) -> None:
    @post("/api/v1/agreements")
    async def added() -> None: ...

    with pytest.raises(RouteWithoutAccess, match="POST /api/v1/agreements"):
        check_routes(app([*handlers, added]))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_line_without_a_route_does_not_start(handlers: list[ControllerRouterHandler], module: object) -> None:
    gone = module.HANDLERS[0]  # type: ignore[attr-defined]
    with pytest.raises(RouteWithoutAccess, match="is not served"):
        check_routes(app([handler for handler in handlers if handler is not gone]))


@pytest.mark.parametrize("prefix", [access.DEMONSTRATION_PREFIX, access.BENCH_PREFIX])
def test_only_the_demonstration_and_the_benchmarks_stand_outside(
    handlers: list[ControllerRouterHandler], prefix: str
) -> None:
    @get(f"{prefix}anything")
    async def outside() -> None: ...

    check_routes(app([*handlers, outside]))
    assert not [path for _, path in ACCESS if path.startswith(prefix)]


@pytest.mark.parametrize("declare", [reads, writes])
def test_a_route_cannot_even_be_declared_without_a_line(declare: object) -> None:
    assert callable(declare)
    with pytest.raises(RouteWithoutAccess, match="/api/v1/quietly-added"):
        declare("/api/v1/quietly-added/{name:str}")


def test_every_handler_carries_its_own_line(handlers: list[ControllerRouterHandler]) -> None:
    carried = set()
    for route in app(handlers).routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in handler.http_methods - {"OPTIONS"}:
                line = (str(method), template_of(route.path))
                assert handler.opt["access"] is ACCESS[line]
                assert handler.opt["route"] == line[1]
                carried.add(line)
    assert carried == ACCESS.keys()


@ROUTES
def test_a_line_says_what_the_route_is_for_and_what_is_seen(route: tuple[str, str], terms: Access) -> None:
    assert route[0] in ("GET", "POST")
    assert terms.says[0].isupper()
    assert not terms.says.endswith(".")
    assert terms.fields
    assert set(terms.fields) <= READERS
    assert all(fields for fields in terms.fields.values())


@ROUTES
def test_a_route_is_public_or_names_who_may_call_it(route: tuple[str, str], terms: Access) -> None:
    assert 1 == [terms.public, terms.operator, terms.handshake, bool(terms.scopes or terms.roles)].count(True)
    assert (set(terms.fields) == {"anyone"}) == (terms.public or terms.handshake)
    assert (set(terms.fields) == {"operator"}) == terms.operator
    assert terms.scopes <= {*MACHINE_SCOPES, *LEAD_SCOPES}
    assert terms.roles <= PEOPLE


ADDRESSES = "/api/v1/organisations/{organisation}/notice-addresses"
_VERSION = "/api/v1/agreements/{agreement}/versions/{version}"


def test_the_unit_of_another_partnership_may_use_these_routes_and_no_others() -> None:
    """Beside what every person may, whatever their role: decide about its own partnership's agreements and members."""
    opened = {
        f"{method} {template}"
        for (method, template), terms in ACCESS.items()
        if "partnership-unit" in terms.roles and terms.roles != PEOPLE
    }
    draft, version = "/api/v1/agreement-drafts/{draft}", "/api/v1/agreements/{agreement}/versions/{version}"
    assert opened == {
        "POST /api/v1/partnerships/{partnership}/members",
        "POST /api/v1/partnerships/{partnership}/members/removal",
        *(f"{method} /api/v1/agreement-drafts" for method in ("GET", "POST")),
        f"GET {draft}",
        *(f"POST {draft}/{event}" for event in ("revision", "submission", "return", "check", "discard")),
        "POST /api/v1/agreements/{agreement}/versions",
        *(f"POST {version}/{what}" for what in ("opening", "in-force", "suspension", "resumption", "withdrawal")),
        f"POST {version}/review",
        f"POST {version}/companions",
        *(f"{method} {_VERSION}/invitations" for method in ("GET", "POST")),
        f"POST {_VERSION}/invitations/refusal",
        f"GET {_VERSION}/queries",
        f"POST {_VERSION}/queries/{{question}}/answer",
        *(f"{method} {ADDRESSES}" for method in ("GET", "POST")),
        f"POST {ADDRESSES}/removal",
        "GET /api/v1/reports/quarterly",
        "POST /api/v1/reports/quarterly/scaling",
        *(f"{method} /reports/quarterly" for method in ("GET", "POST")),
        "GET /account/notices",
        *(
            f"{method} /account/notices/{what}"
            for method in ("GET", "POST")
            for what in ("address", "{address}/removal")
        ),
        *(f"{method} /account/agreements/{{agreement}}/{{version}}/companions" for method in ("GET", "POST")),
        "GET /account/agreements",
        "GET /account/agreements/{agreement}/{version}",
        *(
            f"{method} /account/agreements/{{agreement}}/{{version}}/{what}"
            for method in ("GET", "POST")
            for what in ("{decision}", "bodies")
        ),
        *(
            f"{method} /account/agreement-drafts/{what}"
            for method in ("GET", "POST")
            for what in ("new", "{draft}", "{draft}/revision")
        ),
    }
    everybodys = {
        template for (method, template), terms in ACCESS.items() if terms.roles == PEOPLE and method == "POST"
    }
    assert everybodys == {"/account/organisation", "/account/sessions/revocation", "/sign-in/again"}
    assert not [route for route, terms in ACCESS.items() if "partnership-unit" in terms.oversight]


def test_steps_of_signing_in_and_out_are_these_and_no_others() -> None:
    """Nothing else may be called by somebody who has shown nothing yet and still change something."""
    assert {route for route, terms in ACCESS.items() if terms.handshake} == {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("GET", "/auth/{slug}/callback"),
        ("POST", "/auth/{slug}/backchannel-logout"),
        ("POST", "/sign-out"),
        ("GET", "/signed-out"),
        # Whoever has an invitation's link proves it by the link; what they send counts when it is confirmed.
        ("GET", "/join/{token}"),
        ("POST", "/join/{token}"),
    }


@ROUTES
def test_a_page_for_people_takes_no_token_and_the_interface_no_session(route: tuple[str, str], terms: Access) -> None:
    assert not (terms.session and (terms.scopes or route[1].startswith(("/api/", "/log/", "/access/"))))
    assert not ((terms.session or terms.handshake) and terms.content_types not in ((), (FORM,), UPLOAD))


def test_without_the_database_one_can_ask_and_nothing_else() -> None:
    asking = {("GET", "/ask"), ("GET", "/ask/facts"), ("POST", "/ask")}
    assert {route for route, terms in ACCESS.items() if terms.survives} == asking
    assert all(terms.session and not terms.recent_sign_in for terms in ACCESS.values() if terms.survives)


@ROUTES
def test_what_takes_a_body_says_which_and_how_long(route: tuple[str, str], terms: Access) -> None:
    assert (route[0] == "POST") == bool(terms.content_types) == bool(terms.body_limit)
    assert terms.body_limit <= 4 * 2**20


@ROUTES
def test_nothing_that_changes_anything_is_public(route: tuple[str, str], terms: Access) -> None:
    # A list of links is too long for an address. It is read, answered and forgotten (tests/training).
    questions = {("POST", "/api/v1/agreements/links/check"), ("POST", "/training")}
    assert not (terms.public and route[0] == "POST" and route not in questions)
    assert not (terms.public and terms.recent_sign_in)


@ROUTES
def test_keys_roles_and_others_sessions_change_only_by_a_person_who_signed_in_lately(
    route: tuple[str, str], terms: Access
) -> None:
    changing = (
        "/keys",
        "/members",
        "/issuers",
        "/clients",
        "/proposals",
        "/erasures",
        "/organisation/revocation",
        "/attestations/{attestation}/withdrawal",
        "/certificates/{attestation}/withdrawal",
        "/account/attestations/{agreement}/{version}/attestation",
        "/refusal",
        "/invitations",
        "/notice-addresses",
        "/notices/",
        "/webhooks",
        "/organisations/import",
        "/lawful-bases",
        "/record",
        "/particulars",
        "/suspension",
        "/closure",
        "/delegations",
        "/law/",
        "/ask/answers/{check}/decision",
        "/correction",
        "/retention",
        "/decisions/received/{entry}/acknowledgement",
        "/organisations/{organisation}/retention",
    )
    changes_trust = route[0] == "POST" and (
        any(word in route[1] for word in (*changing, "/account/people/"))
        or route[1] in ("/api/v1/organisations", "/api/v1/partnerships")
    )
    version = "/agreements/{agreement}/versions"
    deciding = ("/agreement-drafts", "/opening", "/in-force", "/suspension", "/resumption", "/review", "/companions")
    of_versions = (*deciding, f"{version}/{{version}}/withdrawal", "/account/agreements")
    changes_trust = changes_trust or (
        route[0] == "POST" and (any(word in route[1] for word in of_versions) or route[1].endswith(version))
    )
    # A form of such a change is shown to whoever may send it: what they filled in is not lost over signing in again.
    changed = ACCESS.get(("POST", route[1]))
    form_of_it = terms.session and route[0] == "GET" and changed is not None and changed.recent_sign_in
    assert terms.recent_sign_in == (changes_trust or form_of_it)
    assert not (terms.recent_sign_in and terms.scopes)
    # What the registry signs about one case for a person takes an older sign-in than what changes who may act.
    about_a_case = "/decision" in route[1] and terms.session
    assert terms.recent_seconds == RECENT_SECONDS or about_a_case
    assert terms.recent_seconds <= SIGN_SECONDS


def test_a_recipient_sees_only_members_that_an_event_has_and_never_its_flags() -> None:
    for path, shape in (
        ("/api/v1/sharing-events/{event}", sharing_events.EventResponse),
        ("/api/v1/sharing-events", sharing_events.EventLine),
    ):
        fields = set(ACCESS["GET", path].fields["recipient"])
        assert fields < {field.name for field in msgspec.structs.fields(shape)}
        assert not fields & {"flags", "withheld"}


def test_every_refusal_that_the_routes_make_is_a_published_problem() -> None:
    for code, kind in PROBLEMS.items():
        assert 400 <= kind.status < 600, code
        assert kind.title
        assert kind.advice
