"""A fault of the catalogue as somebody with the file open needs it: where it is, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from isa_registry.domain.catalogue_constraints import CONSTRAINTS
from isa_registry.domain.catalogue_faults import Fault
from isa_registry.domain.json_places import line_at, steps_of
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

_LAW = (
    "Undo the edit. If the law itself has changed, the rule in domain/catalogue_constraints.py changes first, with its "
    "source and its questions."
)
_SPELLING = "Correct the spelling, or add it to its own file first."
_FORMAT = "docs/formats/catalogue.md says what may stand here."

# What is said of a fault, and what to do about it: the first that is found in it.
_REMEDIES: tuple[tuple[str, str], ...] = (
    ("this file is missing", "Put the file back: a catalogue has all of its files."),
    ("has no such file", "Take the file out of the directory, or give it the name of the file that it replaces."),
    ("not UTF-8 JSON", "Look on this line and the one before it for a comma, bracket or quotation mark too many."),
    ("member.* twice|[Dd]uplicate", "Keep one of the two members of that name."),
    ("expected a list", "The file begins with [ and ends with ], one object a line between them."),
    ("unknown field", f"Check the member’s spelling, or take it out. {_FORMAT}"),
    ("missing required field", f"Add the member. {_FORMAT}"),
    ("Invalid enum value", f"Use one of the names of the closed list. {_FORMAT}"),
    ("RFC3339", "Write a date as 2026-09-30."),
    ("^Expected", f"Write a value of the kind that is expected. {_FORMAT}"),
    ("kebab-case", "Write a code in small letters and digits, with single hyphens between."),
    ("(is|are) here twice", "Keep one of the two; a code names one thing, and a kind and purpose have one row."),
    ("there is no row for", "Add the row: every kind with rows of its own has one for each column."),
    ("there are no words for", "Add the words: a rule speaks this key."),
    ("no rule speaks", "Take the key out, or correct its spelling."),
    ("nothing says what", "Say in codes.json what the limit means."),
    ("there is no placeholder", "Use a placeholder of domain/words.py, or write the words out."),
    ("brace without its pair", "Close the brace, or take it out."),
    ("agreements have no topic", "Use a topic of the closed list in domain/agreements.py."),
    ("verified and confidence disagree", "Let verified be true where confidence is “verified”, and false elsewhere."),
    ("ends before it begins", "Put the two dates the right way round."),
    ("overlaps the period", "Let a period begin after the one before it has ended; both days are included."),
    ("this is empty", "Write it: a provision says what to do and where it was read."),
    ("identifier of legislation|uri and text_at|at a point in time|of another provision than", f"Copy both addresses from legislation.gov.uk. {_FORMAT}"),  # noqa: E501
    ("no term of the form", "Write a term as dpv:Consent, or leave the member out."),
    ("is of kind .* not for", "Move it to the list that is for its kind, or take it out of the row."),
    ("does not name .* among its providers", "Take it out of the row; or, where the law does reach this body, add the body to the provision’s providers, with the source."),  # noqa: E501
    ("is no duty", "Duties are provisions of kind “duty”; others stand among the gateways."),
    ("differ in being public", "A kind follows the row of a kind that is public as it is, or is not as it is not."),
    ("has no (row|column) of its own", "Follow the one that has: a row or column is followed in one step."),
    ("is not here any more", "Put it back: a code is never taken away. What is law no longer has its last day in `in_force`."),  # noqa: E501
    ("which is no provision", "Correct the code in the clause, or put the provision back."),
    ("there is no ", _SPELLING),
    ("the annexes are not those", "The labels in an annex come from the catalogue, so a new version of the agreement is due; docs/guides/law.md says how."),  # noqa: E501
)  # fmt: skip


def remedy(what: str) -> str:
    """What to do about a fault, from what is said of it."""
    if any(f"({constraint.name}: " in what for constraint in CONSTRAINTS):
        return _LAW
    return next((advice for pattern, advice in _REMEDIES if re.search(pattern, what)), _FORMAT)


def place(fault: Fault, files: Mapping[str, bytes]) -> str:
    """Where a fault is: `matrix.json line 12 (police, early-help), article_6, second entry, code`."""
    data = files.get(fault.file)
    if data is None:
        return fault.file
    line = line_at(data, fault.pointer)
    where = fault.file if line is None else f"{fault.file} line {line}"
    steps = steps_of(fault.pointer)
    value = _parsed(data)
    if steps and steps[0].isdecimal() and isinstance(value, list):
        name = row_name(value[int(steps[0])]) if int(steps[0]) < len(value) else None
        where += f" ({name})" if name else f", {_entry(steps[0])}"
        steps = steps[1:]
    return ", ".join([where, *(_entry(step) if step.isdecimal() else step for step in steps)])


def row_name(item: JsonValue) -> str | None:
    """What a row of a file goes by: its code, or its kind of organisation and purpose."""
    if not isinstance(item, dict):
        return None
    named = [item.get("code")] if "code" in item else [item.get("organisation"), item.get("purpose")]
    return ", ".join(name for name in named if isinstance(name, str)) or None


def _parsed(data: bytes) -> JsonValue:
    with suppress(MalformedError):
        return parse_json_strict(data)
    return None


def _entry(step: str) -> str:
    number = int(step)
    return f"{_ORDINALS[number]} entry" if number < len(_ORDINALS) else f"entry {number + 1}"
