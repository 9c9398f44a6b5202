"""The guide to AuthZEN: its commands run as they are printed, and what it says is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

from guided import GUIDES, Guide
from isa_registry.actions.authzen import PERMITTED, PROHIBITED, UNKNOWN
from isa_registry.api.access import ACCESS
from isa_registry.api.limits import CHECKS
from isa_registry.api.refinements import OUTCOMES
from isa_registry.domain.authzen.messages import MOST_EVALUATIONS, SEMANTICS
from isa_registry.domain.authzen.searches import LIFE_SECONDS
from live import POLICE, Demonstration

TEXT = (GUIDES / "authzen.md").read_text(encoding="utf-8")


def test_its_first_line_is_that_a_false_decision_is_not_a_prohibition() -> None:
    first = TEXT.splitlines()[0]
    assert first.startswith("**A false decision is not a prohibition: never gate a referral on it.")


def test_its_commands_do_what_it_says(demonstration: Demonstration, tmp_path: Path) -> None:
    at = {"ISA_URL": demonstration.url, "ISA_ORGANISATION": POLICE, "ISA_STATE": str(demonstration.state)}
    guide = Guide("authzen.md", tmp_path, at)
    # What is defined there stands before every other block.
    guide._first = guide._blocks["What you need"][0]
    guide.run("What you need")
    metadata = json.loads(guide.run("What you need", 1))
    assert metadata["policy_decision_point"] == demonstration.url

    one = json.loads(guide.run("One evaluation"))
    assert (one["decision"], one["context"]["reason"], one["context"]["prohibition"]) == (True, "duty-to-share", False)
    assert one["context"]["obligations"]

    many = json.loads(guide.run("Many at once"))["evaluations"]
    assert [found["decision"] for found in many] == [True, False, False]
    assert [found["context"]["prohibition"] for found in many] == [False, False, False]
    assert many[2]["context"]["problem"]["errors"][0]["pointer"] == "#/evaluations/2/resource/properties/recipient"

    found = json.loads(guide.run("Searches"))
    assert (found["page"]["count"], bool(found["page"]["next_token"])) == (5, True)
    rest = json.loads(guide.run("Searches", 1))
    assert (0 < rest["page"]["count"] < 20, rest["page"]["next_token"]) == (True, "")
    assert guide.left == []


def test_its_tables_are_those_of_the_service() -> None:
    decided = re.findall(r"^\| ([^|]+) \| \**(true|false)\** \| \**(true|false)\** \|", TEXT, re.MULTILINE)
    told = {outcome: row[1:] for row in decided for outcome in re.findall(r"`([a-z-]+)`", row[0])}
    assert told == {
        outcome: (str(outcome in PERMITTED).lower(), str(outcome == PROHIBITED).lower()) for outcome in OUTCOMES
    }
    assert all(reason.startswith("unknown-") for reason in UNKNOWN)
    assert all(f"`{semantic}`" in TEXT for semantic in SEMANTICS)
    for path in re.findall(r"`(/access/[^`]+)`", TEXT):
        assert ("POST", path) in ACCESS
    assert f"Up to {MOST_EVALUATIONS:,}." in TEXT
    assert f"holds for {LIFE_SECONDS // 60} minutes" in TEXT
    assert {CHECKS["/access/v1/evaluations"], CHECKS["/access/v1/search/subject"]} == {50}


def test_it_is_found_from_the_front_and_from_the_formats() -> None:
    readme = (GUIDES.parents[1] / "README.md").read_text(encoding="utf-8")
    assert "](docs/guides/authzen.md)" in readme
    assert "](../guides/authzen.md)" in (GUIDES.parent / "formats" / "check.md").read_text(encoding="utf-8")
