"""An auditor in a browser, from an entry that is another body's to its replay and its receipt, by keyboard alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.speaking import ALL_SCOPES, QUESTION
from browser.pages import Look
from browser.watching import NARROW, WIDE, Visited, Visits
from isa_verify.note import VerifierKey
from isa_verify.receipt import verify_receipt
from live import LEAD, POLICE, Demonstration

pytestmark = pytest.mark.long


def sound(visited: Visited) -> None:
    for width in (NARROW, WIDE):
        visited.resize(width)
        assert visited.overflow() <= 0
        assert visited.violations() == []
    assert visited.elsewhere() == []
    assert visited.complaints == []
    assert len(visited.page.content().encode()) < 100_000


@pytest.mark.parametrize("scripts", [True, False])
def test_an_auditor_opens_an_entry_answers_it_again_and_takes_its_receipt(
    visit: Visits, demonstration: Demonstration, tmp_path: Path, scripts: bool
) -> None:
    with demonstration.client(POLICE, ALL_SCOPES) as client:
        check = client.post("/api/v1/checks", json=QUESTION).raise_for_status().json()
        client.get(check["receipt"]).raise_for_status()
    visited = visit(Look("/audit", (LEAD, "auditor"), {"wanted": (check["id"],)}, "Look it up"), scripts=scripts)
    page = visited.page
    assert check["id"] not in page.content()
    page.get_by_label("Why do you read it?").focus()
    page.keyboard.type("A practice review")
    if scripts:
        sound(visited)
    with page.expect_navigation():
        page.get_by_role("button", name="Open it").press("Enter")
    assert check["id"] in page.content()
    if scripts:
        sound(visited)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the receipt").press("Enter")
    receipt = tmp_path / taken.value.suggested_filename
    taken.value.save_as(receipt)
    keys = [VerifierKey.parse(one) for one in demonstration.vkeys]
    assert verify_receipt(receipt.read_bytes(), keys).payload["check"] == check["id"]
    with page.expect_navigation():
        page.get_by_role("button", name="Answer it again").press("Enter")
    assert page.locator("h1").inner_text() == "It comes out exactly as it was"
    if scripts:
        sound(visited)


def test_an_auditor_asks_about_another_day_and_takes_evidence_away(
    visit: Visits, demonstration: Demonstration, tmp_path: Path
) -> None:
    asked = {
        "on": ("2026-07-03",), "provider": (POLICE,), "recipient": (LEAD,), "purpose": ("harm-outside-the-home",),
        "category": ("identity",), "subject": ("child",), "urgency": ("routine",),
    }  # fmt: skip
    visited = visit(Look("/audit/what-if", (LEAD, "auditor"), asked, "Continue"))
    sound(visited)
    with visited.page.expect_navigation():
        visited.page.get_by_role("button", name="See the answer").press("Enter")
    assert "On 3 July 2026, knowing what is known now" in visited.page.inner_text("main")
    sound(visited)
    page = visit(Look("/audit/evidence", (LEAD, "auditor"))).page
    page.get_by_label("Part of it", exact=True).check()
    page.get_by_label("What it is").select_option("organisation.registered")
    page.get_by_label("Why do you take it?").select_option("audit")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download it").press("Enter")
    file = tmp_path / taken.value.suggested_filename
    taken.value.save_as(file)
    assert file.name.endswith(".isa-evidence.jsonl")
    assert json.loads(file.read_bytes().splitlines()[-1])["part"] == "end"
