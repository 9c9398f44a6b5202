"""Adopting the default lawful-basis records for purposes that have none."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions import adopting
from isa_registry.actions.adopting import Purpose
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.refusals import Refused
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.joining.adopting import lawful_basis_id

ADDRESS = "/account/lawful-bases/adoption"


class BasisShown(Struct, frozen=True):
    """A purpose, and what in law the organisation relies on for it, or would by default; none where there is none."""

    value: str
    purpose: str
    agreement: str
    law: tuple[str, ...]


def adopting_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def look(request: Request) -> Response[bytes]:
        asked = f"{request.query_params.get('agreement', '')} {request.query_params.get('purpose', '')}"
        return _page(request, Form({"purposes": (asked,)}))

    @writes(ADDRESS)
    async def adopt(request: Request) -> Response[bytes]:
        sent, registry = form_of(request), registry_of(request)
        chosen = sent.get("purposes", ())
        errors = [FieldError("purposes", "Choose the purposes")] if not chosen else []
        if sent.get("agreed", ()) != ("yes",):
            errors.append(FieldError("agreed", "Say that whoever advises you on data protection has agreed"))
        if errors:
            return _page(request, Form(sent, tuple(errors)), status=422)
        wanted = tuple(Purpose(*one.split(" ", 1)) for one in chosen if " " in one)
        by, view = decider(caller_of(request)), registry.follower.view
        try:
            draft = adopting.adopt(
                by.organisation, wanted, by, view, instant(registry.now()), lambda: lawful_basis_id(registry)
            )
            done = await registry.sequencer.append(draft)
        except Refused as refused:
            told = rejected(Form(sent), refused, {one.pointer: "purposes" for one in refused.faults})
            return _page(request, told.form, status=told.status)
        return layout_of(request).page("lawful_bases_adopted.html", entry=done.index, count=len(wanted))

    return [look, adopt]


def _page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    registry, own = registry_of(request), caller_of(request).organisation
    view, day = registry.follower.view, london_date(registry.now())
    law = view.catalogue()
    lacking = [
        _shown(one, adopting.default_for(view, own, one, starts=day), law) for one in adopting.lacking(view, own, day)
    ]
    return layout_of(request).page(
        "lawful_bases_adoption.html",
        status=status,
        form=form,
        choices=[(one.value, f"{one.purpose} ({one.agreement})", "; ".join(one.law)) for one in lacking if one.law],
        without=[one for one in lacking if not one.law],
    )


def _shown(wanted: Purpose, record: LawfulBasisRecorded | None, law: Catalogue | None) -> BasisShown:
    codes = () if record is None else (
        *record.article_6, *record.article_9, *record.article_10, *record.part_3, *record.gateways,
    )  # fmt: skip
    purpose = None if law is None else law.purposes.get(wanted.purpose)
    provisions = {} if law is None else law.provisions
    return BasisShown(
        value=f"{wanted.agreement} {wanted.purpose}",
        purpose=wanted.purpose if purpose is None else purpose.label,
        agreement=wanted.agreement,
        law=tuple(provisions[code].title if code in provisions else code for code in codes),
    )
