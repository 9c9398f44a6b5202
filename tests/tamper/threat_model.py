"""Makes docs/threat-model.md of the capabilities and the cases.

`PYTHONPATH=tests python tests/tamper/threat_model.py` writes the page anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill

from isa_registry.runtime.fsck.findings import SENTENCES
from tamper.capabilities import CAPABILITIES, VISIBLE
from tamper.case import Cited, Silent, Verb
from tamper.cases import CASES, SILENT, TESTS
from tamper.claims import Capability, Line

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "threat-model.md"
UNTESTED = "*(no test shows this)*"

HEAD = """\
# Threat model

What somebody who has got hold of something can do to this registry, what they cannot, who notices, and what to do then.
It is about the record: that nobody quietly changes it, and that it shows no more than it must. A number in brackets is
the test that shows a line, listed at the end; what no test shows is marked.

Three things hold it together. The log is a Merkle tree that only grows, and its leaves are commitments, never what
they commit to. Its head is signed, kept outside the database, and cosigned by witnesses that partner agencies run. And
whatever can be checked is checked by a tool that does not trust the service: [the auditor's guide](guides/auditor.md)
says which proves what, and [operating](operating.md) what each login may do.

Two limits first. **Nothing shows what was never logged**: compare with case records. **What nobody outside has seen yet
can still be cut off**: a receipt, a witness or an auditor's memory makes it seen.

This page is made from the tests (`tests/tamper/`), and a test holds it to them.

## What somebody has
"""

VISIBLE_HEAD = """\
## What can be seen: timing and volume

Numbers and times are information too. This is what each can tell without breaking anything.
"""

CASES_HEAD = """\
## What is tried, and what catches it

Each row is performed by the tamper suite on a real log, and caught by the tool named, with this code. The codes of
`isa-verify` stand on [a page of their own](formats/rejections.md). There is no table of consents yet: consents come
later, and a table that comes without a case fails the suite. Until then *a row that permits something* is the nearest
thing: who may see an event, what was decided, what is on hold.

| what | somebody … | which takes | is caught by | code |
|---|---|---|---|---|
"""

SILENT_HEAD = """\
## What one tool alone does not catch

Each row is performed too, and the suite shows that the tool named sees nothing.

| what | somebody … | which takes | not seen by | but noticed by |
|---|---|---|---|---|
"""

CODES_HEAD = """\
## What `isa-registry fsck` says

Its codes, each with the sentence that it prints after the place. A checkpoint that its own keys did not sign is named
by the codes of `isa-verify`.

| code | sentence |
|---|---|
"""

TESTS_HEAD = """\
## The tests

"""


class Numbers:
    """Numbers for tests, in the order in which they are first named."""

    def __init__(self) -> None:
        self.given: dict[str, int] = {}

    def of(self, tests: tuple[str, ...]) -> str:
        found = [self.given.setdefault(test, len(self.given) + 1) for test in tests]
        return " ".join(f"[{number}]" for number in found) or UNTESTED


def rendered() -> str:
    numbers = Numbers()
    parts = [HEAD]
    parts += [_capability(one, numbers) for one in CAPABILITIES]
    parts.append(VISIBLE_HEAD + "\n" + _list(VISIBLE, numbers))
    parts.append(CASES_HEAD + "".join(_rows()))
    parts.append(
        SILENT_HEAD
        + "".join(
            f"| {one.verb.value} | {one.does} | {one.takes.value} | `{one.tool.value}` | {one.noticed} |\n"
            for one in SILENT
        )
    )
    parts.append(CODES_HEAD + "".join(f"| `{code}` | {sentence} |\n" for code, sentence in SENTENCES.items()))
    parts.append(TESTS_HEAD + "".join(f"{number}. `{test}`\n" for test, number in numbers.given.items()))
    return "\n".join(parts)


def _capability(one: Capability, numbers: Numbers) -> str:
    return (
        f"### {one.has}\n\n{_wrapped(one.means)}\n"
        f"**Can**\n\n{_list(one.can, numbers)}\n"
        f"**Cannot**\n\n{_list(one.cannot, numbers)}\n"
        f"**Is noticed**\n\n{_list(one.noticed, numbers)}\n"
        f"{_wrapped('**Then:** ' + one.then)}"
    )


def _list(lines: tuple[Line, ...], numbers: Numbers) -> str:
    return "".join(_wrapped(f"- {one.says} {numbers.of(one.tests)}", "  ") for one in lines)


def _wrapped(text: str, indent: str = "") -> str:
    return fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) + "\n"


def _rows() -> Iterator[str]:
    for verb in Verb:
        for case in CASES:
            if case.verb is verb:
                tool = f"`{case.tool.value}`" if case.tool.value.startswith("is") else case.tool.value
                yield f"| {verb.value} | {case.does} | {case.takes.value} | {tool} | `{case.code}` |\n"


# --- tests that are named --------------------------------------------------------------------------------------------


def named_tests() -> set[str]:
    """Every test that the page names, and those of cases that are cited."""
    lines = [one for group in CAPABILITIES for one in (*group.can, *group.cannot, *group.noticed)]
    return {test for one in (*lines, *VISIBLE) for test in one.tests} | {
        case.test for case in (*CASES, *SILENT) if isinstance(case, Cited | Silent) and case.test
    }


def is_a_test(name: str) -> bool:
    """Whether pytest collects a test of this name: a file, perhaps a class, and a function that it takes for one."""
    name, _, parameters = name.partition("[")
    if parameters and parameters.removesuffix("]") not in {
        case.id for cases, test in TESTS if test == name for case in cases
    }:
        return False
    path, *inner = name.split("::")
    file = REPOSITORY / path
    if not (file.is_file() and file.name.startswith("test_")):
        return False
    body: list[ast.stmt] = ast.parse(file.read_text(encoding="utf-8")).body
    for part in inner[:-1]:
        body = [one for klass in body if isinstance(klass, ast.ClassDef) and klass.name == part for one in klass.body]
        if not part.startswith("Test"):
            return False
    return inner[-1].startswith("test_") and any(
        isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == inner[-1] for one in body
    )


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
