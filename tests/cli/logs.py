"""A log as its operator has it: a database, keys and files of its own, and the commands run with its settings."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import msgspec

from isa_registry.__main__ import main as registry_program
from isa_registry.actions import attestations
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.identity.signing import sign_document
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.demonstration import demonstration_document
from isa_registry.runtime.folding import fold
from isa_registry.runtime.log_keys.files import read_attestation_key, read_log_signer_in
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import stored_frontier
from isa_registry.store import log
from isa_registry.store.pool import connect
from isa_verify.log_keys import parse_keys

AGREEMENT, VERSION = "tier-2-hoth", "1.0"
Act = Callable[[RegisterView], Sequence[Draft]]


class Ran(msgspec.Struct, frozen=True):
    """The exit status of a command and what it printed."""

    status: int
    out: str
    err: str


def run(*arguments: object, program: Callable[[list[str]], int] = registry_program, **environment: str) -> Ran:
    """One command in this process, with nothing in its environment but what is given."""
    with (
        mock.patch.dict(os.environ, {"PATH": "/usr/bin:/bin", **environment}, clear=True),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        status = program([str(argument) for argument in arguments])
    return Ran(status, out.getvalue(), err.getvalue())


def founding_document(path: Path) -> Path:
    """A real partnership's: the demonstration's, without its invented signatures."""
    document = msgspec.to_builtins(demonstration_document())
    for body in document["organisations"]:
        body["attests"] = []
    path.write_text(json.dumps(document))
    return path


class Log:
    """Everything of one log lies in `directory`; its database is at `url`."""

    def __init__(self, directory: Path, url: str, origin: str) -> None:
        self.directory = directory
        self.url = url
        self.origin = origin
        made = run("keys", directory / "keys", "--origin", origin)
        assert made.status == 0, made.err
        directory.mkdir(parents=True, exist_ok=True)
        self.keys_file = directory / "log.vkeys"
        self.keys_file.write_text(made.out)
        self.outside = directory / "outside" / "checkpoint"
        self.outside.parent.mkdir(exist_ok=True)

    @property
    def signer(self) -> LogSigner:
        return read_log_signer_in(self.origin, self.directory / "keys")

    @property
    def keys(self) -> Sequence[object]:
        return parse_keys(self.keys_file.read_bytes())

    @property
    def settings(self) -> dict[str, str]:
        """What the service is told."""
        return {
            "DATABASE_URL": self.url,
            "ISA_ORIGIN": self.origin,
            "ISA_PUBLIC_URL": "https://registry.example.org",
            "ISA_LOG_VKEYS": self.keys_file.read_text(),
            "ISA_ATTESTATION_KEY_FILE": str(self.directory / "keys" / "attestation-key.jwk"),
            "ISA_CHECKPOINT_FILE": str(self.outside),
        }

    @property
    def signing(self) -> dict[str, str]:
        """What the checkpointer is told."""
        return {
            "DATABASE_URL": self.url,
            "ISA_ORIGIN": self.origin,
            "ISA_LOG_KEY_FILE": str(self.directory / "keys" / "log-key.pem"),
            "ISA_LOG_KEY_ML_DSA_44_FILE": str(self.directory / "keys" / "log-key-ml-dsa-44.pem"),
            "ISA_CHECKPOINT_FILE": str(self.outside),
        }

    def run(self, *arguments: object, **environment: str) -> Ran:
        return run(*arguments, **{**self.settings, **environment})

    def grow(self, *acts: Act, sign: bool = True, receipt: int | None = None) -> bytes:
        """Appends what each act makes of the register, signs, and returns the receipt of an entry, if asked for one."""
        return asyncio.run(self._grow(acts, sign, receipt))

    async def _grow(self, acts: Sequence[Act], sign: bool, receipt: int | None) -> bytes:
        checkpointer = Checkpointer(self.url, self.signer, CheckpointFile(self.outside), now=lambda: datetime.now(UTC))
        registry = Registry(self.url, self.signer.keys, outside=CheckpointFile(self.outside))
        if sign:
            await checkpointer.start()
        try:
            await registry.start()
            try:
                for act in acts:
                    for draft in act(registry.follower.view):
                        await registry.sequencer.append(draft)
                size = registry.follower.view.size
                if sign:
                    assert await registry.follower.wait_for_checkpoint(size, seconds=20) is not None
                return b"" if receipt is None else await receipt_for(registry, "*", receipt)
            finally:
                await registry.stop()
        finally:
            await checkpointer.stop()

    def attest(self, view: RegisterView, organisation: str, *, registry: str | None = None) -> Draft:
        """An attestation signed as on a page."""
        version = view.agreement_version(AGREEMENT, VERSION)
        assert version is not None
        claims: dict[str, object] = {
            "v": 1,
            "registry": registry or self.origin,
            "partnership": "durham",
            "agreement": AGREEMENT,
            "version": VERSION,
            "text_sha256": version.text_sha256,
            "schedule_sha256": version.schedule_sha256,
            "organisation": organisation,
            "signatory": {"role": "chief-officer", "ref": "POST-1"},
            "consulted": [],
            "authority": {"code": "office-holder", "reference": "1"},
            "reservations": [],
            "attested_at": "2026-11-01T09:00:00.000Z",
            "signed_by": "registry",
        }
        key = read_attestation_key(self.directory / "keys" / "attestation-key.jwk")
        jws = sign_document(claims, "isa-attestation+jws", key, key["kid"])
        return attestations.attest(f"att_{organisation}_{view.size}", jws)

    def size(self) -> int:
        return asyncio.run(self._size())

    async def _size(self) -> int:
        connection = await connect(self.url, "isa_read")
        try:
            return (await log.tail(connection)).size
        finally:
            await connection.close()

    def register(self) -> Register:
        """The register, from the log alone."""
        return asyncio.run(self._register())

    async def _register(self) -> Register:
        connection = await connect(self.url, "isa_read")
        try:
            return await fold(connection, (await log.tail(connection)).size)
        finally:
            await connection.close()

    def signed(self, size: int) -> bytes:
        """A checkpoint of a size, signed now over what the database holds."""
        return asyncio.run(self._signed(size))

    async def _signed(self, size: int) -> bytes:
        connection = await connect(self.url, "isa_read")
        try:
            root = (await stored_frontier(connection, size)).root()
        finally:
            await connection.close()
        return self.signer.sign(size, root, 1_780_000_000)
