"""The verifier needs the standard library and `cryptography`, and its core needs no network."""

import json
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "service" / "isa_verify"
MODULES = sorted(file.stem for file in PACKAGE.glob("*.py") if not file.stem.startswith("__"))
NETWORK = {"socket", "ssl", "http.client", "urllib.request", "asyncio"}
BROUGHT_BY_CRYPTOGRAPHY = {"_cffi_backend", "_openssl", "cffi"}


def imported_by(*modules: str) -> set[str]:
    """The names of all modules loaded in a fresh interpreter that sees nothing but the verifier's dependencies."""
    script = (
        f"import sys; sys.path[:0] = {[str(PACKAGE.parent)]!r}\n"
        "before = set(sys.modules)\n"
        f"import importlib\nfor name in {list(modules)!r}: importlib.import_module('isa_verify.' + name)\n"
        "import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    ended = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True)
    return set(json.loads(ended.stdout))


def test_all_modules_together_load_the_standard_library_and_cryptography_alone() -> None:
    roots = {name.partition(".")[0] for name in imported_by(*MODULES)}
    foreign = roots - set(sys.stdlib_module_names) - BROUGHT_BY_CRYPTOGRAPHY
    build_data = {name for name in foreign if name.startswith("_sysconfigdata")}
    # What multiprocessing calls the main module.
    assert foreign - build_data - {"__mp_main__"} == {"isa_verify", "cryptography"}


def test_only_the_fetcher_and_the_command_load_what_opens_connections() -> None:
    core = [name for name in MODULES if name not in ("fetching", "processes", "cli")]
    assert imported_by(*core) & NETWORK == set()
    assert "urllib.request" in imported_by("fetching")


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported_first(name: str) -> None:
    assert f"isa_verify.{name}" in imported_by(name)


def test_its_own_wheel_names_one_dependency_and_one_command() -> None:
    project = tomllib.loads((REPOSITORY / "packaging" / "verify" / "pyproject.toml").read_text())
    assert project["project"]["dependencies"] == ["cryptography>=46"]
    assert project["project"]["scripts"] == {"isa-verify": "isa_verify.cli:main"}
    assert (REPOSITORY / "packaging" / "verify" / "../../service/isa_verify").resolve() == PACKAGE
    assert sysconfig.get_python_version() >= project["project"]["requires-python"].removeprefix(">=")
