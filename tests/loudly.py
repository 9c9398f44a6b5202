"""Shared material beside the repository: tests use it where it is, and say so loudly where it is not."""

from pathlib import Path

import pytest

LOUD = "LOUD SKIP: "

_BESIDE = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """The file or directory `path` of the shared material; skips the test (or the module) where it is absent.

    What was skipped so is listed at the end of the run.
    """
    found = _BESIDE / path
    if not found.exists():
        pytest.skip(f"{LOUD}../shared/{path} is absent, so nothing was checked against it", allow_module_level=True)
    return found
