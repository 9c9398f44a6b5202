"""Identifiers and dated addresses: they lead on (303) to whichever version is in force, today or on a day.

A clause's identifier is for good. Where the version has it under another number it leads to that one, where it was
split to a page that names its heirs, and where it is gone its last words are told with 410.
"""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.domain.agreement_documents import clause_url
from isa_registry.domain.agreement_text import is_clause_id
from isa_registry.domain.dates import is_date
from isa_registry.domain.media import HTML, JSON
from isa_registry.domain.register.addresses import around, version_that_stands
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.resolving import Resolved, resolve
from isa_registry.pages.clause_outcomes import elsewhere
from isa_registry.pages.documents import LIST
from isa_registry.pages.kept import tagged
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.now import today_here
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.representing import NEGOTIATED, SHORT, Problems, form_for
from isa_registry.pages.signing_in import Declare

_NO_AGREEMENT = "There is no such agreement."
_NO_DAY = "Write the day as year-month-day, like 2026-09-30."


class NoneInForce(msgspec.Struct, frozen=True):
    """An agreement on a day on which no version is in force: the nearest before and after, by their addresses."""

    agreement: str
    on: str
    in_force: None
    before: str | None
    after: str | None
    after_from: str | None


def identifier_handlers(declare: Declare, problems: Problems) -> list[HTTPRouteHandler]:
    def missing(request: Request, code: str, detail: str, onward: tuple[str, str] = LIST) -> Response[bytes]:
        return problems.say(request, code, detail, form_for(request) or HTML, onward=onward)

    @declare("/agreements/{agreement:str}")
    async def to_version(request: Request, agreement: FromPath[str]) -> Response[bytes]:
        view, today = today_here(request)
        found = version_that_stands(view, agreement, today)
        return missing(request, "not-found", _NO_AGREEMENT) if found is None else redirect(_address(found))

    @declare("/id/agreement/{agreement:str}")
    async def agreement_identifier(request: Request, agreement: FromPath[str]) -> Response[bytes]:
        view, today = today_here(request)
        found = version_that_stands(view, agreement, today)
        return missing(request, "not-found", _NO_AGREEMENT) if found is None else _onward(_address(found))

    @declare("/id/agreement/{agreement:str}/clause/{clause:str}")
    async def clause_identifier(request: Request, agreement: FromPath[str], clause: FromPath[str]) -> Response[bytes]:
        view, today = today_here(request)
        found = version_that_stands(view, agreement, today)
        if found is None:
            return missing(request, "not-found", _NO_AGREEMENT)
        known = resolve(lineage_of(view, agreement), clause, found.version) if is_clause_id(clause) else None
        if known is not None and known.newest is not None and known.outcome in ("not-yet", "came-from"):
            # A clause of a version that is not in force has its words there alone.
            return _onward(clause_url(agreement, known.newest, clause))
        return _to_clause(request, view, found, clause, problems)

    @declare("/agreements/{agreement:str}/at/{date:str}")
    async def version_at(request: Request, agreement: FromPath[str], date: FromPath[str]) -> Response[bytes]:
        view, _ = today_here(request)
        if not view.agreement_versions(agreement):
            return missing(request, "not-found", _NO_AGREEMENT)
        if not is_date(date):
            return missing(request, "malformed", _NO_DAY, (f"/agreements/{agreement}", "The version in force"))
        found = view.agreement_in_force(agreement, date)
        return _none_in_force(request, view, agreement, date) if found is None else _onward(_address(found))

    @declare("/agreements/{agreement:str}/at/{date:str}/clause/{clause:str}")
    async def clause_at(
        request: Request, agreement: FromPath[str], date: FromPath[str], clause: FromPath[str]
    ) -> Response[bytes]:
        view, _ = today_here(request)
        if not view.agreement_versions(agreement):
            return missing(request, "not-found", _NO_AGREEMENT)
        if not is_date(date):
            return missing(request, "malformed", _NO_DAY, (f"/id/agreement/{agreement}", "The version in force"))
        found = view.agreement_in_force(agreement, date)
        if found is None:
            return _none_in_force(request, view, agreement, date)
        return _to_clause(request, view, found, clause, problems, dated=True)

    return [to_version, agreement_identifier, clause_identifier, version_at, clause_at]


def _to_clause(
    request: Request,
    view: RegisterView,
    version: AgreementVersion,
    clause: str,
    problems: Problems,
    *,
    dated: bool = False,
) -> Response[bytes]:
    agreement = version.agreement
    if not is_clause_id(clause):
        detail = "A clause is named by its number, such as 5.3."
        whole = (_address(version), "The agreement")
        return problems.say(request, "not-found", detail, form_for(request) or HTML, onward=whole)
    found = resolve(lineage_of(view, agreement), clause, version.version)
    onward = heir_of(agreement, found)
    if onward is None:
        return elsewhere(request, view, agreement, found, problems, dated=dated)
    return _onward(onward)


def heir_of(agreement: str, found: Resolved, suffix: str = "") -> str | None:
    """The page of the one clause that it is; None where it is none or several."""
    if len(found.clauses) != 1:
        return None
    (heir,) = found.clauses
    was = "" if heir == found.clause else f"?was={found.clause}"
    return f"{clause_url(agreement, found.version, heir)}{suffix}{was}"


def _onward(address: str) -> Response[bytes]:
    """303 to whatever is in force: for a minute, since another version may be by then."""
    response = redirect(address)
    response.headers["Cache-Control"] = SHORT
    return response


def _address(version: AgreementVersion) -> str:
    return f"/agreements/{version.agreement}/{version.version}"


def _none_in_force(request: Request, view: RegisterView, agreement: str, day: str) -> Response[bytes]:
    """The agreement on such a day is no error: it is that none was in force, which is said, with the nearest."""
    near = around(view, agreement, day)
    before = None if near.before is None else _address(near.before)
    after = None if near.after is None else _address(near.after[0])
    if form_for(request, forms=(HTML, JSON)) == JSON:
        told = NoneInForce(agreement, day, None, before, after, None if near.after is None else near.after[1])
        response = Response(msgspec.json.encode(told), media_type=JSON.media_type)
    else:
        title = view.agreement_versions(agreement)[-1].title
        response = layout_of(request).page(
            "none_in_force.html", cache=SHORT, title=title, agreement=agreement, day=day, near=near
        )
        if layout_of(request).signed_in is not None:
            return response
    response.headers |= {"Cache-Control": SHORT, "Vary": NEGOTIATED}
    return tagged(request, response)
