"""The page for whoever teaches: pick clauses, copy what shows or cites them, and see which links changed since.

Anybody may read it. What is pasted is read, answered and forgotten. Who completed what is never asked for here.
"""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions.link_checks import MOST_LINKS
from isa_registry.domain.agreement_text import Clause, clauses_of
from isa_registry.domain.citations import Citation
from isa_registry.domain.dates import london_date
from isa_registry.domain.embed_codes import embed_code, identifier_frame, oembed_address, version_frame
from isa_registry.domain.finding_links import links_in
from isa_registry.domain.register.addresses import version_that_stands
from isa_registry.domain.register.citing import cite
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.identity.forms import only, read_form, refuse_other_sites
from isa_registry.pages.agreements import Standing, standing
from isa_registry.pages.copying import ToCopy
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.links_checked import LinkShown, links_shown
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.registry import Registry

MOST_CHOSEN = 12
"""Clauses of which everything is shown at once."""


class Chosen(Struct, frozen=True):
    """A clause that was picked, and all that can be copied of it."""

    id: str
    heading: str
    lines: tuple[ToCopy, ...]


class Picking(Struct, frozen=True):
    """The agreement that was picked, in the version that counts, and its clauses that match what was searched for."""

    version: AgreementVersion
    standing: Standing
    clauses: tuple[Clause, ...]
    of: int


def trainer_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads("/training")
    async def pick(request: Request) -> Response[bytes]:
        return _page(request, Form())

    @writes("/training")
    async def check(request: Request) -> Response[bytes]:
        refuse_other_sites(request.headers, request.app.state.public_url)
        sent = read_form(await request.body())
        found = links_in(only(sent, "links"), request.app.state.public_url)
        if not found.links or len(found.links) > MOST_LINKS:
            error = (
                f"Paste a text with at most {MOST_LINKS} links to this registry"
                if found.links
                else "Paste at least one link to an agreement or a clause of this registry"
            )
            return _page(request, Form(sent, (FieldError("links", error),)), status=422)
        checked = await links_shown(request, found.links)
        return _page(request, Form(sent), checked=checked, others=found.others)

    return [pick, check]


def _page(
    request: Request, form: Form, *, status: int = 200, checked: tuple[LinkShown, ...] = (), others: int = 0
) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    asked, public_url = request.query_params, str(request.app.state.public_url)
    version = version_that_stands(view, asked.get("agreement") or "", today)
    picking: Picking | None = None
    chosen: tuple[Chosen, ...] = ()
    if version is not None:
        clauses = clauses_of(version.text)
        wanted = set(asked.getall("clause", []))
        matching = tuple(one for one in clauses if _matches(one, asked.get("q") or ""))
        picking = Picking(version, standing(version, view, today), matching, len(clauses))
        picked = [one for one in clauses if one.id in wanted][:MOST_CHOSEN]
        chosen = tuple(chosen_of(version, one, public_url) for one in picked)
    newest = {one.agreement: one.title for one in view.agreement_versions()}
    return layout_of(request).page(
        "training.html",
        status=status,
        form=form,
        finding=Form({"agreement": (asked.get("agreement") or "",), "q": (asked.get("q") or "",)}),
        agreements=list(newest.items()),
        picking=picking,
        chosen=chosen,
        most=MOST_CHOSEN,
        hosts=request.app.state.embedding_hosts,
        checked=checked,
        others=others,
    )


def _matches(clause: Clause, typed: str) -> bool:
    """Whether each word that was typed is in the clause, its number or its heading."""
    words = f"{clause.id} {clause.heading} {clause.text}".lower()
    return all(part in words for part in typed.lower().split())


def chosen_of(version: AgreementVersion, clause: Clause, public_url: str) -> Chosen:
    """Everything that can be copied of one clause."""
    agreement, number, id_ = version.agreement, version.version, clause.id
    latest = f"{public_url}/id/agreement/{agreement}/clause/{id_}"
    fixed = f"{public_url}{Citation(agreement, number, id_).url}"
    title = f"{version.title}, clause {id_}: {clause.heading}"
    whole = f"{version.title}, version {number}, clause {id_}: {clause.heading}"
    texts: Sequence[tuple[str, str, int]] = (
        ("Link to the clause in force, whichever version that is", latest, 1),
        (f"Link to these very words, version {number}", fixed, 1),
        ("Embed code for the clause in force", embed_code(identifier_frame(public_url, agreement, id_), title), 6),
        (
            f"Embed code for these very words, version {number}",
            embed_code(version_frame(public_url, agreement, number, id_), whole),
            6,
        ),
        ("oEmbed address, for an editor that asks for one", oembed_address(public_url, latest), 3),
        ("Citation for people", cite(version, id_), 1),
        ("Citation for systems", str(Citation(agreement, number, id_)), 1),
    )
    lines = tuple(ToCopy(f"copy-{id_}-{n}", label, text, rows) for n, (label, text, rows) in enumerate(texts, 1))
    return Chosen(id_, clause.heading, lines)
