"""How commands that speak of the law as data print: headings with wrapped lines, faults, and differences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from textwrap import TextWrapper

from isa_registry.domain.catalogue_difference import Change, Files, differences, sha256_of
from isa_registry.domain.catalogue_effects import answers_touched
from isa_registry.domain.catalogue_loading import FILES
from isa_registry.domain.catalogue_remedies import remedy
from isa_registry.domain.catalogue_sheets import Part

WIDTH = 100


def print_faults(faults: list[tuple[str, str]]) -> None:
    """Each fault where it is, and after those that one thing mends, what that is."""
    for advice, alike in groupby(faults, key=lambda fault: remedy(fault[1])):
        for where, what in alike:
            print(f"{where}: {what}")
        print_wrapped(advice, "    ")


def print_part(part: Part) -> None:
    print(f"\n{part.heading}")
    for line in part.lines:
        print_wrapped(line.strip(), "      " if line.startswith(" ") else "  ")


def print_wrapped(text: str, indent: str) -> None:
    paper = TextWrapper(
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    print(paper.fill(text))


def print_difference(old: Files, new: Files) -> int:
    """Every difference in words, and the answers that it could change; 0 where the two are the same, otherwise 1."""
    changes = differences(old, new)
    for name in FILES:
        told = [change for change in changes if change.file == name]
        if told:
            print_part(Part(name, tuple(line for change in told for line in _change_lines(change))))
    if not changes:
        same = sha256_of(old) == sha256_of(new)
        print("\nThe two are the same." if same else "\nOnly the order of rows differs: no answer changes by it.")
        return 0 if same else 1
    touched = answers_touched(changes, old, new)
    print_part(Part("Answers whose outcome, basis or conditions could change", touched.decides or ("none",)))
    print_part(Part("Answers that could change in their words or guidance alone", touched.words or ("none",)))
    print_part(Part("Differences that no answer shows", touched.nothing or ("none",)))
    return 1


def _change_lines(change: Change) -> Iterator[str]:
    yield f"{change.name}: {change.sort}"
    yield from (f"  {line}" for line in change.lines)


def count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
