"""A signatory's own key, from its proof to an attestation in the log, with the client's commands against the real
service."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from api.proving import private_of
from api.speaking import Database, bearer, person_token
from isa_client.cli import main
from isa_client.documents import payload_of
from isa_registry.data import data_directory
from live import Demonstration

CLUB = "durham-cathedral"
WORDS = data_directory("agreements") / "durham" / "tier-2-hoth" / "1.0"


@pytest.fixture
def key(demonstration: Demonstration, tmp_path: Path) -> Path:
    """The registered attestation key of the cathedral's chair of trustees."""
    path, request = tmp_path / "chair.jwk", tmp_path / "request.json"
    path.write_text(json.dumps(private_of()), encoding="ascii")
    path.chmod(0o600)
    at = ("--url", demonstration.url, "--as", CLUB, "--key", str(path))
    named = ("--use", "attestation", "--signatory", "chair-of-trustees=TRUSTEE-1")
    assert main(["prove", *at, *named, "-o", str(request)]) == 0
    httpx.post(
        f"{demonstration.url}/api/v1/organisations/{CLUB}/keys",
        json=json.loads(request.read_text(encoding="ascii")),
        headers=bearer(person_token(demonstration, CLUB, "signatory")),
    ).raise_for_status()
    return path


def test_a_signatory_signs_the_files_and_the_system_sends_them(
    demonstration: Demonstration, key: Path, tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "attestation.jws"
    at = ("--url", demonstration.url, "--as", CLUB, "--key", str(key))
    attest = [
        "attest", *at, "--agreement", "tier-2-hoth/1.0", "--words", str(WORDS / "agreement.md"), "--schedule",
        str(WORDS / "schedule.json"), "--signatory", "chair-of-trustees=TRUSTEE-1", "--authority",
        "board-resolution=MIN-2026-7", "--consulted", "data-protection-officer=2026-11-02", "--reserve",
        "prevent-channel", "-o", str(out),
    ]  # fmt: skip
    assert main(attest) == 0
    assert payload_of(out.read_text(encoding="ascii").strip())["organisation"] == CLUB
    before = database.size()
    for first in (True, False):
        assert main(["send", "--url", demonstration.url, "--as", CLUB, str(out)]) == 0
        assert ("Attested before" in capsys.readouterr().out) is not first
    assert database.size() == before + 1


def test_a_schedule_of_another_version_is_not_signed(
    demonstration: Demonstration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "chair.jwk"
    key.write_text(json.dumps(private_of()), encoding="ascii")
    given = [
        "attest", "--url", demonstration.url, "--as", CLUB, "--key", str(key), "--agreement", "tier-2-hoth/9.9",
        "--words", str(WORDS / "agreement.md"), "--schedule", str(WORDS / "schedule.json"), "--signatory", "siro=A-1",
        "--authority", "office-holder=A-1", "-o", str(tmp_path / "out.jws"),
    ]  # fmt: skip
    assert main(given) == 2
    assert "schedule-differs" in capsys.readouterr().err
    assert not (tmp_path / "out.jws").exists()
