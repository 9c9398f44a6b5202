"""A demonstration that is there to be broken."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from isa_registry.runtime import checkpointer
from live import Demonstration


@pytest.fixture(scope="session")
def battered() -> Iterator[Demonstration]:
    """Two workers, for tests that would disturb the others. Each leaves it running and whole."""
    directory = Path(tempfile.mkdtemp(prefix="isa-faults-"))
    directory.chmod(0o711)
    try:
        with Demonstration(directory / "state", workers=2, environment={"ISA_LOG_LEVEL": "warning"}) as running:
            yield running
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints follow appends at once: a test that looks at each of them does not wait."""
    monkeypatch.setattr(checkpointer, "_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(checkpointer, "_CANDIDATE_SECONDS", 0.02)
