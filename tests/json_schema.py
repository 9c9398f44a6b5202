"""JSON Schema (2020-12) as far as the published interface uses it. A keyword that is not known here is a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

SAYS_NOTHING = {
    "$defs", "$id", "$schema", "default", "description", "discriminator", "examples", "title", "x-isa-claims",
}  # fmt: skip
TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,), "boolean": (bool,), "integer": (int,), "null": (type(None),), "number": (int, float),
    "object": (dict,), "string": (str,),
}  # fmt: skip
Schema = Mapping[str, Any]


def faults(value: object, schema: Schema, whole: Schema, at: str = "#") -> Iterator[str]:
    """What in a value is against the schema; `whole` is the document that its references are into."""
    for keyword, said in schema.items():
        if keyword not in SAYS_NOTHING:
            yield from _RULES[keyword](value, said, schema, whole, at)


def resolved(reference: str, whole: Schema) -> Schema:
    found: Any = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _is(value: object, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _type(value: object, said: Any, _: Schema, __: Schema, at: str) -> Iterator[str]:
    if not any(_is(value, kind) for kind in ([said] if isinstance(said, str) else said)):
        yield f"{at} is no {said}"


def _any_of(value: object, said: Any, _: Schema, whole: Schema, at: str) -> Iterator[str]:
    tried = [list(faults(value, branch, whole, at)) for branch in said]
    if all(tried):
        yield from min(tried, key=len)


def _all_of(value: object, said: Any, _: Schema, whole: Schema, at: str) -> Iterator[str]:
    for branch in said:
        yield from faults(value, branch, whole, at)


def _properties(value: object, said: Any, _: Schema, whole: Schema, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in said.keys() & value.keys():
            yield from faults(value[name], said[name], whole, f"{at}/{name}")


def _additional(value: object, said: Any, schema: Schema, whole: Schema, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in value.keys() - schema.get("properties", {}).keys():
            if said is False:
                yield f"{at}/{name} is no member"
            elif isinstance(said, dict):
                yield from faults(value[name], said, whole, f"{at}/{name}")


def _required(value: object, said: Any, _: Schema, __: Schema, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{at}/{name} is missing" for name in said if name not in value)


def _items(value: object, said: Any, _: Schema, whole: Schema, at: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from faults(item, said, whole, f"{at}/{place}")


def _format(value: object, said: Any, _: Schema, __: Schema, at: str) -> Iterator[str]:
    read = {"date": date.fromisoformat, "date-time": datetime.fromisoformat, "uri": urlsplit, "uuid": UUID}[said]
    if isinstance(value, str):
        try:
            read(value)
        except ValueError:
            yield f"{at} is no {said}"


def _plain(holds: Any, says: str) -> Any:
    def rule(value: object, said: Any, _: Schema, __: Schema, at: str) -> Iterator[str]:
        if not holds(value, said):
            yield f"{at} is not {says} {said}"

    return rule


_RULES: dict[str, Any] = {
    "$ref": lambda value, said, _, whole, at: faults(value, resolved(said, whole), whole, at),
    "additionalProperties": _additional,
    "allOf": _all_of,
    "anyOf": _any_of,
    "const": _plain(lambda value, said: value == said, "exactly"),
    "enum": _plain(lambda value, said: value in said, "one of"),
    "format": _format,
    "items": _items,
    "maxItems": _plain(lambda value, said: not isinstance(value, list) or len(value) <= said, "of at most"),
    "maximum": _plain(lambda value, said: not _is(value, "number") or value <= said, "at most"),
    "minItems": _plain(lambda value, said: not isinstance(value, list) or len(value) >= said, "of at least"),
    "minimum": _plain(lambda value, said: not _is(value, "number") or value >= said, "at least"),
    "oneOf": _any_of,
    "pattern": _plain(lambda value, said: not isinstance(value, str) or re.search(said, value) is not None, "like"),
    "properties": _properties,
    "required": _required,
    "type": _type,
    "uniqueItems": _plain(
        lambda value, said: not said or not isinstance(value, list) or all(value.count(one) == 1 for one in value),
        "unique",
    ),
}
