"""Lists of decisions: those of one's own organisation, and what was shared with it."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.record_rows import SharingEventRow
from isa_registry.pages.changing import body_name
from isa_registry.pages.decisions_words import NOT_TOLD, RECEIVED, SHORT, STATES
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, plain_time, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.decisions_recorded import decisions_before

OWN, SHARED_WITH_US = "/decisions", "/decisions/received"
SHOWN = 50
_FROM_THE_END = 2**62


class Line(Struct, frozen=True):
    """A decision in a list. `flagged`: it went against its answer, which its own organisation alone is told."""

    href: str
    when: str
    whom: str
    purpose: str
    decision: str
    state: tuple[str, str]
    flagged: bool


def listing_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(OWN)
    async def own(request: Request) -> Response[bytes]:
        return await _list(request, received=False)

    @reads(SHARED_WITH_US)
    async def received(request: Request) -> Response[bytes]:
        return await _list(request, received=True)

    return [own, received]


async def _list(request: Request, *, received: bool) -> Response[bytes]:
    registry, view = registry_of(request), registry_of(request).follower.view
    address, states = (SHARED_WITH_US, RECEIVED) if received else (OWN, STATES)
    # A filter that is not known is passed over.
    state = _known(request, "state", states) or (
        "unmatched" if received and "state" not in request.query_params else ""
    )
    decision = "" if received else _known(request, "decision", SHORT)
    before = _before(request)
    page = await decisions_before(
        registry,
        caller_of(request).organisation,
        before,
        received=received,
        state=state or None,
        decision=decision or None,
        limit=SHOWN,
    )
    asked = {"decision": decision, "state": state or "all"} if decision or state or received else {}
    return layout_of(request).page(
        "decisions_received.html" if received else "decisions.html",
        address=address,
        lines=[_line(row, became, view, received=received) for row, became in page.decisions],
        decisions=list(SHORT.items()),
        states=[(code, words) for code, (words, _) in states.items()],
        form=Form({"decision": (decision,), "state": (state,)}),
        filtered=bool(decision or state),
        next=None if page.following is None else _address(address, asked, before=str(page.following)),
        first=_address(address, asked) if before != _FROM_THE_END else None,
    )


def _line(row: SharingEventRow, state: str | None, view: RegisterView, *, received: bool) -> Line:
    catalogue = view.catalogue()
    purpose = None if catalogue is None else catalogue.purposes.get(row.purpose)
    whom = row.provider if received else row.recipient
    return Line(
        href=f"{SHARED_WITH_US}/{row.index}" if received else f"{OWN}/{row.id}",
        when=plain_time(row.decided_at),
        whom="A body that is not in this register" if whom is None else body_name(view, whom),
        purpose=row.purpose if purpose is None else purpose.label,
        decision=SHORT.get(row.decision, row.decision),
        state=NOT_TOLD if state is None else (RECEIVED if received else STATES)[state],
        flagged=bool(row.flags) and not received,
    )


def _known(request: Request, name: str, codes: dict[str, tuple[str, str]] | dict[str, str]) -> str:
    value = str(request.query_params.get(name, ""))
    return value if value in codes else ""


def _before(request: Request) -> int:
    text = str(request.query_params.get("before", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else _FROM_THE_END


def _address(path: str, asked: dict[str, str], **more: str) -> str:
    query = {name: value for name, value in {**asked, **more}.items() if value}
    return f"{path}?{urlencode(query)}" if query else path
