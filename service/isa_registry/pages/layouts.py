"""The layout of a page that answers a request: the register's partnership, and who is signed in."""

from __future__ import annotations

from typing import Any, cast

from isa_registry.pages.navigation import SignedIn
from isa_registry.pages.rendering import Layout, Request
from isa_registry.runtime.registry import Registry


def layout_of(request: Request) -> Layout:
    """Whoever is signed in was put into the scope as `isa_signed_in` when the request was admitted.

    It needs neither the database nor a folded register: before the log is read there is just no partnership to name.
    """
    state = request.app.state
    registry: Registry = state.registry
    opened = registry.follower.view.opened()
    scope = cast("dict[str, Any]", request.scope)
    signed_in: SignedIn | None = scope.get("isa_signed_in")
    return Layout(
        demonstration=bool(state.get("demonstration", False)) or (opened is not None and opened.demo),
        partnership="" if opened is None else opened.partnership_name,
        signed_in=signed_in,
        path=str(scope["path"]),
        takes_reports=bool(state.get("security_txt")),
    )
