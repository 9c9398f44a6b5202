"""What becomes of a consent: taken back, said again, or found void. Each is one page, and takes no more than needed."""

from __future__ import annotations

from collections.abc import Iterable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from isa_registry.domain.consents.codes import (
    CHILD_KINDS,
    INVALIDATION_REASONS,
    METHODS,
    NOT_UNDONE,
    SHOWN_BY,
    STANDINGS,
)
from isa_registry.domain.consents.documents import InvalidationRequest, WithdrawalRequest
from isa_registry.domain.consents.states import ConsentState, is_for_a_child
from isa_registry.domain.dates import day_after, london_date
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import only
from isa_registry.pages.consent_answers import OTHER, Answers, answers_in, moment_of, now_in_london
from isa_registry.pages.consent_choices import REVIEW_DAYS, catalogue_of, choices_of
from isa_registry.pages.consent_steps import NAMES, WANTED, placed, shown_values
from isa_registry.pages.consent_words import (
    LANGUAGES,
    category_labels,
    purpose_labels,
    recipient_labels,
    special_labels,
)
from isa_registry.pages.consents_checking import recorder_of, renewal_of
from isa_registry.pages.consents_register import faults_in_form, invalidate, own_consent, renew, withdraw
from isa_registry.pages.consents_showing import page_of
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare

WITHDRAWAL = "/consents/{consent:str}/withdrawal"
RENEWAL = "/consents/{consent:str}/renewal"
INVALIDATION = "/consents/{consent:str}/invalidation"

_RECORDER = ("staff_role", "staff")
_WITHDRAWS = ("by", "method", *_RECORDER)
_RENEWS = (
    "by", "shown_by", "explicit", "method", "statement", "statement_version", "language", "evidence", *_RECORDER,
    "review_on",
)  # fmt: skip


def consent_changing_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [*_withdrawing(reads, writes), *_renewing(reads, writes), *_invalidating(reads, writes)]


def _withdrawing(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(WITHDRAWAL)
    async def look(request: Request, consent: FromPath[str]) -> Response[bytes]:
        held = await own_consent(request, consent)
        begun = _at_this_moment(request, Answers(by=held.said.standing.by))
        return _withdrawal_page(request, held, Form(shown_values(begun)))

    @writes(WITHDRAWAL)
    async def do_withdraw(request: Request, consent: FromPath[str]) -> Response[bytes]:
        held, sent = await own_consent(request, consent), form_of(request)
        answers = answers_in(sent, private=True)
        errors = _missing(answers, _WITHDRAWS)
        if not errors:
            asked = WithdrawalRequest(
                recorded_by=recorder_of(answers),
                by=answers.by,
                method=answers.method,
                answered_at=moment_of(answers.day, answers.time, after=held.said.answered_at),
                evidence=answers.evidence or None,
            )
            try:
                await withdraw(request, consent, asked)
            except Refused as refused:
                errors = _refused(refused)
            else:
                return redirect(f"{page_of(consent)}?done=withdrawn")
        return _withdrawal_page(request, held, Form(sent, errors))

    return [look, do_withdraw]


def _withdrawal_page(request: Request, held: ConsentState, form: Form) -> Response[bytes]:
    return layout_of(request).page(
        "consent_withdrawal.html",
        status=422 if form.errors else 200,
        form=form,
        page=page_of(held.answer.consent),
        not_undone=NOT_UNDONE,
        standings=_standings(held),
        methods=list(METHODS.items()),
        roles=_roles(request),
    )


def _renewing(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(RENEWAL)
    async def look(request: Request, consent: FromPath[str]) -> Response[bytes]:
        held = await own_consent(request, consent)
        said = held.said
        known = said.statement.language in dict(LANGUAGES)
        begun = Answers(
            by=said.standing.by,
            shown_by=said.standing.shown_by,
            statement=said.statement.id,
            statement_version=said.statement.version,
            language=said.statement.language if known else OTHER,
            other_language="" if known else said.statement.language,
            review_on=day_after(london_date(registry_of(request).now()), REVIEW_DAYS),
            age_transition_on=said.age_transition_on or "",
        )
        return _renewal_page(request, held, Form(shown_values(_at_this_moment(request, begun))))

    @writes(RENEWAL)
    async def do_renew(request: Request, consent: FromPath[str]) -> Response[bytes]:
        held, sent = await own_consent(request, consent), form_of(request)
        answers = replace(answers_in(sent, private=True), answer="given", kind=held.answer.subject.kind)
        for_a_child = is_for_a_child(answers.kind, answers.by)
        errors = _missing(answers, (*_RENEWS, *(("childs_view",) if for_a_child else ())))
        if not errors:
            try:
                await renew(request, consent, renewal_of(answers, after=held.said.answered_at))
            except Refused as refused:
                errors = _refused(refused)
            else:
                return redirect(f"{page_of(consent)}?done=renewed")
        return _renewal_page(request, held, Form(sent, errors))

    return [look, do_renew]


def _renewal_page(request: Request, held: ConsentState, form: Form) -> Response[bytes]:
    view, scope = registry_of(request).follower.view, held.answer.scope
    choices = choices_of(view, catalogue_of(view), caller_of(request).organisation, Answers())
    stands = [STANDINGS[by] for by, _ in _standings(held)]
    shown_by = dict.fromkeys(code for one in stands for code in one.shown_by)
    return layout_of(request).page(
        "consent_renewal.html",
        status=422 if form.errors else 200,
        form=form,
        page=page_of(held.answer.consent),
        scope=[
            ("For", purpose_labels(view, scope.purposes)),
            ("Who may be told", recipient_labels(view, scope.recipients)),
            ("What may be shared", category_labels(view, scope.categories)),
        ],
        special=special_labels(view, scope.categories),
        standings=_standings(held),
        shown_by=[(code, SHOWN_BY[code]) for code in shown_by],
        childs_views=choices.childs_views if held.answer.subject.kind in CHILD_KINDS else (),
        explicit=choices.explicit,
        methods=choices.methods,
        languages=choices.languages,
        roles=choices.roles,
    )


def _invalidating(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(INVALIDATION)
    async def look(request: Request, consent: FromPath[str]) -> Response[bytes]:
        return _invalidation_page(request, await own_consent(request, consent), Form())

    @writes(INVALIDATION)
    async def do_invalidate(request: Request, consent: FromPath[str]) -> Response[bytes]:
        held, sent = await own_consent(request, consent), form_of(request)
        answers, reason = answers_in(sent, private=True), only(sent, "reason")
        errors = _missing(answers, _RECORDER)
        if not reason:
            errors = (FieldError("reason", "Choose why it is void"), *errors)
        if not errors:
            try:
                await invalidate(request, consent, InvalidationRequest(recorded_by=recorder_of(answers), reason=reason))
            except Refused as refused:
                errors = _refused(refused)
            else:
                return redirect(f"{page_of(consent)}?done=invalidated")
        return _invalidation_page(request, held, Form(sent, errors))

    return [look, do_invalidate]


def _invalidation_page(request: Request, held: ConsentState, form: Form) -> Response[bytes]:
    return layout_of(request).page(
        "consent_invalidation.html",
        status=422 if form.errors else 200,
        form=form,
        page=page_of(held.answer.consent),
        reasons=list(INVALIDATION_REASONS.items()),
        roles=_roles(request),
    )


def _at_this_moment(request: Request, answers: Answers) -> Answers:
    day, time = now_in_london(registry_of(request).now())
    return replace(answers, day=day, time=time)


def _standings(held: ConsentState) -> list[tuple[str, str]]:
    """Who can answer for a person of this kind."""
    kind = held.answer.subject.kind
    return [(by, one.says) for by, one in STANDINGS.items() if kind in one.subjects]


def _roles(request: Request) -> list[tuple[str, str]]:
    return list(catalogue_of(registry_of(request).follower.view).codes.roles.items())


def _missing(answers: Answers, members: Iterable[str]) -> tuple[FieldError, ...]:
    return tuple(FieldError(NAMES[one], WANTED[one]) for one in members if not getattr(answers, one))


def _refused(refused: Refused) -> tuple[FieldError, ...]:
    """What a page can mend. Raises what it cannot."""
    found = tuple(error for _, error in placed(faults_in_form(refused)))
    return found or (FieldError("", refused.detail.removesuffix(".")),)
