"""The component gallery of the demonstration: every component on a page of its own, as it is built and tested."""

from __future__ import annotations

from litestar import Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec.structs import replace

from isa_registry.pages.examples import EXAMPLES
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Request

ADDRESS = "/demo/components"


def gallery_router() -> Router:
    """Routes below `/demo/components`: never mounted outside the demonstration. They change nothing."""

    @get("/", name="gallery")
    async def gallery(request: Request) -> Response[bytes]:
        return layout_of(request).page("examples/gallery.html", examples=EXAMPLES, address=ADDRESS)

    @get("/{name:str}", name="gallery-example")
    async def example(request: Request, name: FromPath[str]) -> Response[bytes]:
        found = next((one for one in EXAMPLES if one.name == name), None)
        if found is None:
            raise NotFoundException
        layout = replace(layout_of(request), signed_in=found.signed_in)
        return layout.page(found.template, status=found.status, example=found, **found.shown)

    return Router(
        path=ADDRESS,
        route_handlers=[gallery, example],
        opt={"exclude_from_auth": True, "exclude_from_csrf": True},
        include_in_schema=False,
    )
