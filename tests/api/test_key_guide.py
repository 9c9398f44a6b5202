"""The engineers' guide to making a key and having it registered, run as it is printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.speaking import Signer, at, new_id
from live import Demonstration

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "agency-system.md"
POLICE = "durham-constabulary"
KEYS = f"/api/v1/organisations/{POLICE}/keys"


def printed() -> str:
    """The commands of the guide's chapter, in order."""
    text = GUIDE.read_text(encoding="utf-8")
    chapter = text[text.index("## Make a signing key") : text.index("### Change a key")]
    blocks = re.findall(r"^```sh\n(.*?)^```$", chapter, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    return "set -eu\n" + "\n".join(blocks)


@pytest.fixture
def made(demonstration: Demonstration, tmp_path: Path) -> str:
    """What the guide makes in a directory, under a kid of this test's own."""
    kid = f"guide-{new_id()}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ISA_")}
    done = subprocess.run(
        ["bash", "-c", printed().replace("case-system-2", kid)],
        cwd=tmp_path,
        env=environment | {"ISA_URL": demonstration.url, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return kid


@pytest.mark.parametrize("request_", ["{}.json", "{}.proved.json"], ids=["openssl", "isa-client"])
def test_the_guide_makes_a_key_that_is_registered_and_signs(
    lead: httpx.Client, police: httpx.Client, signer: Signer, tmp_path: Path, made: str, request_: str
) -> None:
    answer = lead.post(KEYS, json=json.loads((tmp_path / request_.format(made)).read_text()))
    assert answer.status_code == 201, answer.text
    other = signer.with_key(json.loads((tmp_path / f"{made}.jwk").read_text()))
    headers = {"Content-Type": "application/jose", "ISA-Min-Log-Size": answer.headers["isa-log-size"]}
    event = other.sign(other.event(decided_at=at(), shared_at=at()))
    assert police.post("/api/v1/sharing-events", content=event, headers=headers).status_code == 201


def test_nobody_else_can_read_what_the_guide_makes(tmp_path: Path, made: str) -> None:
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    assert {path.suffix for path in tmp_path.iterdir()} == {".pem", ".unsigned", ".json", ".jwk"}
    private = json.loads((tmp_path / f"{made}.jwk").read_text())["d"]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".json" and private in path.read_text()] == []
