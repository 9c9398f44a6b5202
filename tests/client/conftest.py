"""A registry to talk to, an organisation's keys, and the command line run in this process."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client.running import KID, SUBJECT_KEY, Ran
from client.stand_in import ORGANISATION, StandIn, jwk, serving
from isa_client import connections
from isa_client.cli import main
from isa_verify.encoding import encode_base64url


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A strict registry. Nothing waits: what would have been waited is in `waits`."""
    for name in ("URL", "ORGANISATION", "ISSUER", "CLIENT_ID", "CLIENT_SECRET", "SCOPE", "STATE", "KEY", "SUBJECT_KEY"):
        monkeypatch.delenv(f"ISA_{name}", raising=False)
    with serving() as state:
        yield state


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where there is one: what is synced to the disk hundreds of times is not waited for."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="isa-client-") as directory:
        yield Path(directory)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client meant to wait between attempts, instead of waiting them."""
    waited: list[float] = []
    monkeypatch.setattr(connections.time, "sleep", waited.append)
    return waited


@pytest.fixture
def state_directory(stand_in: StandIn, tmp_path: Path) -> Path:
    """A demonstration's state with the organisation's keys, whose public half the registry knows."""
    private = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
    stand_in.keys[KID] = private.public_key()
    keys = tmp_path / "state" / "demo" / "keys"
    keys.mkdir(parents=True)
    (keys / f"{ORGANISATION}.jwk").write_text(json.dumps(jwk(private, KID)))
    (keys / f"{ORGANISATION}.subject-key").write_text(encode_base64url(SUBJECT_KEY) + "\n")
    return tmp_path / "state"


@pytest.fixture
def run(
    stand_in: StandIn,
    state_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    """Run `isa-client` as this organisation against the stand-in, in a directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ISA_URL", stand_in.url)
    monkeypatch.setenv("ISA_ORGANISATION", ORGANISATION)
    monkeypatch.setenv("ISA_STATE", str(state_directory))

    def command(*arguments: str) -> Ran:
        status = main(list(arguments))
        out, err = capsys.readouterr()
        return Ran(status, out, err)

    return command
