"""This machine's copy of the register: exact and our own, or refused; begun with while the database is away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import Databases
from faults.drafts import COUNCIL, check_draft, furnish
from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved
from isa_registry.domain.register.snapshots import write_snapshot
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.sealing import SessionKeys
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.checkpoints.outside_store import OutsideReader
from isa_registry.runtime.local_copy.keeping import LocalCopy
from isa_registry.runtime.local_copy.key_sets import LocalKeySets
from isa_registry.runtime.local_copy.registers import OLDEST, REGISTER, LocalRegisters
from isa_registry.runtime.local_copy.sealed_files import LocalCopyRefused, SealedFiles
from isa_registry.runtime.registry import Registry, wall_clock
from isa_registry.store.pool import DatabaseError
from running import ORIGIN, SIGNER, Remembered, body, checkpointing, running

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECRET, ANOTHER = bytes(32), bytes([1]) * 32


def sealed(directory: Path, *secrets: bytes, origin: str = ORIGIN) -> SealedFiles:
    return SealedFiles(directory, SessionKeys(secrets or (SECRET,)), origin)


def registers(directory: Path, outside: OutsideReader | None = None) -> LocalRegisters:
    return LocalRegisters(sealed(directory), SIGNER.keys, outside)


def keeper(registry: Registry, directory: Path) -> LocalCopy:
    key_sets = LocalKeySets(sealed(directory), None)  # type: ignore[arg-type] - no token is looked at here
    return LocalCopy(registers(directory), key_sets, registry.follower, now=lambda: NOW)


async def kept_by(registry: Registry, copy: LocalCopy) -> bool:
    """Whether something is kept, once the registry has looked at the log just now."""
    await until(lambda: registry.follower.connected)
    return await copy.keep()


async def nobody(_: str) -> Any:
    raise AssertionError("nobody's keys are asked for here")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - another task brings it about
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def kept(databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    name = databases.create(template_database)
    place = tmp_path_factory.mktemp("kept")

    async def keep() -> tuple[bytes, int]:
        async with running(databases.url(name)) as registry:
            size = await furnish(registry)
            signed = await registry.follower.wait_for_checkpoint(size, seconds=30)
            assert signed is not None
            assert await kept_by(registry, keeper(registry, place))
            assert registry.follower.view.size == size
            return signed.note, size

    note, size = asyncio.run(keep())
    yield Kept(name, place / REGISTER, note, size)
    databases.drop(name)


class Kept:
    """A database, the copy of its register, and the checkpoint over both."""

    def __init__(self, name: str, file: Path, note: bytes, size: int) -> None:
        self.name = name
        self.file = file
        self.note = note
        self.size = size

    def there(self, place: Path) -> Path:
        """The copy once more, in a directory of its own."""
        place.mkdir(mode=0o700, exist_ok=True)
        (place / REGISTER).touch(mode=0o600)
        (place / REGISTER).write_bytes(self.file.read_bytes())
        return place / REGISTER


def why_refused(directory: Path, *, now: datetime = NOW, outside: OutsideReader | None = None) -> str:
    with pytest.raises(LocalCopyRefused) as refused:
        registers(directory, outside).load(now=now)
    return refused.value.code


# --- the file --------------------------------------------------------------------------------------------------------


def test_what_was_kept_is_read_back_exactly_and_is_nobody_elses(kept: Kept) -> None:
    found = registers(kept.file.parent, Remembered(kept.note)).load(now=NOW)

    assert (kept.size, 0, NOW) == (found.size, found.behind, found.made_at)
    assert found.register.at(found.size).organisation(COUNCIL) is not None
    assert found.body == write_snapshot(found.register)
    assert found.standing.newest is not None
    assert found.standing.newest.note == kept.note
    assert found.standing.newest.root == found.frontier.root()
    assert 0o600 == kept.file.stat().st_mode & 0o777
    assert 0o700 == kept.file.parent.stat().st_mode & 0o777
    assert [REGISTER] == [one.name for one in kept.file.parent.iterdir()]


def test_any_byte_that_is_changed_or_lacking_or_more_is_noticed(kept: Kept, tmp_path: Path) -> None:
    file = kept.there(tmp_path / "copy")
    whole = file.read_bytes()
    places = {*range(120), *range(120, len(whole), len(whole) // 60), len(whole) - 1}
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert why_refused(file.parent) in ("not-ours", "not-of-its-form")
    for other in (b"", whole[:-1], whole + b"\n", whole[:60], whole.partition(b"\n")[2], b"x" * 1000):
        file.write_bytes(other)
        assert why_refused(file.parent) in ("not-ours", "not-of-its-form")


def test_a_copy_that_somebody_else_made_is_refused_whatever_it_says(kept: Kept, tmp_path: Path) -> None:
    content = sealed(kept.file.parent).read(REGISTER)
    sealed(tmp_path / "theirs", ANOTHER).write(REGISTER, content)
    assert "not-ours" == why_refused(tmp_path / "theirs")
    sealed(tmp_path / "elsewhere", origin="other.invalid/log").write(REGISTER, content)
    assert "not-ours" == why_refused(tmp_path / "elsewhere")
    sealed(tmp_path / "moved").write("key-sets", content)
    (tmp_path / "moved" / "key-sets").rename(tmp_path / "moved" / REGISTER)
    assert "not-ours" == why_refused(tmp_path / "moved")


def test_a_copy_is_read_under_the_secret_before_and_written_under_the_one_in_use(tmp_path: Path) -> None:
    sealed(tmp_path, ANOTHER).write(REGISTER, b"before")
    assert b"before" == sealed(tmp_path, SECRET, ANOTHER).read(REGISTER)
    sealed(tmp_path, SECRET, ANOTHER).write(REGISTER, b"after")
    assert b"after" == sealed(tmp_path, SECRET).read(REGISTER)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ('"format":"', "another-format"),
        ('"root":"', "not-of-its-form"),
        ('"frontier":["', "not-of-its-form"),
        ('"made_at":"', "not-of-its-form"),
        ('"register":{', "not-of-its-form"),
        ("{", "not-of-its-form"),
    ],
)
def test_one_that_is_ours_is_read_strictly_all_the_same(kept: Kept, tmp_path: Path, change: str, code: str) -> None:
    content = sealed(kept.file.parent).read(REGISTER).decode()
    instead = {"{": " {", '"register":{': '"register":{"more":1,'}.get(change, change + "A")
    sealed(tmp_path / "copy").write(REGISTER, content.replace(change, instead, 1).encode())
    assert code == why_refused(tmp_path / "copy")


def test_what_is_open_to_others_or_no_file_of_this_account_is_not_read(kept: Kept, tmp_path: Path) -> None:
    file = kept.there(tmp_path / "copy")
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        assert "open-to-others" == why_refused(file.parent)
    file.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(file, 65_534, 65_534)
        assert "open-to-others" == why_refused(file.parent)
        os.chown(file, 0, 0)
    assert kept.size == registers(file.parent).load(now=NOW).size
    file.rename(file.parent / "aside")
    assert "none" == why_refused(file.parent)
    file.symlink_to(file.parent / "aside")
    assert "unreadable" == why_refused(file.parent)
    file.unlink()
    os.mkfifo(file, 0o600)
    assert "unreadable" == why_refused(file.parent)
    file.unlink()
    file.mkdir()
    assert "unreadable" == why_refused(file.parent)


def test_what_is_too_large_is_neither_written_nor_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(tmp_path).write(REGISTER, bytes(2000))
    monkeypatch.setattr("isa_registry.runtime.local_copy.sealed_files.LARGEST", 1000)
    assert "too-large" == why_refused(tmp_path)
    with pytest.raises(LocalCopyRefused, match="too-large"):
        sealed(tmp_path).write(REGISTER, bytes(1001))


# --- how old it may be -----------------------------------------------------------------------------------------------


def test_one_that_was_made_too_long_ago_is_not_started_from(kept: Kept) -> None:
    assert kept.size == registers(kept.file.parent).load(now=NOW + OLDEST).size
    assert "too-old" == why_refused(kept.file.parent, now=NOW + OLDEST + timedelta(milliseconds=1))


def test_what_was_signed_since_says_that_it_is_behind_and_another_log_that_it_is_none_of_this(kept: Kept) -> None:
    place, size = kept.file.parent, kept.size
    later = SIGNER.sign(size + 3, bytes([7]) * 32, 0)
    earlier = SIGNER.sign(size - 1, bytes([7]) * 32, 0)
    another = SIGNER.sign(size, bytes([7]) * 32, 0)

    assert 3 == registers(place, Remembered(later)).load(now=NOW).behind
    assert 0 == registers(place, Remembered(earlier)).load(now=NOW).behind
    assert 0 == registers(place, Remembered(b"not a checkpoint")).load(now=NOW).behind
    assert 0 == registers(place, Remembered()).load(now=NOW).behind
    assert "another-log" == why_refused(place, outside=Remembered(another))


# --- starting with it ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def beginning(url: str, file: Path, outside: OutsideReader | None = None) -> AsyncIterator[Registry]:
    registry = Registry(
        url, SIGNER.keys, outside=outside, local=lambda: registers(file.parent, outside).load(now=wall_clock())
    )
    await registry.start()
    try:
        yield registry
    finally:
        await registry.stop()


async def test_a_worker_begins_with_it_while_the_database_is_away_and_folds_on_when_it_is_back(
    databases: Databases, template_database: str, tmp_path: Path
) -> None:
    name = databases.create(template_database)
    url = databases.url(name)
    async with running(url) as before:
        size = await furnish(before)
        assert await kept_by(before, keeper(before, tmp_path))
        await before.sequencer.append(body(1))
    with databases.away(name):
        with pytest.raises(DatabaseError):
            await Registry(url, SIGNER.keys).start()
        begun = beginning(url, tmp_path / REGISTER)
        registry = await begun.__aenter__()
        assert (size, False, False) == (registry.follower.view.size, registry.follower.connected, registry.writes)
        assert ("local-register",) == registry.follower.cautions
    try:
        await until(lambda: registry.follower.connected)
        assert ((), size + 1) == (registry.follower.cautions, registry.follower.view.size)
        assert registry.follower.view.organisation("body-1") is not None
        async with checkpointing(url):
            appended = await registry.sequencer.append(body(2))
        assert (size + 1, size + 2) == (appended.index, appended.size)
    finally:
        await begun.__aexit__(None, None, None)
    databases.drop(name)


async def test_it_goes_on_with_no_other_log_than_its_own(
    kept: Kept, databases: Databases, template_database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = databases.create(template_database)
    async with running(databases.url(other)) as registry:
        for number in range(kept.size + 2):
            await registry.sequencer.append(body(number))
    file = kept.there(tmp_path / "copy")
    sealed(file.parent).write(
        REGISTER,
        sealed(kept.file.parent).read(REGISTER).replace(b"2026-11-27", wall_clock().date().isoformat().encode()),
    )
    with databases.away(other):
        begun = beginning(databases.url(other), file)
        registry = await begun.__aenter__()
    said = ""
    try:
        async with asyncio.timeout(60):
            while "log-disagrees" not in said:
                said += capfd.readouterr().out
                await asyncio.sleep(0.05)
        assert (kept.size, False) == (registry.follower.view.size, registry.follower.connected)
        assert registry.follower.view.organisation("body-1") is None
        assert registry.follower.view.organisation(COUNCIL) is not None
        assert ("local-register",) == registry.follower.cautions
    finally:
        await begun.__aexit__(None, None, None)
    databases.drop(other)


async def test_a_copy_that_is_not_what_the_log_gives_is_replaced_by_it(
    databases: Databases, template_database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Sealed by whoever has the secret, and untrue: the log has the last word as soon as it can be read."""
    name = databases.create(template_database)
    url = databases.url(name)
    async with running(url) as before:
        await before.sequencer.append(body(1))
        assert await kept_by(before, keeper(before, tmp_path))
    content = sealed(tmp_path).read(REGISTER).replace(b"2026-11-27", wall_clock().date().isoformat().encode())
    sealed(tmp_path).write(REGISTER, content.replace(b"Body 1", b"Body 9"))
    with databases.away(name):
        begun = beginning(url, tmp_path / REGISTER)
        registry = await begun.__aenter__()

    def known_as(wanted: str) -> bool:
        found = registry.follower.view.organisation("body-1")
        return found is not None and found.name == wanted

    try:
        assert known_as("Body 9")
        await until(lambda: known_as("Body 1"))
        assert "snapshot-forged" in capfd.readouterr().out
    finally:
        await begun.__aexit__(None, None, None)
    databases.drop(name)


# --- keeping it ------------------------------------------------------------------------------------------------------


async def test_it_is_kept_when_the_register_has_changed_and_not_for_each_entry(
    database_url: str, tmp_path: Path
) -> None:
    async with running(database_url) as registry:
        size = await furnish(registry)
        copy = keeper(registry, tmp_path)
        assert await kept_by(registry, copy)
        assert not await kept_by(registry, copy)
        await registry.sequencer.append(check_draft(1))
        assert not await kept_by(registry, copy)
        assert size == registers(tmp_path).load(now=NOW).size
        await registry.sequencer.append(body(1))
        assert await kept_by(registry, copy)
        assert size + 2 == registers(tmp_path).load(now=NOW).size


async def test_an_access_that_ends_is_in_the_copy_at_once(database_url: str, tmp_path: Path) -> None:
    async with running(database_url) as registry:
        await furnish(registry)
        await registry.sequencer.append(body(1))
        issuer = IssuerRegistered(
            organisation="body-1", issuer="https://idp.body.example", audiences=("urn:x",), algorithms=("ES256",),
            profile="rfc9068",
        )  # fmt: skip
        await registry.sequencer.append(Draft(payloads=(issuer,)))
        key_sets = LocalKeySets(sealed(tmp_path), IssuerKeys(nobody, lambda: 0.0))
        copy = LocalCopy(registers(tmp_path), key_sets, registry.follower, now=lambda: NOW)
        await until(lambda: registry.follower.connected)
        await copy.start()
        try:
            await until(lambda: (tmp_path / REGISTER).exists())
            assert b"https://idp.body.example" in registers(tmp_path).load(now=NOW).body
            ended = IssuerRemoved(organisation="body-1", issuer=issuer.issuer)
            logged = await registry.sequencer.append(Draft(payloads=(ended,)))
            async with asyncio.timeout(2):
                await until(lambda: registers(tmp_path).load(now=NOW).size > logged.index)
        finally:
            await copy.stop()
        assert not registers(tmp_path).load(now=NOW).register.at(logged.index + 1).issuers(issuer.issuer)


async def test_writing_takes_a_fiftieth_of_the_time_however_often_the_register_changes(
    database_url: str, tmp_path: Path
) -> None:
    class Slow(LocalRegisters):
        written = 0

        def keep(self, *_: Any, **__: Any) -> None:
            nonlocal clock
            self.written += 1
            clock += 4.0

    clock = 0.0
    slow = Slow(sealed(tmp_path), SIGNER.keys, None)
    key_sets = LocalKeySets(sealed(tmp_path), IssuerKeys(nobody, lambda: 0.0))
    async with running(database_url) as registry:
        await furnish(registry)
        await until(lambda: registry.follower.connected)
        copy = LocalCopy(slow, key_sets, registry.follower, now=lambda: NOW, monotonic=lambda: clock)
        for number in range(1, 7):
            await registry.sequencer.append(body(number))
            await copy.look()
        assert slow.written == 3, "what was saved up: ten seconds of four each"
        clock += 100
        await copy.look()
        assert slow.written == 4
