"""All organisations in a list, searched and narrowed; for the business unit another, with what each has left to do."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.dates import london_date
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import left
from isa_registry.pages.changing import body_name
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare

ADDRESS = "/organisations"
UNIT_ADDRESS = "/organisations/set-up"
SHOWN = 50
"""Organisations on one page."""

_LONGEST = 200


class Wanted(Struct, frozen=True):
    """What the list is narrowed to, as its address says it. `after` is the id after which the page begins; `left`, for
    the business unit, `some` or `none`."""

    q: str = ""
    kind: str = ""
    partnership: str = ""
    left: str = ""
    after: str = ""


class BodyShown(Struct, frozen=True):
    """An organisation of the list. `left` is how many steps it has still to take; None for who does not see that."""

    organisation: str
    name: str
    kind: str
    parent: str
    left: int | None
    away: str


def organisation_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def organisations(request: Request) -> Response[bytes]:
        return _page(request, ADDRESS, unit=False)

    @reads(UNIT_ADDRESS)
    async def set_up(request: Request) -> Response[bytes]:
        return _page(request, UNIT_ADDRESS, unit=True)

    return [organisations, set_up]


def _page(request: Request, address: str, *, unit: bool) -> Response[bytes]:
    registry = registry_of(request)
    view, day = registry.follower.view, london_date(registry.now())
    wanted = _wanted(request, unit=unit)
    found = _found(view, wanted, day, unit=unit)
    page = [one for one in found if not wanted.after or _place(one) > _place_of(view, wanted.after)][:SHOWN]
    last = page[-1].organisation if page and page[-1] is not found[-1] else None
    return layout_of(request).page(
        "organisations.html",
        unit=unit,
        address=address,
        wanted=wanted,
        count=len(found),
        bodies=[_shown(view, one, day, unit=unit) for one in page],
        kinds=_kinds(view),
        partnerships=[(one.partnership, one.name) for one in view.partnerships()],
        next=None if last is None else _address(address, wanted, after=last),
        first=_address(address, wanted, after="") if wanted.after else None,
    )


def _wanted(request: Request, *, unit: bool) -> Wanted:
    asked = {name: str(request.query_params.get(name, ""))[:_LONGEST].strip() for name in Wanted.__struct_fields__}
    return Wanted(**asked) if unit else Wanted(**{**asked, "left": ""})


def _address(address: str, wanted: Wanted, *, after: str) -> str:
    kept = {name: getattr(wanted, name) for name in Wanted.__struct_fields__} | {"after": after}
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{address}?{query}" if query else address


def _found(view: RegisterView, wanted: Wanted, day: str, *, unit: bool) -> list[Organisation]:
    """The bodies that the list is narrowed to, by name."""
    opened = view.opened()
    words = wanted.q.casefold().split()[:8]

    def fits(one: Organisation) -> bool:
        text = f"{one.name} {one.organisation}".casefold()
        belongs = one.partnerships or (() if opened is None else (opened.partnership,))
        return (
            all(word in text for word in words)
            and (not wanted.kind or one.organisation_kind == wanted.kind)
            and (not wanted.partnership or wanted.partnership in belongs)
            and (
                not unit
                or wanted.left not in ("some", "none")
                or bool(left(view, one.organisation, day)) == (wanted.left == "some")
            )
        )

    return sorted(filter(fits, view.organisations()), key=_place)


def _place(one: Organisation) -> tuple[str, str]:
    return one.name.casefold(), one.organisation


def _place_of(view: RegisterView, organisation: str) -> tuple[str, str]:
    found = view.organisation(organisation)
    return ("", "") if found is None else _place(found)


def _shown(view: RegisterView, one: Organisation, day: str, *, unit: bool) -> BodyShown:
    closed = one.closed_on is not None and one.closed_on <= day
    return BodyShown(
        organisation=one.organisation,
        name=one.name,
        kind=kind_label(view, one.organisation_kind),
        parent="" if one.parent is None else body_name(view, one.parent),
        left=len(left(view, one.organisation, day)) if unit else None,
        away="Closed" if closed else "" if one.takes_part(day) else "Suspended",
    )


def kind_label(view: RegisterView, kind: str) -> str:
    catalogue = view.catalogue()
    found = None if catalogue is None else catalogue.kinds.get(kind)
    return kind if found is None else found.label


def _kinds(view: RegisterView) -> list[tuple[str, str]]:
    there: Iterable[str] = {one.organisation_kind for one in view.organisations()}
    return sorted(((one, kind_label(view, one)) for one in there), key=lambda one: one[1])


def all_kinds(view: RegisterView) -> list[tuple[str, str]]:
    """Every kind of the catalogue, by what it is called."""
    catalogue = view.catalogue()
    kinds = {} if catalogue is None else catalogue.kinds
    return sorted(((code, one.label) for code, one in kinds.items()), key=lambda one: one[1])
