"""Looking among the bodies: all of them, those below another, those that are asked for by what they are called."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import members_of

Standing = Literal["taking-part", "suspended", "closed"]


class Wanted(Struct, frozen=True):
    """Bodies of a partnership, of a kind, with these characters in their name or id; None is any."""

    partnership: str | None = None
    kind: str | None = None
    name: str | None = None


def all_bodies(view: RegisterView) -> tuple[Organisation, ...]:
    """Every body, by id."""
    return view.memory.recall(("bodies",), lambda: tuple(view.organisations()))


def named(view: RegisterView, wanted: Wanted) -> list[Organisation]:
    """The bodies that are asked for, by id."""
    words = None if wanted.name is None else wanted.name.casefold()
    among = all_bodies(view) if wanted.partnership is None else members_of(view, wanted.partnership)
    return [
        body
        for body in among
        if (wanted.kind is None or body.organisation_kind == wanted.kind)
        and (words is None or words in body.name.casefold() or words in body.organisation)
    ]


def children_of(view: RegisterView, organisation: str) -> tuple[Organisation, ...]:
    """The bodies directly below another, by id."""
    return view.memory.recall(("children",), lambda: _children(view)).get(organisation, ())


def _children(view: RegisterView) -> dict[str, tuple[Organisation, ...]]:
    found: dict[str, list[Organisation]] = {}
    for body in all_bodies(view):
        if body.parent is not None:
            found.setdefault(body.parent, []).append(body)
    return {parent: tuple(bodies) for parent, bodies in found.items()}


def standing(body: Organisation, on: str) -> Standing:
    """What a body is on a day, YYYY-MM-DD."""
    if body.closed_on is not None and body.closed_on <= on:
        return "closed"
    return "taking-part" if body.takes_part(on) else "suspended"
