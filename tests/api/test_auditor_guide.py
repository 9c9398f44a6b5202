"""The auditors' guide to answering a decision again, run as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from api.speaking import QUESTION
from live import LEAD, Demonstration

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "auditor.md"


def printed() -> str:
    text = GUIDE.read_text(encoding="utf-8")
    chapter = text[text.index("## Answer a decision again") : text.index("## What this proves")]
    blocks = re.findall(r"^```sh\n(.*?)^```$", chapter, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    return "set -eu\n" + "\n".join(blocks)


def test_a_decision_is_answered_again_as_the_guide_prints_it(
    demonstration: Demonstration, police: httpx.Client, tmp_path: Path
) -> None:
    answer = police.post("/api/v1/checks", json=QUESTION).raise_for_status()
    # Its checkpoint is there: the evidence holds it.
    police.get(answer.json()["receipt"]).raise_for_status()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ISA_")}
    first, second = demonstration.vkeys[:2]
    done = subprocess.run(
        ["bash", "-c", printed()],
        cwd=tmp_path,
        env=environment
        | {
            "ISA_URL": demonstration.url,
            "TOKEN": demonstration.token(LEAD, "audit:read"),
            "CHECK": answer.json()["id"],
            "VKEY": first,
            "SECOND_VKEY": second,
            "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].strip() == "identical"
    assert "today: changed /register/log_size" in said
    assert "this is the law that it rested on" in said
    assert any(line.startswith("verified: ") for line in said)
    assert any(line.startswith(answer.json()["id"]) and line.endswith(": identical") for line in said)
