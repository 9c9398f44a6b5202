"""Declaring a route: its line in the access table comes with it, or it does not start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from isa_registry.api.access import access_of, template_of

Declare = Callable[[Callable[..., Any]], HTTPRouteHandler]


def reads(path: str) -> Declare:
    """A GET route on the terms of its line in the access table."""
    template = template_of(path)
    return get(path, opt={"access": access_of("GET", template), "route": template})


def writes(path: str, *, status: int = 201) -> Declare:
    """A POST route on the terms of its line in the access table."""
    template = template_of(path)
    access = access_of("POST", template)
    return post(
        path,
        status_code=status,
        opt={"access": access, "route": template},
        request_max_body_size=access.body_limit,
    )
