import functools
import hashlib
import stat
from pathlib import Path

import pytest

from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import CannotRunError
from isa_verify.merkle import leaf_hash
from isa_verify.state import State
from verify.published_log import ORIGIN, sign

NAME = hashlib.sha256(ORIGIN.encode()).hexdigest()


@functools.cache
def note_of(size: int, origin: str = ORIGIN) -> bytes:
    return sign(Checkpoint(origin, size, leaf_hash(str(size).encode())))


def test_a_log_never_seen_is_not_remembered(tmp_path: Path) -> None:
    assert State(tmp_path / "absent").load(ORIGIN) is None
    assert not (tmp_path / "absent").exists()


def test_a_checkpoint_is_kept_verbatim_under_the_hash_of_its_origin(tmp_path: Path) -> None:
    note = note_of(3)
    state = State(tmp_path / "a" / "b")
    state.save(note)
    assert [file.name for file in (tmp_path / "a" / "b").iterdir()] == [NAME]
    assert state.load(ORIGIN) == note == (tmp_path / "a" / "b" / NAME).read_bytes()
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_logs_are_remembered_apart(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save(note_of(3))
    state.save(note_of(5, "other.example"))
    assert (state.load(ORIGIN), state.load("other.example")) == (note_of(3), note_of(5, "other.example"))


def test_a_larger_checkpoint_replaces_and_a_smaller_one_does_not(tmp_path: Path) -> None:
    state = State(tmp_path)
    for size, remembered in ((3, 3), (5, 5), (4, 5), (5, 5)):
        state.save(note_of(size))
        assert state.load(ORIGIN) == note_of(remembered)


@pytest.mark.parametrize(
    "content", [b"", b"damaged", note_of(3)[:-1], note_of(3) + b"\n", note_of(3, "other.example"), b"x" * (2 << 20)]
)
def test_a_file_that_holds_no_checkpoint_of_the_log_gives_no_verdict(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    for attempt in (lambda: State(tmp_path).load(ORIGIN), lambda: State(tmp_path).save(note_of(9))):
        with pytest.raises(CannotRunError, match="state-malformed"):
            attempt()
    assert (tmp_path / NAME).read_bytes() == content


def test_contradicting_checkpoints_are_kept_beside_the_trusted_one(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save(note_of(5))
    trusted, observed = state.keep_evidence(note_of(5), note_of(4))
    assert (trusted.read_bytes(), observed.read_bytes()) == (note_of(5), note_of(4))
    assert state.load(ORIGIN) == note_of(5)
    assert state.keep_evidence(note_of(5), note_of(4)) == (trusted, observed)
    assert len({*state.keep_evidence(note_of(5), note_of(3)), trusted, observed}) == 4


def test_a_directory_that_cannot_be_used_gives_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotRunError, match="state-unreadable"):
        State(tmp_path / "file").load(ORIGIN)
    (tmp_path / NAME).mkdir()
    with pytest.raises(CannotRunError, match="state-unreadable"):
        State(tmp_path).load(ORIGIN)


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State(tmp_path)
    state.save(note_of(3))

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(CannotRunError, match="state-unwritable"):
        state.save(note_of(4))
    assert [file.name for file in tmp_path.iterdir()] == [NAME]
    assert state.load(ORIGIN) == note_of(3)
