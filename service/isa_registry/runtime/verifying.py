"""Four eyes on the law: one information-governance lead of the lead body proposes, another approves exactly that."""

from __future__ import annotations

from isa_registry.actions.deciding import LawPayload
from isa_registry.actions.verifying import LAW
from isa_registry.identity.sealing import SessionKeys
from isa_registry.runtime.access.proposals import ProposalsOf
from isa_registry.runtime.registry import Registry


class Verifications(ProposalsOf[LawPayload]):
    """What two information-governance leads of the lead body decide about the law as data."""

    def __init__(self, database_url: str, registry: Registry, keys: SessionKeys | None = None) -> None:
        super().__init__(database_url, registry, LAW, keys)
