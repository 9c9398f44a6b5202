"""The house's own rules: sizes, links, statements, and what must never stand in a tracked file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import asyncpg
import pytest

from isa_registry.store.sql import statements

ROOT = Path(__file__).parents[2]
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
AGGREGATES = sorted(path.stem for path in (ROOT / "service/isa_registry/store").glob("*.sql"))
LONGEST = 370


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def test_a_module_is_one_subject_and_short() -> None:
    modules = [path for path in TRACKED if path.suffix == ".py" and "service" in path.parts]

    assert modules
    assert [] == [path.name for path in modules if len(source(path).splitlines()) > LONGEST]


@pytest.mark.parametrize("aggregate", AGGREGATES)
async def test_every_statement_is_one_that_the_schema_takes(aggregate: str, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for text in statements(aggregate).values():
            await connection.prepare(text)
    finally:
        await connection.close()


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_every_statement_is_used(aggregate: str) -> None:
    code = "".join(source(path) for path in (ROOT / "service/isa_registry/store").glob("*.py"))

    assert [] == [name for name in statements(aggregate) if f'["{name}"]' not in code]


def test_every_link_in_the_documents_leads_somewhere() -> None:
    links = [
        (page, target)
        for page in TRACKED
        if page.suffix == ".md" and "agreements" not in page.parts
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", source(page))
        if "://" not in target
    ]

    assert links
    assert [] == [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()]


def test_every_page_that_the_code_names_is_there() -> None:
    named = {
        name
        for path in TRACKED
        if path.suffix == ".py" and "service" in path.parts
        for name in re.findall(r"docs/[a-z0-9/-]+\.md", source(path))
    }

    assert named
    assert [] == sorted(name for name in named if not (ROOT / name).is_file())


def test_no_key_and_no_token_is_tracked_outside_the_tests() -> None:
    marks = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\"d\": ?\"[A-Za-z0-9_-]{40,}\"")
    suspects = [path.relative_to(ROOT) for path in TRACKED if "tests" not in path.parts and marks.search(source(path))]

    assert [] == suspects


def test_nothing_but_tests_looks_outside_the_repository() -> None:
    outside = re.compile(r"\.\./shared")
    found = [path.relative_to(ROOT) for path in TRACKED if "tests" not in path.parts and outside.search(source(path))]

    assert [] == found


def test_every_format_has_a_page_with_a_worked_example_that_a_test_reads() -> None:
    pages = sorted((ROOT / "docs" / "formats").glob("*.md"))
    tests = "\n".join(source(path) for path in TRACKED if path.is_relative_to(ROOT / "tests"))

    assert pages
    # The page of rejections is made from the code, whole.
    worked = [page for page in pages if page.stem != "rejections"]
    assert [] == [page.name for page in worked if "\n```" not in source(page)]
    named = {page.name: re.search(rf'"{page.stem}(\.md)?"', tests) for page in worked}
    assert [] == [name for name, found in named.items() if found is None]
