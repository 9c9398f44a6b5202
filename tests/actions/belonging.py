"""The small partnership of `deciding_people`, with the law, its bodies' kinds, and a second partnership beside it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from deciding_people import AT, COUNCIL, POLICE, SOON, Log, person, role
from demonstration import catalogue, catalogue_files, published
from isa_registry.domain.entries import CatalogueChanged, RegisterPayload
from isa_registry.domain.party_entries import OrganisationRegistered, PartnershipRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.law_fold import work_out_law
from isa_registry.ledger.drafts import Draft

GROUP = PartnershipRegistered(
    partnership="darlington-exploitation", name="Darlington's child exploitation group", lead_body=POLICE
)
OTHER_UNIT = role(POLICE, "police-unit", "business-unit", SOON)
POLICE_UNIT = person(POLICE, "police-unit")
LAW = CatalogueChanged(
    sha256=catalogue().sha256, files={name: msgspec.json.decode(data) for name, data in catalogue_files().items()}
)
TRUST, ACADEMY, ICB = "example-academy-trust", "example-academy", "nenc-icb"
BODIES = (
    OrganisationRegistered(TRUST, "Example Academy Trust", "academy-trust"),
    OrganisationRegistered(ACADEMY, "Example Academy", "academy", parent=TRUST),
    OrganisationRegistered(ICB, "An integrated care board", "integrated-care-board"),
)


def log(*more: RegisterPayload) -> Log:
    """A log whose first entries are shared: the law is read once."""
    kept = Log(GROUP, OTHER_UNIT, *BODIES, published("tier-1"), *more)
    kept.register.catalogue.set(len(kept.entries), catalogue())
    work_out_law(kept.register)
    kept.entries.append(LAW)
    return kept


def body(kept: Log, organisation: str) -> Organisation:
    found = kept.view.organisation(organisation)
    assert found is not None
    return found


def refusal(kept: Log, made: Callable[[], Draft], at: str = AT) -> str:
    """The code of the refusal, and the pointers and codes of what is wrong; nothing is logged then."""
    before = len(kept.entries)
    try:
        kept.append(made(), at)
    except Refused as refused:
        assert before == len(kept.entries)
        return " ".join([refused.code, *(f"{fault.pointer}:{fault.code}" for fault in refused.faults)])
    return "taken"


__all__ = ["COUNCIL", "GROUP", "POLICE", "POLICE_UNIT", "body", "log", "refusal"]
