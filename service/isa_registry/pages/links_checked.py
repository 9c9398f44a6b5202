"""What became of links that a trainer pasted: what changed, word by word, and what to paste instead."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from isa_registry.actions.link_checks import LinkChecked, check_link
from isa_registry.domain.citations import Citation, parse_citation
from isa_registry.domain.dates import london_date
from isa_registry.domain.embed_codes import embed_code, identifier_frame, version_frame
from isa_registry.domain.link_checking import NEEDS_A_LOOK
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.comparing import ClauseShown, clause_shown
from isa_registry.pages.rendering import Request
from isa_registry.runtime.comparisons import Comparisons
from isa_registry.runtime.registry import Registry

MOST_DIFFERENCES = 20
"""Clauses whose difference is shown on the page itself; of others there is the address."""


class Instead(Struct, frozen=True):
    """What to paste in the place of a link: under which id on the page, what it is, and the text."""

    id: str
    label: str
    text: str
    rows: int


class LinkShown(Struct, frozen=True):
    """One link as it was pasted, what became of it, the difference word by word where there is one to show, and what to
    paste instead."""

    link: str
    checked: LinkChecked
    needs_a_look: bool
    difference: ClauseShown | None
    instead: tuple[Instead, ...]


async def links_shown(request: Request, links: Sequence[str]) -> tuple[LinkShown, ...]:
    """Each link, those that somebody should look at first."""
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    public_url = str(request.app.state.public_url)
    comparisons: Comparisons = request.app.state.comparisons
    found, differences = [], 0
    for number, link in enumerate(links, 1):
        checked = check_link(view, link, public_url, today)
        difference = None
        if checked.words_differ and len(checked.heirs) == 1 and differences < MOST_DIFFERENCES:
            difference = await _difference(view, comparisons, checked)
            differences += difference is not None
        look = checked.status in NEEDS_A_LOOK
        found.append(LinkShown(link, checked, look, difference, instead(link, checked, number, public_url)))
    return tuple(sorted(found, key=lambda one: not one.needs_a_look))


async def _difference(view: RegisterView, comparisons: Comparisons, checked: LinkChecked) -> ClauseShown | None:
    """The clause as the two versions' comparison has it; None where that pairs it otherwise."""
    then = view.agreement_version(str(checked.agreement), str(checked.version))
    now = view.agreement_version(str(checked.agreement), str(checked.now))
    if then is None or now is None:
        return None
    compared = await comparisons.of(view, then, now)
    wanted = (checked.clause, checked.heirs[0].clause)
    changes = (one for one in compared.clauses if (one.from_, one.to) == wanted and one.state != "unchanged")
    return next((clause_shown(one) for one in changes), None)


def instead(link: str, checked: LinkChecked, number: int, public_url: str) -> tuple[Instead, ...]:
    """What to paste in the place of a link that is not current, in the form that it has; one for each heir."""
    if checked.status in ("current", "unknown", "not-ours") or checked.now is None:
        return ()
    agreement, now = str(checked.agreement), checked.now
    if checked.clause is None:
        return (Instead(f"instead-{number}-1", "Paste this instead", f"{public_url}/agreements/{agreement}/{now}", 1),)
    found = []
    for place, heir in enumerate(checked.heirs, 1):
        text, rows = heir.url, 1
        if "/embed/" in link:
            latest = "/embed/id/" in link
            frame = (
                identifier_frame(public_url, agreement, heir.clause)
                if latest
                else version_frame(public_url, agreement, now, heir.clause)
            )
            text, rows = embed_code(frame, f"Clause {heir.clause}: {heir.heading}"), 5
        elif "/id/" in link:
            text = heir.identifier
        elif parse_citation(link) is not None:
            text = str(Citation(agreement, now, heir.clause))
        which = "" if len(checked.heirs) == 1 else f", for clause {heir.clause}"
        found.append(Instead(f"instead-{number}-{place}", f"Paste this instead{which}", text, rows))
    return tuple(found)
