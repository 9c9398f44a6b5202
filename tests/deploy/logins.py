"""A database and its three logins, as roles.sql makes them."""

import os
from collections.abc import Callable
from subprocess import CompletedProcess
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.hosts import DEPLOY

Psql = Callable[..., CompletedProcess[str]]
PASSWORDS = {"owner": "0" * 48, "service": "1" * 48, "checkpointer": "2" * 48}


class Logins:
    """The names and addresses that one run of roles.sql made."""

    def __init__(self, server: str) -> None:
        self.server = server
        mark = f"{os.getpid()}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        self.database = f"isa-deploy-{mark}"
        self.names = {"owner": f"isa-owner-{mark}", "service": f"isa-service-{mark}"}
        self.eraser = f"isa-eraser-{mark}"
        self.names["checkpointer"] = f"isa-checkpointer-{mark}"
        self.owner, self.service, self.checkpointer = (
            login_url(server, self.names[kind], PASSWORDS[kind], self.database) for kind in PASSWORDS
        )

    def make(self, psql: Psql) -> None:
        variables = {"database": self.database, "eraser": self.eraser, **self.names}
        done = psql(
            self.server,
            *(f"--set={name}={value}" for name, value in variables.items()),
            *("--file", str(DEPLOY / "roles.sql")),
        )
        assert (done.returncode, done.stderr) == (0, "")


def login_url(server: str, login: str, password: str, database: str) -> str:
    """The address of `database` for `login`, on the server that `server` names."""
    parts = urlsplit(server)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(login)}:{password}@{place}", path="/" + database))
