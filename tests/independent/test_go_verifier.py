"""The published log, verified by other people's code: golang.org/x/mod/sumdb, as Debian packages it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from faults.load import Signer
from faults.witnessing import eventually
from independent.go_verifier import Verifier
from listening import Quiet, listening
from live import LEAD, Demonstration

Change = Callable[[str, bytes], bytes]


@contextmanager
def served_with(demo: Demonstration, change: Change) -> Iterator[str]:
    """The demonstration behind a proxy that changes what is served; its address."""

    class Proxy(Quiet):
        def do_GET(self) -> None:
            headers = {"Host": f"127.0.0.1:{demo.port}"}
            if token := self.headers.get("Authorization"):
                headers["Authorization"] = token
            answer = client.get(self.path, headers=headers)
            body = change(self.path, answer.content) if answer.status_code == 200 else answer.content
            self.answer(answer.status_code, body)

    with httpx.Client(base_url=demo.url, timeout=20) as client, listening(Proxy) as url:
        yield url


def flip(path: str, position: int) -> Change:
    """One bit of what is served under a path (a pattern), `position` bytes in."""

    def change(asked: str, body: bytes) -> bytes:
        if re.fullmatch(path, asked) is None:
            return body
        return body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]

    return change


def checkpoint_of(demo: Demonstration) -> bytes:
    return httpx.get(f"{demo.url}/log/checkpoint").content


def size_of(checkpoint: bytes) -> int:
    return int(checkpoint.split(b"\n")[1])


def grow(demo: Demonstration, events: int) -> None:
    """Records events, and waits until every worker shows a checkpoint that covers them."""
    signer = Signer(demo.state)
    with demo.client() as client:
        for _ in range(events):
            sent = client.post(
                "/api/v1/sharing-events", content=signer.event()[1], headers={"Content-Type": "application/jose"}
            )
            assert 201 == sent.status_code
        end = int(sent.headers["ISA-Log-Size"])
    eventually(lambda: all(size_of(checkpoint_of(demo)) >= end for _ in range(6)))


def test_others_code_verifies_the_log_as_it_grows(
    demonstration: Demonstration, verifier: Verifier, tmp_path: Path
) -> None:
    token = demonstration.token(LEAD, "audit:read")
    older = tmp_path / "older"
    sizes = []
    for events in (1, 7, 64):
        older.write_bytes(checkpoint_of(demonstration))
        grow(demonstration, events)
        status, said = verifier(demonstration.url, demonstration.vkey, token, str(older))
        assert (0, "OK") == (status, said.partition(" ")[0]), said
        sizes.append(int(said.removeprefix("OK ")))
        assert size_of(older.read_bytes()) < sizes[-1]
    assert sizes == sorted(set(sizes))
    assert sizes[0] > 256


def test_hashes_alone_are_verified_without_a_token(demonstration: Demonstration, verifier: Verifier) -> None:
    status, said = verifier(demonstration.url, demonstration.vkey)
    assert (0, "OK") == (status, said.partition(" ")[0]), said
    refused, why = verifier(demonstration.url, demonstration.vkey, "no-such-token")
    assert 1 == refused
    assert "status 401" in why


def test_what_is_passed_on_unchanged_is_verified(demonstration: Demonstration, verifier: Verifier) -> None:
    with served_with(demonstration, lambda _, body: body) as url:
        status, said = verifier(url, demonstration.vkey, demonstration.token(LEAD, "audit:read"))
    assert (0, "OK") == (status, said.partition(" ")[0]), said


FLIPS = {
    "size": (flip("/log/checkpoint", len("demo.isa-registry.invalid/durham\n")), "invalid signature"),
    "root": (flip("/log/checkpoint", len("demo.isa-registry.invalid/durham\n325\n") + 3), "invalid signature"),
    "signature": (flip("/log/checkpoint", -10), ""),
    "full tile": (flip("/log/tile/0/000", 4000), ""),
    "partial tile": (flip(r"/log/tile/0/00[1-9]\.p/[0-9]+", 33), ""),
    "tile of roots": (flip(r"/log/tile/1/000\.p/[0-9]+", 3), ""),
    "full bundle": (flip("/log/tile/entries/000", 20_000), "entry"),
    "partial bundle": (flip(r"/log/tile/entries/00[1-9]\.p/[0-9]+", 300), "entry"),
}


@pytest.mark.parametrize(("change", "why"), FLIPS.values(), ids=FLIPS)
def test_a_flipped_bit_is_refused_by_others_code(
    demonstration: Demonstration, verifier: Verifier, change: Change, why: str
) -> None:
    changed = []

    def counted(path: str, body: bytes) -> bytes:
        different = change(path, body)
        if different != body:
            changed.append(path)
        return different

    token = demonstration.token(LEAD, "audit:read")
    vkey = demonstration.vkey
    with served_with(demonstration, counted) as url:
        status, said = verifier(url, vkey, token)
    assert changed
    assert 1 == status
    assert said.startswith("NOT VERIFIED")
    assert why in said


def test_a_log_that_does_not_extend_what_was_seen_is_refused(
    demonstration: Demonstration, verifier: Verifier, tmp_path: Path
) -> None:
    """The newer checkpoint is remembered, the older one is served: a rollback."""
    earlier = checkpoint_of(demonstration)
    grow(demonstration, 3)
    remembered = tmp_path / "remembered"
    remembered.write_bytes(checkpoint_of(demonstration))
    rolled_back: Change = lambda path, body: earlier if path == "/log/checkpoint" else body  # noqa: E731
    with served_with(demonstration, rolled_back) as url:
        assert (0, f"OK {size_of(earlier)}") == verifier(url, demonstration.vkey, "-")
        status, said = verifier(url, demonstration.vkey, "-", str(remembered))
    assert 1 == status
    assert "fewer than" in said
