"""Recording a consent or a refusal on a page, in short steps that begin with whether consent is needed at all.

The steps before the last two are forms whose answers, all of them codes, travel in the address. From the first step on
that asks for what no address may hold, everything is posted: it stands in the form alone, and is kept nowhere before it
is recorded.
"""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from isa_registry.domain.dates import day_after, london_date
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.consent_answers import RECIPIENTS, Answers, answers_in
from isa_registry.pages.consent_choices import begun, catalogue_of, choices_of
from isa_registry.pages.consent_steps import (
    FIRST,
    STEPS,
    Step,
    asked,
    errors_of,
    placed,
    shown_values,
    step_of,
    unfinished,
)
from isa_registry.pages.consent_words import NOT_NEEDED, SUBJECT_REFERENCE, UNSURE, special_labels
from isa_registry.pages.consents_checking import check_sections, request_of
from isa_registry.pages.consents_register import faults_in_form, record, refuse_faulty
from isa_registry.pages.consents_showing import CONSENTS, page_of
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, query_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.sent_once import fresh
from isa_registry.pages.signing_in import Declare

NEW = f"{CONSENTS}/new"


def consent_recording_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(NEW)
    async def ask(request: Request) -> Response[bytes]:
        sent = query_of(request)
        answers = answers_in(sent, private=False)
        step = step_of(next(iter(sent.get("step", ())), "")) or FIRST
        if step.posted:
            # What was typed before is in no address, so the first of these comes again.
            step = next(one for one in STEPS if one.posted)
        if "send" not in sent or "add" in sent or step.posted:
            return _step_page(request, answers, step, add="add" in sent)
        return _elsewhere(request, answers, step) or _answered(request, answers, step)

    @writes(NEW)
    async def go_on(request: Request) -> Response[bytes]:
        sent = form_of(request)
        answers = answers_in(sent, private=True)
        wanted, step = step_of(only(sent, "go")), step_of(only(sent, "step"))
        if wanted is not None:
            return _step_page(request, answers, wanted, posted=True)
        if step is not None and "add" in sent:
            return _step_page(request, answers, step, posted=True, add=True)
        if step is not None:
            elsewhere = _elsewhere(request, answers, step)
            errors = errors_of(step, answers)
            if elsewhere is not None or errors:
                return elsewhere or _step_page(request, answers, step, errors, posted=True)
        left = unfinished(answers)
        if left is not None:
            return _step_page(request, answers, left, posted=True)
        return await _checked(request, answers, sent)

    return [ask, go_on]


def _answered(request: Request, answers: Answers, step: Step) -> Response[bytes]:
    errors = errors_of(step, answers)
    if errors:
        return _step_page(request, answers, step, errors)
    following = STEPS[STEPS.index(step) + 1]
    return redirect(answers.address(NEW, step=following.code))


def _elsewhere(request: Request, answers: Answers, step: Step) -> Response[bytes] | None:
    """Away from here, where consent is not what is needed."""
    if step is FIRST and answers.role == NOT_NEEDED:
        return layout_of(request).page("consent_not_needed.html", back=replace(answers, role="").address(NEW))
    if step is FIRST and answers.role == UNSURE:
        return redirect("/ask")
    return None


def _step_page(
    request: Request,
    answers: Answers,
    step: Step,
    errors: tuple[FieldError, ...] = (),
    *,
    posted: bool = False,
    add: bool = False,
) -> Response[bytes]:
    """`posted`: what was answered before came in a form, and goes on in one. `add`: with a place for another
    recipient."""
    registry, own = registry_of(request), caller_of(request).organisation
    view, today = registry.follower.view, london_date(registry.now())
    law, place = catalogue_of(view), STEPS.index(step)
    if any(error.field == "subject_ref" for error in errors):
        # What was typed instead may be a name: it is not shown again.
        answers = replace(answers, subject="")
    filled = begun(answers, step, registry.now())
    return layout_of(request).page(
        "consent_step.html",
        status=422 if errors else 200,
        form=Form(shown_values(filled), errors),
        step=step,
        number=place + 1,
        of=len(STEPS),
        asked=asked(step, answers),
        posted=posted or step.posted,
        answers=answers,
        hidden=answers.fields(*step.members) if posted or step.posted else answers.coded_fields(*step.members),
        before=None if posted else answers.address(NEW, step=STEPS[place - 1].code) if place else CONSENTS,
        earlier=STEPS[place - 1].code if posted and place else None,
        choices=choices_of(view, law, own, answers),
        recipients=["recipient", *RECIPIENTS][: max(2, len(answers.recipients) + (1 if add else 0))],
        special=special_labels(view, answers.categories),
        subject_reference=SUBJECT_REFERENCE,
        latest=day_after(today, 365),
    )


async def _checked(request: Request, answers: Answers, sent: Sent) -> Response[bytes]:
    """All of it once more; or the first step in which something is found wrong; or recorded."""
    registry = registry_of(request)
    asked_for = request_of(answers)
    beyond: tuple[FieldError, ...] = ()
    try:
        if only(sent, "record") == "yes":
            made = await record(request, asked_for, once=only(sent, "once"))
            return redirect(f"{page_of(made)}?done=recorded")
        refuse_faulty(request, asked_for)
    except Refused as refused:
        errors = tuple(placed(faults_in_form(refused)))
        where = next((step for step, _ in errors if step is not None), None)
        if where is not None:
            there = tuple(error for step, error in errors if step is where)
            return _step_page(request, answers, where, there, posted=True)
        beyond = tuple(error for _, error in errors) or (FieldError("", refused.detail.removesuffix(".")),)
    return layout_of(request).page(
        "consent_check.html",
        status=422 if beyond else 200,
        form=Form({}, beyond),
        sections=check_sections(answers, registry.follower.view),
        hidden=answers.fields(),
        once=only(sent, "once") or fresh(request),
    )
