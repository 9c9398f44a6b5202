"""The pages under docs/security say nothing that a test does not hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from isa_registry.api.limits import LIMITS, REFERENCES
from isa_registry.api.problems import PROBLEMS
from isa_registry.runtime.people.sessions import ABSOLUTE, IDLE, MOST_SESSIONS
from isa_registry.runtime.people.visitors import FALLBACK_SECONDS

ROOT = Path(__file__).parents[2]
ASVS = (ROOT / "docs/security/asvs.md").read_text(encoding="utf-8")
ISOLATION = (ROOT / "docs/security/isolation.md").read_text(encoding="utf-8")
STANDS = {"met", "not applicable", "gap"}
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")

SECTIONS = {
    "3.1": 1, "3.2": 2, "3.3": 5, "3.4": 7, "3.5": 7, "3.6": 1, "3.7": 5,
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
    "8.1": 4, "8.2": 4, "8.3": 3, "8.4": 2,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3,
}  # fmt: skip
"""How many lines each section of ASVS 5.0.0 has."""

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in ASVS.splitlines()
    if re.match(r"\| [0-9]+\.[0-9]+\.[0-9]+ \|", line)
]


def test_every_line_of_the_standard_is_there_once_and_in_order() -> None:
    wanted = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    assert [row[0] for row in ROWS] == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_line_says_how_it_stands_and_what_shows_it(row: list[str]) -> None:
    _, asks, stands, shown = row
    assert asks
    assert stands in STANDS
    if stands == "met":
        assert NAMED.search(shown) or shown == "the same"
    else:
        assert len(shown) > 10


@pytest.mark.parametrize("page", [ASVS, ISOLATION], ids=["asvs", "isolation"])
def test_every_named_test_is_there(page: str) -> None:
    named = NAMED.findall(page)
    assert len(named) > 10
    for path, name in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert not name or re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), f"{path}::{name}"


def test_what_an_operator_is_to_be_told_of_is_counted() -> None:
    page = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    rules = page.partition("```yaml")[2].partition("```")[0]
    counted = (ROOT / "service/isa_registry/api/metrics.py").read_text(encoding="utf-8")
    named = set(re.findall(r"(isa_\w+?)_total", rules))
    assert named == {"isa_refused", "isa_sign_in_refused", "isa_rate_limited", "isa_alarms"}
    assert [] == [name for name in named if f'"{name}"' not in counted]
    for reason in re.findall(r'reason="([\w-]+)"', rules):
        assert reason in PROBLEMS
    for limits in re.findall(r'limit=~"([\w|-]+)"', rules):
        assert set(limits.split("|")) <= set(LIMITS)


def test_the_limits_of_sessions_are_documented_as_they_are() -> None:
    page = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    section = page.partition("## People who sign in")[2].partition("\n## ")[0]
    minutes, hours = IDLE.total_seconds() / 60, ABSOLUTE.total_seconds() / 3600
    assert f"{minutes:.0f} minutes without use" in section
    assert f"{hours:.0f} hours after" in section
    assert (MOST_SESSIONS, "ten sessions" in section) == (10, True)
    assert f"{FALLBACK_SECONDS // 60} minutes, and nothing else" in section


def test_the_limits_are_documented_as_they_are() -> None:
    page = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    for name, limit in LIMITS.items():
        assert limit.seconds == 60
        assert f"| `{name}` | {limit.quota:,} |" in page
    for name, limit in REFERENCES.items():
        assert limit.seconds == 3600
        assert f"| `{name}-references` | {limit.quota:,} |" in page
