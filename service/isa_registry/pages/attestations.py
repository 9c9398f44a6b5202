"""Pages for signatories: what waits, each version with what can be done about it, certificates, leaving and joining."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.actions.attestations import Target, refuse_outside_partnership
from isa_registry.domain.attesting_codes import DECLINE_REASONS, QUESTIONS, WITHDRAWAL_REASONS
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.attestation_states import why_not_open
from isa_registry.domain.register.facts import AgreementVersion, Attestation
from isa_registry.identity.forms import only
from isa_registry.pages.attesting_words import Task, answer_in_words, grouped, since, task_of, tasks_of
from isa_registry.pages.certificates import certificate_page
from isa_registry.pages.changing import Rejected, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.attesting.invitations import Invitations
from isa_registry.runtime.attesting.signing import Attesting
from isa_registry.runtime.receipts import receipt_for

ADDRESS = "/account/attestations"
VERSION = f"{ADDRESS}/{{agreement:str}}/{{version:str}}"
CERTIFICATE = "/account/certificates/{attestation:str}"


def attestation_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [
        *_lists(reads),
        *_asking(reads, writes),
        *_declining(reads, writes),
        _joining(writes),
        *_certificates(reads, writes),
    ]


def attesting_of(request: Request) -> Attesting:
    attesting: Attesting = request.app.state.attesting
    return attesting


def invitations_of(request: Request) -> Invitations:
    invitations: Invitations = request.app.state.invitations
    return invitations


def version_of(request: Request, agreement: str, version: str) -> AgreementVersion:
    """Raises `Refused`: `not-found`, or `conflict` where the organisation does not belong to its partnership."""
    view = registry_of(request).follower.view
    found = view.agreement_version(agreement, version)
    if found is None:
        raise Refused("not-found", "There is no such version of an agreement.")
    refuse_outside_partnership(view, found, caller_of(request).organisation)
    return found


async def own_task(request: Request, version: AgreementVersion) -> Task:
    """Where the organisation of whoever is signed in stands towards a version."""
    registry, own = registry_of(request), caller_of(request).organisation
    found = await invitations_of(request).of_body(own)
    state = next(
        (one.state for one in found if (one.agreement, one.version) == (version.agreement, version.version)), None
    )
    return task_of(registry.follower.view, version, own, london_date(registry.now()), state)


# --- what waits -------------------------------------------------------------------------------------------------------


def _lists(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def waiting(request: Request) -> Response[bytes]:
        registry, own = registry_of(request), caller_of(request).organisation
        states = {(one.agreement, one.version): one.state for one in await invitations_of(request).of_body(own)}
        tasks = tasks_of(registry.follower.view, own, london_date(registry.now()), states)
        signed = [one for one in tasks if one.standing.attestation is not None]
        return layout_of(request).page(
            "attestations.html",
            changed=[one for one in tasks if one.waits and one.before is not None],
            to_sign=[one for one in tasks if one.waits and one.before is None],
            signed=[(one, since(one.standing)) for one in signed],
            others=[one for one in tasks if not one.waits and one.standing.attestation is None],
        )

    @reads(VERSION)
    async def one(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        return await _version_page(request, version_of(request, agreement, version))

    @reads(f"{VERSION}/words")
    async def words(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found = version_of(request, agreement, version)
        await invitations_of(request).viewed(Target(agreement, version), decider(caller_of(request)))
        return redirect(f"/agreements/{found.agreement}/{found.version}")

    return [waiting, one, words]


async def _version_page(request: Request, version: AgreementVersion, told: Rejected | None = None) -> Response[bytes]:
    registry, task = registry_of(request), await own_task(request, version)
    view, today = registry.follower.view, london_date(registry.now())
    target = Target(version.agreement, version.version)
    asked = await invitations_of(request).queries(target, caller_of(request).organisation)
    return layout_of(request).page(
        "attestation_version.html",
        status=200 if told is None else told.status,
        form=Form() if told is None else told.form,
        task=task,
        since=since(task.standing),
        closed=why_not_open(view, version, today),
        may_sign=task.standing.state not in ("attested", "re-attested", "stale", "lapsed"),
        may_decline=task.standing.state in ("none", "invited", "viewed", "queried", "withdrawn"),
        may_join=task.standing.state in ("none", "turned-down"),
        text_sha256=grouped(version.text_sha256),
        schedule_sha256=grouped(version.schedule_sha256),
        questions=len(asked),
    )


# --- asking -----------------------------------------------------------------------------------------------------------


def _asking(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{VERSION}/questions")
    async def asked(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        return await _questions_page(request, version_of(request, agreement, version), Rejected(Form(), 200))

    @writes(f"{VERSION}/questions")
    async def ask(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found, sent = version_of(request, agreement, version), form_of(request)
        wanted = (("clause", "Enter the number of the clause"), ("question", "Choose a question"))
        missing = tuple(FieldError(field, says) for field, says in wanted if not only(sent, field).strip())
        if missing:
            return await _questions_page(request, found, Rejected(Form(sent, missing), 422))
        try:
            await invitations_of(request).ask(
                Target(agreement, version),
                only(sent, "question"),
                only(sent, "clause").strip(),
                only(sent, "reference").strip() or None,
                decider(caller_of(request)),
            )
        except Refused as refused:
            return await _questions_page(request, found, rejected(Form(sent), refused))
        return await _questions_page(request, found, Rejected(Form(), 200), done="Your question was sent")

    @writes(f"{VERSION}/questions/{{question:str}}/settlement")
    async def settle(
        request: Request, agreement: FromPath[str], version: FromPath[str], question: FromPath[str]
    ) -> Response[bytes]:
        found = version_of(request, agreement, version)
        try:
            await invitations_of(request).settle(question, decider(caller_of(request)))
        except Refused as refused:
            return await _questions_page(request, found, rejected(Form(), refused))
        return await _questions_page(request, found, Rejected(Form(), 200), done="The question is settled")

    return [asked, ask, settle]


_NOT_INVITED = frozenset({"none", "asked", "turned-down", "declined", "withdrawn"})
"""Where a body stands that the version does not name, and that may not ask about its words."""


async def _questions_page(
    request: Request, version: AgreementVersion, told: Rejected, *, done: str = ""
) -> Response[bytes]:
    view, own = registry_of(request).follower.view, caller_of(request).organisation
    target = Target(version.agreement, version.version)
    asked = await invitations_of(request).queries(target, own)
    names = {body.organisation: body.name for body in view.organisations()}
    named = version.opened is not None and own in version.opened.parties
    task = await own_task(request, version)
    return layout_of(request).page(
        "attestation_questions.html",
        may_ask=named or task.standing.state not in _NOT_INVITED,
        status=told.status,
        form=told.form,
        done=done,
        version=version,
        address=f"{ADDRESS}/{version.agreement}/{version.version}",
        questions=list(QUESTIONS.items()),
        asked=[
            (
                one,
                names.get(one.organisation, one.organisation),
                QUESTIONS.get(one.question, one.question),
                answer_in_words(one),
            )
            for one in asked
        ],
        own=own,
    )


# --- declining, joining -----------------------------------------------------------------------------------------------


def _declining(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{VERSION}/refusal")
    async def look(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        return _refusal_page(request, version_of(request, agreement, version), Rejected(Form(), 200))

    @writes(f"{VERSION}/refusal")
    async def decline(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found, sent, caller = version_of(request, agreement, version), form_of(request), caller_of(request)
        if not only(sent, "reason"):
            form = Form(sent, (FieldError("reason", "Choose why your organisation declines"),))
            return _refusal_page(request, found, Rejected(form, 422))
        try:
            done = await attesting_of(request).decline(
                Target(agreement, version), caller.organisation, only(sent, "reason"), caller
            )
        except Refused as refused:
            return _refusal_page(request, found, rejected(Form(sent), refused))
        return layout_of(request).page("attestation_declined.html", entry=done.index, version=found)

    return [look, decline]


def _refusal_page(request: Request, version: AgreementVersion, told: Rejected) -> Response[bytes]:
    return layout_of(request).page(
        "attestation_decline.html",
        status=told.status,
        form=told.form,
        version=version,
        address=f"{ADDRESS}/{version.agreement}/{version.version}",
        reasons=list(DECLINE_REASONS.items()),
    )


def _joining(writes: Declare) -> HTTPRouteHandler:
    @writes(f"{VERSION}/joining")
    async def join(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found = version_of(request, agreement, version)
        try:
            await invitations_of(request).ask_to_join(Target(agreement, version), decider(caller_of(request)))
        except Refused as refused:
            return await _version_page(request, found, rejected(Form(), refused))
        return await _version_page(request, found)

    return join


# --- certificates, withdrawing ----------------------------------------------------------------------------------------


def _certificates(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(CERTIFICATE)
    async def certificate(request: Request, attestation: FromPath[str]) -> Response[bytes]:
        return await certificate_page(request, attestation_of(request, attestation))

    @reads(f"{CERTIFICATE}/withdrawal")
    async def look(request: Request, attestation: FromPath[str]) -> Response[bytes]:
        found = attestation_of(request, attestation)
        today = london_date(registry_of(request).now())
        return _withdrawal_page(request, found, Rejected(Form({"on": (today,)}), 200))

    @writes(f"{CERTIFICATE}/withdrawal")
    async def withdraw(request: Request, attestation: FromPath[str]) -> Response[bytes]:
        found, sent = attestation_of(request, attestation), form_of(request)
        wanted = (("reason", "Choose why your organisation withdraws"), ("on", "Enter the first day without it"))
        missing = tuple(FieldError(field, says) for field, says in wanted if not only(sent, field).strip())
        if missing:
            return _withdrawal_page(request, found, Rejected(Form(sent, missing), 422))
        try:
            done = await attesting_of(request).withdraw(
                Target(found.agreement, found.version),
                attestation,
                only(sent, "on").strip(),
                only(sent, "reason"),
                caller_of(request),
            )
        except Refused as refused:
            return _withdrawal_page(request, found, rejected(Form(sent), refused))
        return layout_of(request).page(
            "attestation_withdrawn.html", entry=done.index, attestation=found, on=only(sent, "on").strip()
        )

    @reads(f"{CERTIFICATE}/receipt")
    async def receipt(request: Request, attestation: FromPath[str]) -> Response[bytes]:
        found = attestation_of(request, attestation)
        made = await receipt_for(registry_of(request), caller_of(request).organisation, found.entry)
        headers = {
            "Content-Disposition": f'attachment; filename="{found.entry}.isa-receipt.json"',
            "Cache-Control": "no-store",
        }
        return Response(made, media_type="application/json", headers=headers)

    return [certificate, receipt, look, withdraw]


def attestation_of(request: Request, attestation: str) -> Attestation:
    """Raises `Refused` (`not-found`)."""
    found = registry_of(request).follower.view.attestation(attestation)
    if found is None:
        raise Refused("not-found", "There is no such attestation.")
    return found


def _withdrawal_page(request: Request, attestation: Attestation, told: Rejected) -> Response[bytes]:
    view = registry_of(request).follower.view
    version = view.agreement_version(attestation.agreement, attestation.version)
    return layout_of(request).page(
        "attestation_withdraw.html",
        status=told.status,
        form=told.form,
        attestation=attestation,
        title=attestation.agreement if version is None else version.title,
        reasons=list(WITHDRAWAL_REASONS.items()),
    )
