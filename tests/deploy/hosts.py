"""A clean root to install into, below a temporary directory: nothing of this machine is touched."""

import os
import re
import stat
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DEPLOY = CHECKOUT / "deploy"
ORIGIN = "registry.example.org/durham"

_STAND_IN_PYTHON = """#!/bin/sh
[ "$1 $2 $3 $5" = "-m isa_registry keys --log-keys" ] || exit 64
for file in "$4/attestation-key.jwk" "$4/session-key" "$4/sign-in-key.jwk" "$4/webhook-key.jwk" "$6/log-key.pem" \\
    "$6/log-key-ml-dsa-44.pem"; do
    [ -e "$file" ] || od -An -tx1 -N32 /dev/urandom >"$file"
done
[ "$7" != --origin ] || printf '%s+00000000+stand-in\n%s+11111111+stand-in\n' "$8" "$8"
"""

_STAND_IN_PROGRAM = """#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
{ printf '%s\\n' "$#" "$@"; env | LC_ALL=C sort; } >"$here/../called"
[ ! -e "$here/../fails" ]
"""


class Host:
    """One root, and what install.sh makes of it."""

    def __init__(self, root: Path, sources: Path = CHECKOUT) -> None:
        self.root = root
        self.sources = sources
        self.settings = root / "etc/isa-registry/isa-registry.env"
        self.keys = root / "etc/isa-registry/keys"
        self.vkeys = root / "etc/isa-registry/log.vkeys"
        self.signer_settings = root / "etc/isa-registry-checkpointer/checkpointer.env"
        self.signer_keys = root / "etc/isa-registry-checkpointer/keys"
        self.venv = root / "opt/isa-registry/venv"

    def install(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run install.sh on this root, with nothing of the caller's environment but what pip needs."""
        return run_install("--root", str(self.root), *options, sources=self.sources, **environment)

    def stand_in(self) -> None:
        """Programs that only make files for keys, and write down how they were called.

        So that what surrounds the programs is tested in a moment; test_install_packages.py has the real ones.
        """
        programs = self.venv.parent / "releases/stand-in/bin"
        programs.mkdir(parents=True)
        for name, text in {"python": _STAND_IN_PYTHON, "isa-registry": _STAND_IN_PROGRAM}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.venv.symlink_to("releases/stand-in")

    def called(self) -> tuple[list[str], dict[str, str]]:
        """Arguments and environment of the last call of the stand-in."""
        lines = (self.venv / "called").read_text().splitlines()
        count = int(lines[0])
        return lines[1 : count + 1], dict(line.split("=", 1) for line in lines[count + 1 :] if "=" in line)


def run_install(
    *options: str, user: int | None = None, sources: Path = CHECKOUT, **environment: str
) -> subprocess.CompletedProcess[str]:
    passed = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return subprocess.run(
        ["bash", str(sources / "deploy/install.sh"), *options],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=300,
        user=user,
        env=passed | {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/"} | environment,
    )


def copied_into_the_image() -> list[str]:
    """What the Containerfile copies from the sources: all that an installation needs of them."""
    lines = re.findall(r"^COPY (?!--from)(.*) \S+$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    return [source for line in lines for source in line.split()]


def mode(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)
