"""What would have been answered: a question about another day, or with what was known then, for whoever may ask it.

Nothing is recorded, and nobody is told. An auditor may ask for any organisation; others for their own, as in the
interface.
"""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from isa_registry.actions import checks
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import Sent, only
from isa_registry.ledger.drafts import Appended
from isa_registry.pages.answering import shown
from isa_registry.pages.asking_choices import Lately, options
from isa_registry.pages.asking_facts import facts_asked
from isa_registry.pages.asking_form import CHOSEN, UNKNOWN, fields_of, of_a_question, question_of, what_is_missing
from isa_registry.pages.audit import ADDRESS, organisations_known, way_back
from isa_registry.pages.audit_times import TIMES, Times, in_words, times_of
from isa_registry.pages.changing import body_name
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, plain_time, query_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.asking import answer_and_record
from isa_registry.runtime.past import look_back, relied_on

WHAT_IF = f"{ADDRESS}/what-if"
_OWN = ("provider", *TIMES)
"""The fields that Ask has not."""

_NOT_LISTED = FieldError("purpose", "Choose from the lists: something that was sent is not in them")


def what_if_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(WHAT_IF)
    async def choose(request: Request) -> Response[bytes]:
        return _choices_page(request, query_of(request))

    @writes(WHAT_IF)
    async def ask(request: Request) -> Response[bytes]:
        registry, sent = registry_of(request), form_of(request)
        view, root = registry.follower.view, registry.follower.root
        times = times_of(sent, registry.now())
        errors = what_is_missing(sent, view) + _providers(request, sent, view)
        if not isinstance(times, Times) or errors:
            return _choices_page(request, sent, errors if isinstance(times, Times) else (*times, *errors))
        try:
            question = _admitted(request, sent, times, view)
            if times.as_of is not None:
                then = relied_on(await look_back(registry, times.as_of, request.app.state.past_turns))
                view, root = then.view, then.root
                question = checks.admit(question, caller_of(request), view)
        except Refused as refused:
            return _choices_page(request, sent, (_error(refused),))
        if only(sent, "step") == "facts":
            page = _facts_page(request, question, sent, view)
            if page is not None:
                return page
        found = await answer_and_record(
            registry,
            question,
            caller_of(request),
            view=view,
            root=root,
            stale=not registry.follower.connected,
        )
        assert not isinstance(found, Appended), "what is not recorded claims no key"
        return _answer_page(request, found, question, times, view, sent)

    return [choose, ask]


def _providers(request: Request, sent: Sent, view: RegisterView) -> tuple[FieldError, ...]:
    if not checks.may_ask_for_others(caller_of(request)) or view.organisation(only(sent, "provider")) is not None:
        return ()
    return (FieldError("provider", "Choose who would share"),)


def _admitted(request: Request, sent: Sent, times: Times, view: RegisterView) -> Question:
    """Raises `Refused`."""
    caller = caller_of(request)
    provider = only(sent, "provider") if checks.may_ask_for_others(caller) else caller.organisation
    whole = replace(question_of(sent), provider=provider, on=times.on, as_of=times.as_of, record=False)
    return checks.admit(whole, caller, view)


def _error(refused: Refused) -> FieldError:
    """What is wrong with what was asked, at the field that can mend it. Raises what no field can."""
    pointers = {fault.pointer for fault in refused.faults}
    if refused.code == "gone" or "#/as_of" in pointers:
        return FieldError("as_of_on", refused.detail.removesuffix("."))
    if refused.code in ("malformed", "unprocessable"):
        return FieldError("provider", "Choose who would share") if "#/provider" in pointers else _NOT_LISTED
    raise refused


def _choices_page(request: Request, sent: Sent, errors: tuple[FieldError, ...] = ()) -> Response[bytes]:
    view, caller = registry_of(request).follower.view, caller_of(request)
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry has no catalogue of the law yet.", retry_after=30)
    others = checks.may_ask_for_others(caller)
    return layout_of(request).page(
        "what_if.html",
        status=400 if errors else 200,
        address=WHAT_IF,
        options=options(view, catalogue, "" if others else caller.organisation, Lately()),
        providers=organisations_known(view) if others else None,
        carried=[
            (name, value) for name, values in of_a_question(sent).items() if name not in CHOSEN for value in values
        ],
        form=Form(sent, errors),
        back=way_back(request),
    )


def _facts_page(request: Request, question: Question, sent: Sent, view: RegisterView) -> Response[bytes] | None:
    """What is known that could change the answer; None where nothing could."""
    catalogue, today = view.catalogue(), london_date(registry_of(request).now())
    assert catalogue is not None  # the question was admitted
    asked = facts_asked(view, catalogue, question, today=question.on or today)
    if not asked:
        return None
    fields = fields_of(question)
    own = _own_fields(sent)
    known: dict[str, tuple[str, ...]] = {name: (value,) for name, value in fields if name not in CHOSEN}
    known["role"] = tuple(value for name, value in fields if name == "role")
    unknown = {one.name: (UNKNOWN,) for one in (*asked.deciding, *asked.refining)}
    recipient = view.organisation(question.recipient) if isinstance(question.recipient, str) else None
    return layout_of(request).page(
        "ask_facts.html",
        action=WHAT_IF,
        asked=asked,
        purpose=catalogue.purposes[question.purpose],
        recipient=None if recipient is None else recipient.name,
        chosen=[*own, *((name, value) for name, value in fields if name in CHOSEN)],
        back=_again(question, sent),
        form=Form({**unknown, **known}),
    )


def _own_fields(sent: Sent) -> list[tuple[str, str]]:
    return [(name, value) for name in _OWN if (value := only(sent, name).strip())]


def _again(question: Question, sent: Sent) -> str:
    return f"{WHAT_IF}?{urlencode([*_own_fields(sent), *fields_of(question)])}"


def _answer_page(
    request: Request, found: checks.CheckResponse, question: Question, times: Times, view: RegisterView, sent: Sent
) -> Response[bytes]:
    today = london_date(registry_of(request).now())
    whole = shown(found, view, question, request.app.state.public_url)
    return layout_of(request).page(
        "what_if_answer.html",
        found=found,
        # One more fact is put to Ask, which records: here the question is changed instead.
        shown=replace(whole, would_help=(), would_hold=(), worried=None),
        answered=plain_time(parse_instant(found.decided_at)),
        fresh=False,
        record_consent=None,
        records=False,
        provider=body_name(view, question.provider or ""),
        times=in_words(times, today, view.size),
        again=_again(question, sent),
        address=WHAT_IF,
    )
