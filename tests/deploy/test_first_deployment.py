"""The first steps of docs/operating.md, one after the other: roles, installation, migration, founding, service."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.hosts import DEPLOY, Host
from deploy.logins import Logins

pytestmark = pytest.mark.xdist_group("installation")

FOUNDING = {
    "partnership": "durham",
    "partnership_name": "Durham Safeguarding Children Partnership",
    "lead_body": "durham-county-council",
    "organisations": [
        {"organisation": "durham-county-council", "name": "Durham County Council", "kind": "local-authority"},
        {"organisation": "durham-constabulary", "name": "Durham Constabulary", "kind": "police"},
    ],
}


# As MemoryDenyWriteExecute= of the unit does, where the kernel can; workers inherit it.
_NO_EXECUTABLE_MEMORY = """
import ctypes, os, sys
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Deployment:
    """An installed root whose settings name a migrated database, and the commands run in it."""

    def __init__(self, host: Host, port: int) -> None:
        self.host = host
        self.port = port

    def command(self, *arguments: str) -> list[str]:
        return [str(self.host.root / "usr/local/sbin/isa-registry"), *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, timeout=60)

    def get(self, path: str) -> dict[str, Any]:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": "registry.example.org"})
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return json.load(answer)

    def healthy(self) -> bool:
        asked = [sys.executable, "-I", str(DEPLOY / "container/healthy.py")]
        environment = {"ISA_PORT": str(self.port), "ISA_PUBLIC_URL": "https://registry.example.org"}
        return subprocess.run(asked, env=environment, check=False, timeout=30).returncode == 0


@pytest.fixture(scope="module")
def deployment(installed: tuple[Host, str], logins: Logins) -> Deployment:
    host, _ = installed
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    changed = {"DATABASE_URL": logins.service, "ISA_PORT": str(port)}
    text = host.settings.read_text()
    for name, value in changed.items():
        text = re.sub(rf"(?m)^#?{name}=.*$", f"{name}='{value}'", text)
    text = re.sub(r"(?m)^ISA_[A-Z_]+_(?:FILE|DIR)='", rf"\g<0>{host.root}", text)
    # As StateDirectory= of the unit does.
    (host.root / "var/lib/isa-registry").mkdir(mode=0o700)
    host.settings.write_text(text)
    signer = re.sub(r"(?m)^ISA_[A-Z0-9_]+_FILE='", rf"\g<0>{host.root}", host.signer_settings.read_text())
    signer = re.sub(r"(?m)^DATABASE_URL=.*$", f"DATABASE_URL='{logins.checkpointer}'", signer)
    host.signer_settings.write_text(signer)
    done = host.install("--no-packages", ISA_MIGRATE_URL=logins.owner)
    assert (done.returncode, "the database is migrated" in done.stdout) == (0, True), done.stdout + done.stderr
    return Deployment(host, port)


@pytest.fixture(scope="module")
def founded(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    before = deployment.run("serve")
    assert (before.returncode, "the log is empty" in before.stderr) == (2, True), before.stderr
    document: Path = tmp_path_factory.mktemp("founding") / "founding.json"
    document.write_text(json.dumps(FOUNDING))
    done = deployment.run("import", str(document))
    assert done.returncode == 0, done.stderr
    return deployment


@pytest.fixture
def served(founded: Deployment) -> Iterator[Deployment]:
    """The service, running until the test ends; it then stops within the time that its unit allows."""
    command = [sys.executable, "-I", "-c", _NO_EXECUTABLE_MEMORY, *founded.command("serve")]
    signing = [sys.executable, "-I", "-c", _NO_EXECUTABLE_MEMORY, *founded.command("checkpoint")]
    with (
        subprocess.Popen(signing, stdout=subprocess.DEVNULL) as signer,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process,
    ):
        try:
            until = time.monotonic() + 30
            # It answers before the checkpointer has had its word, and records nothing until then.
            while not (founded.healthy() and founded.get("/readyz")["writes"]):
                assert process.poll() is None, process.stderr.read() if process.stderr else ""
                assert time.monotonic() < until
                time.sleep(0.2)
            yield founded
        finally:
            signer.terminate()
            process.terminate()
            try:
                signer.wait(timeout=20)
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                signer.kill()
                process.kill()
                raise


def test_a_log_is_founded_once(founded: Deployment, tmp_path: Path) -> None:
    document = tmp_path / "founding.json"
    document.write_text(json.dumps(FOUNDING))

    again = founded.run("import", str(document))

    assert (again.returncode, "begun already" in again.stderr) == (1, True), again.stderr


def test_the_service_serves_what_was_founded(served: Deployment) -> None:
    assert served.get("/readyz")["status"] == "ok"
    assert served.get("/readyz")["log_size"] >= 4


def test_what_was_founded_is_signed_by_a_process_of_its_own(served: Deployment) -> None:
    until = time.monotonic() + 20
    while served.get("/readyz")["checkpoint_size"] < served.get("/readyz")["log_size"]:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert "checkpointer-away" not in served.get("/readyz")["warnings"]
