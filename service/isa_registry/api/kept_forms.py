"""A form that came when its person had to sign in first: what they filled in is kept on the page that says so.

It is kept nowhere else. Only what the browser has just sent is sent back to it, and only once it is known that no other
site sent it.
"""

from __future__ import annotations

from typing import Any, cast

from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import read_form
from isa_registry.identity.uploads import boundary_of

_OF_THE_SESSION = ("/sign-in", "/account/sessions", "/account/organisation")
"""Forms about the session itself: of one that has ended there is nothing to send again."""


async def keep(request: Request) -> None:
    """Puts the fields of the form into the scope as `isa_kept`, for whoever makes the page of the refusal. A form with
    a file is not kept: a page cannot give a file back. Nor is one that cannot be read."""
    path = request.scope["path"]
    if request.scope["method"] == "GET" or path.startswith(_OF_THE_SESSION):
        return
    if boundary_of(request.headers.get("content-type", "")) is not None:
        return
    try:
        form = read_form(await request.body())
    except Refused:
        return
    cast("dict[str, Any]", request.scope)["isa_kept"] = form
