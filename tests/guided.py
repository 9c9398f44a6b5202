"""A guide whose commands are run: its `sh` blocks by the heading that they stand under, in a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

GUIDES = Path(__file__).resolve().parents[1] / "docs" / "guides"


class Guide:
    """A guide at work in a directory. The blocks before the first heading stand before every other."""

    def __init__(self, name: str, directory: Path, environment: Mapping[str, str]) -> None:
        self.text = (GUIDES / name).read_text(encoding="utf-8")
        self.directory = directory
        # Shells of the test's own caller must not say which registry or organisation is meant.
        inherited = {one: value for one, value in os.environ.items() if not one.startswith("ISA_")}
        self._environment = {**inherited, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", **environment}
        before, *sections = re.split(r"^## ", self.text, flags=re.MULTILINE)
        self._first = "\n".join(_blocks(before))
        self._blocks = {one.partition("\n")[0]: _blocks(one) for one in sections}
        self._left = {(heading, place) for heading, found in self._blocks.items() for place in range(len(found))}

    @property
    def left(self) -> list[tuple[str, int]]:
        """The blocks that nobody has run."""
        return sorted(self._left)

    def run(self, heading: str, place: int = 0, **environment: str) -> str:
        """Runs a block as it is printed; what it prints. A command that fails fails the test."""
        block = self._blocks[heading][place]
        self._left.discard((heading, place))
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{self._first}\n{block}"],
            cwd=self.directory,
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{heading}, block {place}: {done.stdout[-2000:]}\n{done.stderr}"
        return done.stdout


def _blocks(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
