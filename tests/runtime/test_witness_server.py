"""A witness over HTTP: statuses and bodies to the letter, limits, what it keeps, and what survives a sudden death."""

from __future__ import annotations

import asyncio
import hashlib
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from growing import NOW, ORIGIN, WITNESS, GrowingLog, cosignatures, new_witness
from isa_registry.ledger.witness import MAX_REQUEST_SIZE, Cosigner, recall, request_body
from isa_registry.runtime.witnesses import place as witness_place
from isa_registry.runtime.witnesses import server as witness_server
from isa_registry.runtime.witnesses import small_http
from isa_registry.runtime.witnesses.place import STATE_FILE, WitnessPlace, WitnessPlaceError
from isa_registry.runtime.witnesses.small_http import MAX_CONNECTIONS
from isa_verify.checkpoint import Checkpoint
from isa_verify.note import open_note
from witnesses import Clock, WitnessProcess, witnessing

LOG = GrowingLog()
FORK = GrowingLog(fork=3)
STRANGER = GrowingLog("stranger.example.org")
MONITORED = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"


@pytest.fixture
def cosigner(tmp_path: Path) -> Cosigner:
    return new_witness(tmp_path / "witness")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def witness(tmp_path: Path, cosigner: Cosigner, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        witnessing(tmp_path / "witness", LOG, clock=clock) as url,
        httpx.AsyncClient(base_url=url, timeout=5) as client,
    ):
        yield client


async def add(witness: httpx.AsyncClient, body: bytes) -> httpx.Response:
    return await witness.post("/add-checkpoint", content=body)


class TestAddCheckpoint:
    async def test_a_log_grows_and_its_time_is_refreshed(
        self, witness: httpx.AsyncClient, cosigner: Cosigner, clock: Clock
    ) -> None:
        for old, new, at in ((0, 1, NOW), (1, 5, NOW + 1), (5, 5, NOW + 601), (5, 40, NOW + 602)):
            clock.seconds = at
            answer = await add(witness, LOG.request(old, new))
            assert 200 == answer.status_code
            assert {at} == {one.timestamp for one in cosignatures(answer.content, LOG.note(new), cosigner.keys)}

    @pytest.mark.parametrize(
        ("body", "status", "content_type", "begins"),
        [
            (b"old 5\n", 400, "text/plain; charset=utf-8", b"request-malformed"),
            (request_body(9, (), LOG.note(8)), 400, "text/plain; charset=utf-8", b"old-size-too-large"),
            (LOG.request(5, 9)[:-20] + b"A=\n", 403, "text/plain; charset=utf-8", b"signature-invalid"),
            (FORK.request(5, 5), 422, "text/plain; charset=utf-8", b"root-differs"),
            (FORK.request(5, 9), 422, "text/plain; charset=utf-8", b"consistency-failed"),
            (STRANGER.request(0, 5), 404, "text/plain; charset=utf-8", b"origin-unknown"),
            (LOG.request(0, 9), 409, "text/x.tlog.size", b"5\n"),
            (b"x" * (MAX_REQUEST_SIZE + 1), 413, "text/plain; charset=utf-8", b"Request Entity Too Large"),
        ],
        ids=["malformed", "old size", "signature", "root", "proof", "origin", "size", "too large"],
    )
    async def test_anything_else_has_its_status(
        self, witness: httpx.AsyncClient, body: bytes, status: int, content_type: str, begins: bytes
    ) -> None:
        await add(witness, LOG.request(0, 5))

        answer = await add(witness, body)

        assert (status, content_type) == (answer.status_code, answer.headers["content-type"])
        assert answer.content.startswith(begins)
        assert 200 == (await add(witness, LOG.request(5, 5))).status_code

    async def test_of_requests_that_start_from_one_record_one_is_cosigned(self, witness: httpx.AsyncClient) -> None:
        await add(witness, LOG.request(0, 5))

        answers = await asyncio.gather(*(add(witness, LOG.request(5, size)) for size in range(6, 36)))

        statuses = [answer.status_code for answer in answers]
        assert (1, 29) == (statuses.count(200), statuses.count(409))
        winner = 6 + statuses.index(200)
        assert {f"{winner}\n"} == {answer.text for answer in answers if answer.status_code == 409}


class TestMonitoring:
    async def test_the_newest_checkpoint_is_shown_with_every_line_that_matters(
        self, witness: httpx.AsyncClient, cosigner: Cosigner
    ) -> None:
        assert 404 == (await witness.get(MONITORED)).status_code
        await add(witness, LOG.request(0, 5))

        answer = await witness.get(MONITORED)

        opened = open_note(answer.content, (*LOG.keys, *cosigner.keys))
        assert (4, ()) == (len(opened.verified), opened.unverified)
        assert LOG.checkpoint(5) == Checkpoint.parse(opened.text)
        head = await witness.head(MONITORED)
        assert (200, b"", str(len(answer.content))) == (head.status_code, head.content, head.headers["content-length"])

    async def test_nothing_else_is_there(self, witness: httpx.AsyncClient) -> None:
        await add(witness, LOG.request(0, 5))
        for path in ("/", "/checkpoint", f"/{'0' * 64}/checkpoint", MONITORED.upper(), f"{MONITORED}?a", "/x/../y"):
            assert 404 == (await witness.get(path)).status_code
        assert (405, "POST") == _allowed(await witness.get("/add-checkpoint"))
        assert (405, "GET, HEAD") == _allowed(await witness.post(MONITORED))


def _allowed(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers["allow"]


class TestLimits:
    async def test_who_asks_too_often_is_told_to_come_again(
        self, witness: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = [await witness.get("/") for _ in range(witness_server.PEER_BURST + 20)]

        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert {"1"} == {answer.headers["retry-after"] for answer in refused}
        assert {404, 429} == {answer.status_code for answer in answers}

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404),
            (b"GET / HTTP/1.0\r\n\r\n", 404),
            (b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
            (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
            (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
            (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length : 1\r\n\r\nx", 400),
            (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", 413),
            (b"GET http://other/ HTTP/1.1\r\n\r\n", 400),
            (b"GET / HTTP/2\r\n\r\n", 400),
            (b"GET /\x00 HTTP/1.1\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nA: " + b"x" * 10_000 + b"\r\n\r\n", 431),
            (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 5\r\n\r\nold", 408),
        ],
    )
    async def test_http_is_read_strictly(
        self, witness: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, sent: bytes, status: int
    ) -> None:
        monkeypatch.setattr(small_http, "BODY_SECONDS", 0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", witness.base_url.port)
        writer.write(sent)

        assert f"HTTP/1.1 {status} " == (await reader.readline()).decode()[:13]
        writer.close()

    async def test_who_says_nothing_is_hung_up_on(
        self, witness: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(small_http, "IDLE_SECONDS", 0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", witness.base_url.port)
        writer.write(b"GET / HT")

        assert b"" == await asyncio.wait_for(reader.read(), 2)
        writer.close()

    async def test_a_connection_too_many_is_refused_and_the_next_is_not(self, witness: httpx.AsyncClient) -> None:
        port = witness.base_url.port
        writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(MAX_CONNECTIONS)]
        await asyncio.sleep(0.05)

        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert b"HTTP/1.1 503 " == (await reader.readline())[:13]
        for one in (writer, *writers):
            one.close()
        await asyncio.sleep(0.05)
        assert 404 == (await witness.get("/")).status_code

    async def test_a_body_announced_is_waited_for(self, witness: httpx.AsyncClient) -> None:
        body = LOG.request(0, 5)
        head = f"POST /add-checkpoint HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", witness.base_url.port)
        writer.write(head.encode())
        assert b"HTTP/1.1 100 Continue\r\n" == await reader.readline()
        await reader.readline()
        writer.write(body)

        assert b"HTTP/1.1 200 OK\r\n" == await reader.readline()
        writer.close()


class TestEvidence:
    async def test_both_checkpoints_of_a_fork_are_kept_whole_and_for_good(
        self, witness: httpx.AsyncClient, tmp_path: Path, cosigner: Cosigner
    ) -> None:
        await add(witness, LOG.request(0, 5))
        recorded = (await witness.get(MONITORED)).content
        await add(witness, FORK.request(0, 5))

        kept = {path.name: path for path in (tmp_path / "witness/evidence").iterdir()}
        (request,) = (path for name, path in kept.items() if name.endswith(".request"))
        stem = request.name.removesuffix(".request")
        assert stem.startswith("fork-")
        assert {f"{stem}.recorded.note", f"{stem}.observed.note", f"{stem}.request"} == set(kept)
        assert recorded == kept[f"{stem}.recorded.note"].read_bytes()
        assert FORK.checkpoint(5) == Checkpoint.parse(
            open_note(kept[f"{stem}.observed.note"].read_bytes(), LOG.keys).text
        )
        assert request.read_bytes().endswith(kept[f"{stem}.observed.note"].read_bytes())
        assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in kept.values()}
        before = {path: path.stat().st_mtime_ns for path in kept.values()}

        await add(witness, LOG.request(5, 5))
        with capture_logs() as lines:
            await add(witness, FORK.request(5, 5))

        assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "witness/evidence").iterdir()}
        assert [False] == [one["newly_kept"] for one in lines if one["event"] == "log-contradicts-itself"]

    async def test_the_honest_branch_goes_on_being_cosigned(self, witness: httpx.AsyncClient) -> None:
        await add(witness, LOG.request(0, 5))
        assert 422 == (await add(witness, FORK.request(5, 5))).status_code

        assert 200 == (await add(witness, LOG.request(5, 9))).status_code
        assert 422 == (await add(witness, FORK.request(9, 12))).status_code

    async def test_there_is_a_most_of_what_anybody_could_make(
        self, witness: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(witness_place.MOST_EVIDENCE, "unproven", 2)
        await add(witness, LOG.request(0, 5))
        for size in range(6, 12):
            assert 422 == (await add(witness, request_body(5, (), LOG.note(size)))).status_code

        assert 2 * 3 == len(list((tmp_path / "witness/evidence").iterdir()))

    async def test_a_log_line_per_refusal_repeats_nothing_that_was_sent(self, witness: httpx.AsyncClient) -> None:
        with capture_logs() as lines:
            await add(witness, STRANGER.request(0, 5))
            await add(witness, b"secret\n\nsecret")
            await add(witness, LOG.request(2, 5))

        refused = [
            (one["code"], one["status"], one.get("origin")) for one in lines if one["event"] == "witness-refused"
        ]
        assert [
            ("origin-unknown", 404, None),
            ("request-malformed", 400, None),
            ("size-conflict", 409, ORIGIN),
        ] == refused
        assert "secret" not in str(lines)
        assert STRANGER.origin not in str(lines)


class TestPlace:
    async def test_it_remembers_across_a_restart(self, tmp_path: Path, cosigner: Cosigner) -> None:
        async with witnessing(tmp_path / "witness", LOG) as url, httpx.AsyncClient(base_url=url) as client:
            await add(client, LOG.request(0, 5))
        async with witnessing(tmp_path / "witness", LOG) as url, httpx.AsyncClient(base_url=url) as client:
            assert (409, "5\n") == _told(await add(client, FORK.request(0, 9)))

    async def test_what_it_cannot_store_it_does_not_cosign(
        self, witness: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "full")

        with monkeypatch.context() as patched:
            patched.setattr(witness_place, "replace", full)
            answer = await add(witness, LOG.request(0, 5))
        assert (503, b"state-unwritable") == (answer.status_code, answer.content[:16])
        assert 200 == (await add(witness, LOG.request(0, 4))).status_code

    def test_one_process_at_a_time(self, tmp_path: Path, cosigner: Cosigner) -> None:
        with WitnessPlace(tmp_path / "witness"), pytest.raises(WitnessPlaceError, match="another process"):
            WitnessPlace(tmp_path / "witness")

    def test_keys_are_never_made_over_others(self, tmp_path: Path, cosigner: Cosigner) -> None:
        before = {path: path.read_bytes() for path in (tmp_path / "witness").glob("witness-*")}
        with pytest.raises(WitnessPlaceError, match="holds a witness already"):
            new_witness(tmp_path / "witness")
        assert before == {path: path.read_bytes() for path in (tmp_path / "witness").glob("witness-*")}

    def test_a_lost_memory_is_not_made_anew(self, tmp_path: Path, cosigner: Cosigner) -> None:
        (tmp_path / "witness" / STATE_FILE).unlink()
        with pytest.raises(WitnessPlaceError, match="must not go on under the same keys"):
            WitnessPlace(tmp_path / "witness")

    async def test_every_flipped_byte_of_the_memory_is_noticed(self, tmp_path: Path, cosigner: Cosigner) -> None:
        async with witnessing(tmp_path / "witness", LOG) as url, httpx.AsyncClient(base_url=url) as client:
            await add(client, LOG.request(0, 5))
        path = tmp_path / "witness" / STATE_FILE
        whole = path.read_bytes()
        # The log's own ML-DSA-44 line is evidence and no part of what the witness vouches for.
        own = recall(json.loads(whole)["notes"][0].encode(), cosigner)
        vouched = {*range(len(whole))} - _log_lines(whole)
        assert len(vouched) > 5_000
        for position in sorted(vouched)[:: max(1, len(vouched) // 200)]:
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
            with pytest.raises(WitnessPlaceError):
                WitnessPlace(tmp_path / "witness").close()
        path.write_bytes(whole)
        with WitnessPlace(tmp_path / "witness") as place:
            assert {ORIGIN: own} == place.records

    def test_open_keys_are_refused(self, tmp_path: Path, cosigner: Cosigner) -> None:
        (tmp_path / "witness" / witness_place.ML_DSA_44_FILE).chmod(0o644)
        with pytest.raises(WitnessPlaceError, match="open to others"):
            WitnessPlace(tmp_path / "witness")

    def test_keys_of_another_witness_are_refused(self, tmp_path: Path, cosigner: Cosigner) -> None:
        new_witness(tmp_path / "other")
        (tmp_path / "other" / witness_place.ED25519_FILE).replace(tmp_path / "witness" / witness_place.ED25519_FILE)
        with pytest.raises(WitnessPlaceError, match="other keys"):
            WitnessPlace(tmp_path / "witness")

    def test_what_a_killed_process_left_unfinished_is_cleared(self, tmp_path: Path, cosigner: Cosigner) -> None:
        (tmp_path / "witness" / ".unfinished-abc").write_bytes(b"half")
        WitnessPlace(tmp_path / "witness").close()
        assert [] == list((tmp_path / "witness").glob(".unfinished-*"))


def _told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def _log_lines(state: bytes) -> set[int]:
    """The positions, in a state file, of the log's own signature lines."""
    found: set[int] = set()
    start = 0
    mark = f"\N{EM DASH} {ORIGIN} ".encode()
    while (start := state.find(mark, start)) >= 0:
        end = state.index(b"\\n", start)
        found.update(range(start, end))
        start = end
    return found


DEATHS = {
    "before it writes": (
        "import os, isa_registry.runtime.witnesses.place as place\nplace.replace = lambda *_: os.kill(os.getpid(), 9)"
    ),
    "before the file is on the disk": "import os\nos.fsync = lambda _: os.kill(os.getpid(), 9)",
    "before the new file takes the old one's place": (
        "import os, pathlib\npathlib.Path.replace = lambda *_: os.kill(os.getpid(), 9)"
    ),
    "between storing and answering": (
        "import os, isa_registry.runtime.witnesses.server as s\ns.answer_of = lambda _: os.kill(os.getpid(), 9)"
    ),
}


@pytest.mark.parametrize("moment", DEATHS)
def test_killed_at_any_moment_it_comes_back_with_all_that_it_ever_cosigned(tmp_path: Path, moment: str) -> None:
    witness = WitnessProcess(tmp_path / "witness", WITNESS, LOG)
    with witness, httpx.Client(base_url=witness.url) as client:
        assert 200 == client.post("/add-checkpoint", content=LOG.request(0, 5)).status_code
    witness.start(DEATHS[moment])
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{witness.url}/add-checkpoint", content=LOG.request(5, 9))
    assert -9 == witness.stop()

    witness.start("")
    with httpx.Client(base_url=witness.url) as client:
        told = client.post("/add-checkpoint", content=FORK.request(0, 12))
        stored = moment == "between storing and answering"
        assert (409, "9\n" if stored else "5\n") == (told.status_code, told.text)
        assert 422 == client.post("/add-checkpoint", content=FORK.request(int(told.text), 12)).status_code
        assert 200 == client.post("/add-checkpoint", content=LOG.request(int(told.text), 12)).status_code
    assert 0 == witness.stop()
