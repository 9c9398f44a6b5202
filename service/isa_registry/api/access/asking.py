"""The lines of asking in other forms than one check: a matrix of checks, and AuthZEN."""

from __future__ import annotations

from isa_registry.api.access.terms import ASKERS, JSON, OWN, Access, public


def _asks(says: str, *, limit: int = 65_536) -> Access:
    return Access(
        says=says,
        scopes=frozenset({"checks:ask"}),
        roles=ASKERS,
        content_types=JSON,
        body_limit=limit,
        fields=OWN,
    )


ASKING: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/checks/matrix"): _asks("Ask for many recipients and purposes at once", limit=131_072),
    ("POST", "/access/v1/evaluation"): _asks("Evaluate whether information may be shared (AuthZEN)"),
    ("POST", "/access/v1/evaluations"): _asks("Evaluate up to 1,000 at once (AuthZEN)", limit=4_194_304),
    ("POST", "/access/v1/search/subject"): _asks("Search for the bodies that could share it (AuthZEN)"),
    ("POST", "/access/v1/search/resource"): _asks("Search for the categories that may go (AuthZEN)"),
    ("POST", "/access/v1/search/action"): _asks("Search for what may be done (AuthZEN)"),
    ("GET", "/.well-known/authzen-configuration"): public("What this AuthZEN decision point can do"),
}
