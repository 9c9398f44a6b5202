"""The layout of a page that answers a request: the register's partnership, and who is signed in."""

from __future__ import annotations

from isa_registry.pages.people import signed_in
from isa_registry.pages.rendering import Layout, Request
from isa_registry.runtime.registry import Registry


def layout_of(request: Request) -> Layout:
    """The layout, with who is signed in where the request's page asks for a session.

    It needs neither the database nor a folded register: before the log is read there is just no partnership to name.
    """
    state = request.app.state
    registry: Registry = state.registry
    opened = registry.follower.view.opened()
    return Layout(
        demonstration=bool(state.get("demonstration", False)) or (opened is not None and opened.demo),
        partnership="" if opened is None else opened.partnership_name,
        signed_in=signed_in(request),
        path=str(request.scope["path"]),
        takes_reports=bool(state.get("security_txt")),
    )
