"""The consent register's pages: an organisation's own consents, those of one person, and one with its history."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.domain.dates import day_after, london_date
from isa_registry.domain.references import is_subject_reference
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import only
from isa_registry.pages.changing import body_name
from isa_registry.pages.consent_words import SUBJECT_REFERENCE
from isa_registry.pages.consents_family import childs_page, family_page, may_be_a_childs
from isa_registry.pages.consents_register import find, own_consent
from isa_registry.pages.consents_showing import CONSENTS, consent_shown, line_of, page_of
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.consents_lately import lately

DUE_DAYS = 60
"""So long before its last day a yes is among those to be asked again."""

SHOWN, RECENT = 50, 20
"""Lines of those that are due, and of those recorded last."""

DONE = {
    "recorded": "Recorded. You can print a page for the family.",
    "withdrawn": "Recorded: they took it back. Tell whoever had the information, where that is safe.",
    "renewed": "Recorded: they said yes again.",
    "invalidated": "Recorded: it is void and counts for nothing.",
}


def consent_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(CONSENTS)
    async def every(request: Request) -> Response[bytes]:
        return await _every(request, Form())

    @writes(f"{CONSENTS}/search")
    async def search(request: Request) -> Response[bytes]:
        reference = only(form_of(request), "subject_ref").strip()
        if not is_subject_reference(reference):
            # What was typed instead may be a name: it is not shown again.
            says = "Paste the whole reference: s1_ and 43 letters, digits, - or _ after it"
            return await _every(request, Form({}, (FieldError("subject_ref", says),)))
        view, today = _now(request)
        found = await find(request, reference)
        return layout_of(request).page("consents_found.html", lines=[line_of(one, view, today) for one in found])

    @reads(f"{CONSENTS}/{{consent:str}}")
    async def one(request: Request, consent: FromPath[str]) -> Response[bytes]:
        held = await own_consent(request, consent)
        view, today = _now(request)
        return layout_of(request).page(
            "consent.html",
            shown=consent_shown(held, view, today),
            page=page_of(consent),
            for_a_child=may_be_a_childs(held),
            done=DONE.get(request.query_params.get("done", ""), ""),
        )

    @reads(f"{CONSENTS}/{{consent:str}}/family")
    async def family(request: Request, consent: FromPath[str]) -> Response[bytes]:
        held = await own_consent(request, consent)
        view, today = _now(request)
        for_child = request.query_params.get("for") == "child" and may_be_a_childs(held)
        return layout_of(request).page(
            "consent_family.html",
            shown=(childs_page if for_child else family_page)(held, view, today),
            for_child=for_child,
            page=page_of(consent),
            consent=consent,
            body=body_name(view, caller_of(request).organisation),
            today=today,
        )

    return [every, search, one, family]


async def _every(request: Request, form: Form) -> Response[bytes]:
    view, today = _now(request)
    found = await lately(registry_of(request), caller_of(request).organisation)
    due = found.due(today, day_after(today, DUE_DAYS))
    return layout_of(request).page(
        "consents.html",
        status=422 if form.errors else 200,
        form=form,
        subject_reference=SUBJECT_REFERENCE,
        due=[line_of(one, view, today) for one in due[:SHOWN]],
        recent=[line_of(one, view, today) for one in found.consents[:RECENT]],
        days=DUE_DAYS,
        more=found.more or len(found.consents) > RECENT,
    )


def _now(request: Request) -> tuple[RegisterView, str]:
    registry = registry_of(request)
    return registry.follower.view, london_date(registry.now())
