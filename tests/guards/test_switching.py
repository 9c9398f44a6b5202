"""The table of guards fits the sources, and a few guards are really switched off in every run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from guards.switching import ROOT, DoesNotFit, NoEnd, file_of, output_of, taken_away
from guards.table import GUARDS, Guard

EACH = pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)


@EACH
def test_a_guard_is_in_the_sources_once_and_what_takes_its_place_is_no_slip(guard: Guard) -> None:
    path = file_of(ROOT, guard)
    changed = taken_away(guard, path.read_text(encoding="utf-8"))
    assert changed != path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        compile(changed, str(path), "exec")


@EACH
def test_the_tests_that_a_guard_names_are_there(guard: Guard) -> None:
    assert guard.tests
    for test in guard.tests:
        file, _, name = test.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        assert not name or f"def {name.partition('[')[0]}(" in source, test


def test_names_are_told_apart() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_a_piece_that_is_not_there_is_no_guard() -> None:
    with pytest.raises(DoesNotFit):
        taken_away(Guard("", "", "there", "not", ()), "neither here nor there, there")


def test_tests_that_do_not_end_are_told_to_and_end_what_they_started() -> None:
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n    print('begun', flush=True)\n    time.sleep(60)\nfinally:\n    print('tidied up')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        with pytest.raises(NoEnd, match="tidied up"):
            output_of(running, 0.01)


def test_some_guards_are_switched_off_and_each_is_noticed() -> None:
    """Those whose tests are quick; all of them by `make test-guards`."""
    short = [guard.name for guard in GUARDS if guard.short]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("switching.py")), "--quick", *short],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("off ") == len(short) >= 3
    assert "0 that nothing notices" in done.stdout
