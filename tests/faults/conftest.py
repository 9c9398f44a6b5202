"""A service, with its witnesses, that is there to be broken."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.killing import Deployment, deployed
from isa_registry.runtime.checkpoints import checkpointer
from live import Demonstration


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """Two workers and three witnesses, for tests that would disturb the others. Each leaves them running and whole."""
    directory = Path(tempfile.mkdtemp(prefix="isa-faults-"))
    directory.chmod(0o711)
    try:
        with deployed(directory) as running:
            yield running
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def battered(deployment: Deployment) -> Demonstration:
    """The service of `deployment`."""
    return deployment.demo


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints follow appends at once: a test that looks at each of them does not wait."""
    monkeypatch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(checkpointer, "_CANDIDATE_SECONDS", 0.02)
