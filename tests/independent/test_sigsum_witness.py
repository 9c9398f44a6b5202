"""A witness that others wrote, Debian's `sigsum-witness`, driven by our client: it cosigns a log and refuses a fork."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from msgspec import Struct

from growing import GrowingLog, with_lines
from isa_registry.outbound.witnesses import RecordedSize, WitnessClient, WitnessError
from isa_registry.runtime.witnesses.rounds import Cosignature, Witnessing
from isa_verify.note import ED25519_COSIGNATURE, VerifierKey
from isa_verify.policy import Policy, cosigners
from live import free_port
from loudly import LOUD

LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = LOG_KEY.public_key().public_bytes_raw()
ORIGIN = f"sigsum.org/v1/tree/{hashlib.sha256(PUBLIC).hexdigest()}"
"""It follows one log, and knows it by no other name."""
LOG = GrowingLog(ORIGIN, ed25519=LOG_KEY)
FORK = GrowingLog(ORIGIN, fork=3, ed25519=LOG_KEY)


class Sigsum(Struct, frozen=True):
    url: str
    key: VerifierKey


@pytest.fixture
def sigsum(tmp_path: Path) -> Iterator[Sigsum]:
    program = shutil.which("sigsum-witness")
    if program is None:
        pytest.skip(
            f"{LOUD}sigsum-witness is absent (Debian: sigsum-go, from bookworm-backports), so nobody else's witness "
            "cosigned the log"
        )
    private = Ed25519PrivateKey.generate()
    key_file, log_file = tmp_path / "witness.key", tmp_path / "log.pub"
    key_file.touch(mode=0o600)
    key_file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    log_file.write_bytes(LOG_KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b"\n")
    public = private.public_key().public_bytes_raw()
    name = f"sigsum.org/v1/witness/{hashlib.sha256(public).hexdigest()}"
    port = free_port()
    arguments = ["-k", key_file, "--log-key", log_file, "--state-file", tmp_path / "state", f"127.0.0.1:{port}"]
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            [program, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            # Debian builds it so that none of its routes matches otherwise.
            env={"PATH": os.environ["PATH"], "GODEBUG": "httpmuxgo121=0"},
        )
    try:
        end = time.monotonic() + 10
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/", timeout=2, trust_env=False)
                break
            except httpx.TransportError:
                assert process.poll() is None, (tmp_path / "output").read_text()
                assert time.monotonic() < end
                time.sleep(0.05)
        yield Sigsum(url=f"http://127.0.0.1:{port}", key=VerifierKey(name, ED25519_COSIGNATURE, public))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


async def test_it_cosigns_our_log_as_it_grows(sigsum: Sigsum) -> None:
    policy = Policy.parse(f"log {LOG.keys[0]}\nwitness sigsum {sigsum.key} {sigsum.url}\nquorum sigsum\n")
    kept: list[Cosignature] = []
    proved: list[int] = []

    async def keep(cosignature: Cosignature) -> None:
        kept.append(cosignature)

    async with WitnessClient() as client:
        for asking in (Witnessing(policy, client, monotonic=time.monotonic, random=lambda: 0.0) for _ in range(2)):
            for size in (5, 9) if not kept else (12, 13):

                async def proofs(old: int, size: int = size) -> Sequence[bytes]:
                    proved.append(old)
                    return LOG.proof(old, size)

                assert (await asking.gather(LOG.note(size), size=size, proofs=proofs, keep=keep)).satisfied
    assert [5, 9, 12, 13] == [one.size for one in kept]
    assert [5, 9, 12] == proved
    for one in kept:
        found = cosigners(with_lines(LOG.note(one.size), one.line), LOG.checkpoint(one.size), policy)
        assert {"sigsum": one.at} == found
        assert abs(one.at - time.time()) < 60


async def test_it_refuses_what_ours_refuses(sigsum: Sigsum) -> None:
    async def add(log: GrowingLog, old: int, size: int, proof: Sequence[bytes] | None = None) -> object:
        steps = log.proof(old, size) if proof is None else proof
        try:
            return await client.add_checkpoint(
                sigsum.url, [sigsum.key], log.note(size), size=size, old=old, proof=steps
            )
        except WitnessError as error:
            return error.code

    async with WitnessClient() as client:
        assert isinstance(await add(LOG, 0, 5), tuple)
        assert RecordedSize(5) == await add(LOG, 0, 9)
        assert isinstance(await add(LOG, 5, 5), tuple)
        assert "root-differs" == await add(FORK, 5, 5)
        assert "proof-refused" == await add(FORK, 5, 9)
        assert "proof-refused" == await add(LOG, 5, 9, LOG.proof(5, 9)[::-1])
        assert "request-refused" == await add(LOG, 6, 5, ())
        assert "log-unknown" == await add(GrowingLog("another.example"), 0, 5)
        assert isinstance(await add(LOG, 5, 9), tuple)
