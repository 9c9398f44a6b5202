"""A service, with its witnesses, that is there to be broken."""

from collections.abc import Iterator

import pytest

from faults.killing import Deployment, deployed
from isa_registry.runtime.checkpoints import checkpointer
from live import Demonstration
from places import server_directory


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """Two workers and three witnesses, for tests that would disturb the others. Each leaves them running and whole."""
    with server_directory("isa-faults-") as directory, deployed(directory) as running:
        yield running


@pytest.fixture(scope="session")
def battered(deployment: Deployment) -> Demonstration:
    """The service of `deployment`."""
    return deployment.demo


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints follow appends at once: a test that looks at each of them does not wait."""
    monkeypatch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(checkpointer, "_CANDIDATE_SECONDS", 0.02)
