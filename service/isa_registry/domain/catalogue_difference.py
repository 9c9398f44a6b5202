"""Two catalogues held against each other, code by code and in words, with what the differences do to answers.

It reads the files as they are, so a catalogue of an earlier form, or one with faults, can be compared too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from isa_registry.domain.catalogue_effects import Effect, effect_of
from isa_registry.domain.catalogue_loading import FILES
from isa_registry.domain.catalogue_remedies import row_name
from isa_verify.encoding import JsonValue, canonical_json, parse_json_strict
from isa_verify.errors import MalformedError

Files = Mapping[str, JsonValue]
Sort = Literal["added", "removed", "changed"]


class Change(NamedTuple):
    """One thing that is new, gone or different: the file, the name of the row, and each difference in words.

    `effect` is the strongest of its differences; `was` and `now` are the rows themselves (None: not there).
    """

    file: str
    name: str
    sort: Sort
    lines: tuple[str, ...]
    effect: Effect
    was: JsonValue
    now: JsonValue


def read_catalogue(data: bytes) -> dict[str, JsonValue]:
    """The files of a catalogue in one JSON text: an object of file name to content, or the payload of a
    `catalogue.changed` entry, which holds that object as `files`. Raises ValueError for anything else."""
    try:
        value = parse_json_strict(data)
    except MalformedError as error:
        raise ValueError(str(error)) from None
    files = value.get("files", value) if isinstance(value, dict) else None
    if not isinstance(files, dict) or not files or not set(files) <= set(FILES):
        raise ValueError("this is no catalogue: expected an object whose members are the catalogue’s files by name")
    return files


def sha256_of(files: Files) -> str:
    """The hash that names a catalogue: see `load_catalogue`."""
    return hashlib.sha256(canonical_json(dict(files))).hexdigest()


def version_of(files: Files) -> str:
    codes = files.get("codes.json")
    version = codes.get("version") if isinstance(codes, dict) else None
    return version if isinstance(version, str) else "not stated"


def differences(old: Files, new: Files) -> tuple[Change, ...]:
    """Every difference, in the order of the files and of the rows in them. What only moved within a file is none."""
    return tuple(change for name in FILES for change in _file(name, old.get(name), new.get(name)))


def _file(name: str, old: JsonValue, new: JsonValue) -> Iterator[Change]:
    was, now = _rows(old), _rows(new)
    for key in [*was, *(key for key in now if key not in was)]:
        before, after = was.get(key), now.get(key)
        if before is None:
            yield Change(name, key, "added", (_title(after),), effect_of(name, "", before, after), before, after)
        elif after is None:
            yield Change(name, key, "removed", (_title(before),), effect_of(name, "", before, after), before, after)
        elif before != after:
            yield _changed(name, key, before, after)


def _rows(value: JsonValue) -> dict[str, JsonValue]:
    """The rows of a file by name; of an object, its members, two deep, by path."""
    if isinstance(value, list):
        return {row_name(item) or f"entry {i + 1}": item for i, item in enumerate(value)}
    found: dict[str, JsonValue] = {}
    if isinstance(value, dict):
        for member, inner in value.items():
            if isinstance(inner, dict):
                found |= dict(_leaves(member, inner))
            else:
                found[member] = inner
    return found


def _leaves(path: str, value: dict[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for key, item in value.items():
        # A template with its topic is one row; a table of them is not.
        if isinstance(item, dict) and "text" not in item:
            yield from _leaves(f"{path} {key}", item)
        else:
            yield f"{path} {key}", item


def _title(row: JsonValue) -> str:
    if not isinstance(row, dict):
        return _said(row)
    for member in ("title", "label", "text"):
        value = row.get(member)
        if isinstance(value, str):
            return value
    return "; ".join(f"{member}: {_said(value)}" for member, value in row.items() if value)


def _changed(file: str, name: str, before: JsonValue, after: JsonValue) -> Change:
    if not isinstance(before, dict) or not isinstance(after, dict):
        lines: tuple[str, ...] = (f"was {_said(before)}; is {_said(after)}",)
        return Change(file, name, "changed", lines, effect_of(file, name, before, after), before, after)
    members = [*before, *(member for member in after if member not in before)]
    different = [member for member in members if before.get(member) != after.get(member)]
    lines = tuple(f"{_label(member)}: {_difference(before.get(member), after.get(member))}" for member in different)
    effects = [effect_of(file, member, before.get(member), after.get(member)) for member in different]
    return Change(file, name, "changed", lines, max(effects, default=Effect.NOTHING), before, after)


def _label(member: str) -> str:
    return _MEMBERS.get(member, member.replace("_", " "))


_MEMBERS = {
    "article_6": "Article 6",
    "article_9": "Article 9",
    "article_10": "Article 10",
    "part_3": "Part 3",
    "in_force": "in force",
    "s16la": "list of section 16LA(4)",
    "confidence": "how sure",
    "uri": "identifier",
    "text_at": "address of the text",
}


def _difference(before: JsonValue, after: JsonValue) -> str:
    if isinstance(before or [], list) and isinstance(after or [], list):
        return _list_difference(_items(before), _items(after), limited=before is not None and after is not None)
    return f"was {_said(before)}; is {_said(after)}"


def _items(value: JsonValue) -> list[str]:
    return [_said(item) for item in value] if isinstance(value, list) else []


def _list_difference(before: list[str], after: list[str], *, limited: bool) -> str:
    if not limited or min(len(before), len(after)) == 0 or max(len(before), len(after)) == 1:
        return f"was {_listed(before)}; is {_listed(after)}"
    told = [f"{item} removed" for item in before if item not in after]
    told += [_added(item, after) for item in after if item not in before]
    kept, keeps = [item for item in before if item in after], [item for item in after if item in before]
    if kept != keeps:
        told.append(f"the order was {_listed(kept)}; is {_listed(keeps)}")
    return "; ".join(told)


def _added(item: str, after: list[str]) -> str:
    place = after.index(item)
    return f"{item} added, " + ("first" if place == 0 else f"after {after[place - 1]}")


def _listed(items: list[str]) -> str:
    return ", ".join(items) or "none"


def _said(value: JsonValue) -> str:
    """A value as somebody reads it: a period as from and until, a use as its code and condition."""
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value}”" if " " in value else value
    if isinstance(value, list):
        return _listed([_said(item) for item in value])
    if isinstance(value, dict):
        if "code" in value:
            return str(value["code"]) + (f" if {value['when']}" if "when" in value else "")
        if "from" in value:
            return _period(value)
        if "text" in value:
            rest = [f"{member} {_said(item)}" for member, item in value.items() if member != "text"]
            return ", ".join([_said(value["text"]), *rest])
        return ", ".join(f"{member} {_said(item)}" for member, item in value.items())
    return str(value)


def _period(value: dict[str, JsonValue]) -> str:
    told = f"{'by' if value.get('by') else 'from'} {value['from']}"
    if value.get("until"):
        told += f" until {value['until']}"
    return told + (" (reported)" if value.get("reported") else "")
