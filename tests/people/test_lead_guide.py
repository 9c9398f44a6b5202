"""The leads' guide to lawful bases: its commands run as they are printed, and it names nothing that is not there."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

from api.speaking import person_token
from guided import GUIDES, Guide
from isa_registry.api.access import ACCESS
from isa_registry.domain.lawful_bases.cover import SOON
from isa_registry.identity.callers import RECENT_SECONDS
from isa_registry.pages.lawful_basis_steps import STEPS
from live import Demonstration

HEADING = "Lawful bases: from a purpose without a record to done"
TEXT = (GUIDES / "information-governance-lead.md").read_text(encoding="utf-8")
SECTION = TEXT.partition(f"## {HEADING}")[2].partition("\n## ")[0]
ON_RECORD = "Your decisions on record: finding them, taking them out, and who asks for their data"
RECORD_SECTION = TEXT.partition(f"## {ON_RECORD}")[2].partition("\n## ")[0]
COLLEGE = "example-college"
TEMPLATES = Path(__file__).resolve().parents[2] / "service/isa_registry/pages/templates"


def test_every_page_of_its_table_is_there_and_the_leads() -> None:
    pages = re.findall(r"^\| .*? \| `(/[^`]+)` \|$", SECTION, re.MULTILINE)
    assert len(pages) == 9
    for page in pages:
        assert "ig-lead" in ACCESS["GET", page].roles, page


def test_its_figures_are_those_of_the_service() -> None:
    words = " ".join(SECTION.split())
    assert f"lapses within {SOON} days" in words
    assert f"due within {SOON} days" in words
    assert RECENT_SECONDS == 5 * 60
    assert "older than five minutes" in words


def test_the_words_that_it_says_to_follow_stand_on_the_pages() -> None:
    quoted = set(re.findall(r"\"([A-Z][^\"]+)\"", re.sub(r"```.*?```", "", SECTION, flags=re.DOTALL)))
    quoted = {" ".join(one.split()) for one in quoted}
    assert len(quoted) == 6
    service = TEMPLATES.parent
    pages = "".join(
        one.read_text(encoding="utf-8") for one in (*TEMPLATES.glob("lawful_*"), *service.glob("lawful_*.py"))
    )
    assert [one for one in quoted if one not in pages] == []
    for step in ("Article 6", "Article 9", "Article 10", "Part 3"):
        assert step.lower().replace(" ", "-") in [one.code for one in STEPS]
        assert step in SECTION


def test_a_lead_records_ends_and_takes_away_by_the_commands(demonstration: Demonstration, tmp_path: Path) -> None:
    lead = person_token(demonstration, COLLEGE, "ig-lead")
    guide = Guide(
        "information-governance-lead.md",
        tmp_path,
        {"URL": demonstration.url, "LEAD": lead, "ORGANISATION": COLLEGE},
    )
    said = guide.run(HEADING)
    record = re.findall(r'"records":\["(lb_[0-9a-f]{32})"\]', said)
    assert len(record) == 1
    history = json.loads(guide.run(HEADING, 1, RECORD=record[0]).partition("}")[2])
    assert [one["what"] for one in history["events"]] == ["recorded", "ended"]
    table = (tmp_path / "processing-record.csv").read_text(encoding="utf-8")
    assert table.startswith("controller,")
    on_record = partial(guide.run, ON_RECORD, SYSTEM=demonstration.token(COLLEGE, "events:read"))
    assert on_record().count('"events":[]') == 2
    assert (tmp_path / "sharing-events.csv").read_text(encoding="utf-8").startswith("entry,")
    assert '"code":"a-person-decides"' in on_record(1)
    assert '"own":[{"code":"missing-children"' in on_record(2)
    assert guide.left == []


def test_the_pages_about_decisions_on_record_are_the_leads() -> None:
    pages = re.findall(r"`(/account/[a-z-]+)`", RECORD_SECTION)
    assert len(pages) == 2
    for page in pages:
        assert "ig-lead" in ACCESS["GET", page].roles, page
