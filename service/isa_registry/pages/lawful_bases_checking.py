"""The last look at a body's own lawful-basis record, and recording it."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from isa_registry.actions import lawful_bases
from isa_registry.domain.lawful_bases.groups import LISTS
from isa_registry.domain.lawful_bases.refusals import APPROVERS
from isa_registry.domain.refusals import Fault
from isa_registry.pages.changing import Rejected
from isa_registry.pages.deciding_alone import decide
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.lawful_bases_choosing import CHECK, NEW, Making, faults_of, making_of, purposes_page
from isa_registry.pages.lawful_bases_to_do import RECORDS
from isa_registry.pages.lawful_bases_words import LISTED, days_of, provision_shown, purpose_label
from isa_registry.pages.lawful_basis_answers import answers_in
from isa_registry.pages.lawful_basis_steps import STEPS, placed, steps_for
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title
from isa_registry.pages.people import form_of, query_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.joining.adopting import lawful_basis_id


def checking_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(CHECK)
    async def look(request: Request) -> Response[bytes]:
        making = making_of(request, answers_in(query_of(request)))
        if making.offered is None:
            return purposes_page(request, making, Form())
        return _page(request, making, faults_of(making))

    @writes(CHECK)
    async def record(request: Request) -> Response[bytes]:
        sent = form_of(request)
        making = making_of(request, answers_in(sent))
        if making.offered is None:
            return purposes_page(request, making, Form(sent, (FieldError("which", "Choose a purpose"),)))
        fact = making.answers.fact(making.own, lawful_basis_id(registry_of(request)), making.superseded)
        done = await decide(request, Form(sent), lambda by, view: lawful_bases.record_as(fact, by, view))
        if isinstance(done, Rejected):
            found = faults_of(making)
            return _page(request, making, found, told=() if found else done.form.errors, status=done.status)
        return layout_of(request).page(
            "lawful_basis_recorded.html",
            entry=done.index,
            record=f"{RECORDS}/{fact.record}",
            purpose=purpose_label(fact.purpose, making.view.catalogue()),
            starts=fact.starts,
            superseded=fact.supersedes is not None,
        )

    return [look, record]


def _page(
    request: Request, making: Making, faults: tuple[Fault, ...], *, told: tuple[FieldError, ...] = (), status: int = 200
) -> Response[bytes]:
    law, answers, offered = making.view.catalogue(), making.answers, making.offered
    assert offered is not None
    open_steps = {one.code for one in steps_for(offered)}

    def change(step: str) -> str:
        return answers.address(NEW, step=step, back="check")

    errors = [
        (error.text, change(where if where in open_steps else "when"))
        for where, error in placed(faults, answers, offered)
    ]
    errors += [(error.text, change("when")) for error in told]
    rows = [
        (STEPS[0].code, "Holds", _days(answers.starts, answers.ends)),
        *(
            (step.code, LISTED[member], [provision_shown(code, law).title for code in getattr(answers, member)])
            for step in STEPS
            for member in step.members
            if member in LISTS and step.code in open_steps
        ),
    ]
    routes = {} if law is None else law.codes.confidentiality_routes
    if "confidentiality" in open_steps:
        rows.append(("confidentiality", "Confidentiality", routes.get(answers.confidentiality_route, "Not stated")))
    if "s36-4" in open_steps:
        authority = answers.s36_4_authority
        title = provision_shown(authority, law).title if authority else "None"
        rows.append(("s36-4", "Use beyond law enforcement", title))
    rows.append(("papers", "Papers", _papers(making)))
    rows.append(("approval", "Approved by", APPROVERS.get(answers.approved_by, "Nobody yet")))
    return layout_of(request).page(
        "lawful_basis_check.html",
        status=status,
        form=Form({}, ()),
        wrong=tuple(dict.fromkeys(errors)),
        purpose=purpose_label(answers.purpose, law),
        agreement=agreement_title(making.view, answers.agreement),
        rows=[(title, value, change(step)) for step, title, value in rows],
        hidden=answers.fields(),
        before=answers.address(NEW, step=STEPS[-1].code),
        superseded=None if making.superseded is None else days_of(making.superseded),
    )


def _days(starts: str, ends: str) -> str:
    try:
        first = plain_date(starts)
        return f"From {first} until {plain_date(ends)}" if ends else f"From {first}, no last day"
    except ValueError:
        return "Not said yet"


def _papers(making: Making) -> list[str]:
    answers, body = making.answers, making.view.organisation(making.own)
    found = []
    if answers.policy_reference:
        found.append(f"Appropriate policy document {answers.policy_reference}, for this record")
    elif body is not None and body.policy_document is not None:
        found.append(f"Appropriate policy document {body.policy_document.reference}, your organisation’s")
    if answers.dpia:
        found.append(f"Data protection impact assessment {answers.dpia}")
    if answers.balancing_test:
        found.append(f"Balancing test {answers.balancing_test}")
    return found or ["None"]
