"""A real PostgreSQL for tests that ask for one, and a list of what was skipped for want of shared material.

Only tests that request `database_url` (or what lies below it) pay: once per process for a server and a
migrated template, then some 30 ms for a database of their own. Set DATABASE_URL_TEST to the DSN of a
superuser to use a server that is already there.
"""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

import dumped
import logscan
import replayed
from databases import Databases
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from live import Demonstration
from loudly import LOUD
from places import server_directory

# How long an example takes is the machine's affair: no test fails for being slow. New examples are drawn at each run,
# so many quick runs look as far as a few thorough ones; `make test-long` is thorough.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=200)
settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Whatever the tests log, or services that they start, is read for what must never be logged; every check that they
    record is answered again, and every database is searched for what is somebody's."""
    config.pluginmanager.register(logscan, "logscan")
    config.pluginmanager.register(replayed, "replayed")
    config.pluginmanager.register(dumped, "dumped")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected is there until the end: it is not looked through for garbage, neither meanwhile nor after."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The DSN of a maintenance database, as a superuser; under xdist each worker has a server of its own."""
    given = os.environ.get("DATABASE_URL_TEST")
    if given:
        yield given
        return
    with server_directory("isa-test-") as state, EmbeddedPostgres(state, durable=False) as server:
        yield server.url()


@pytest.fixture(scope="session")
def databases(postgres_server: str) -> Iterator[Databases]:
    """Makes and drops databases on the server of `postgres_server`."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with Databases(postgres_server, prefix=f"isa_test_{os.getpid()}_{worker}") as databases:
        yield databases


@pytest.fixture(scope="session")
def template_database(databases: Databases) -> Iterator[str]:
    """The name of a database with the schema of this repository, and nobody connected: a template to copy. Whoever runs
    pytest again and again on one server names one that is there already in TEMPLATE_DATABASE_TEST."""
    given = os.environ.get("TEMPLATE_DATABASE_TEST")
    if given:
        yield given
        return
    name = databases.create()
    databases.migrate(name)
    yield name
    databases.drop(name)


@pytest.fixture
def database_url(databases: Databases, template_database: str) -> Iterator[str]:
    """The DSN of a fresh, migrated, otherwise empty database, as a superuser; dropped after the test."""
    with databases.fresh(template_database) as url:
        yield url


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """The DSN of a fresh database that was never migrated, as a superuser; dropped after the test."""
    with databases.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def demonstration() -> Iterator[Demonstration]:
    """A running demonstration with two workers, shared by every test of this process that asks for it."""
    with server_directory("isa-demo-") as directory, Demonstration(directory / "state") as running:
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)]
    loud = sorted({reason.partition(LOUD)[2] for reason in reasons if LOUD in reason})
    if loud:
        terminalreporter.section("NOT CHECKED", sep="!", red=True, bold=True)
        for reason in loud:
            terminalreporter.line(f"  {reason}", red=True)
    passed = terminalreporter.stats.get("passed", [])
    shown = [text for report in passed for name, text in report.user_properties if name == "shown"]
    if shown:
        terminalreporter.section("shown by tests", sep="-")
        for text in shown:
            terminalreporter.line(f"  {text}")
