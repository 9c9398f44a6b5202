"""docs/guides/professional-differences.md: every command runs, in order, and says what the guide says."""

from __future__ import annotations

import json
from pathlib import Path

from guided import Guide
from isa_registry.api.problems import IMMEDIATE_DANGER
from live import LEAD, POLICE, Demonstration

SCOPE = "events:write events:read"


def test_two_bodies_settle_a_difference_as_the_guide_tells(demonstration: Demonstration, tmp_path: Path) -> None:
    guide = Guide(
        "professional-differences.md",
        tmp_path,
        {
            "URL": demonstration.url,
            "COUNCIL": demonstration.token(LEAD, SCOPE),
            "POLICE": demonstration.token(POLICE, SCOPE),
        },
    )
    waits, danger = guide.run("Raise it").splitlines()
    assert waits.startswith(f"stage-one, waits for {POLICE}, by 20")
    assert danger == IMMEDIATE_DANGER
    ground, *steps = guide.run("Answer it").splitlines()
    assert ground == "The information was not shared"
    assert steps == ["answer-shares", "answer-shares-part", "answer-stands", "ask-more", "move-up"]
    assert guide.run("Answer it", 1).strip() == f"answered, waits for {LEAD}"
    label, allowed, to_confirm = guide.run("Move it up").splitlines()
    assert (label, allowed) == ("Stage Two: line managers", "5 working days")
    assert to_confirm == "To be confirmed by the partnership"
    outcome, *told = guide.run("Close it").splitlines()
    assert outcome == "Settled: the information was shared"
    assert told == [
        f"{LEAD}: Raised",
        f"{POLICE}: Part of the information is shared",
        f"{LEAD}: Moved to the next stage",
        f"{LEAD}: Settled: the information was shared",
    ]
    assert guide.run("What is overdue").strip() == "0"
    assert guide.run("A receipt").strip() == "1"
    receipt = json.loads((tmp_path / "challenge.isa-receipt.json").read_text())
    assert set(receipt) == {"v", "leaf", "payload", "salt", "proof"}
    assert guide.left == []
