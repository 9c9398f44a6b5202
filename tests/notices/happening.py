"""The demonstration's register with more logged to it, and what that is told of."""

from __future__ import annotations

from msgspec.structs import replace

from demonstration import attested, demonstration_entries, published
from isa_registry.domain.agreement_entries import AgreementOpened, AgreementPublished, InForceRule
from isa_registry.domain.entries import Payload
from isa_registry.domain.notices.due import due
from isa_registry.domain.notices.happened import notices_of
from isa_registry.domain.notices.notice import Notice, merged
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView

COUNCIL = "durham-county-council"
POLICE = "durham-constabulary"
HARBOUR = "harbour"
TIER_2 = "tier-2-hoth"


class Log:
    """A register to which entries are logged at times of the test's own."""

    def __init__(self) -> None:
        self.register = Register()
        self.size = 0
        for one in demonstration_entries():
            self.add(one, "2026-06-01T00:00:00.000Z")

    def add(self, payload: Payload, at: str) -> int:
        apply(self.register, self.size, at, payload)
        self.size += 1
        return self.size - 1

    @property
    def view(self) -> RegisterView:
        return self.register.at(self.size)

    def happens(self, payload: Payload, at: str = "2026-11-02T09:00:00.000Z") -> list[Notice]:
        """Logs an entry; what is told of it."""
        entry = self.add(payload, at)
        return merged(notices_of(self.view, entry, at[:10], payload))

    def due(self, today: str) -> list[Notice]:
        return due(self.view, today)


def next_version(version: str = "1.1") -> AgreementPublished:
    """Another version of the Tier 2 agreement."""
    first = published(TIER_2)
    return replace(first, version=version, schedule=replace(first.schedule, version=version))


def opened(*parties: str, version: str = "1.1") -> AgreementOpened:
    return AgreementOpened(agreement=TIER_2, version=version, rule=InForceRule(quorum=2), parties=parties)


def told(notices: list[Notice], template: str) -> dict[str, tuple[str, ...]]:
    """The bodies that are told this, each with its roles."""
    return {one.organisation: tuple(one.roles) for one in notices if one.template == template}


__all__ = ["COUNCIL", "HARBOUR", "POLICE", "TIER_2", "Log", "attested", "next_version", "opened", "told"]
