"""Two versions of an agreement side by side in one text: what is new is marked, and what is gone is there, struck out.

Every mark is said in words too, for whoever does not see it, and is more than a colour for whoever does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import Markup
from msgspec import Struct

from isa_registry.domain.comparing.blocks import BlockChange
from isa_registry.domain.comparing.comparison import ClauseChange, Comparison
from isa_registry.domain.comparing.words import Op, Run
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.words import inline_words
from isa_registry.runtime.comparisons import Comparisons
from isa_registry.runtime.registry import Registry

_STATES = {"changed": "Changed", "moved": "Moved", "new": "New", "gone": "Gone"}
_MARKS: dict[Op, tuple[Markup, Markup]] = {
    "same": (Markup(), Markup()),
    "added": (
        Markup('<ins><span class="govuk-visually-hidden">[added: </span>'),
        Markup('<span class="govuk-visually-hidden">]</span></ins>'),
    ),
    "removed": (
        Markup('<del><span class="govuk-visually-hidden">[removed: </span>'),
        Markup('<span class="govuk-visually-hidden">]</span></del>'),
    ),
}


class Part(Struct, frozen=True):
    """Some blocks of one kind that are shown together: paragraphs, a list, or a table with how many of its rows did not
    change and are left out. `lines` are the blocks, and of a table the cells of each row."""

    kind: Literal["text", "list", "table"]
    lines: tuple[tuple[Markup, ...], ...]
    head: tuple[Markup, ...] = ()
    left_out: int = 0


class ClauseShown(Struct, frozen=True):
    """A clause in which something changed: a sentence on what became of it, and its parts."""

    id: str
    title: str
    state: str
    label: str
    says: str
    heading: Markup
    parts: tuple[Part, ...]


class ComparisonShown(Struct, frozen=True):
    agreement: str
    title: str
    older: AgreementVersion
    newer: AgreementVersion
    counts: tuple[str, ...]
    schedule: tuple[str, ...]
    clauses: tuple[ClauseShown, ...]
    unchanged: int


def comparing_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    """The page on which two versions are compared; without a choice, the newest with the one before it."""

    @declare("/agreements/{agreement:str}/compare")
    async def compare_versions(request: Request, agreement: FromPath[str]) -> Response[bytes]:
        registry: Registry = request.app.state.registry
        comparisons: Comparisons = request.app.state.comparisons
        versions = registry.follower.view.agreement_versions(agreement)
        if not versions:
            return layout_of(request).missing("There is no such agreement.", ("/agreements", "All agreements"))
        by_number = {one.version: one for one in versions}
        older = request.query_params.get("from") or versions[max(len(versions) - 2, 0)].version
        newer = request.query_params.get("to") or versions[-1].version
        if older not in by_number or newer not in by_number:
            onward = (f"/agreements/{agreement}/compare", "Choose two versions")
            return layout_of(request).missing("There is no such version of this agreement.", onward)
        found = await comparisons.of(registry.follower.view, by_number[older], by_number[newer])
        return layout_of(request).page(
            "comparison.html",
            cache="public, max-age=300",
            shown=comparison_shown(by_number[older], by_number[newer], found),
            versions=[(one.version, f"Version {one.version}") for one in versions],
            form=Form({"from": (older,), "to": (newer,)}),
        )

    return [compare_versions]


def comparison_shown(older: AgreementVersion, newer: AgreementVersion, found: Comparison) -> ComparisonShown:
    """Everything on the page. Also for a draft, of which `newer` is made up."""
    counts = found.counts
    told = (
        (counts.changed, "changed"),
        (counts.moved, "moved to another number"),
        (counts.new, "new"),
        (counts.gone, "gone"),
    )
    return ComparisonShown(
        agreement=newer.agreement,
        title=newer.title,
        older=older,
        newer=newer,
        counts=(
            *(f"{number} {'clause is' if number == 1 else 'clauses are'} {what}" for number, what in told if number),
            f"{counts.words_added} words were added and {counts.words_removed} removed",
        ),
        schedule=tuple(one.sentence for one in found.schedule),
        clauses=tuple(clause_shown(one) for one in found.clauses if one.state != "unchanged"),
        unchanged=counts.unchanged,
    )


def clause_shown(change: ClauseChange) -> ClauseShown:
    heading = marked(change.heading) if change.heading else inline_words(change.title)
    return ClauseShown(
        id=change.id,
        title=change.title,
        state=change.state,
        label=_STATES[change.state],
        says=_says(change),
        heading=heading,
        parts=tuple(_parts(change.blocks)),
    )


def _says(change: ClauseChange) -> str:
    related = " and ".join(change.related)
    match change.state:
        case "new":
            taken = f" Most of its words come from clause {related}." if related else ""
            return f"This clause is new.{taken}"
        case "gone":
            return f"This clause is gone.{f' Clause {related} took over.' if related else ''}"
        case "moved":
            words = "" if change.blocks else " Not a word of it changed."
            return f"Clause {change.from_} is now clause {change.to}.{words}"
        case _:
            return f"Words added: {change.words_added}. Words removed: {change.words_removed}."


def marked(runs: Iterable[Run]) -> Markup:
    """Words with what is added and removed marked."""
    return Markup().join(_mark(run.op, run.text) for run in runs)


def _mark(op: Op, text: str) -> Markup:
    # What is nothing but space has nothing to show.
    begins, ends = _MARKS[op] if text.strip() else _MARKS["same"]
    return Markup("{}{}{}").format(begins, inline_words(text), ends)


def _parts(blocks: Sequence[BlockChange]) -> Iterable[Part]:
    kinds: dict[str, Literal["text", "list", "table"]] = {"item": "list", "row": "table"}
    for kind, group in groupby(blocks, key=lambda one: kinds.get(one.kind, "text")):
        lines = list(group)
        if kind == "table":
            yield _table(lines)
        elif kind == "list":
            yield Part("list", tuple((marked(_without_marker(one.runs)),) for one in lines))
        else:
            yield Part("text", tuple((marked(one.runs),) for one in lines))


def _without_marker(runs: Sequence[Run]) -> Iterable[Run]:
    """An item without the hyphen or number before it, which the list draws. It may have changed too."""
    open_: set[Op] = {"same", "removed", "added"}
    for run in runs:
        text = run.text
        if run.op in open_:
            open_ -= {run.op} if run.op != "same" else {"same", "removed", "added"}
            marker, space, rest = text.lstrip().partition(" ")
            text = rest if space and (marker in "-*+" or marker[:-1].isdigit()) else text
        yield Run(run.op, text)


def _table(rows: Sequence[BlockChange]) -> Part:
    """A table with its heading and the rows in which something changed."""
    shown = [one for one in rows if not _is_rule(one)]
    head = shown[0] if len(shown) < len(rows) and shown else None
    body = shown[1:] if head is not None else shown
    kept = [one for one in body if one.state != "same"]
    return Part(
        "table",
        tuple(_cells(one.runs) for one in kept),
        head=() if head is None else _cells(head.runs),
        left_out=len(body) - len(kept),
    )


def _is_rule(row: BlockChange) -> bool:
    """The line of hyphens below a table's heading."""
    return not "".join(run.text for run in row.runs).strip(" |-:\n")


def _cells(runs: Sequence[Run]) -> tuple[Markup, ...]:
    cells: list[list[Markup]] = [[]]
    for run in runs:
        for place, text in enumerate(run.text.replace("\n", "").split("|")):
            if place:
                cells.append([])
            cells[-1].append(_mark(run.op, text))
    # A row begins and ends with a bar.
    return tuple(Markup().join(cell) for cell in (cells[1:-1] if len(cells) > 2 else cells))
