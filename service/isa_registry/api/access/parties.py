"""The lines of who belongs: partnerships, organisations, delegations."""

from __future__ import annotations

from isa_registry.api.access.terms import IG_LEAD, OWN, PEOPLE, UNIT, UNITS, Access, decides, page, shows_who_acts

_SYSTEMS = frozenset({"checks:ask", "events:write", "events:read", "agreements:read", "audit:read", "admin"})


def _unit(says: str, *, form: bool = False) -> Access:
    return page(says, form=form, roles=UNIT, recent_sign_in=True)


def _lead(says: str, *, form: bool = False) -> Access:
    return page(says, form=form, roles=IG_LEAD, recent_sign_in=True)


_ONE = "/api/v1/organisations/{organisation}"

PARTIES: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/organisations"): decides("Register an organisation", "business-unit", oversees=False),
    ("GET", f"{_ONE}/record"): shows_who_acts(
        "The whole record of your own organisation; to the business unit also every other's", "business-unit"
    ),
    ("POST", f"{_ONE}/record"): decides(
        "Change the record of an organisation, from the next entry on", "business-unit"
    ),
    ("POST", f"{_ONE}/particulars"): decides(
        "Change what your own organisation says of itself: contacts, policy document, ICO number, what it is named "
        "out of",
        "ig-lead",
    ),
    ("POST", f"{_ONE}/suspension"): decides(
        "Suspend an organisation: its attestations count no longer from a day on", "business-unit"
    ),
    ("POST", f"{_ONE}/suspension/end"): decides("End an organisation's suspension", "business-unit"),
    ("POST", f"{_ONE}/closure"): decides("Say when an organisation closes, and which one takes over", "business-unit"),
    ("POST", f"{_ONE}/closure/end"): decides("Take an organisation's closure back", "business-unit"),
    ("GET", f"{_ONE}/delegations"): shows_who_acts("Who else may bind your own organisation, and until when"),
    ("POST", f"{_ONE}/delegations"): decides("Let somebody else bind your organisation for a time", "ig-lead"),
    ("POST", f"{_ONE}/delegations/{{delegation}}/end"): decides("End a delegation before its time", "ig-lead"),
    ("GET", "/api/v1/partnerships"): Access(
        says="The partnerships that share this registry", scopes=_SYSTEMS, roles=PEOPLE, fields=OWN
    ),
    ("GET", "/api/v1/partnerships/{partnership}"): Access(
        says="One partnership", scopes=_SYSTEMS, roles=PEOPLE, fields=OWN
    ),
    ("POST", "/api/v1/partnerships"): decides(
        "Let another partnership share this registry", "business-unit", oversees=False
    ),
    ("POST", "/api/v1/partnerships/{partnership}/record"): decides(
        "Change a partnership's name, lead body or end", "business-unit", oversees=False
    ),
    ("POST", "/api/v1/partnerships/{partnership}/members"): decides(
        "Let a registered organisation belong to your own partnership too", *UNITS, oversees=False
    ),
    ("POST", "/api/v1/partnerships/{partnership}/members/removal"): decides(
        "Let an organisation belong to your own partnership no longer", *UNITS, oversees=False
    ),
    ("GET", "/organisations/{organisation}"): page("One organisation: its record, how to reach it, what it signed"),
    ("GET", "/organisations/{organisation}/suspension"): _unit("An organisation to suspend, or no longer"),
    ("POST", "/organisations/{organisation}/suspension"): _unit(
        "Suspend an organisation, or end that, from the next entry on", form=True
    ),
    ("GET", "/organisations/{organisation}/closure"): _unit("An organisation that closes, and its successor"),
    ("POST", "/organisations/{organisation}/closure"): _unit(
        "Say when an organisation closes, or take that back", form=True
    ),
    ("GET", "/account/particulars"): _lead("What your organisation says of itself"),
    ("POST", "/account/particulars"): _lead("Change what your organisation says of itself", form=True),
    ("GET", "/account/delegations"): page("Who else may bind your organisation", roles=IG_LEAD),
    ("GET", "/account/delegations/new"): _lead("A delegation to give"),
    ("POST", "/account/delegations/new"): _lead("Let somebody else bind your organisation for a time", form=True),
    ("GET", "/account/delegations/{delegation}/end"): _lead("A delegation to end"),
    ("POST", "/account/delegations/{delegation}/end"): _lead("End a delegation before its time", form=True),
}
