"""The client needs httpx, joserfc and the verifier, and nothing of the service."""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "service" / "isa_client"
MODULES = sorted(
    ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
    for file in PACKAGE.rglob("*.py")
    if not file.stem.startswith("__")
)
BROUGHT = {
    "anyio", "certifi", "cffi", "click", "pygments", "rich",
    "_cffi_backend", "cryptography", "_openssl", "h11", "h2", "hpack", "httpcore",
    "hyperframe", "idna", "sniffio", "typing_extensions", "zstandard", "brotli", "_brotli", "brotlicffi", "socksio",
}  # fmt: skip
"""What httpx, joserfc and cryptography load, or would load where it is installed."""


def test_all_modules_together_load_nothing_of_the_service() -> None:
    script = (
        f"import sys; sys.path[:0] = {[str(PACKAGE.parent)]!r}\n"
        "before = set(sys.modules)\n"
        f"import importlib\nfor name in {MODULES!r}: importlib.import_module('isa_client.' + name)\n"
        "import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    ended = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True)
    roots = {name.partition(".")[0] for name in json.loads(ended.stdout)}
    foreign = {name for name in roots - set(sys.stdlib_module_names) - BROUGHT if not name.startswith("_sysconfigdata")}
    assert foreign - {"__mp_main__"} == {"isa_client", "isa_verify", "httpx", "joserfc"}


def test_its_own_wheel_names_its_dependencies_and_one_command() -> None:
    project = tomllib.loads((REPOSITORY / "packaging" / "client" / "pyproject.toml").read_text())
    names = {one.partition(">")[0] for one in project["project"]["dependencies"]}
    assert names == {"httpx", "isa-verify", "joserfc"}
    assert project["project"]["scripts"] == {"isa-client": "isa_client.cli:main"}
    assert sysconfig.get_python_version() >= project["project"]["requires-python"].removeprefix(">=")


@pytest.mark.long
def test_installed_from_its_wheels_it_runs_where_the_service_is_not(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    for what in ("verify", "client"):
        source = REPOSITORY / "packaging" / what
        subprocess.run(
            [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(source)], check=True
        )
    wheels = [str(path) for path in tmp_path.glob("*.whl")]
    assert len(wheels) == 2
    subprocess.run([*pip, "install", "--no-deps", "--target", str(tmp_path / "installed"), *wheels], check=True)
    # Without the site module no path file is read, so that the sources of this repository are out of sight.
    where = os.pathsep.join([str(tmp_path / "installed"), sysconfig.get_path("purelib")])
    script = (
        "import isa_client.cli as c, sys; print(c.__file__); sys.exit(c.main(['queue', 'list', '--queue', 'q.db']))"
    )
    ended = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": where},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"{tmp_path}/installed/isa_client/cli.py\n0 waiting, 0 refused, 0 sent.\n"
    absent = subprocess.run(
        [sys.executable, "-S", "-c", "import isa_registry.settings"], env={"PYTHONPATH": where}, capture_output=True
    )
    assert b"No module named 'isa_registry.settings'" in absent.stderr
