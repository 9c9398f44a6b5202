"""What another organisation shared with one's own: looking at it, and saying that it came and whether it is so."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from isa_registry.domain.dates import instant, parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import only
from isa_registry.pages.changing import Rejected, body_name, rejected
from isa_registry.pages.decisions_form import moment_of
from isa_registry.pages.decisions_known import moment_fields
from isa_registry.pages.decisions_listing import SHARED_WITH_US
from isa_registry.pages.decisions_reading import received_in_words
from isa_registry.pages.decisions_recording import signing_for
from isa_registry.pages.decisions_words import RECEIVED
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, plain_time, registry_of, session_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.decisions_recorded import Decision, received_decision

ONE = f"{SHARED_WITH_US}/{{entry:str}}"
_FIELDS = {"#/received_at": "received_on"}


def received_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ONE)
    async def look(request: Request, entry: FromPath[str]) -> Response[bytes]:
        found = await _received(request, entry)
        view = registry_of(request).follower.view
        return layout_of(request).page(
            "decision_received.html",
            found=found,
            provider=body_name(view, found.event.provider),
            rows=received_in_words(found.event, view),
            state=None if found.state is None else RECEIVED[found.state],
            said=[(plain_time(parse_instant(one.at)), one.matches) for one in found.said],
            recorded=plain_time(parse_instant(found.at)),
            origin=registry_of(request).origin,
            fresh=request.query_params.get("said") == "yes",
        )

    @reads(f"{ONE}/acknowledgement")
    async def begin(request: Request, entry: FromPath[str]) -> Response[bytes]:
        found = await _received(request, entry)
        now = moment_fields("received", registry_of(request).now())
        values = {name: (value,) for name, value in now.items()}
        return _form_page(request, found, Rejected(Form(values), 200))

    @writes(f"{ONE}/acknowledgement")
    async def say(request: Request, entry: FromPath[str]) -> Response[bytes]:
        found, sent = await _received(request, entry), form_of(request)
        matches, received = only(sent, "as_it_says"), moment_of(sent, "received")
        missing = []
        if matches not in ("yes", "no"):
            missing.append(FieldError("as_it_says", "Choose whether it is as it says"))
        if received is None:
            says = "Enter the day and the time at which it came, like 2026-11-27 and 14:05"
            missing.append(FieldError("received_on", says))
        if missing or received is None:
            return _form_page(request, found, Rejected(Form(sent, tuple(missing)), 422))
        try:
            await signing_for(request).acknowledge(
                found.jws, instant(received), caller_of(request), session_of(request), matches=matches == "yes"
            )
        except Refused as refused:
            return _form_page(request, found, rejected(Form(sent), refused, _FIELDS))
        return redirect(f"{SHARED_WITH_US}/{entry}?said=yes")

    return [look, begin, say]


async def _received(request: Request, entry: str) -> Decision:
    """What was shared with the organisation, without anything that its provider alone is told."""
    found = await received_decision(registry_of(request), caller_of(request).organisation, entry)
    return replace(found, withheld=(), row=replace(found.row, flags=(), withheld_index=None))


def _form_page(request: Request, found: Decision, told: Rejected) -> Response[bytes]:
    view = registry_of(request).follower.view
    return layout_of(request).page(
        "decision_acknowledge.html",
        status=told.status,
        form=told.form,
        found=found,
        provider=body_name(view, found.event.provider),
        rows=received_in_words(found.event, view),
    )
