"""The file outside the database: whole or as before, compared before it is replaced, and plain about what is wrong."""

from __future__ import annotations

import fcntl
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from isa_registry.runtime.checkpoints import outside_store
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile, OutsideStoreError, OutsideStoreMoved

UNPRIVILEGED = 65_534


@contextmanager
def unprivileged() -> Iterator[None]:
    """As an account that permissions hold for, which root is not."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(UNPRIVILEGED)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_it_is_empty_then_holds_what_was_put_there_in_place_of_what_was_expected(tmp_path: Path) -> None:
    store = CheckpointFile(tmp_path / "checkpoint")
    assert store.load() is None
    store.swap(None, b"first")
    store.swap(b"first", b"second")
    assert b"second" == store.load()
    store.swap(b"second", b"second")
    assert b"second" == CheckpointFile(tmp_path / "checkpoint").load()


@pytest.mark.parametrize("expected", [None, b"", b"another", b"first "])
def test_what_is_not_expected_is_not_replaced(tmp_path: Path, expected: bytes | None) -> None:
    store = CheckpointFile(tmp_path / "checkpoint")
    store.swap(None, b"first")
    with pytest.raises(OutsideStoreMoved, match="another checkpoint than the one expected"):
        store.swap(expected, b"second")
    assert b"first" == store.load()


def test_of_two_that_swap_at_once_one_is_told_that_it_came_too_late(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    CheckpointFile(path).swap(None, b"0")
    moved: list[int] = []
    done: list[bytes] = []

    def swap_on(number: int) -> None:
        store = CheckpointFile(path)
        for turn in range(40):
            before = store.load()
            new = b"%d-%d" % (number, turn)
            try:
                store.swap(before, new)
                done.append(new)
            except OutsideStoreMoved:
                moved.append(turn)

    threads = [threading.Thread(target=swap_on, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 160 == len(done) + len(moved)
    assert done
    assert CheckpointFile(path).load() in done
    assert {".checkpoint.lock", "checkpoint"} == {one.name for one in tmp_path.iterdir()}


def test_everybody_may_read_it_and_its_owner_alone_writes(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        CheckpointFile(tmp_path / "checkpoint").swap(None, b"note")
    finally:
        os.umask(before)
    assert 0o644 == (tmp_path / "checkpoint").stat().st_mode & 0o7777
    assert 0o600 == (tmp_path / ".checkpoint.lock").stat().st_mode & 0o7777


def test_what_a_killed_process_left_half_written_is_no_checkpoint_and_in_nobodys_way(tmp_path: Path) -> None:
    store = CheckpointFile(tmp_path / "checkpoint")
    store.swap(None, b"first")
    (tmp_path / ".checkpoint.new").write_bytes(b"seco")
    assert b"first" == store.load()
    store.swap(b"first", b"second")
    assert b"second" == store.load()


def test_a_symbolic_link_is_refused_since_replacing_it_would_leave_its_target_behind(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"first")
    (tmp_path / "checkpoint").symlink_to(tmp_path / "target")
    store = CheckpointFile(tmp_path / "checkpoint")
    with pytest.raises(OutsideStoreError, match="is a symbolic link"):
        store.load()
    with pytest.raises(OutsideStoreError, match="is a symbolic link"):
        store.swap(b"first", b"second")
    assert b"first" == (tmp_path / "target").read_bytes()


@pytest.mark.parametrize("kind", ["directory", "pipe"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "checkpoint"
    if kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(OutsideStoreError, match="is not a regular file"):
        CheckpointFile(path).load()


def test_a_volume_that_is_not_there_is_no_empty_store(tmp_path: Path) -> None:
    with pytest.raises(OutsideStoreError, match="is its volume mounted"):
        CheckpointFile(tmp_path / "nothing" / "checkpoint").load()
    with pytest.raises(OutsideStoreError, match="nothing/checkpoint cannot be written"):
        CheckpointFile(tmp_path / "nothing" / "checkpoint").swap(None, b"note")


@pytest.fixture
def open_directory(tmp_path: Path) -> Path:
    """One that another account may reach: the directories above it are traversable."""
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    return tmp_path


def test_a_store_that_may_not_be_read_is_said_so(open_directory: Path) -> None:
    path = open_directory / "checkpoint"
    path.write_bytes(b"note")
    path.chmod(0o000)
    with unprivileged(), pytest.raises(OutsideStoreError, match=r"checkpoint cannot be read \(Permission denied\)"):
        CheckpointFile(path).load()


def test_a_store_that_may_not_be_written_is_said_so_and_stays_as_it_was(open_directory: Path) -> None:
    path = open_directory / "checkpoint"
    path.write_bytes(b"note")
    open_directory.chmod(0o555)
    try:
        with unprivileged():
            assert b"note" == CheckpointFile(path).load()
            with pytest.raises(OutsideStoreError, match=r"checkpoint cannot be written \(Permission denied\)"):
                CheckpointFile(path).swap(b"note", b"new")
    finally:
        open_directory.chmod(0o755)
    assert b"note" == path.read_bytes()


def test_a_full_volume_is_said_so_and_the_store_stays_as_it_was(tmp_path: Path) -> None:
    """The limit on a file's size stands in for the volume's."""
    store = CheckpointFile(tmp_path / "checkpoint")
    store.swap(None, b"first")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        with pytest.raises(OutsideStoreError, match=r"cannot be written \(File too large\)"):
            store.swap(b"first", b"n" * 8_192)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert b"first" == store.load()
    store.swap(b"first", b"second")
    assert b"second" == store.load()


def test_a_process_that_holds_the_store_for_ever_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside_store, "_LOCK_SECONDS", 0.05)
    store = CheckpointFile(tmp_path / "checkpoint")
    store.swap(None, b"first")
    with (tmp_path / ".checkpoint.lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OutsideStoreError, match="held by another process"):
            store.swap(b"first", b"second")
    store.swap(b"first", b"second")


def test_a_file_beyond_any_checkpoint_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    found = CheckpointFile(path).load()
    assert found is not None
    assert len(found) < 3 << 20
