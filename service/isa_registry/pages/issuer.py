"""The self-test of an organisation's own issuer: what the registry sees of it from here, in words, with what to do.

Only an issuer that is registered for the organisation is asked: nobody has the registry fetch an address of their own.
"""

from __future__ import annotations

import time

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.identity.findings import Finding
from isa_registry.identity.forms import only
from isa_registry.outbound.fetching import Fetcher
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.issuer_check import check_issuer

ADDRESS = "/account/issuer"
_LEVELS = {"wrong": ("revoked", "Wrong"), "doubtful": ("pending", "Look at this"), "right": ("active", "Right")}


class FindingShown(Struct, frozen=True):
    """A finding: the code and the words of its tag, what was seen, and what to do."""

    tag: tuple[str, str]
    says: str
    do: str


def issuer_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def choose(request: Request) -> Response[bytes]:
        own = _own(request)
        return _form_page(request, Form({"issuer": ("0",)} if len(own) == 1 else {}))

    @writes(ADDRESS)
    async def check(request: Request) -> Response[bytes]:
        sent, own = form_of(request), _own(request)
        chosen = only(sent, "issuer")
        use = next((one for number, one in enumerate(own) if str(number) == chosen), None)
        if use is None:
            error = FieldError("issuer", "Choose which issuer to look at")
            return _form_page(request, Form(sent, (error,)), status=422)
        fetcher: Fetcher = request.app.state.fetcher
        opened = registry_of(request).follower.view.opened()
        report = await check_issuer(
            use, fetcher.fetch_json, time.time, demonstration=opened is not None and opened.demo
        )
        return layout_of(request).page(
            "issuer_checked.html",
            issuer=report.issuer,
            passed=report.passed,
            doubtful=any(one.level == "doubtful" for one in report.findings),
            findings=_in_order(report.findings),
        )

    return [choose, check]


def _own(request: Request) -> list[Issuer]:
    return registry_of(request).follower.view.issuers_of(caller_of(request).organisation)


def _form_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    items = [
        (str(number), one.issuer, f"Where {one.claim} is {one.value}" if one.claim else "")
        for number, one in enumerate(_own(request))
    ]
    return layout_of(request).page("issuer_check.html", status=status, form=form, issuers=items)


def _in_order(findings: tuple[Finding, ...]) -> list[FindingShown]:
    """What is wrong comes first."""
    order = list(_LEVELS)
    ranked = sorted(findings, key=lambda one: order.index(one.level))
    return [FindingShown(_LEVELS[one.level], one.says, one.do) for one in ranked]
