"""Reading a query strictly: the names that a route takes, each once."""

from __future__ import annotations

from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Fault, Refused


def query_of(request: Request, *names: str) -> dict[str, str]:
    """The query's parameters, of which none is empty. Raises `Refused` (`malformed`) for another name or a second
    value."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            detail = f"This route takes {', '.join(names)}." if names else "This route takes no query."
            raise malformed(Fault("#", "unknown-parameter", detail))
        if name in found:
            raise malformed(Fault(f"#/{name}", "repeated", "Send it once."))
        if value:
            found[name] = value
    return found


def malformed(*faults: Fault) -> Refused:
    return Refused("malformed", "The query is not one that this route takes.", faults)
