"""Looking for one's own sharing events: what is asked for, and the entry that says that somebody looked by
reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.casework.selection import Selection, reference_faults, selection_faults
from isa_registry.domain.entries import RecordsSearched
from isa_registry.domain.references import is_subject_reference
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.shapes import decoding
from isa_registry.domain.sharing import is_uuid7
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Draft

EVENTS, ACCESS = "sharing-events", "subject-access"
MOST_ON_A_PAGE = 200
MOST_RECEIVED = 100
_CURSOR = re.compile(r"e([1-9][0-9]{0,14})")

_Asked = TypeVar("_Asked", bound=Selection)


class EventSearch(Selection, frozen=True, forbid_unknown_fields=True):
    """Which of your own events to find, a page at a time: `limit` of them, 1 to 200, from `cursor` on, which is `next`
    of the page before. Send the rest as it was."""

    cursor: str | None = None
    limit: int = 50


class EventExport(Selection, frozen=True, forbid_unknown_fields=True):
    """Which of your own events to take out, and how. `format` is `csv` or `json`; without it, Accept decides.
    `withheld`: with what was withheld, and why, of your own decisions."""

    format: str | None = None
    withheld: bool = False


class AccessSearch(Struct, frozen=True, forbid_unknown_fields=True):
    """What your own systems know of the person whose data are asked for: `references`, each a subject's, or that of a
    case record or request; and `events`, the ids of what others shared with you about them, as you have filed it. A
    page at a time, from `cursor` on."""

    references: tuple[str, ...]
    events: tuple[str, ...] = ()
    cursor: str | None = None


def parse_search(body: bytes, view: RegisterView) -> EventSearch:
    """What is looked for. Raises `Refused`: `malformed` for another shape, `unprocessable` for what is no code."""
    asked = _selection(body, EventSearch, view)
    if not 1 <= asked.limit <= MOST_ON_A_PAGE:
        raise _refused((Fault("#/limit", "out-of-range", f"Ask for 1 to {MOST_ON_A_PAGE} events of a page."),))
    return asked


def parse_export(body: bytes, view: RegisterView) -> EventExport:
    """What is taken out. Raises `Refused` in the same way."""
    asked = _selection(body, EventExport, view)
    if asked.format not in (None, "csv", "json"):
        raise _refused((Fault("#/format", "unknown-code", "format is `json` or `csv`."),))
    return asked


def parse_access(body: bytes) -> AccessSearch:
    """What is known of a person, each reference once. Raises `Refused` in the same way."""
    with decoding("The request"):
        return checked(msgspec.json.decode(body, type=AccessSearch))


def checked(asked: AccessSearch) -> AccessSearch:
    """The same, if it can be looked for. Raises `Refused` (`unprocessable`)."""
    faults = list(reference_faults(asked.references))
    if not asked.references:
        faults.append(Fault("#/references", "count", "Give at least one reference."))
    if len(asked.events) > MOST_RECEIVED:
        faults.append(Fault("#/events", "count", f"Name at most {MOST_RECEIVED} events at once."))
    faults += [
        Fault(f"#/events/{place}", "not-a-uuid7", "An event's id is a version 7 UUID in lower case with hyphens.")
        for place, one in enumerate(asked.events[:MOST_RECEIVED])
        if not is_uuid7(one)
    ]
    if faults:
        raise _refused(tuple(faults))
    return replace(asked, references=tuple(dict.fromkeys(asked.references)), events=tuple(dict.fromkeys(asked.events)))


def subjects_among(references: Sequence[str]) -> tuple[str, ...]:
    """Those of some references that stand for a person and for no record."""
    return tuple(one for one in references if is_subject_reference(one))


def below(cursor: str | None, size: int) -> int:
    """The place in the log before which a page begins: nothing is found that was logged since the register was read.
    Raises `Refused` (`malformed`)."""
    if cursor is None:
        return size
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise Refused("malformed", "The cursor is not one that this registry gave.")
    return min(int(found[1]), size)


def searched(caller: Caller, what: str, references: Sequence[str], found: int) -> Draft:
    """The entry that says that a body looked for its own records by reference: by how many, and how many that gave.
    Which ones they were is kept nowhere."""
    payload = RecordsSearched(
        organisation=caller.organisation,
        client=caller.client,
        what=what,
        references=len(set(references)),
        found=found,
    )
    return Draft(payloads=(payload,))


def _selection(body: bytes, kind: type[_Asked], view: RegisterView) -> _Asked:
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    with decoding("The request"):
        asked = msgspec.json.decode(body, type=kind)
    faults = selection_faults(asked, catalogue)
    if faults:
        raise _refused(faults)
    return asked


def _refused(faults: tuple[Fault, ...]) -> Refused:
    return Refused("unprocessable", "Your events cannot be looked for like this.", faults)
