"""The witness's own systemd unit: as hardened as the service's, with one directory that it may write."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.hosts import DEPLOY
from deploy.test_units import HARDENED, KNOWN, parse
from isa_registry.__main__ import main
from loudly import LOUD

NAME = "isa-registry-witness.service"
OWN = {"User": ["isa-witness"], "Group": ["isa-witness"]}


def test_it_says_only_what_is_known() -> None:
    known = {**KNOWN, "Service": {*KNOWN["Service"], "StateDirectory", "StateDirectoryMode"}}
    assert set() == {
        (section, key) for section, keys in parse(NAME).items() for key in keys if key not in known[section]
    }


def test_it_is_as_hardened_as_the_service_under_an_account_of_its_own() -> None:
    service = parse(NAME)["Service"]
    expected = {**HARDENED, **OWN}
    assert expected == {key: service.get(key) for key in expected}


def test_it_may_write_one_directory_and_needs_no_settings() -> None:
    service = parse(NAME)["Service"]
    assert (["isa-registry-witness"], ["0700"]) == (service["StateDirectory"], service["StateDirectoryMode"])
    assert "EnvironmentFile" not in service
    assert "ReadWritePaths" not in service


def test_it_starts_a_command_that_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = parse(NAME)["Service"]["ExecStart"]
    program, *arguments = command.split(" ")
    assert "/opt/isa-registry/venv/bin/isa-registry" == program
    vkeys = tmp_path / "logs.vkeys"
    vkeys.write_text("")
    given = [str(vkeys) if argument.endswith(".vkeys") else argument for argument in arguments]

    assert 2 == main(given)
    assert "holds no key of any log" in capsys.readouterr().err


def test_systemd_finds_no_fault_in_it_and_rates_its_exposure_low(tmp_path: Path) -> None:
    targets = Path("/usr/lib/systemd/system")
    if shutil.which("systemd-analyze") is None or not (targets / "sysinit.target").exists():
        pytest.skip(f"{LOUD}no systemd-analyze, so the witness's unit was read by the test's own parser alone")
    units, program = tmp_path / "etc/systemd/system", tmp_path / "opt/isa-registry/venv/bin/isa-registry"
    for directory in (units, program.parent, tmp_path / "usr/lib/systemd/system"):
        directory.mkdir(parents=True)
    shutil.copyfile(DEPLOY / "systemd" / NAME, units / NAME)
    for target in targets.glob("*.target"):
        shutil.copyfile(target, tmp_path / "usr/lib/systemd/system" / target.name)
    program.touch(mode=0o755)

    for arguments in (
        ["verify", "--man=no", "--recursive-errors=no"],
        ["security", "--offline=true", "--threshold=15"],
    ):
        done = subprocess.run(
            ["systemd-analyze", *arguments, f"--root={tmp_path}", NAME],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout[-400:] + done.stderr
