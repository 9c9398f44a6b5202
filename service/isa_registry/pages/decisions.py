"""The decisions of one's own organisation: one of them, its receipt, and what can be done about it."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.domain.dates import parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.pages.decisions_form import SHARED
from isa_registry.pages.decisions_reading import event_in_words, own_decision, recipient_in_words
from isa_registry.pages.decisions_words import AGAINST, SHORT, STATES
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, plain_time, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.receipts import receipt_for


def decision_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads("/decisions/{event:str}")
    async def look(request: Request, event: FromPath[str]) -> Response[bytes]:
        found, registry = await own_decision(request, event), registry_of(request)
        view, decided = registry.follower.view, found.event
        return layout_of(request).page(
            "decision.html",
            found=found,
            title=SHORT.get(decided.decision, decided.decision),
            recipient=recipient_in_words(decided, view),
            rows=event_in_words(decided, found.withheld, view),
            against=[AGAINST[flag] for flag in found.row.flags if flag in AGAINST],
            shares=decided.decision in SHARED,
            told=found.row.recipient_sees,
            state=None if found.state is None else STATES[found.state],
            said=[(plain_time(parse_instant(one.at)), one.matches) for one in found.said],
            recorded=plain_time(parse_instant(found.at)),
            origin=registry.origin,
            fresh=request.query_params.get("recorded") == "yes",
        )

    @reads("/decisions/{event:str}/receipt")
    async def receipt(request: Request, event: FromPath[str]) -> Response[bytes]:
        found = await own_decision(request, event)
        part = request.query_params.get("part", "event")
        index = found.row.withheld_index if part == "withheld" else found.row.index
        if index is None or part not in ("event", "withheld"):
            raise Refused("not-found", "There is no such list, or none that you may see.")
        body = await receipt_for(registry_of(request), caller_of(request).organisation, index)
        headers = {"Content-Disposition": f'attachment; filename="{index}.isa-receipt.json"'}
        return Response(body, media_type="application/json", headers={**headers, "Cache-Control": "no-store"})

    return [look, receipt]
