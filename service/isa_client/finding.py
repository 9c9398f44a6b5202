"""Finding one's own sharing events: by one's own references, and by what an event says. What is looked for goes in the
request's body and into no address."""

from collections.abc import Sequence

from isa_client import answers
from isa_client.answers import Page, expect
from isa_client.calls import READ_ATTEMPTS, Call, encoded
from isa_client.errors import InputError
from isa_client.events import is_date
from isa_client.references import check_reference, check_subject_reference
from isa_verify.encoding import JsonValue

MOST_REFERENCES = 20

_NARROWED = ("side", "purpose", "decision", "party", "decided_from", "decided_to", "limit")


def search(references: Sequence[str], cursor: str | None, narrowed: dict[str, JsonValue]) -> Call[Page]:
    """A page of one's own events with any of these references, of those that fit the rest. Raises `InputError`."""
    if len(references) > MOST_REFERENCES:
        raise InputError("references-count", f"Look for at most {MOST_REFERENCES} references at a time.")
    if unknown := narrowed.keys() - set(_NARROWED):
        raise InputError("search-malformed", f"A search is not narrowed by {', '.join(sorted(unknown))}.")
    for name in ("decided_from", "decided_to"):
        day = narrowed.get(name)
        if day is not None and not (isinstance(day, str) and is_date(day)):
            raise InputError("search-malformed", f"The search's {name} is not a day such as 2026-10-01.")
    document: dict[str, JsonValue] = {name: value for name, value in narrowed.items() if value is not None}
    if references:
        document["references"] = [_reference(one) for one in references]
    if cursor is not None:
        document["cursor"] = cursor
    return Call(
        "POST",
        "/api/v1/sharing-events/search",
        lambda reply: answers.page(expect(reply, 200), "events"),
        READ_ATTEMPTS,
        encoded(document),
        {"Content-Type": "application/json"},
    )


def _reference(text: str) -> str:
    return check_subject_reference(text) if text.startswith("s1_") else check_reference(text, "reference")
