"""Pages that are the same for everybody, made once for each state of the register and day.

A page of words takes some milliseconds to make, and whoever asks for it again, to hear that they have it already, costs
as much. What is kept here goes when the register changes, and the oldest when there are many.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from litestar import Response

from isa_registry.domain.media import takes_gzip
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Request

VARY = "Cookie, Accept-Encoding"

_KEPT = 512  # pages, of 100 kB at most and mostly of a tenth of that


class _Made(NamedTuple):
    body: bytes
    headers: dict[str, str]


_made: OrderedDict[tuple[Hashable, ...], _Made] = OrderedDict()


def made_once(
    request: Request, view: RegisterView, today: str, make: Callable[[], Response[bytes]], *beside: Hashable
) -> Response[bytes]:
    """The page that `make` makes. It may depend on the register, the day, the path that was asked for and what is named
    `beside`, and on who is signed in: for somebody who is, it is made each time.

    It is packed with gzip for whoever takes that. A page for somebody never is: it holds what is theirs beside words
    that another could choose, and its length would tell.
    """
    layout = layout_of(request)
    if layout.signed_in is not None:
        return make()
    # The register's state is known by the identity of its mark, which nothing else ever has while it is kept here.
    packed = takes_gzip(request.headers.get("accept-encoding", ""))
    public_url = str(request.app.state.public_url)
    key = (view.memory.state, today, layout.path, public_url, layout.demonstration, packed, *beside)
    found = _made.get(key)
    if found is None:
        found = _made[key] = _packed(make()) if packed else _plain(make())
        if len(_made) > _KEPT:
            _made.popitem(last=False)
    else:
        _made.move_to_end(key)
    return Response(found.body, media_type="text/html", headers=dict(found.headers))


def _plain(response: Response[bytes]) -> _Made:
    return _Made(response.content, {**response.headers, "Vary": VARY})


def _packed(response: Response[bytes]) -> _Made:
    body = gzip.compress(response.content, 6, mtime=0)
    return _Made(body, {**response.headers, "Vary": VARY, "Content-Encoding": "gzip"})
