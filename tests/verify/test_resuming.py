"""Long logs: read in part, gone on with, read by several processes, read from a copy."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from isa_verify.audit import Options, audit_log
from isa_verify.directory import DirectoryLog
from isa_verify.errors import AccessDeniedError, CannotRunError, NotFoundError, VerificationError
from isa_verify.fetching import HttpLog
from isa_verify.memory import Memory, Prefix, encode_sightings, parse_sightings
from isa_verify.processes import in_processes
from isa_verify.ranges import in_this_process
from isa_verify.state import State
from isa_verify.times import Sighting
from verify.http_server import serving
from verify.published_log import KEYS, ORIGIN, PublishedLog, flipped, make_entries, written

ENTRIES = make_entries(1_500)
LONG = 256 * 90 + 7


@pytest.fixture(scope="module")
def long_log() -> PublishedLog:
    """A log of many tiles that begins with `ENTRIES`: made once, and only where a test asks for it."""
    return PublishedLog(make_entries(LONG, start=ENTRIES))


@pytest.fixture
def log(long_log: PublishedLog) -> PublishedLog:
    """The long log, with files of its own and nothing asked for yet."""
    made = PublishedLog.__new__(PublishedLog)
    made.entries, made.files, made.fetched = long_log.entries, dict(long_log.files), []
    return made


@pytest.fixture
def copy(log: PublishedLog, tmp_path: Path) -> Path:
    return written(log, tmp_path / "copy")


def refusal(log: PublishedLog, memory: Memory) -> str:
    with pytest.raises(VerificationError) as caught:
        audit_log(log.fetch, KEYS, memory)
    return caught.value.code


class TestGoingOn:
    def test_what_was_read_is_not_read_again(self) -> None:
        before = audit_log(PublishedLog(ENTRIES[:700]).fetch, KEYS)
        grown = PublishedLog(ENTRIES[:1000])
        after = audit_log(grown.fetch, KEYS, before.memory)
        assert (after.resumed_at, after.size, after.previous_size, after.entries_read) == (512, 1000, 700, True)
        assert not {"tile/0/000", "tile/0/001", "tile/entries/001"} & set(grown.fetched)
        assert {"tile/0/002", "tile/entries/003.p/232", "tile/1/000.p/3"} <= set(grown.fetched)

    @pytest.mark.parametrize(
        ("before", "after"), [(0, 1), (5, 5), (255, 256), (256, 256), (256, 257), (300, 511), (511, 513), (512, 1024)]
    )
    def test_at_every_sort_of_size(self, before: int, after: int) -> None:
        memory = audit_log(PublishedLog(ENTRIES[:before]).fetch, KEYS).memory
        summary = audit_log(PublishedLog(ENTRIES[:after]).fetch, KEYS, memory)
        assert (summary.resumed_at, summary.size) == (before // 256 * 256, after)
        again = audit_log(PublishedLog(ENTRIES[:after]).fetch, KEYS, summary.memory)
        assert (again.resumed_at, again.memory.prefix) == (after // 256 * 256, summary.memory.prefix)

    def test_a_run_that_was_interrupted_goes_on_where_it_was(self) -> None:
        kept: list[Prefix] = []
        log = PublishedLog(ENTRIES[:1500])

        def break_off(path: str) -> bytes:
            if path == "tile/entries/004":
                raise CannotRunError("network-failed", "Gone.")
            return log.fetch(path)

        with pytest.raises(CannotRunError):
            audit_log(break_off, KEYS, options=Options(keep=kept.append))
        assert [prefix.size for prefix in kept] == [256]
        summary = audit_log(log.fetch, KEYS, Memory(prefix=Prefix.parse(kept[-1].encode())))
        assert (summary.resumed_at, summary.size, summary.previous_size) == (256, 1500, None)

    def test_what_an_interrupted_run_saw_binds_the_log_too(self) -> None:
        prefix = audit_log(PublishedLog(ENTRIES[:1000]).fetch, KEYS).memory.prefix
        assert refusal(PublishedLog(ENTRIES[:900]), Memory(prefix=prefix)) == "log-shrank"
        forked = make_entries(1100, seed="forked", start=ENTRIES[:900])
        assert refusal(PublishedLog(forked), Memory(prefix=prefix)) == "log-forked"

    def test_a_log_rewritten_where_it_is_not_read_again_is_refused_all_the_same(self) -> None:
        memory = audit_log(PublishedLog(ENTRIES[:1000]).fetch, KEYS).memory
        for size in (1000, 1024, 1100):
            forked = make_entries(size, seed="forked", start=ENTRIES[:100])
            assert refusal(PublishedLog(forked), memory) == "log-forked"

    def test_an_old_tile_damaged_since_is_found_from_the_start(self) -> None:
        log = PublishedLog(ENTRIES[:1000])
        memory = audit_log(log.fetch, KEYS).memory
        log.files["tile/0/001"] = flipped(log.files["tile/0/001"], 77)
        assert audit_log(log.fetch, KEYS, memory).resumed_at == 768
        with pytest.raises(VerificationError, match="entry-mismatch"):
            audit_log(log.fetch, KEYS, memory, options=Options(from_start=True))

    def test_entries_that_could_not_be_read_are_once_they_can_be(self) -> None:
        log = PublishedLog(ENTRIES[:600])

        def denying(path: str) -> bytes:
            if path.startswith("tile/entries"):
                raise AccessDeniedError("access-denied", "Not for you.")
            return log.fetch(path)

        hashes = audit_log(denying, KEYS).memory
        assert audit_log(denying, KEYS, hashes).resumed_at == 512
        read = audit_log(log.fetch, KEYS, hashes)
        assert (read.resumed_at, read.entries_read) == (0, True)
        denied = audit_log(denying, KEYS, read.memory)
        assert (denied.entries_read, denied.memory.prefix) == (False, read.memory.prefix)


class TestSeveralProcesses:
    def test_they_find_what_one_finds(self, log: PublishedLog, copy: Path) -> None:
        source = DirectoryLog(copy)
        alone = audit_log(log.fetch, KEYS)
        together = audit_log(source.fetch, KEYS, options=Options(read=in_processes(source, 2)))
        assert (alone.root, alone.last_at, alone.memory) == (together.root, together.last_at, together.memory)

    def test_they_refuse_what_one_refuses(self, log: PublishedLog, tmp_path: Path) -> None:
        log.files["tile/entries/077"] = flipped(log.files["tile/entries/077"], 300)
        source = DirectoryLog(written(log, tmp_path / "copy"))
        for read in (in_processes(source, 2), in_processes(source, 1)):
            with pytest.raises(VerificationError, match=r"entry-mismatch: Entry 197\d\d"):
                audit_log(source.fetch, KEYS, options=Options(read=read))

    @pytest.mark.parametrize("range_start", [1, 17, 33])
    def test_where_their_parts_meet_the_chain_is_checked(self, long_log: PublishedLog, range_start: int) -> None:
        start = range_start * 256
        stranger = make_entries(start + 256, seed="other")[start : start + 256]
        log = PublishedLog([*long_log.entries[:start], *stranger])
        with pytest.raises(VerificationError, match=f"chain-broken: Entry {start} "):
            audit_log(log.fetch, KEYS, options=Options(read=in_this_process(log.fetch)))


class TestOverHttp:
    def test_a_long_log_is_read_over_several_connections(self, log: PublishedLog) -> None:
        with serving(log) as served:
            source = HttpLog(served.url)
            paths = sorted(path for path in log.files if path.startswith("tile/0"))
            random.Random(1).shuffle(paths)
            assert list(source.fetch_many(paths)) == [log.files[path] for path in paths]
            assert list(source.fetch_many(paths[:2])) == [log.files[path] for path in paths[:2]]

    def test_what_is_missing_among_many_is_said_in_its_place(self, log: PublishedLog) -> None:
        with serving(log) as served:
            answers = HttpLog(served.url).fetch_many([*["checkpoint"] * 5, "tile/0/999", "checkpoint"])
            assert [next(answers) for _ in range(5)] == [log.files["checkpoint"]] * 5
            with pytest.raises(NotFoundError):
                next(answers)


class TestADirectory:
    def test_it_is_read_as_the_server_serves_it(self, long_log: PublishedLog, copy: Path) -> None:
        source = DirectoryLog(copy)
        assert audit_log(source.fetch, KEYS).size == LONG
        assert DirectoryLog(copy).fetch("checkpoint") == long_log.files["checkpoint"]

    def test_the_log_may_lie_below_it(self, tmp_path: Path) -> None:
        written(PublishedLog(ENTRIES[:3]), tmp_path / "log")
        assert audit_log(DirectoryLog(tmp_path).fetch, KEYS).size == 3

    def test_what_is_not_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError):
            DirectoryLog(tmp_path).fetch("tile/0/000")
        with pytest.raises(CannotRunError, match="directory-unreadable"):
            DirectoryLog(tmp_path / "absent")
        (tmp_path / "tile").mkdir()
        with pytest.raises(CannotRunError, match="directory-unreadable"):
            DirectoryLog(tmp_path).fetch("tile")


@pytest.fixture(scope="module")
def memory() -> Iterator[Memory]:
    found = audit_log(PublishedLog(ENTRIES[:600]).fetch, KEYS).memory
    yield Memory(found.note, found.prefix, (Sighting(3, 9), Sighting(5, 10)), ())


class TestWhatIsKept:
    def test_all_of_it_is_read_back(self, memory: Memory, tmp_path: Path) -> None:
        State(tmp_path).save_memory(ORIGIN, memory)
        assert State(tmp_path).load_memory(ORIGIN) == memory
        assert State(tmp_path).load_memory("other.example") == Memory()

    def test_a_damaged_file_gives_no_verdict(self, memory: Memory, tmp_path: Path) -> None:
        name = hashlib.sha256(ORIGIN.encode()).hexdigest()
        for suffix in (".prefix", ".times", ".keys"):
            State(tmp_path).save_memory(ORIGIN, memory)
            (tmp_path / f"{name}{suffix}").write_bytes(b"{}")
            with pytest.raises(CannotRunError, match="state-malformed"):
                State(tmp_path).load_memory(ORIGIN)
            (tmp_path / f"{name}{suffix}").unlink()

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'"v":1', b'"v":2'),
            (b'"size":', b'"size":1'),
            (b'"entries":true', b'"entries":false'),
            (b'"entries":true', b'"entries":1'),
            (b'"at":"', b'"at":"x'),
            (b'"frontier":[', b'"frontier":["",'),
            (b'"pending":[', b'"pending":[1,'),
            (b'"previous":"', b'"previous":null,"x":"'),
        ],
    )
    def test_a_prefix_out_of_form_is_refused(self, memory: Memory, old: bytes, new: bytes) -> None:
        assert memory.prefix is not None
        encoded = memory.prefix.encode()
        assert Prefix.parse(encoded) == memory.prefix
        assert old in encoded
        with pytest.raises(VerificationError):
            Prefix.parse(encoded.replace(old, new, 1))

    @pytest.mark.parametrize(
        "data", [b"[]", b"{}", b'{"times":1,"v":1}', b'{"times":[[1]],"v":1}', b'{"times":[[2,1],[2,2]],"v":1}']
    )
    def test_sightings_out_of_form_are_refused(self, data: bytes) -> None:
        with pytest.raises(VerificationError):
            parse_sightings(data)
        assert parse_sightings(encode_sightings((Sighting(1, 2),))) == (Sighting(1, 2),)
