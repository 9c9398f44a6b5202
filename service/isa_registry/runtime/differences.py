"""Where a service finds the stages for professional differences: beside the agreements, or in a file named."""

from __future__ import annotations

from pathlib import Path

from isa_registry.data import data_directory
from isa_registry.domain.challenging.stages import FILE, Differences, read_differences


def differences_at(named: Path | None) -> Differences:
    """The stages of every partnership whose file ships, with those of a file that is named in the place of the same
    partnership's. Raises `AgreementError` for a file that has faults, `OSError` for one that cannot be read."""
    files = sorted(data_directory("agreements").glob(f"*/{FILE}"))
    return read_differences(file.read_bytes() for file in (*files, *((named,) if named is not None else ())))
