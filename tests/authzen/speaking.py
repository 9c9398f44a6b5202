"""An evaluation in a line."""

from __future__ import annotations

from typing import Any

from asking import COUNCIL, POLICE

EVALUATION, EVALUATIONS = "/access/v1/evaluation", "/access/v1/evaluations"

Json = dict[str, Any]


def evaluation(
    category: str = "identity",
    *,
    provider: str = POLICE,
    recipient: str | Json = COUNCIL,
    purpose: str = "child-protection-enquiry",
    categories: list[str] | None = None,
    **context: Any,
) -> Json:
    """May this body share this category with that one? Unrecorded, unless it says otherwise."""
    properties: Json = {"recipient": recipient}
    if categories is not None:
        properties["categories"] = categories
    return {
        "subject": {"type": "organisation", "id": provider},
        "action": {"name": "share"},
        "resource": {"type": "information", "id": category, "properties": properties},
        "context": {"purpose": purpose, "record": False, **context},
    }


def without(request: Json, path: str) -> Json:
    """A copy without one member; `path` is its names with dots between."""
    return _changed(request, path.split("."), None)


def setting(request: Json, path: str, value: Any) -> Json:
    """A copy with one member set."""
    return _changed(request, path.split("."), (value,))


def _changed(found: Json, steps: list[str], value: tuple[Any] | None) -> Json:
    first, *more = steps
    copy = dict(found)
    if more:
        copy[first] = _changed(copy.get(first, {}), more, value)
    elif value is None:
        del copy[first]
    else:
        copy[first] = value[0]
    return copy
