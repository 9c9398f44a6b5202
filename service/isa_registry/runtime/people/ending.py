"""Whose sessions a person may end beside their own."""

from __future__ import annotations

from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller


def may_end_sessions_of(caller: Caller, view: RegisterView) -> tuple[str, ...]:
    """The organisations, all of whose sessions the caller may end: the business unit any body's, an `ig-lead` those of
    the own."""
    if "business-unit" in caller.roles:
        return tuple(body.organisation for body in view.organisations())
    return (caller.organisation,) if "ig-lead" in caller.roles else ()
