"""The lines of finding and taking out one's own sharing events. Nobody reads another's by them, auditors neither: those
read the log, where each reading is noted."""

from __future__ import annotations

from isa_registry.api.access.terms import EVENT_LINE_FIELDS, IG_LEAD, JSON, OWN, Access, decides, page

_EVENTS = frozenset({"events:read"})
_LIMIT = 16_384
_DECIDERS = frozenset({"practitioner", "ig-lead"})

CASEWORK: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/sharing-events/search"): Access(
        says="Find your own events by your references, or by period, purpose, organisation and decision",
        scopes=_EVENTS,
        roles=_DECIDERS,
        content_types=JSON,
        body_limit=_LIMIT,
        fields={side: members for side, members in EVENT_LINE_FIELDS.items() if side != "auditor"},
        records=True,
    ),
    ("POST", "/api/v1/sharing-events/export"): Access(
        says="Take out your own events for a case audit, as CSV or JSON",
        scopes=_EVENTS,
        roles=IG_LEAD,
        content_types=JSON,
        body_limit=_LIMIT,
        fields=OWN,
        records=True,
    ),
    ("POST", "/api/v1/sharing-events/subject-access"): Access(
        says="Gather what you can see about one person, with what to think of before any of it is given",
        scopes=_EVENTS,
        roles=IG_LEAD,
        content_types=JSON,
        body_limit=_LIMIT,
        fields=OWN,
        records=True,
    ),
    ("GET", "/account/flagged-decisions"): page(
        "Decisions of your organisation to look at with whoever decided", roles=_DECIDERS
    ),
    ("GET", "/account/subject-access"): page("Whose data to find, when somebody asks for them", roles=IG_LEAD),
    ("POST", "/account/subject-access"): page(
        "What is recorded about one person, with what to think of before any of it is given",
        form=True,
        roles=IG_LEAD,
        records=True,
    ),
    ("GET", "/api/v1/organisations/{organisation}/retention"): Access(
        says="How long your own organisation's records are kept, by its own rules and the partnership's",
        scopes=frozenset({"events:read", "audit:read"}),
        roles=frozenset({"ig-lead", "auditor"}),
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("POST", "/api/v1/organisations/{organisation}/retention"): decides(
        "Set how long your own organisation's records are kept", "ig-lead", oversees=False
    ),
}
