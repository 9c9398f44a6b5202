"""Ending a lawful-basis record."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.actions import lawful_bases
from isa_registry.domain.dates import london_date
from isa_registry.domain.entries import LawfulBasisEnded
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.identity.forms import only
from isa_registry.pages.changing import Rejected
from isa_registry.pages.deciding_alone import decide
from isa_registry.pages.forms import Form
from isa_registry.pages.lawful_bases import RECORD, own_record
from isa_registry.pages.lawful_bases_to_do import RECORDS
from isa_registry.pages.lawful_bases_words import days_of, purpose_label
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare

END = f"{RECORD}/end"


def ending_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(END)
    async def form(request: Request, record: FromPath[str]) -> Response[bytes]:
        return _page(request, own_record(request, record), Form({"on": (london_date(registry_of(request).now()),)}))

    @writes(END)
    async def end(request: Request, record: FromPath[str]) -> Response[bytes]:
        held, sent = own_record(request, record), form_of(request)
        ended = LawfulBasisEnded(record, caller_of(request).organisation, only(sent, "on").strip())
        done = await decide(request, Form(sent), lambda by, view: lawful_bases.end_as(ended, by, view))
        if isinstance(done, Rejected):
            return _page(request, held, done.form, done.status)
        law = registry_of(request).follower.view.catalogue()
        return layout_of(request).page(
            "lawful_basis_ended.html",
            entry=done.index,
            on=ended.on,
            purpose=purpose_label(held.recorded.purpose, law),
            page=f"{RECORDS}/{record}",
        )

    return [form, end]


def _page(request: Request, held: LawfulBasis, form: Form, status: int = 200) -> Response[bytes]:
    view = registry_of(request).follower.view
    return layout_of(request).page(
        "lawful_basis_end.html",
        status=status,
        form=form,
        page=f"{RECORDS}/{held.recorded.record}",
        purpose=purpose_label(held.recorded.purpose, view.catalogue()),
        agreement=agreement_title(view, held.recorded.agreement),
        days=days_of(held),
    )
