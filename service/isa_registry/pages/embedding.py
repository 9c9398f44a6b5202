"""A clause by itself, to be shown in a frame on the page of a training site.

It knows nobody: no cookie is read or set, nothing is sent from it, and it is the same for whoever asks. It says which
version its words are of, and whether they are still those that count. Only the origins of ISA_EMBEDDING_HOSTS may
frame it; no other page of this registry is ever in a frame.
"""

from __future__ import annotations

from typing import Any, cast

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import Markup
from msgspec import Struct

from isa_registry.actions.link_checks import LinkChecked, check_link
from isa_registry.domain.dates import london_date
from isa_registry.domain.register.citing import cite
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.agreements import Standing, standing
from isa_registry.pages.kept import kept
from isa_registry.pages.rendering import Request, bare_page, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.words import ClauseShown, clauses_shown
from isa_registry.runtime.registry import Registry

_CACHE = "public, no-cache"
"""Kept, and asked about each time: a frame that says that nothing changed must be right."""


class Frame(Struct, frozen=True):
    """What a frame shows: the clause and those below it, the version they are of, and what became of them."""

    version: AgreementVersion
    standing: Standing
    clauses: tuple[ClauseShown, ...]
    checked: LinkChecked
    notice: Markup | str
    cite: str
    address: str
    partnership: str
    demonstration: bool


def embedding_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    @declare("/embed/agreements/{agreement:str}/{version:str}/clause/{clause:str}")
    async def clause_of_version(
        request: Request, agreement: FromPath[str], version: FromPath[str], clause: FromPath[str]
    ) -> Response[bytes]:
        return _answer(request, f"/agreements/{agreement}/{version}/clause/{clause}")

    @declare("/embed/id/agreement/{agreement:str}/clause/{clause:str}")
    async def clause_in_force(request: Request, agreement: FromPath[str], clause: FromPath[str]) -> Response[bytes]:
        return _answer(request, f"/id/agreement/{agreement}/clause/{clause}")

    return [clause_of_version, clause_in_force]


def _answer(request: Request, path: str) -> Response[bytes]:
    scope = cast("dict[str, Any]", request.scope)
    scope["isa_framed_by"] = request.app.state.embedding_hosts
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    checked = check_link(view, path, request.app.state.public_url, today)
    if checked.version is None or checked.clause is None:
        body = bare_page("embedded_missing.html", says=checked.advice)
        return Response(body, status_code=404, media_type="text/html", headers={"Cache-Control": "no-store"})
    shown = _frame(view, checked, request.app.state.public_url, today)
    headers = {"Cache-Control": _CACHE, "Content-Language": shown.version.schedule.language}
    return kept(request, bare_page("embedded.html", shown=shown), "text/html", headers)


def _frame(view: RegisterView, checked: LinkChecked, public_url: str, today: str) -> Frame:
    version = view.agreement_version(str(checked.agreement), str(checked.version))
    assert version is not None  # it was checked just now
    opened, clause = view.opened(), str(checked.clause)
    return Frame(
        version=version,
        standing=standing(version, view, today),
        clauses=tuple(
            one for one in clauses_shown(version.text) if one.id == clause or one.id.startswith(f"{clause}.")
        ),
        checked=checked,
        notice=notice(checked),
        cite=cite(version, clause),
        address=str(checked.url),
        partnership="" if opened is None else opened.partnership_name,
        demonstration=opened is not None and opened.demo,
    )


def notice(checked: LinkChecked) -> str:
    """What whoever reads the clause is told of it, in a sentence; nothing where its words are those that count."""
    now, heirs = f"version {checked.now}", " and ".join(one.clause for one in checked.heirs)
    since = "" if checked.since is None else f" That is so since version {checked.since.version}, "
    since += "" if checked.since is None else f"from {plain_date(checked.since.on)}."
    match checked.status:
        case "current":
            return ""
        case "superseded":
            return f"There is a newer version, {checked.now}. This clause says the same in it."
        case "changed":
            return f"The words changed: {now} says something else here.{since}"
        case "renumbered":
            other = " Its words changed too." if checked.words_differ else " Its words are the same."
            return f"In {now} this is clause {heirs}.{other}"
        case "split" | "merged":
            return f"The words changed: in {now} clause {heirs} stands in the place of this one.{since}"
        case _ if checked.version == checked.now:
            return "This version was withdrawn, and nothing has taken its place."
        case _:
            return f"This clause was withdrawn: {now} does not have it.{since}"
