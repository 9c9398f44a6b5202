"""The page on which a browser verifies the log by itself, with a verifier of its own (`static/verify`).

All of it is done by the script: the page gives it fields to read and places to write to. See
docs/adr/0038-a-second-verifier-in-the-page.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from isa_registry.pages.assets import ASSETS
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Request
from isa_registry.runtime.registry import Registry

Declare = Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]

ADDRESS = "/log/verify"
_PLACE = "verify/"
_CACHE = "public, max-age=60"


def log_verifying_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    """The page's route."""

    @declare(ADDRESS)
    async def verify_log(request: Request) -> Response[bytes]:
        cast("dict[str, Any]", request.scope)["isa_fetches"] = True
        registry: Registry = request.app.state.registry
        return layout_of(request).page(
            "log_verifying.html",
            cache=_CACHE,
            form=Form({"keys-from": ("elsewhere",)}),
            origin=registry.origin,
            address=request.app.state.public_url,
            modules=ASSETS.modules(_PLACE),
        )

    return [verify_log]
