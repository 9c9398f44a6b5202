"""Templates taken apart once, so that a sentence is put together without reading its template again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Generic, TypeVar

C = TypeVar("C")
Name = Callable[[C], str]


class Saying(Generic[C]):
    """A sentence of an answer, as far as it is the same for many questions. `text` is the whole where it is."""

    __slots__ = ("_parts", "text")

    def __init__(self, parts: list[str | Name[C]]) -> None:
        self._parts = parts
        self.text = sentence("".join(map(str, parts))) if all(isinstance(part, str) for part in parts) else None

    def of(self, case: C) -> str:
        """The sentence for one question."""
        if self.text is not None:
            return self.text
        return sentence("".join([part if part.__class__ is str else part(case) for part in self._parts]))  # type: ignore[operator]


def taken_apart(template: str, named: Mapping[str, Name[C]], other: Callable[[str], str]) -> Saying[C]:
    """A template's saying. `named` are the names that each question puts in, `other` gives every other one."""
    if "{" not in template:
        return Saying([template])
    parts: list[str | Name[C]] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            parts.append(literal)
        if name is not None:
            parts.append(named[name] if name in named else other(name))
    return Saying(parts)


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
