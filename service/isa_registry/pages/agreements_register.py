"""The public register of information sharing agreements as a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.reporting.agreements_register import RegisterLine, agreements_register
from isa_registry.pages.agreement_wording import STATES
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.once import made_once
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.words import ProvisionCited, provision_cited
from isa_registry.runtime.registry import Registry

ADDRESS = "/register-of-agreements"
Declare = Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]


class LineShown(Struct, frozen=True):
    """An agreement in the register: its line, the tag of its state, and what is said in words."""

    line: RegisterLine
    state: tuple[str, str]
    powers: tuple[ProvisionCited, ...]
    method: tuple[str, str] | None
    dates: tuple[tuple[str, str], ...]


def agreements_register_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    @declare(ADDRESS)
    async def register_of_agreements(request: Request) -> Response[bytes]:
        registry: Registry = request.app.state.registry
        view, today = registry.follower.view, london_date(registry.now())

        def make() -> Response[bytes]:
            lines = [_shown(one, view.catalogue()) for one in agreements_register(view, today)]
            return layout_of(request).page("register_of_agreements.html", cache="public, max-age=60", lines=lines)

        return made_once(request, view, today, make)

    return [register_of_agreements]


def _shown(line: RegisterLine, catalogue: Catalogue | None) -> LineShown:
    return LineShown(
        line=line,
        state=STATES[line.status],
        powers=tuple(provision_cited(code, catalogue) for code in line.legal_power),
        method=(line.method, line.method.rpartition("#")[2]) if line.method else None,
        dates=_dates(line),
    )


def _dates(line: RegisterLine) -> tuple[tuple[str, str], ...]:
    told = (("In force from", line.start_date), ("Review due", line.review_date), ("Ends after", line.end_date))
    return tuple((label, "Not set" if day is None else plain_date(day)) for label, day in told)
