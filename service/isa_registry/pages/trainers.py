"""The page for whoever teaches: pick clauses, copy what shows or cites them, and see which links changed since.

Anybody may read it. What is pasted is read, answered and forgotten. Who completed what is never asked for here.
"""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions.link_checks import MOST_LINKS
from isa_registry.domain.agreement_search import index_of
from isa_registry.domain.agreement_text import Clause, clauses_of
from isa_registry.domain.citations import Citation
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
from isa_registry.pages.now import today_here
from isa_registry.pages.once import made_once
from isa_registry.pages.reading_search import LONGEST
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare

MOST_CHOSEN = 12
"""Clauses of which everything is shown at once."""


class Chosen(Struct, frozen=True):
    """A clause that was picked, and all that can be copied of it."""

    id: str
    heading: str
    lines: tuple[ToCopy, ...]


class Picking(Struct, frozen=True):
    """The agreement that was picked, in the version that counts, what was looked for there, and the clauses that were
    found, as the search of the reading page finds them. `exact`: they have every word of it."""

    version: AgreementVersion
    standing: Standing
    typed: str
    clauses: tuple[Clause, ...]
    of: int
    exact: bool


def trainer_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads("/training")
    async def pick(request: Request) -> Response[bytes]:
        asked = request.query_params
        view, today = today_here(request)
        version = version_that_stands(view, asked.get("agreement") or "", today)
        typed = " ".join((asked.get("q") or "")[:LONGEST].split())
        picking = None if version is None else _picking(version, standing(version, view, today), typed)
        wanted = frozenset(asked.getall("clause", []))
        picked = () if version is None else tuple(one for one in clauses_of(version.text) if one.id in wanted)
        chosen = picked[:MOST_CHOSEN]

        def make() -> Response[bytes]:
            return _page(request, Form(), picking=picking, chosen=chosen)

        # What somebody looks for is kept nowhere.
        if typed:
            return make()
        agreement = None if version is None else version.agreement
        return made_once(request, view, today, make, agreement, tuple(one.id for one in chosen))

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
    request: Request,
    form: Form,
    *,
    status: int = 200,
    picking: Picking | None = None,
    chosen: Sequence[Clause] = (),
    checked: tuple[LinkShown, ...] = (),
    others: int = 0,
) -> Response[bytes]:
    public_url = str(request.app.state.public_url)
    view, _ = today_here(request)
    newest = {one.agreement: one.title for one in view.agreement_versions()}
    finding = {} if picking is None else {"agreement": (picking.version.agreement,), "q": (picking.typed,)}
    return layout_of(request).page(
        "training.html",
        status=status,
        form=form,
        finding=Form(finding),
        agreements=list(newest.items()),
        picking=picking,
        chosen=() if picking is None else tuple(chosen_of(picking.version, one, public_url) for one in chosen),
        most=MOST_CHOSEN,
        hosts=request.app.state.embedding_hosts,
        checked=checked,
        others=others,
    )


def _picking(version: AgreementVersion, stands: Standing, typed: str) -> Picking:
    clauses = clauses_of(version.text)
    if not typed:
        return Picking(version, stands, typed, clauses, len(clauses), exact=True)
    found = index_of(version.text).find(typed)
    matching = tuple(one.clause for one in found)
    return Picking(version, stands, typed, matching, len(clauses), exact=all(one.exact for one in found))


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
