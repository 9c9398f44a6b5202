"""The register as it is, and the day that it is in London."""

from __future__ import annotations

from isa_registry.domain.dates import london_date
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.rendering import Request
from isa_registry.runtime.registry import Registry


def today_here(request: Request) -> tuple[RegisterView, str]:
    registry: Registry = request.app.state.registry
    return registry.follower.view, london_date(registry.now())
