"""Switches guards off, one at a time, and says which test noticed: `make test-guards`.

    python tests/guards/switching.py [--quick] [--jobs N] [NAME-PART ...]

Each guard is taken away in a copy of the sources (guards/table.py), and its tests are run there. First they all run
with every guard in place. A guard whose removal a test does not notice fails the command, and so does a line of the
table that does not fit the sources any more.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from databases import Databases  # noqa: E402
from guards.table import GUARDS, Guard  # noqa: E402
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres  # noqa: E402

COPIED = ("service", "tests", "migrations", "agreements", "schemas", "docs", "deploy", "pyproject.toml", "Makefile")
SECONDS = 300
"""For the tests of one guard. All of them together, which run first, get a hundredth of that more for each."""
WITHOUT_DATABASE = (
    "tests/actions/", "tests/architecture/test_visibility", "tests/domain/", "tests/identity/", "tests/outbound/",
    "tests/people/test_pieces", "tests/people/test_protocol", "tests/runtime/test_rate_limit", "tests/test_telemetry",
)  # fmt: skip
"""Where tests are that ask for none."""


class DoesNotFit(Exception):
    """A line of the table names a piece that is not in the file exactly once."""


class NoEnd(Exception):
    """The tests did not end in time; the message is the last that they said."""


@dataclass(frozen=True)
class Outcome:
    """What became of the tests while a guard was off: `unnoticed` are those that did not fail."""

    guard: Guard
    noticed: tuple[str, ...]
    unnoticed: tuple[str, ...]
    trouble: str = ""

    @property
    def good(self) -> bool:
        return not self.unnoticed and not self.trouble


class Copy:
    """A copy of the sources in which a guard can be off."""

    def __init__(self, directory: Path, database: str, template: str) -> None:
        self.directory = directory
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, directory / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            elif source.exists():
                shutil.copy2(source, directory / name)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "PYTHONPATH": f"{directory / 'service'}:{directory / 'tests'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            # Of pytest's plugins those that the tests use: loading all of them takes longer than most tests.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "DATABASE_URL_TEST": database,
        }
        self._template = {"TEMPLATE_DATABASE_TEST": template} if template else {}

    def run(self, tests: Sequence[str], *, migrating: bool = False, seconds: int = SECONDS) -> tuple[set[str], str]:
        """Which of these tests failed, and the output. A test that could not even be set up has not noticed
        anything. `migrating`: the schema is made anew, as the copy has it. Raises `NoEnd`."""
        with subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider"),
                *("-p", "pytest_asyncio.plugin", "--rootdir", str(self.directory), *tests),
            ],
            cwd=self.directory,
            env=self._environment if migrating else {**self._environment, **self._template},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            output = output_of(running, seconds)
        if running.returncode not in (0, 1):
            return set(), output
        failed = re.findall(r"^FAILED (.+?)(?: - .*)?$", output, re.MULTILINE)
        return {
            test for test in tests for one in failed if one == test or one.startswith((f"{test}[", f"{test}::"))
        }, output

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        """The sources with a guard off. Raises `DoesNotFit`."""
        path = file_of(self.directory, guard)
        whole = path.read_text(encoding="utf-8")
        path.write_text(taken_away(guard, whole), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(whole, encoding="utf-8")


def file_of(root: Path, guard: Guard) -> Path:
    return root / guard.file if guard.file.startswith("migrations/") else root / "service/isa_registry" / guard.file


def taken_away(guard: Guard, source: str) -> str:
    """The source without the guard. Raises `DoesNotFit`."""
    if source.count(guard.piece) != 1:
        raise DoesNotFit(f"{guard.file} holds the piece {source.count(guard.piece)} times")
    return source.replace(guard.piece, guard.instead)


def switched_off(copy: Copy, guard: Guard) -> Outcome:
    try:
        with copy.without(guard):
            failed, output = copy.run(guard.tests, migrating=guard.file.startswith("migrations/"))
    except (DoesNotFit, NoEnd) as error:
        return Outcome(guard, (), guard.tests, trouble=str(error))
    unnoticed = tuple(test for test in guard.tests if test not in failed)
    trouble = output[-1_500:] if unnoticed else ""
    return Outcome(guard, tuple(sorted(failed)), unnoticed, trouble)


def run(guards: Sequence[Guard], *, jobs: int, quick: bool = False) -> int:
    """Switches each off; the number of guards that nothing notices. `quick` believes that the tests pass with every
    guard in place."""
    began = time.monotonic()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="isa-guards-") as name:
        place = Path(name)
        place.chmod(0o711)
        with _database(place, guards) as (url, template):
            copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
            for number in range(jobs):
                copies.put(Copy(place / f"copy-{number}", url, template))

            def one(guard: Guard) -> Outcome:
                copy = copies.get()
                try:
                    return switched_off(copy, guard)
                finally:
                    copies.put(copy)

            if not quick and (trouble := _failing(copies, guards)):
                print(f"with every guard in place, tests fail already:\n{trouble}")
                return 1
            with ThreadPoolExecutor(jobs) as pool:
                for outcome in pool.map(one, guards):
                    bad += not outcome.good
                    _print(outcome)
    print(f"{len(guards)} guards, {bad} that nothing notices, {time.monotonic() - began:.0f} s")
    return bad


def _failing(copies: queue.SimpleQueue[Copy], guards: Sequence[Guard]) -> str:
    """What the tests say that fail, or cannot be set up, with every guard in place; empty where none does."""
    tests = sorted({test for guard in guards for test in guard.tests})
    standing = copies.get()
    try:
        failed, output = standing.run(tests, seconds=SECONDS + len(tests) * SECONDS // 100)
    except NoEnd as error:
        return str(error)
    finally:
        copies.put(standing)
    sound = " passed" in output and not failed and not re.search(r"^ERROR ", output, re.MULTILINE)
    return "" if sound else output[-3_000:]


def output_of(running: subprocess.Popen[str], seconds: float) -> str:
    """Everything it says. One that does not end in time is told to, so that the services that it started end too."""
    try:
        return running.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGINT)
        try:
            said = running.communicate(timeout=60)[0]
        except subprocess.TimeoutExpired:
            running.kill()
            said = running.communicate()[0]
    raise NoEnd(f"the tests had not ended after {seconds:.0f} seconds:\n{said[-1_000:]}")


@contextmanager
def _database(place: Path, guards: Sequence[Guard]) -> Iterator[tuple[str, str]]:
    """The address of one server for all runs, and its database with the schema; both empty where no test wants one."""
    if all(test.startswith(WITHOUT_DATABASE) for guard in guards for test in guard.tests):
        yield "", ""
        return
    with (
        EmbeddedPostgres(place, durable=False) as server,
        Databases(server.url(), prefix="isa_guards") as databases,
    ):
        template = databases.create()
        databases.migrate(template)
        yield server.url(), template


def _print(outcome: Outcome) -> None:
    print(f"{'off ' if outcome.good else 'BAD '} {outcome.guard.name}")
    for test in outcome.noticed:
        print(f"       noticed by {test}")
    for test in outcome.unnoticed:
        print(f"       NOT NOTICED by {test}")
    if outcome.trouble:
        print("       " + outcome.trouble.replace("\n", "\n       "))
    sys.stdout.flush()


def main() -> int:
    # Also where it was started in the background, and so that the tests, which inherit it, can be told to end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description="Switches each guard off in turn and says which test notices.")
    parser.add_argument("--quick", action="store_true", help="not first the tests with every guard in place")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("parts", nargs="*", help="only guards whose name has one of these in it")
    arguments = parser.parse_args()
    wanted = [guard for guard in GUARDS if not arguments.parts or any(part in guard.name for part in arguments.parts)]
    return 1 if not wanted or run(wanted, jobs=arguments.jobs, quick=arguments.quick) else 0


if __name__ == "__main__":
    sys.exit(main())
