"""What the guide of who belongs tells people to send is what the interface takes, and does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from actions.belonging import log, refusal
from deciding_people import BU_1
from isa_registry.actions import organisation_changes as changes
from isa_registry.actions import partnerships
from isa_registry.api.access import ACCESS
from isa_registry.api.contract_types import CONTRACTS
from isa_registry.api.parties import NewOrganisation
from isa_registry.api.partnerships import NewPartnership
from isa_registry.domain.organisation_records import TEAM_WORDS, contact_fault
from isa_registry.domain.party_entries import OrganisationRegistered, PartnershipRegistered

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
GUIDE = (GUIDES / "business-unit-partners.md").read_text(encoding="utf-8")
LEAD = (GUIDES / "information-governance-lead.md").read_text(encoding="utf-8")


def sent() -> dict[str, tuple[str, object]]:
    """What is sent, decoded as its route takes it, by the route's template."""
    found: dict[str, tuple[str, object]] = {}
    for path, body in re.findall(r"curl -sX POST \$URL(/api/v1/\S+).*?-d '(\{.*?\})'", GUIDE, re.DOTALL):
        template = re.sub(r"(organisation|partnership)s/[^/]+", r"\1s/{\1}", path)
        assert ("POST", template) in ACCESS
        ((_, shape),) = CONTRACTS["POST", template].takes
        assert isinstance(shape, type)
        found[template] = path, msgspec.json.decode(body.encode(), type=shape)
    return found


def test_every_sort_of_change_is_shown_in_the_form_that_its_route_takes() -> None:
    one = "/api/v1/organisations/{organisation}"
    assert set(sent()) == {
        "/api/v1/organisations",
        f"{one}/record",
        f"{one}/suspension",
        f"{one}/closure",
        "/api/v1/partnerships",
        "/api/v1/partnerships/{partnership}/members",
    }


def test_what_the_guide_registers_can_be_registered() -> None:
    kept = log()
    _, new = sent()["/api/v1/organisations"]
    assert isinstance(new, NewOrganisation)
    record = OrganisationRegistered(
        new.organisation, new.name, new.kind, parent=new.parent, contacts=new.contacts, partnerships=new.partnerships
    )
    assert "taken" == refusal(kept, lambda: changes.register(record, BU_1, kept.view))
    _, group = sent()["/api/v1/partnerships"]
    assert isinstance(group, NewPartnership)
    begun = PartnershipRegistered(f"{group.partnership}-2", group.name, "police")
    assert "taken" == refusal(kept, lambda: partnerships.on_the_word_of(partnerships.register(begun), BU_1, kept.view))


def test_the_words_that_the_lead_is_told_say_that_a_team_reads_it() -> None:
    told = re.search(r"word such as (.*?) before the @", LEAD, re.DOTALL)
    assert told is not None
    words = set(re.findall(r"`([a-z]+)`", told[1]))
    assert len(words) > 4
    assert words <= TEAM_WORDS
    assert all(contact_fault(f"{word}@body.example") is None for word in words)
