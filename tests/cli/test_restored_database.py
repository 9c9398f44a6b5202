"""An older copy of the database in the place of the newer one: what the commands say, and how they end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cli.test_commands import ORIGIN, run
from databases import Databases, with_database
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.log_keys.files import read_attestation_key, read_log_signer_in
from isa_registry.runtime.registry import Registry, wall_clock
from live import free_port
from running import body, opening


class Place:
    """A log that has gone on, `newer`, and an older copy of it, with the settings of those who work on it."""

    def __init__(self, databases: Databases, template: str, directory: Path) -> None:
        made = run("keys", str(directory / "keys"), "--origin", ORIGIN)
        assert 0 == made.returncode, made.stderr
        self.signer: LogSigner = read_log_signer_in(ORIGIN, directory / "keys")
        whole = read_attestation_key(directory / "keys" / "attestation-key.jwk")
        self.attestation_key = {name: value for name, value in whole.items() if name != "d"}
        self.file = directory / "checkpoint"
        self.newer = databases.create(template)
        self._url = databases.url(self.newer)
        asyncio.run(self.grow(3))
        self.older = databases.create(self.newer)
        asyncio.run(self.grow(2))
        self.service = {
            "ISA_ORIGIN": ORIGIN,
            "ISA_PUBLIC_URL": "https://registry.example.org",
            "ISA_LOG_VKEYS": made.stdout,
            "ISA_ATTESTATION_KEY_FILE": str(directory / "keys" / "attestation-key.jwk"),
            "ISA_CHECKPOINT_FILE": str(self.file),
        }
        self.signing = {
            "ISA_ORIGIN": ORIGIN,
            "ISA_LOG_KEY_FILE": str(directory / "keys" / "log-key.pem"),
            "ISA_LOG_KEY_ML_DSA_44_FILE": str(directory / "keys" / "log-key-ml-dsa-44.pem"),
            "ISA_CHECKPOINT_FILE": str(self.file),
        }

    def url(self, name: str) -> str:
        return with_database(self._url, name)

    async def append(self, entries: int) -> int:
        """Appends while somebody else signs; the size then."""
        registry = Registry(self._url, self.signer.keys, outside=CheckpointFile(self.file))
        await registry.start()
        try:
            size = registry.follower.view.size
            await asyncio.gather(*(registry.sequencer.append(body(size + number)) for number in range(entries)))
            return registry.follower.view.size
        finally:
            await registry.stop()

    async def grow(self, entries: int) -> None:
        outside = CheckpointFile(self.file)
        checkpointer = Checkpointer(self._url, self.signer, outside, now=wall_clock)
        registry = Registry(self._url, self.signer.keys, outside=outside)
        await registry.start()
        await checkpointer.start()
        try:
            for _ in range(entries):
                number = registry.follower.view.size
                draft = body(number) if number else opening()
                if not number:
                    payload = draft.payloads[0]
                    own = {"origin": ORIGIN, "attestation_key": self.attestation_key}
                    draft = type(draft)(payloads=(type(payload)(**{**_members(payload), **own}),))
                await registry.sequencer.append(draft)
            assert await registry.follower.wait_for_checkpoint(registry.follower.view.size, seconds=20)
        finally:
            await registry.stop()
            await checkpointer.stop()


def _members(payload: object) -> dict[str, object]:
    return {name: getattr(payload, name) for name in payload.__struct_fields__}  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def place(databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = Place(databases, template_database, tmp_path_factory.mktemp("restored"))
    yield found
    databases.drop(found.newer)
    databases.drop(found.older)


def test_neither_serves_nor_signs_an_older_copy_and_both_say_what_to_do(place: Place) -> None:
    before = place.file.read_bytes()
    for command, settings in (("serve", place.service), ("checkpoint", place.signing)):
        refused = run(command, DATABASE_URL=place.url(place.older), **settings)
        assert (2, "") == (refused.returncode, refused.stdout)
        assert (
            f"isa-registry {command}: The database holds 3 entries, and the outside store has a checkpoint that this "
            "log signed over 5: an older copy was restored, or a failover lost what came last. Nothing is appended to "
            "it and nothing is signed. Bring the newer database back; if it is lost, begin a log that continues this "
            "one with `isa-registry continue`. See docs/operating.md, 'After a restore'.\n"
        ) == refused.stderr
    assert before == place.file.read_bytes()


def test_another_logs_file_is_refused_and_left_as_it_is(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "checkpoint"
    other.write_bytes(place.file.read_bytes().replace(b"durham", b"elsewhere"))
    before = other.read_bytes()
    settings = {**place.signing, "ISA_CHECKPOINT_FILE": str(other)}
    refused = run("checkpoint", "--adopt", DATABASE_URL=place.url(place.newer), **settings)
    assert 2 == refused.returncode
    assert "is not a checkpoint that this log's keys signed" in refused.stderr
    assert before == other.read_bytes()


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "isa_registry", *arguments],
        env={"PATH": "/usr/bin:/bin", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def ready(port: int) -> dict[str, object]:
    end = time.monotonic() + 40
    while True:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/readyz", headers={"Host": "registry.example.org"}, timeout=2)
            if answer.status_code == 200:
                return dict(answer.json())
        except httpx.TransportError:
            pass
        assert time.monotonic() < end
        time.sleep(0.1)


def test_without_the_outside_file_it_starts_answers_and_records_nothing_until_the_operator_decides(
    place: Place, tmp_path: Path
) -> None:
    """The file was lost: nothing says that this is the newest database, so nothing is written to it."""
    lost = {"ISA_CHECKPOINT_FILE": str(tmp_path / "checkpoint")}
    url, port = place.url(place.newer), free_port()
    service = {**place.service, **lost, "DATABASE_URL": url, "ISA_PORT": str(port), "ISA_WORKERS": "1"}
    signing = {**place.signing, **lost, "DATABASE_URL": url}
    with running("serve", **service), running("checkpoint", **signing):
        end = time.monotonic() + 30
        while "outside-store-empty" not in (shown := ready(port))["warnings"]:  # type: ignore[operator]
            assert time.monotonic() < end, shown
            time.sleep(0.1)
        assert ("degraded", False) == (shown["status"], shown["writes"])
        assert "history-unconfirmed" in shown["warnings"]  # type: ignore[operator]
        assert not (tmp_path / "checkpoint").exists()
    with running("serve", **service), running("checkpoint", "--adopt", **signing):
        while not (shown := ready(port))["writes"]:
            assert time.monotonic() < end + 60, shown
            time.sleep(0.1)
        assert "ok" == shown["status"]
    assert place.file.read_bytes() == (tmp_path / "checkpoint").read_bytes()
