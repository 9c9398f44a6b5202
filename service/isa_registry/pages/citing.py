"""Where a citation leads: whoever reads HOTH ISA 1.0, cl. 5.3 in a document types it in and comes to the clause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from isa_registry.domain.citations import LONGEST
from isa_registry.domain.register.citing import Cited, cite, cited
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.runtime.registry import Registry

ADDRESS = "/cite"
Declare = Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]


def citing_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    @declare(ADDRESS)
    async def follow_citation(request: Request) -> Response[bytes]:
        registry: Registry = request.app.state.registry
        view, asked = registry.follower.view, str(request.query_params.get("q", "")).strip()
        found = cited(view, asked) if asked else None
        if found is not None and found.missing is None:
            return redirect(found.address)
        errors = (FieldError("q", _why(view, found, asked)),) if asked else ()
        return layout_of(request).page(
            "cite.html",
            status=404 if asked else 200,
            cache="public, max-age=60",
            form=Form({"q": (asked[:LONGEST],)}, errors),
            known=[(cite(one), f"/agreements/{one.agreement}/{one.version}") for one in view.agreement_versions()],
            onward=None if found is None else (found.address, _title(view, found)),
        )

    return [follow_citation]


def _why(view: RegisterView, found: Cited | None, asked: str) -> str:
    if found is None:
        return f"Enter the name, the version and the clause, like {_example(view)}"
    versions = " and ".join(one.version for one in view.agreement_versions(found.agreement))
    if found.missing == "version":
        return f"Enter a version that there is: {versions}"
    return "Enter a clause that there is; the agreement has none with this number"


def _title(view: RegisterView, found: Cited) -> str:
    return view.agreement_versions(found.agreement)[-1].title


def _example(view: RegisterView) -> str:
    versions = view.agreement_versions()
    return "HOTH ISA 1.0, cl. 5.3" if not versions else cite(versions[-1], "5.3")
