"""What the guides tell people to send is what the interface takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from deciding_people import BU_1, BU_2, Log
from isa_registry.api.access import ACCESS
from isa_registry.api.clients import EndedClient, NewClient
from isa_registry.api.contract_types import CONTRACTS
from isa_registry.api.delegations import NewDelegation
from isa_registry.api.issuers import NewIssuer
from isa_registry.api.members import EndedRole, NewRole
from isa_registry.api.notices import NewNoticeAddress
from isa_registry.api.parties import OwnParticulars
from isa_registry.api.proposals import Decision
from isa_registry.api.webhooks import NewWebhook
from isa_registry.domain.access_entries import IssuerRegistered
from isa_registry.domain.roles import LEAD_ROLES, LONGEST_LEAD_DAYS
from isa_registry.runtime.access.leavers import UNUSED_DAYS
from isa_registry.runtime.access.proposals import OPEN_FOR

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
UNIT = (GUIDES / "business-unit-access.md").read_text(encoding="utf-8")
LEAD = (GUIDES / "information-governance-lead.md").read_text(encoding="utf-8")
TAKEN = {
    "/members": NewRole, "/members/revocation": EndedRole, "/clients": NewClient, "/clients/revocation": EndedClient,
    "/issuers": NewIssuer, "/approval": Decision, "/particulars": OwnParticulars, "/delegations": NewDelegation,
    "/notice-addresses": NewNoticeAddress, "/webhooks": NewWebhook,
}  # fmt: skip


def sent() -> list[tuple[str, str, str]]:
    """(guide, path, JSON) of every request with a body in the two guides."""
    posts = re.findall(r"POST \S*?(/api/v1/\S+)\n(\{.*?\})\n(?:\n|```)", LEAD, re.DOTALL)
    curls = re.findall(r"curl -sX POST \$URL(/api/v1/\S+).*?-d '(\{.*?\})'", UNIT, re.DOTALL)
    return [("lead", *one) for one in posts if "/keys" not in one[0]] + [("unit", *one) for one in curls]


@pytest.mark.parametrize(("guide", "path", "body"), sent(), ids=lambda value: str(value)[:50])
def test_a_body_in_a_guide_is_of_the_form_that_its_route_takes(guide: str, path: str, body: str) -> None:
    suffix = re.sub(r"^/api/v1/(organisations/[^/]+|proposals/[^/]+)", "", path)
    template = re.sub(r"organisations/[^/]+", "organisations/{organisation}", path)
    template = re.sub(r"proposals/[^/]+", "proposals/{proposal}", template)
    assert ("POST", template) in ACCESS
    assert TAKEN[suffix] in [shape for _, shape in CONTRACTS["POST", template].takes]
    assert msgspec.json.decode(body.encode(), type=TAKEN[suffix])


def test_both_guides_show_every_sort_of_request() -> None:
    assert {("lead", 8), ("unit", 3)} == {(name, sum(one[0] == name for one in sent())) for name in ("lead", "unit")}


def test_the_issuer_of_the_guide_can_be_registered() -> None:
    (body,) = [body for _, path, body in sent() if path.endswith("/issuers")]
    members = msgspec.structs.asdict(msgspec.convert(json.loads(body), NewIssuer))
    members.pop("replace")
    Log().by_two((IssuerRegistered(organisation="charity", **members),), BU_1, BU_2)


def test_the_figures_of_the_guides_are_those_of_the_code() -> None:
    assert f"at most {LONGEST_LEAD_DAYS} days" in UNIT
    assert f"for {UNUSED_DAYS} days" in UNIT
    assert f"for {UNUSED_DAYS} days" in LEAD
    assert OPEN_FOR.days == 7
    assert "after seven days" in UNIT
    assert all(f"`{role}`" in UNIT for role in LEAD_ROLES)
