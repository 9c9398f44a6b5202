"""Asking by hand: may I share this, with them, for this? The same question and the same answer as the interface's.

Three pages: what is asked, what one knows that could change the answer, and the answer, which has an address of its
own. Addresses hold codes and ids of organisations, so that going back works and another system can lead here.
"""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.actions import checks
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import Sent, only
from isa_registry.ledger.drafts import Appended
from isa_registry.pages.answering import answer_page
from isa_registry.pages.asking_choices import ASKED, ASKED_SECONDS, Lately, options, read_lately, written
from isa_registry.pages.asking_facts import FactsAsked, facts_asked
from isa_registry.pages.asking_form import (
    CHOSEN,
    UNKNOWN,
    address_of,
    fields_of,
    of_a_question,
    question_of,
    what_is_missing,
)
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, people_of, query_of, registry_of, set_cookies
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.asking import answer_and_record
from isa_registry.runtime.recorded_checks import recorded_check

DANGER = "immediate-danger"
_ASK_OF_THE_PAST = frozenset({"ig-lead", "auditor", "business-unit"})
_NOT_LISTED = FieldError("purpose", "Choose from the lists: something that was sent is not in them")


def asking_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads("/ask")
    async def ask(request: Request) -> Response[bytes]:
        return _choices_page(request, _address(request))

    @reads("/ask/facts")
    async def facts(request: Request) -> Response[bytes]:
        admitted = _admit(request, _address(request))
        return admitted if isinstance(admitted, Response) else _facts_page(request, admitted)

    @writes("/ask")
    async def answer(request: Request) -> Response[bytes]:
        sent = form_of(request)
        if only(sent, "urgency") == DANGER and what_is_missing(sent, registry_of(request).follower.view):
            # Whoever is in a hurry has filled in nothing else, and is told what to do.
            return redirect("/immediate-danger")
        admitted = _admit(request, sent)
        if isinstance(admitted, Response):
            return admitted
        if only(sent, "step") == "facts" and admitted.urgency != DANGER and _facts(request, admitted):
            return redirect(address_of("/ask/facts", admitted))
        return await _answer(request, admitted)

    @reads("/ask/answers/{check:str}")
    async def read_answer(request: Request, check: FromPath[str]) -> Response[bytes]:
        registry = registry_of(request)
        recorded = await recorded_check(registry, caller_of(request).organisation, check)
        found = checks.render(recorded, recorded=True)
        return answer_page(request, found, registry.follower.view, recorded.question, fresh=False)

    return [ask, facts, answer, read_answer]


def _address(request: Request) -> Sent:
    """The fields of the address."""
    return of_a_question(query_of(request))


def _admit(request: Request, sent: Sent) -> Question | Response[bytes]:
    """The question of a form or an address with its provider; or the first page again, with what is wrong."""
    view = registry_of(request).follower.view
    missing = what_is_missing(sent, view)
    if missing:
        return _choices_page(request, sent, missing)
    try:
        return checks.admit(question_of(sent), caller_of(request), view)
    except Refused as refused:
        if refused.code not in ("malformed", "unprocessable"):
            raise
        return _choices_page(request, sent, (_NOT_LISTED,))


async def _answer(request: Request, admitted: Question) -> Response[bytes]:
    caller, registry = caller_of(request), registry_of(request)
    view, root = registry.follower.view, registry.follower.root
    stale = not registry.follower.connected
    found = await answer_and_record(registry, admitted, caller, view=view, root=root, stale=stale)
    assert not isinstance(found, Appended), "a page claims no key"
    lately = _lately(request).after(admitted)
    cookies = people_of(request).cookies
    set_cookies(request, cookies.setting(ASKED, written(lately, caller.organisation), seconds=ASKED_SECONDS))
    return answer_page(request, found, view, admitted, fresh=True)


def _choices_page(request: Request, sent: Sent, errors: tuple[FieldError, ...] = ()) -> Response[bytes]:
    view = registry_of(request).follower.view
    own = caller_of(request).organisation
    return layout_of(request).page(
        "ask.html",
        status=400 if errors else 200,
        options=options(view, _catalogue(view), own, _lately(request)),
        carried=[
            (name, value) for name, values in of_a_question(sent).items() if name not in CHOSEN for value in values
        ],
        past=bool(caller_of(request).roles & _ASK_OF_THE_PAST),
        form=Form(sent, errors),
    )


def _facts_page(request: Request, admitted: Question) -> Response[bytes]:
    view = registry_of(request).follower.view
    asked = _facts(request, admitted)
    fields = fields_of(admitted)
    known: dict[str, tuple[str, ...]] = {name: (value,) for name, value in fields if name not in CHOSEN}
    known["role"] = tuple(value for name, value in fields if name == "role")
    unknown = {one.name: (UNKNOWN,) for one in (*asked.deciding, *asked.refining)}
    purpose = _catalogue(view).purposes[admitted.purpose]
    recipient = view.organisation(admitted.recipient) if isinstance(admitted.recipient, str) else None
    return layout_of(request).page(
        "ask_facts.html",
        action="/ask",
        asked=asked,
        purpose=purpose,
        recipient=None if recipient is None else recipient.name,
        chosen=[(name, value) for name, value in fields if name in CHOSEN],
        back=address_of("/ask", admitted),
        form=Form({**unknown, **known}),
    )


def _facts(request: Request, admitted: Question) -> FactsAsked:
    registry = registry_of(request)
    view = registry.follower.view
    return facts_asked(view, _catalogue(view), admitted, today=london_date(registry.now()))


def _catalogue(view: RegisterView) -> Catalogue:
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry has no catalogue of the law yet.", retry_after=30)
    return catalogue


def _lately(request: Request) -> Lately:
    cookie = people_of(request).cookies.read(request.headers.get("cookie", ""), ASKED)
    return read_lately(cookie, caller_of(request).organisation)
