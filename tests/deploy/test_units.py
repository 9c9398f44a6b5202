"""The systemd units: hardening that must not get lost, and systemd's own opinion of them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.hosts import DEPLOY, Host
from loudly import LOUD

UNITS = ("isa-registry.service", "isa-registry-checkpointer.service", "isa-registry-migrate.service")

HARDENED = {
    "NoNewPrivileges": ["yes"],
    "CapabilityBoundingSet": [""],
    "AmbientCapabilities": [""],
    "ProtectSystem": ["strict"],
    "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"],
    "PrivateDevices": ["yes"],
    "PrivateUsers": ["yes"],
    "ProtectProc": ["invisible"],
    "ProtectClock": ["yes"],
    "ProtectHostname": ["yes"],
    "ProtectKernelLogs": ["yes"],
    "ProtectKernelModules": ["yes"],
    "ProtectKernelTunables": ["yes"],
    "ProtectControlGroups": ["yes"],
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6"],
    "RestrictNamespaces": ["yes"],
    "RestrictRealtime": ["yes"],
    "RestrictSUIDSGID": ["yes"],
    "RemoveIPC": ["yes"],
    "LockPersonality": ["yes"],
    "MemoryDenyWriteExecute": ["yes"],
    "KeyringMode": ["private"],
    "SystemCallArchitectures": ["native"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources"],
    "SystemCallErrorNumber": ["EPERM"],
    "UMask": ["0077"],
    "LimitCORE": ["0"],
    "WorkingDirectory": ["/"],
}

# What a unit may say besides; anything else is a slip of the pen, or a reason to extend this list knowingly.
KNOWN = {
    "Unit": {
        "Description",
        "After",
        "Wants",
        "ConditionPathExists",
        "StartLimitIntervalSec",
        "StartLimitBurst",
    },
    "Service": {
        "Type",
        "EnvironmentFile",
        "ExecStart",
        "Restart",
        "RestartSec",
        "KillMode",
        "TimeoutStartSec",
        "TimeoutStopSec",
        "LimitNOFILE",
        "RestartPreventExitStatus",
        "StateDirectory",
        "StateDirectoryMode",
        "User",
        "Group",
        *HARDENED,
    },
    "Install": {"WantedBy"},
}


def parse(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit's sections, keys and values, in order; refuses whatever is not a section, a key or a comment."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (DEPLOY / "systemd" / name).read_text().splitlines():
        if header := re.fullmatch(r"\[([A-Z][a-z]+)\]", line):
            section = header[1]
            assert section not in found, "a section stands once"
            found[section] = {}
        elif line and not line.startswith("#"):
            setting = re.fullmatch(r"([A-Z][A-Za-z0-9]+)=(\S.*\S|\S|)", line)
            assert setting is not None, line
            found[section].setdefault(setting[1], []).append(setting[2])
    return found


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_says_only_what_is_known(name: str) -> None:
    unknown = {(section, key) for section, keys in parse(name).items() for key in keys if key not in KNOWN[section]}
    assert set() == unknown


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_hardened(name: str) -> None:
    service = parse(name)["Service"]
    assert {key: service.get(key) for key in HARDENED} == HARDENED


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_under_the_account_that_its_work_needs(name: str) -> None:
    service = parse(name)["Service"]
    account = "isa-registry-checkpointer" if "checkpointer" in name else "isa-registry"
    assert ([account], [account]) == (service["User"], service["Group"])


def test_the_process_that_signs_has_settings_of_its_own_and_writes_in_one_directory() -> None:
    service = parse("isa-registry-checkpointer.service")["Service"]
    assert service["ExecStart"] == ["/opt/isa-registry/venv/bin/isa-registry checkpoint"]
    assert service["EnvironmentFile"] == ["/etc/isa-registry-checkpointer/checkpointer.env"]
    assert (service["StateDirectory"], service["StateDirectoryMode"]) == (["isa-registry-checkpointer"], ["0755"])
    assert service["RestartPreventExitStatus"] == ["2"]


def test_the_service_serves_with_its_own_settings_alone() -> None:
    service = parse("isa-registry.service")["Service"]
    assert service["ExecStart"] == ["/opt/isa-registry/venv/bin/isa-registry serve"]
    assert service["EnvironmentFile"] == ["/etc/isa-registry/isa-registry.env"]


def test_the_services_copy_of_the_register_lies_where_it_alone_may_write() -> None:
    service = parse("isa-registry.service")["Service"]
    assert (service["StateDirectory"], service["StateDirectoryMode"]) == (["isa-registry"], ["0700"])
    settings = (DEPLOY / "isa-registry.env").read_text()
    assert "\nISA_LOCAL_COPY_DIR='/var/lib/isa-registry/local-copy'\n" in settings


def test_the_owners_login_reaches_the_migration_alone_and_last() -> None:
    unit = parse("isa-registry-migrate.service")
    assert unit["Service"]["Type"] == ["oneshot"]
    assert unit["Service"]["ExecStart"] == ["/opt/isa-registry/venv/bin/isa-registry migrate"]
    assert unit["Service"]["EnvironmentFile"] == [
        "/etc/isa-registry/isa-registry.env",
        "/etc/isa-registry/migrate.env",
    ]
    assert unit["Unit"]["ConditionPathExists"] == ["/etc/isa-registry/migrate.env"]
    assert "Install" not in unit


@pytest.fixture
def analysed(prepared: Host) -> Host:
    """A root with the units installed and the targets of this machine's systemd beside them."""
    targets = Path("/usr/lib/systemd/system")
    if shutil.which("systemd-analyze") is None or not (targets / "sysinit.target").exists():
        pytest.skip(f"{LOUD}no systemd-analyze, so the units were read by the test's own parser alone")
    prepared.install("--no-packages")
    beside = prepared.root / "usr/lib/systemd/system"
    beside.mkdir(parents=True)
    for target in targets.glob("*.target"):
        shutil.copyfile(target, beside / target.name)
    return prepared


def analyse(host: Host, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)


def verify(host: Host, unit: str) -> subprocess.CompletedProcess[str]:
    return analyse(host, "verify", "--man=no", "--recursive-errors=no", f"--root={host.root}", unit)


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_no_fault_in_an_installed_unit(analysed: Host, name: str) -> None:
    done = verify(analysed, name)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_would_have_found_a_slip(analysed: Host) -> None:
    unit = analysed.root / "etc/systemd/system/isa-registry.service"
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHme=yes"))

    assert "Unknown key" in verify(analysed, unit.name).stderr


def test_systemd_finds_a_program_that_is_missing(analysed: Host) -> None:
    (analysed.venv / "bin/isa-registry").unlink()

    assert verify(analysed, "isa-registry.service").returncode != 0


@pytest.mark.parametrize("name", UNITS)
def test_systemd_rates_the_exposure_at_1_5_of_10_or_less(analysed: Host, name: str) -> None:
    done = analyse(
        analysed, "security", "--no-pager", "--offline=true", "--threshold=15", f"--root={analysed.root}", name
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr
