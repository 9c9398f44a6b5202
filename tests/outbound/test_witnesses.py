"""How witnesses are asked to cosign, and what is made of their answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from growing import NOW, ORIGIN, WITNESS, GrowingLog, new_witness
from isa_registry.ledger.witness import Cosigner, answer_of
from isa_registry.outbound import witnesses
from isa_registry.outbound.back_off import BackOff
from isa_registry.outbound.witnesses import MAX_ANSWER, RecordedSize, WitnessClient, WitnessError
from isa_verify.cosignature import LAST_TIME
from isa_verify.note import SignatureLine, VerifiedSignature, cosign_ed25519
from witnesses import witnessing

LOG = GrowingLog()
FORK = GrowingLog(fork=3)
NOTE = LOG.note(9)
URL = "https://witness.example/of/police"
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def cosigner(tmp_path: Path) -> Cosigner:
    return new_witness(tmp_path / "witness")


async def ask(
    handler: Handler, cosigner: Cosigner, *, old: int = 5, url: str = URL
) -> tuple[VerifiedSignature, ...] | RecordedSize:
    async with WitnessClient(transport=httpx.MockTransport(handler)) as client:
        return await client.add_checkpoint(url, cosigner.keys, NOTE, size=9, old=old, proof=LOG.proof(old, 9))


async def refused(handler: Handler, cosigner: Cosigner, *, old: int = 5, url: str = URL) -> str:
    with pytest.raises(WitnessError) as error:
        await ask(handler, cosigner, old=old, url=url)
    return error.value.code


def answering(status: int, body: bytes = b"", **headers: str) -> Handler:
    return lambda _: httpx.Response(status, content=body, headers=headers)


def lines_of(cosigner: Cosigner, at: int = NOW) -> tuple[SignatureLine, SignatureLine]:
    return cosigner.cosign(LOG.checkpoint(9).text(), at)


async def test_a_witness_of_ours_answers_with_both_cosignatures(tmp_path: Path, cosigner: Cosigner) -> None:
    async with witnessing(tmp_path / "witness", LOG) as url, WitnessClient() as client:
        for old, size in ((0, 5), (5, 9), (9, 9)):
            note, proof = LOG.note(size), LOG.proof(old, size)
            found = await client.add_checkpoint(url, cosigner.keys, note, size=size, old=old, proof=proof)
            assert isinstance(found, tuple)
            assert [(key, NOW) for key in cosigner.keys] == [(one.key, one.timestamp) for one in found]
        told = await client.add_checkpoint(url, cosigner.keys, LOG.note(12), size=12, old=0, proof=())
        assert RecordedSize(9) == told
        with pytest.raises(WitnessError, match="root-differs"):
            await client.add_checkpoint(url, cosigner.keys, FORK.note(9), size=9, old=9, proof=())
        with pytest.raises(WitnessError, match="proof-refused"):
            await client.add_checkpoint(url, cosigner.keys, FORK.note(12), size=12, old=9, proof=FORK.proof(9, 12))
        shown = await client.newest(url, ORIGIN)
        assert shown is not None
        assert LOG.checkpoint(9).text() in shown
        assert await client.newest(url, "another.example") is None


async def test_the_request_is_what_the_protocol_says(cosigner: Cosigner) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=answer_of(lines_of(cosigner)))

    await ask(handler, cosigner)
    (request,) = seen
    assert ("POST", f"{URL}/add-checkpoint") == (request.method, str(request.url))
    head, _, note = request.content.partition(b"\n\n")
    assert (b"old 5", len(LOG.proof(5, 9)), NOTE) == (head.split(b"\n")[0], head.count(b"\n"), note)


async def test_lines_of_others_are_ignored(cosigner: Cosigner) -> None:
    other = cosign_ed25519("other.example", cosigner.ed25519, LOG.checkpoint(9).text(), NOW)
    found = await ask(answering(200, answer_of([other, *lines_of(cosigner)])), cosigner)

    assert isinstance(found, tuple)
    assert lines_of(cosigner)[0] == found[0].line
    assert list(cosigner.keys) == [one.key for one in found]


async def test_one_cosignature_is_better_than_none(cosigner: Cosigner) -> None:
    found = await ask(answering(200, answer_of(lines_of(cosigner)[:1])), cosigner)

    assert isinstance(found, tuple)
    assert [cosigner.keys[0]] == [one.key for one in found]


async def test_a_recorded_size_is_believed_as_a_place_to_prove_from(cosigner: Cosigner) -> None:
    assert RecordedSize(7) == await ask(answering(409, b"7\n", content_type="text/x.tlog.size"), cosigner)
    assert RecordedSize(12) == await ask(answering(409, b"12\n"), cosigner)


@pytest.mark.parametrize(("status", "body"), [(422, b""), (409, b""), (409, b"9\n"), (409, b"checkpoints differ\n")])
async def test_another_root_of_the_same_size_is_known_from_newer_and_older_witnesses(
    cosigner: Cosigner, status: int, body: bytes
) -> None:
    assert "root-differs" == await refused(answering(status, body), cosigner, old=9)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b"", "request-refused"),
        (403, b"", "log-key-unknown"),
        (404, b"", "log-unknown"),
        (422, b"", "proof-refused"),
        (429, b"", "busy"),
        (503, b"", "busy"),
        (500, b"", "status-refused"),
        (201, b"", "status-refused"),
        (307, b"", "status-refused"),
        (409, b"", "answer-malformed"),
        (409, b"5\n", "answer-malformed"),
        (409, b"07\n", "answer-malformed"),
        (200, b"", "answer-malformed"),
        (200, b"\n\n", "answer-malformed"),
        (200, b"no line\n", "answer-malformed"),
        (200, "\N{EM DASH} other.example AAAAAAA=\n".encode(), "cosignature-missing"),
    ],
)
async def test_everything_else_is_a_failure_with_a_code(
    cosigner: Cosigner, status: int, body: bytes, code: str
) -> None:
    assert code == await refused(answering(status, body, location="https://evil.example"), cosigner)


async def test_a_cosignature_that_does_not_hold_spoils_the_answer(cosigner: Cosigner) -> None:
    good = lines_of(cosigner)
    for index, key in enumerate(cosigner.keys):
        forged = SignatureLine(WITNESS, key.key_id, bytes(7) + b"\x01" + bytes(len(good[index].signature) - 8))
        lines = [good[1 - index], forged]
        assert "cosignature-invalid" == await refused(answering(200, answer_of(lines)), cosigner)
    other = cosigner.cosign(LOG.checkpoint(8).text(), NOW)
    assert "cosignature-invalid" == await refused(answering(200, answer_of(other)), cosigner)


async def test_a_cosignature_without_a_time_that_is_one_is_refused(cosigner: Cosigner) -> None:
    for time in (0, LAST_TIME + 1, 2**63 - 1):
        undated = cosign_ed25519(WITNESS, cosigner.ed25519, LOG.checkpoint(9).text(), time)
        assert "cosignature-undated" == await refused(answering(200, answer_of([undated])), cosigner)


async def test_an_answer_cannot_move_itself_into_the_text(cosigner: Cosigner) -> None:
    body = b"more text\n\n" + answer_of(lines_of(cosigner))
    assert "answer-malformed" == await refused(answering(200, body), cosigner)


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 4_096


async def _trickle() -> AsyncIterator[bytes]:
    while True:
        yield b"x"
        await asyncio.sleep(0.01)


async def test_large_slow_and_compressed_answers_are_refused(
    cosigner: Cosigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "too-large" == await refused(lambda _: httpx.Response(200, content=_endless()), cosigner)
    assert "too-large" == await refused(answering(200, b"x" * (MAX_ANSWER + 1)), cosigner)
    assert "answer-malformed" == await refused(answering(200, content_encoding="x-any"), cosigner)
    monkeypatch.setattr(witnesses, "DEADLINE_SECONDS", 0.05)
    assert "too-slow" == await refused(lambda _: httpx.Response(200, content=_trickle()), cosigner)


async def test_a_witness_that_is_not_there_is_unreachable(cosigner: Cosigner) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("secret")

    with pytest.raises(WitnessError) as error:
        await ask(handler, cosigner)
    assert "unreachable: witness.example" == str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://witness.example",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "https://user:secret@witness.example",
        "https://witness.example/#part",
        "https://witness.example?a=b",
        "ftp://witness.example",
        "witness.example",
        "",
        "https://[",
    ],
)
async def test_only_https_and_this_machine_are_asked(cosigner: Cosigner, url: str) -> None:
    assert "address-refused" == await refused(answering(200, b""), cosigner, url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8017", "http://localhost:8017/", "http://[::1]:8017/police"])
async def test_this_machine_is_asked_in_the_clear(cosigner: Cosigner, url: str) -> None:
    assert isinstance(await ask(answering(200, answer_of(lines_of(cosigner))), cosigner, url=url), tuple)


async def test_what_a_witness_shows_is_bounded_too(cosigner: Cosigner) -> None:
    async with WitnessClient(transport=httpx.MockTransport(answering(500))) as client:
        with pytest.raises(WitnessError, match="status-refused"):
            await client.newest(URL, ORIGIN)
    async with WitnessClient(transport=httpx.MockTransport(answering(200, b"x" * (MAX_ANSWER + 1)))) as client:
        with pytest.raises(WitnessError, match="too-large"):
            await client.newest(URL, ORIGIN)


class TestBackOff:
    def test_pauses_double_and_stay_at_a_minute(self) -> None:
        back_off = BackOff(lambda: 0.0)
        for pause in (1, 2, 4, 8, 16, 32, 60, 60):
            back_off.failed(100.0)
            assert not back_off.ready_at(100.0 + pause - 0.01)
            assert back_off.ready_at(100.0 + pause)

    def test_success_begins_anew(self) -> None:
        back_off = BackOff(lambda: 0.0)
        for _ in range(5):
            back_off.failed(100.0)
        back_off.succeeded()
        assert back_off.ready_at(100.0)
        back_off.failed(100.0)
        assert back_off.ready_at(101.0)

    @given(st.floats(0, 1, exclude_max=True), st.integers(1, 5_000))
    def test_chance_shortens_a_pause_by_up_to_half(self, chance: float, failures: int) -> None:
        back_off = BackOff(lambda: chance)
        for _ in range(failures):
            back_off.failed(0.0)
        longest = min(60.0, 2.0 ** (failures - 1)) if failures < 100 else 60.0
        assert not back_off.ready_at(longest / 2 - 0.001)
        assert back_off.ready_at(longest)
