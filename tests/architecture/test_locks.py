"""The locks: every package pinned and hashed, no index named, and nothing in production that is not needed there."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LOCK = re.compile(r"requirements[^/]*\.(?:lock|txt)|[^/]*\.lock|(?:package-lock|npm-shrinkwrap)\.json")
REQUIREMENTS = ("requirements.lock", "requirements-notify.lock", "requirements-build.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9]+(?:-[a-z0-9]+)*)==([^ \\;]+)(?: ; [^\\]+)? \\$", re.MULTILINE)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name]
    return [CHECKOUT / name for name in names if LOCK.fullmatch(name.rpartition("/")[2])]


def pinned(name: str) -> dict[str, str]:
    return dict(PIN.findall((CHECKOUT / name).read_text()))


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9-]", requirement)[0].lower() for requirement in requirements}


def project() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text())


def test_every_lock_of_python_packages_is_among_the_tracked_ones() -> None:
    assert set(REQUIREMENTS) <= {path.name for path in tracked()}


def test_no_tracked_lock_names_a_package_registry() -> None:
    naming = re.compile(r"[a-z+]+://|--(?:extra-)?index-url|--find-links|--trusted-host|\"resolved\"|@ file:", re.I)
    funding = re.compile(r'"url": "https://[^"]+"')  # where npm's lock names a sponsor's page
    found = {
        path.name: naming.findall(funding.sub("", path.read_text(encoding="utf-8")))
        for path in tracked()
        if path.exists()
    }
    assert [] == [name for name, addresses in found.items() if addresses]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    for block in re.split(r"\n(?=[a-z])", text.strip()):
        head, *rest = block.splitlines()
        assert PIN.match(head), head
        hashes = [row for row in rest if not row.lstrip().startswith("#")]
        assert hashes, head
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", row) for row in hashes), head


def test_production_holds_what_the_project_requires_and_nothing_of_development() -> None:
    declared = project()
    production = set(pinned("requirements.lock"))
    others = named(declared["dependency-groups"]["dev"]) | named(
        declared["project"]["optional-dependencies"]["embedded"]
    )

    assert named(declared["project"]["dependencies"]) <= production
    assert production & others == set()


def test_development_tests_the_very_versions_that_production_installs() -> None:
    production, development = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name: development.get(name) for name in production} == production


def test_who_sends_by_notify_has_the_very_versions_that_are_tested() -> None:
    production, notify = pinned("requirements.lock"), pinned("requirements-notify.lock")
    assert {name: notify.get(name) for name in production} == production
    assert notify.items() <= pinned("requirements-dev.lock").items()
    assert named(project()["project"]["optional-dependencies"]["notify"]) <= set(notify)


def test_what_builds_the_wheel_is_locked_too() -> None:
    assert named(project()["build-system"]["requires"]) <= set(pinned("requirements-build.lock"))
