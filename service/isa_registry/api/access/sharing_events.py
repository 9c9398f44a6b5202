"""The lines of sharing events: recording them, reading them, acknowledging them."""

from __future__ import annotations

from isa_registry.api.access.terms import EVENT_FIELDS, EVENT_LINE_FIELDS, EVENT_READERS, JSON, Access

SHARING_EVENTS: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/sharing-events"): Access(
        says="Record a signed decision to share or not to share",
        scopes=frozenset({"events:write"}),
        content_types=("application/jose", "application/json"),
        body_limit=131_072,
        fields={"provider": ("*",)},
    ),
    ("POST", "/api/v1/sharing-events/batch"): Access(
        says="Record up to 100 signed decisions at once",
        scopes=frozenset({"events:write"}),
        content_types=JSON,
        body_limit=4_194_304,
        fields={"provider": ("*",)},
    ),
    ("GET", "/api/v1/sharing-events"): Access(
        says="List events that you provided or received, newest first",
        scopes=frozenset({"events:read"}),
        roles=EVENT_READERS,
        fields=EVENT_LINE_FIELDS,
    ),
    ("GET", "/api/v1/sharing-events/{event}"): Access(
        says="Read one event",
        scopes=frozenset({"events:read"}),
        roles=EVENT_READERS,
        fields=EVENT_FIELDS,
    ),
    ("POST", "/api/v1/sharing-events/{event}/acknowledgement"): Access(
        says="Acknowledge an event that was shared with you, or dispute it",
        scopes=frozenset({"events:write"}),
        content_types=("application/jose", "application/json"),
        body_limit=65_536,
        fields={"recipient": ("*",)},
    ),
    ("GET", "/api/v1/sharing-events/{event}/receipt"): Access(
        says="Fetch the receipt of an event, or with `part` that of its withheld list or its acknowledgement",
        scopes=frozenset({"events:read"}),
        roles=EVENT_READERS,
        fields=EVENT_FIELDS,
    ),
}
