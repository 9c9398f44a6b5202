"""The law as data in public: every point of it, how sure it is, what it says, and what rests on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.agreement_text import parse_agreement
from isa_registry.domain.catalogue_reading import provision_sheet
from isa_registry.domain.catalogue_row_reading import row_sheet
from isa_registry.domain.catalogue_sheets import Part, Reader
from isa_registry.domain.catalogue_uses import CitingClause
from isa_registry.domain.dates import london_date
from isa_registry.domain.register.law import Law
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.confidence import (
    STATES,
    PointOfLaw,
    State,
    point_of_law,
    points_of_law,
    resting_on,
)
from isa_registry.domain.verifying import PROFESSIONS, Point
from isa_registry.pages.forms import Form
from isa_registry.pages.law_provision import provision_told
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.once import made_once
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.words import legislation_address
from isa_registry.runtime.registry import Registry

Declare = Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]

ADDRESS = "/law"
SHOWN = 50
"""Points on one page."""

OVERSEERS = frozenset({"business-unit", "auditor", "law-lead"})
"""Who is shown on whose records the law rests: the registry's own business unit and law leads, and auditors."""

_CACHE = "public, max-age=60"
WORDS: dict[State, tuple[str, str]] = {
    "not-yet-checked": ("Not yet checked", "not-yet"),
    "lapsed": ("To be checked again", "pending"),
    "look-again": ("Checked, due for a new look", "pending"),
    "checked": ("Checked", "active"),
    "read-by-its-authors": ("Read by its authors", "registered"),
}
"""The words of each state, and whose colour they have among the tags."""

MEANS: dict[State, str] = {
    "not-yet-checked": "Nobody has said yet that this is right. Answers that rest on it say so, and never share less.",
    "lapsed": "Somebody checked it, and the catalogue says something else here since.",
    "look-again": "It was checked more than a year ago. It still counts; somebody should look again.",
    "checked": "Two people of the lead body said that it was checked and is right.",
    "read-by-its-authors": "Whoever wrote the catalogue read the primary text. The partnership has not marked it.",
}
_SORTS = (("provision", "Provisions"), ("row", "Rows of the matrix"))
_NONE = "none"
_KNOWN = {"", *STATES, *(code for code, _ in _SORTS)}


class PointShown(Struct, frozen=True):
    """A point in the list: its title, its page, where it stands."""

    title: str
    code: str
    href: str
    label: str
    tag: str
    checked: str


class PointTold(Struct, frozen=True):
    """What a page about one point says of it: where it stands, who checked it, and where its text is."""

    point: PointShown
    means: str
    facts: tuple[tuple[str, str], ...]
    sha256: str
    law_href: str | None


def law_handlers(declare: Declare) -> list[HTTPRouteHandler]:
    @declare(ADDRESS)
    async def the_law(request: Request) -> Response[bytes]:
        view, today = now_of(request)
        state, sort = (str(request.query_params.get(name, "")) for name in ("state", "sort"))
        # What is in neither list is one page, and so is every number beyond the last.
        state, sort = state if state in _KNOWN else _NONE, sort if sort in _KNOWN else _NONE
        whole = points_of_law(view, today)
        found = [one for one in whole if state in ("", one.state) and sort in ("", _sort(one))]
        number = _page(str(request.query_params.get("page", "1")), len(found))

        def make() -> Response[bytes]:
            return layout_of(request).page(
                "law.html",
                cache=_CACHE,
                address=ADDRESS,
                points=[shown(one) for one in found[(number - 1) * SHOWN : number * SHOWN]],
                total=len(found),
                counts=[(WORDS[code][0], sum(one.state == code for one in whole)) for code in STATES],
                states=[(code, WORDS[code][0]) for code in STATES],
                sorts=_SORTS,
                form=Form({"state": (state,), "sort": (sort,)}),
                next=_address(state, sort, number + 1) if number * SHOWN < len(found) else None,
                first=_address(state, sort, 1) if number > 1 else None,
            )

        return made_once(request, view, today, make, state, sort, number)

    @declare(f"{ADDRESS}/provisions/{{provision:str}}")
    async def provision_of_law(request: Request, provision: FromPath[str]) -> Response[bytes]:
        return _point_page(request, Point(provision=provision))

    @declare(f"{ADDRESS}/rows/{{kind:str}}/{{purpose:str}}")
    async def row_of_law(request: Request, kind: FromPath[str], purpose: FromPath[str]) -> Response[bytes]:
        return _point_page(request, Point(organisation_kind=kind, purpose=purpose))

    return [the_law, provision_of_law, row_of_law]


def _point_page(request: Request, point: Point) -> Response[bytes]:
    view, today = now_of(request)
    law, found = view.law(), point_of_law(view, point, today)
    if law is None or found is None:
        missing = "The catalogue has no such provision, or no such row."
        return layout_of(request).missing(missing, (ADDRESS, "The law"))
    return made_once(request, view, today, lambda: _point_shown(request, view, today, point, law, found))


def _point_shown(
    request: Request, view: RegisterView, today: str, point: Point, law: Law, found: PointOfLaw
) -> Response[bytes]:
    layout = layout_of(request)
    may_mark = layout.signed_in is not None and "law-lead" in layout.signed_in.roles
    if found.provision is not None:
        oversees = layout.signed_in is not None and OVERSEERS & layout.signed_in.roles
        return layout.page(
            "law_provision.html",
            cache=_CACHE,
            told=told_of(law, found),
            provision=provision_told(view, law, found.provision, today),
            mark_href=f"/account{path_of(point)}" if may_mark else None,
            resting_href=f"/account/law/watch/{found.provision}" if oversees else None,
        )
    return layout.page(
        "law_point.html",
        cache=_CACHE,
        told=told_of(law, found),
        parts=parts_of(view, law, found, today),
        resting=resting_on(view, point, today),
        mark_href=f"/account{path_of(point)}" if may_mark else None,
    )


def told_of(law: Law, found: PointOfLaw) -> PointTold:
    """What every page about a point says of it."""
    mark = found.mark
    facts = () if mark is None else (
        ("Checked on", plain_date(mark.checked_on)),
        ("By", PROFESSIONS.get(mark.profession, mark.profession)),
        ("Against", mark.source),
        ("Look again from", plain_date(mark.look_again_on)),
        ("Logged as entry", str(mark.entry)),
    )  # fmt: skip
    provision = None if found.provision is None else law.written.provisions[found.provision]
    return PointTold(
        point=shown(found),
        means=MEANS[found.state],
        facts=facts,
        sha256=found.sha256,
        law_href=None if provision is None else provision.text_at or legislation_address(provision.uri),
    )


def parts_of(view: RegisterView, law: Law, found: PointOfLaw, today: str) -> tuple[Part, ...]:
    """What the catalogue says at a point, as a lawyer reads it."""
    reader = Reader(law.read, tuple(_clauses(view, today)))
    if found.provision is not None:
        return provision_sheet(reader, law.read.provisions[found.provision]).parts
    sheet = row_sheet(reader, law.read.kinds[found.organisation_kind or ""], found.purpose or "")
    return () if sheet is None else sheet.parts


def _clauses(view: RegisterView, today: str) -> list[CitingClause]:
    return view.memory.recall(
        ("clauses-of-the-law", today),
        lambda: [
            CitingClause(version.agreement, version.version, one.id, one.heading, one.cites)
            for version in view.agreements_in_force(today)
            for one in parse_agreement(version.text)
            if one.cites
        ],
    )


def shown(one: PointOfLaw) -> PointShown:
    label, tag = WORDS[one.state]
    return PointShown(
        title=one.title,
        code=one.provision or f"{one.organisation_kind} {one.purpose}",
        href=path_of(one.point),
        label=label,
        tag=tag,
        checked="" if one.mark is None else plain_date(one.mark.checked_on),
    )


def path_of(point: Point) -> str:
    """The address of a point's page."""
    if point.provision is not None:
        return f"{ADDRESS}/provisions/{point.provision}"
    return f"{ADDRESS}/rows/{point.organisation_kind}/{point.purpose}"


def now_of(request: Request) -> tuple[RegisterView, str]:
    registry: Registry = request.app.state.registry
    return registry.follower.view, london_date(registry.now())


def _sort(one: PointOfLaw) -> str:
    return "row" if one.provision is None else "provision"


def _address(state: str, sort: str, number: int) -> str:
    query = {"state": state, "sort": sort, "page": "" if number == 1 else str(number)}
    told = {name: value for name, value in query.items() if value}
    return f"{ADDRESS}?{urlencode(told)}" if told else ADDRESS


def _page(asked: str, points: int) -> int:
    last = max(1, -(-points // SHOWN))
    return min(max(1, int(asked)), last) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
