"""What a catalogue may not do to the one before it: take away a code that something may name.

A code, once in the log, is never taken away. Clauses that were signed, lawful-basis records, and above all records of
cases, which no register folds, name it for ever: its page must say what it was, and a schedule that was whole stays
whole. What ceases to be law has an end in `in_force`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from isa_registry.domain.catalogue import Catalogue, Codes
from isa_registry.domain.catalogue_faults import Fault
from isa_registry.domain.law_watch.resting import NOTHING, Resting, resting_by_code
from isa_registry.domain.register.register import RegisterView

GONE = "is not here any more"
_TOLD = 3
"""So many of the things that rest on a provision are told by name."""


def keeping_faults(view: RegisterView, new: Catalogue, today: str) -> list[Fault]:
    """What speaks against taking a catalogue into the register: every code of the one of now that it lacks."""
    old = view.catalogue()
    return [] if old is None else [*_provisions(view, old, new, today), *_vocabularies(old, new)]


def _provisions(view: RegisterView, old: Catalogue, new: Catalogue, today: str) -> Iterator[Fault]:
    rests = resting_by_code(view, today)
    for code in old.provisions:
        if code not in new.provisions:
            yield Fault("provisions.json", "", f"{code} {GONE}{_resting(rests.get(code, NOTHING))}")


def _resting(found: Resting) -> str:
    names = [f"clause {one.name}" for one in found.clauses]
    names += [f"the lawful-basis record {one.record} of {one.organisation}" for one in found.records]
    if not names:
        return ""
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return f", and {', '.join(names[:_TOLD])}{more} {'rests' if len(names) == 1 else 'rest'} on it"


def _vocabularies(old: Catalogue, new: Catalogue) -> Iterator[Fault]:
    lists: list[tuple[str, Mapping[str, object], Mapping[str, object]]] = [
        ("kinds.json", old.kinds, new.kinds),
        ("purposes.json", old.purposes, new.purposes),
        ("categories.json", old.categories, new.categories),
    ]
    lists += [("codes.json", getattr(old.codes, name), getattr(new.codes, name)) for name in Codes.__struct_fields__]
    for file, was, now in lists:
        yield from (Fault(file, "", f"{code} {GONE}, and records may name it") for code in was if code not in now)
