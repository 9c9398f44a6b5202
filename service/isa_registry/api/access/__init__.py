"""Who may call what, and what they see: one line per route. A route without a line does not start."""

from __future__ import annotations

from litestar import Litestar

from isa_registry.api.access.acting import ACTING
from isa_registry.api.access.addresses import ADDRESSES
from isa_registry.api.access.agreements import AGREEMENTS
from isa_registry.api.access.asking import ASKING
from isa_registry.api.access.attesting import ATTESTING
from isa_registry.api.access.audit_pages import AUDIT_PAGES
from isa_registry.api.access.bases import BASES
from isa_registry.api.access.basis_pages import BASIS_PAGES
from isa_registry.api.access.casework import CASEWORK
from isa_registry.api.access.challenges import CHALLENGES
from isa_registry.api.access.consent_pages import CONSENT_PAGES
from isa_registry.api.access.consents import CONSENTS
from isa_registry.api.access.deciding import DECIDING
from isa_registry.api.access.evidence import EVIDENCE
from isa_registry.api.access.joining import JOINING
from isa_registry.api.access.law import LAW
from isa_registry.api.access.log_verifying import LOG_VERIFYING
from isa_registry.api.access.notices import NOTICES
from isa_registry.api.access.pages import PAGES
from isa_registry.api.access.parties import PARTIES
from isa_registry.api.access.reading import READING
from isa_registry.api.access.records import RECORDS
from isa_registry.api.access.replaying import REPLAYING
from isa_registry.api.access.reports import REPORTS
from isa_registry.api.access.sharing_events import SHARING_EVENTS
from isa_registry.api.access.terms import Access, Reader
from isa_registry.api.access.training import TRAINING

__all__ = [
    "ACCESS",
    "BENCH_PREFIX",
    "DEMONSTRATION_PREFIX",
    "Access",
    "Reader",
    "RouteWithoutAccess",
    "access_of",
    "check_routes",
    "is_page",
    "template_of",
]

ACCESS: dict[tuple[str, str], Access] = {
    **ASKING,
    **RECORDS,
    **CHALLENGES,
    **CASEWORK,
    **CONSENTS,
    **SHARING_EVENTS,
    **REPLAYING,
    **DECIDING,
    **ACTING,
    **PARTIES,
    **JOINING,
    **BASIS_PAGES,
    **BASES,
    **CONSENT_PAGES,
    **AGREEMENTS,
    **ADDRESSES,
    **ATTESTING,
    **REPORTS,
    **LAW,
    **LOG_VERIFYING,
    **NOTICES,
    **EVIDENCE,
    **TRAINING,
    **READING,
    **AUDIT_PAGES,
    **PAGES,
}


class RouteWithoutAccess(Exception):
    """A route has no line in `ACCESS`, or a line no route."""


def access_of(method: str, template: str) -> Access:
    """The line of a route. Raises `RouteWithoutAccess`."""
    found = ACCESS.get((method, template))
    if found is None:
        raise RouteWithoutAccess(f"{method} {template}")
    return found


def template_of(path_format: str) -> str:
    """A route's path as the table writes it: parameters by name alone."""
    parts = (part.split(":")[0] + "}" if part.startswith("{") else part for part in path_format.split("/"))
    return "/".join(parts).replace("}}", "}")


_FOR_SYSTEMS = ("/api/", "/access/", "/log/", "/schema/", "/oembed", "/.well-known/", "/livez", "/readyz", "/metrics")

_FOR_PEOPLE_ALL_THE_SAME = frozenset({"/log/verify"})


def is_page(path: str) -> bool:
    """Whether a path, or a route's template, is one for people: what fails there is told on a page."""
    return path in _FOR_PEOPLE_ALL_THE_SAME or not path.startswith(_FOR_SYSTEMS)


DEMONSTRATION_PREFIX = "/demo/"
BENCH_PREFIX = "/bench/"


def check_routes(app: Litestar) -> None:
    """Holds the routes that are served and the table together. Raises `RouteWithoutAccess`.

    Only the demonstration's identity providers and the benchmarks' echo stand outside it, and neither is there in a
    real service.
    """
    served: set[tuple[str, str]] = set()
    for route in app.routes:
        template = template_of(route.path)
        if template.startswith((DEMONSTRATION_PREFIX, BENCH_PREFIX)):
            continue
        for method in getattr(route, "methods", ()):
            if method != "OPTIONS":
                access_of(method, template)
                served.add((method, template))
    for missing in ACCESS.keys() - served:
        raise RouteWithoutAccess(f"{missing[0]} {missing[1]} is not served")
