"""Our witness against the transcripts by which another one (litewitness, June 2025) is tested.

One status has changed since: an unknown origin was 403 and is 404.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from msgspec import Struct

from isa_registry.ledger.witness import MAX_REQUEST_SIZE, read_logs
from isa_registry.runtime.witnesses.place import WitnessPlace, make_witness
from isa_registry.runtime.witnesses.server import WitnessServer
from isa_registry.runtime.witnesses.small_http import SmallHttpServer
from isa_verify.note import ED25519, open_note, vkey_of
from loudly import shared

DIRECTORY = shared("vectors/torchwood-litewitness")
NAME = "example.com/witness"


class Exchange(Struct, frozen=True):
    """A request, and what the transcript demands of the answer."""

    body: bytes
    status: int
    contains: str | None
    equals: str | None


def exchanges(transcript: str) -> list[Exchange]:
    text = (DIRECTORY / transcript).read_text(encoding="utf-8").partition("-- add-checkpoint.hurl --\n")[2]
    found = []
    for block in re.split(r"^POST \S+\n", text, flags=re.MULTILINE)[1:]:
        parsed = re.fullmatch(
            r"```\n(.*?)```\nHTTP (\d+)\n\[Asserts\]\nbody (contains|==) \"(.*)\"\n*", block, re.DOTALL
        )
        assert parsed is not None
        body, status, how, wanted = parsed.groups()
        wanted = wanted.replace("\\n", "\n")
        found.append(
            Exchange(
                body=body.encode(),
                status=int(status),
                contains=wanted if how == "contains" else None,
                equals=wanted if how == "==" else None,
            )
        )
    return found


def sigsum_log(transcript: str) -> str:
    """The log that the transcript sets up from a raw key."""
    text = (DIRECTORY / transcript).read_text(encoding="utf-8")
    found = re.search(r"witnessctl add-sigsum-log -key=([0-9a-f]{64})$", text, re.MULTILINE)
    assert found is not None
    public = bytes.fromhex(found[1])
    return vkey_of(f"sigsum.org/v1/tree/{hashlib.sha256(public).hexdigest()}", ED25519, public) + "\n"


def named_log(transcript: str) -> str:
    """The log that the transcript sets up from an origin and a verifier key of another name."""
    text = (DIRECTORY / transcript).read_text(encoding="utf-8")
    origin = re.search(r"witnessctl add-log -origin '(.*)'$", text, re.MULTILINE)
    vkey = re.search(r"witnessctl add-key -origin '.*' -key (\S+)$", text, re.MULTILINE)
    assert origin is not None
    assert vkey is not None
    return f"{vkey[1]} {origin[1]}\n"


@asynccontextmanager
async def asked(directory: Path, vkeys: str) -> AsyncIterator[httpx.AsyncClient]:
    make_witness(directory, NAME)
    with WitnessPlace(directory) as place:
        witness = WitnessServer(place, read_logs(vkeys), now=lambda: 1_780_000_000, monotonic=lambda: 0.0)
        server = SmallHttpServer(witness.answer, max_body=MAX_REQUEST_SIZE)
        port = await server.start("127.0.0.1", 0)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                yield client
        finally:
            await server.stop()


@pytest.mark.parametrize(
    ("transcript", "vkeys", "count"),
    [("litewitness.txt", sigsum_log("litewitness.txt"), 9), ("sumdb.txt", named_log("sumdb.txt"), 1)],
    ids=["litewitness", "sumdb"],
)
async def test_our_witness_passes(tmp_path: Path, transcript: str, vkeys: str, count: int) -> None:
    spoken = exchanges(transcript)
    assert count == len(spoken)
    async with asked(tmp_path / "witness", vkeys) as client:
        for number, exchange in enumerate(spoken):
            answer = await client.post("/add-checkpoint", content=exchange.body)
            changed = exchange.status == 403 and exchange.contains == "unknown log"
            assert (number, 404 if changed else exchange.status) == (number, answer.status_code)
            if exchange.contains is not None:
                assert exchange.contains in answer.text
            if exchange.equals is not None:
                assert exchange.equals == answer.text
                assert answer.headers["content-type"] == "text/x.tlog.size"


async def test_the_cosignatures_of_both_verify(tmp_path: Path) -> None:
    (exchange,) = exchanges("sumdb.txt")
    note = exchange.body.partition(b"\n\n")[2]
    async with asked(tmp_path / "witness", named_log("sumdb.txt")) as client:
        answer = await client.post("/add-checkpoint", content=exchange.body)
    with WitnessPlace(tmp_path / "witness") as place:
        assert 2 == len(open_note(note + answer.content, place.cosigner.keys).verified)
