"""The program under verify_log: it checks a published log with none of this project's code."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from loudly import LOUD

SOURCE = Path(__file__).parent / "verify_log" / "main.go"
GOPATH = Path("/usr/share/gocode")


@dataclass(frozen=True)
class Verifier:
    """The built program. It is told to use no proxy: everything is on this machine."""

    program: Path

    def __call__(self, url: str, *arguments: str) -> tuple[int, str]:
        return self.run(f"{url}/log", *arguments)

    def run(self, *arguments: object) -> tuple[int, str]:
        """The exit status, and what it said."""
        done = subprocess.run(
            [self.program, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": os.defpath},
            check=False,
        )
        return done.returncode, done.stdout.strip() or done.stderr


def build(directory: Path) -> Verifier:
    """The program, built. Skips the test, loudly, where Go or the module is absent."""
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip(
            f"{LOUD}Go and golang.org/x/mod are absent (Debian: golang-go, golang-golang-x-mod-dev), "
            "so nobody else's code verified the log"
        )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", str(directory)),
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOPROXY": "off",
        "CGO_ENABLED": "0",
    }
    command = [go, "build", "-o", str(directory / "verify_log"), str(SOURCE)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=directory, timeout=300, check=False
    )
    assert 0 == done.returncode, done.stderr
    return Verifier(directory / "verify_log")
