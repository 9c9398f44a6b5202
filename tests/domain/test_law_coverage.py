"""docs/law-coverage.md: every row of the brief is somewhere, and everything that it names exists."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.agreements import TOPICS
from isa_registry.domain.catalogue import Limit, Predicate
from isa_registry.domain.catalogue_references import OUTCOMES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "law-coverage.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`]+)`", PAGE)) - {"code type", "dpv"}
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| row |", "| rule |"))]


def codes_in(value: Any) -> Iterator[str]:
    """Each member's name, and each code that is said, anywhere in a JSON document."""
    if isinstance(value, dict):
        yield from value
        if isinstance(value.get("code"), str):
            yield value["code"]
        for item in value.values():
            yield from codes_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from codes_in(item)


@pytest.fixture(scope="module")
def known() -> set[str]:
    agreements = data_directory("agreements")
    files = [*(agreements / "catalogue").glob("*.json"), *(agreements / "durham").glob("*/*/schedule.json")]
    assert len(files) > 8
    codes = {code for file in files for code in codes_in(json.loads(file.read_bytes()))}
    return codes | TOPICS | {*get_args(Limit), *get_args(Predicate), *OUTCOMES}


def test_every_code_and_file_that_the_page_names_exists(known: set[str]) -> None:
    files = {name for name in NAMED if "/" in name}
    assert sorted(name for name in files if not (ROOT / name).exists()) == []
    assert sorted(NAMED - files - known) == []


def test_every_provision_is_on_the_page() -> None:
    provisions = json.loads((data_directory("agreements") / "catalogue" / "provisions.json").read_bytes())
    assert sorted({one["code"] for one in provisions} - NAMED) == []


def test_every_category_is_on_the_page() -> None:
    categories = json.loads((data_directory("agreements") / "catalogue" / "categories.json").read_bytes())
    assert sorted({one["code"] for one in categories} - NAMED) == []


def test_a_row_without_a_place_says_why() -> None:
    unplaced = [cells for row in ROWS if not (cells := [cell.strip() for cell in row.strip("|").split("|")])[1]]
    assert [cells[0] for cells in unplaced] == [
        "information about victims alone",
        "(0.9) Children Act 2004 ss.13 to 16 and 14B",
        "refresh",
        "portability and erasure",
    ]
    assert [cells[0] for cells in unplaced if not cells[2]] == []


@pytest.mark.parametrize(
    "title", ["1.1", "1.2", "1.3", "1.4", "2", "3.1", "3.2", "3.3", "3.4", "4.1", "6", "7"]
)  # fmt: skip
def test_every_table_of_the_brief_has_a_section(title: str) -> None:
    assert re.search(rf"^## {re.escape(title)} ", PAGE, re.MULTILINE) is not None


def test_every_rule_of_the_engine_has_a_row() -> None:
    assert re.findall(r"^\| (R\d+) ", PAGE, re.MULTILINE) == [f"R{n}" for n in range(1, 18)]
