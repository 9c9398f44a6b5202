"""A clause that is no longer under the number that a link names: split, withdrawn, not there yet, or never there."""

from __future__ import annotations

import msgspec
from litestar import Response
from markupsafe import Markup

from isa_registry.domain.linked_data import linked_outcome
from isa_registry.domain.media import HTML, JSON, LINKED, MARKDOWN, Form
from isa_registry.domain.register.clause_histories import ClauseOutcome, outcome_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.resolving import Outcome, Resolved
from isa_registry.pages.kept import tagged
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.relations import Relation, relating
from isa_registry.pages.rendering import Request
from isa_registry.pages.representing import NEGOTIATED, SHORT, Problems, form_for
from isa_registry.pages.words import clauses_shown

STATUS: dict[Outcome, int] = {"split": 300, "came-from": 300, "withdrawn": 410, "not-yet": 404, "unknown": 404}
"""Of an outcome that is no single clause. One that ended is gone for good; one of several has to be chosen."""


def elsewhere(
    request: Request,
    view: RegisterView,
    agreement: str,
    found: Resolved,
    problems: Problems,
    form: Form | None = None,
    *,
    dated: bool = False,
) -> Response[bytes]:
    """The answer to a link to a clause that the version has not, in the form that the address names or is accepted.

    `dated`: the link names a day. What is in force on it may come to be another version, so that the clause was not
    there yet is an answer too, and no error.
    """
    told = outcome_of(view, agreement, found)
    status = 200 if dated and found.outcome == "not-yet" else STATUS[found.outcome]
    form = form or form_for(request) or JSON
    if status == 404 and form != HTML:
        return problems.say(
            request, "not-found", "This version has no such clause.", form, onward=("", ""), clause=told
        )
    if form == HTML:
        response = _page(request, view, told, status)
    else:
        response = Response(_body(request, told, form), status_code=status, media_type=form.media_type)
    response.headers |= relating(_relations(told))
    if form == HTML and (layout_of(request).signed_in is not None or status == 404):
        return response
    response.headers |= {"Cache-Control": SHORT, "Vary": NEGOTIATED}
    return tagged(request, response)


def _body(request: Request, told: ClauseOutcome, form: Form) -> bytes:
    if form == JSON:
        return msgspec.json.encode(told)
    if form == LINKED:
        heirs = [one.id for one in told.clauses]
        base = request.app.state.public_url
        return msgspec.json.encode(linked_outcome(told.agreement, told.clause, heirs, told.version, base))
    assert form == MARKDOWN
    return "\n".join(_lines(told)).encode() + b"\n"


def _lines(told: ClauseOutcome) -> list[str]:
    if told.outcome == "not-yet":
        url = f"/agreements/{told.agreement}/{told.first}/clause/{told.clause}"
        return [f"Clause {told.clause} was not there yet. [Version {told.first}]({url}) was the first that had it."]
    if told.ended is None:
        heirs = [f"- [{one.id} {one.heading}]({one.url})" for one in told.clauses]
        return [
            f"Version {told.version} has several clauses in the place of clause {told.clause}:",
            "",
            *heirs,
        ]
    last = [f"- [{one.id} {one.heading}]({told.ended.url})" for one in told.ended.clauses]
    return [f"Clause {told.clause} is gone. Version {told.ended.last} was the last that had it:", "", *last]


def _relations(told: ClauseOutcome) -> list[Relation]:
    found = [Relation("item", one.url) for one in told.clauses]
    if told.ended is not None:
        found.append(Relation("predecessor-version", told.ended.url))
    if told.successor is not None:
        found.append(Relation("successor-version", f"/agreements/{told.successor}"))
    return found


def _page(request: Request, view: RegisterView, told: ClauseOutcome, status: int) -> Response[bytes]:
    version = view.agreement_version(told.agreement, told.version)
    assert version is not None
    words: list[tuple[str, Markup]] = []
    if told.ended is not None:
        last = view.agreement_version(told.agreement, told.ended.last)
        assert last is not None
        kept = {one.id for one in told.ended.clauses}
        words = [(f"{one.id} {one.heading}", one.html) for one in clauses_shown(last.text) if one.id in kept]
    return layout_of(request).page(
        "clause_elsewhere.html",
        status=status,
        cache=SHORT if status != 404 else "no-store",
        told=told,
        version=version,
        words=words,
    )
