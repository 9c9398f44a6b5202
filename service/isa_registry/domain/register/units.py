"""Business units: which body leads which partnership, and what the role `business-unit` opens at each.

Only the unit of the body that leads the registry's own partnership decides for the registry. That of a body which leads
another partnership there decides about that partnership's agreements and members, and opens nothing else.
"""

from __future__ import annotations

from isa_registry.domain.register.facts import Organisation, Partnership
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.roles import LAW_LEAD, LEAD_ROLES, PARTNERSHIP_UNIT

_NO_MORE = frozenset(LEAD_ROLES)
_TURNED = frozenset({*LEAD_ROLES, "ig-lead"})


def leads_registry(view: RegisterView, organisation: str) -> bool:
    """Whether a body leads the partnership that the registry was opened for."""
    opened = view.opened()
    return opened is not None and opened.lead_body == organisation


def led_by(view: RegisterView, organisation: str) -> tuple[Partnership, ...]:
    """The partnerships that a body leads, by id."""
    return tuple(one for one in view.partnerships() if one.lead_body == organisation)


def roles_in_effect(view: RegisterView, organisation: str, granted: frozenset[str]) -> frozenset[str]:
    """What the roles that somebody holds for a body open: those of the registry's lead body are nobody else's, and a
    unit of another partnership has the role `partnership-unit` in their place. An information-governance lead of the
    registry's lead body is a `law-lead` too."""
    if not granted & _TURNED:
        return granted
    if leads_registry(view, organisation):
        return granted | {LAW_LEAD} if "ig-lead" in granted else granted
    unit = "business-unit" in granted and bool(led_by(view, organisation))
    return (granted - _NO_MORE) | (frozenset({PARTNERSHIP_UNIT}) if unit else frozenset())


def partnerships_of(view: RegisterView, body: Organisation) -> tuple[str, ...]:
    """The partnerships that a body belongs to: those that its record names, or the registry's own; and those that it
    leads."""
    opened = view.opened()
    named = body.partnerships or (() if opened is None else (opened.partnership,))
    led = view.memory.recall(("led",), lambda: _led(view)).get(body.organisation)
    return named if led is None else tuple(sorted({*named, *led}))


def _led(view: RegisterView) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in view.partnerships():
        found[one.lead_body] = (*found.get(one.lead_body, ()), one.partnership)
    return found


def members_of(view: RegisterView, partnership: str) -> tuple[Organisation, ...]:
    """The bodies that belong to a partnership, by id."""
    return view.memory.recall(("members",), lambda: _members(view)).get(partnership, ())


def _members(view: RegisterView) -> dict[str, tuple[Organisation, ...]]:
    found: dict[str, list[Organisation]] = {}
    for body in view.organisations():
        for partnership in partnerships_of(view, body):
            found.setdefault(partnership, []).append(body)
    return {partnership: tuple(bodies) for partnership, bodies in found.items()}
