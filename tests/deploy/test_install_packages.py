"""install.sh with its packages: the locked ones are fetched, the wheel is built from this checkout, and it runs.

Some twenty seconds, and it needs the packages from wherever pip is configured to find them. Set ISA_TEST_OFFLINE=1
where there are none.
"""

import json
import subprocess
from pathlib import Path

import pytest

from deploy.hosts import CHECKOUT, ORIGIN, Host, mode
from isa_registry.runtime.log_keys.files import read_attestation_key, read_log_signer_in
from loudly import LOUD

# Refuses memory that is writable and executable, as MemoryDenyWriteExecute= does, before anything is imported.
_UNDER_MDWE = """
import ctypes, errno, mmap, sys
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77 if ctypes.get_errno() == errno.EINVAL else 1)
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    sys.exit("memory may still be both")
except PermissionError:
    pass
import importlib, pkgutil
import isa_registry
for module in pkgutil.walk_packages(isa_registry.__path__, "isa_registry."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
import granian, uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
key = Ed25519PrivateKey.generate()
key.public_key().verify(key.sign(b"signed"), b"signed")
"""


# One installation for all, where tests are spread over processes by group.
pytestmark = pytest.mark.xdist_group("installation")


def run(host: Host, *command: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = command
    return subprocess.run(
        [str(host.venv / "bin" / program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=host.root,
        env={"PATH": "/usr/bin:/bin"},
    )


def test_exactly_the_locked_versions_are_installed(installed: tuple[Host, str]) -> None:
    host, _ = installed
    listed = run(host, "python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check").stdout
    found = {package["name"].lower().replace("_", "-"): package["version"] for package in json.loads(listed)}
    locked = (CHECKOUT / "requirements.lock").read_text()

    for name in ("pip", "setuptools", "isa-registry"):
        found.pop(name, None)
    assert found
    assert [f"{name}=={version}" for name, version in found.items() if f"{name}=={version} " not in locked] == []


def test_the_programs_run_from_their_wheel_with_their_data(installed: tuple[Host, str]) -> None:
    host, _ = installed
    code = """
import isa_registry
from isa_registry.data import SHIPPED, data_directory
print(isa_registry.__file__, *(data_directory(name) for name in sorted(SHIPPED)))
"""
    shown = run(host, "python", "-I", "-c", code)

    assert shown.returncode == 0, shown.stderr
    release = str(host.venv.resolve())
    assert all(Path(place).resolve().is_relative_to(release) for place in shown.stdout.split())
    assert run(host, "isa-registry", "--help").returncode == 0
    assert run(host, "isa-verify", "--help").returncode == 0


def test_the_pages_have_the_design_systems_style_or_the_installer_says_that_they_do_not(
    installed: tuple[Host, str],
) -> None:
    host, said = installed
    (static,) = host.venv.resolve().glob("lib/python3*/site-packages/isa_registry/pages/static")
    shipped = sorted(path.name for path in static.glob("vendor/*"))
    if "plain style of our own" in said:
        assert shipped == []
        pytest.skip(f"{LOUD}npm could not be reached, so an installation with the design system was not looked at")
    assert shipped == ["govuk-frontend.min.css", "govuk-frontend.min.js", "made-from.json"]
    assert (static / "plain.css").is_file()


def test_the_keys_are_real_and_their_verifier_keys_are_shown(installed: tuple[Host, str]) -> None:
    host, said = installed
    attestation_key = json.loads((host.keys / "attestation-key.jwk").read_text())

    assert (attestation_key["kty"], attestation_key["crv"]) == ("OKP", "Ed25519")
    assert attestation_key["kid"]
    assert attestation_key["d"] not in said
    assert {"-rw-r-----"} == {mode(key) for key in [*host.keys.iterdir(), *host.signer_keys.iterdir()]}
    vkeys = read_log_signer_in(ORIGIN, host.signer_keys).vkeys
    assert read_attestation_key(host.keys / "attestation-key.jwk") == attestation_key
    assert all(vkey in said for vkey in vkeys)
    assert tuple(host.vkeys.read_text().splitlines()) == vkeys


def test_a_second_run_installs_nothing_and_keeps_settings_and_keys(installed: tuple[Host, str]) -> None:
    host, _ = installed
    before = {path: path.read_bytes() for path in [host.settings, *host.keys.iterdir(), *host.signer_keys.iterdir()]}

    again = host.install()

    assert again.returncode == 0, again.stderr
    assert "already installed" in again.stdout
    assert before == {
        path: path.read_bytes() for path in [host.settings, *host.keys.iterdir(), *host.signer_keys.iterdir()]
    }
    assert len(list((host.venv.parent / "releases").iterdir())) == 1


def test_a_failed_upgrade_leaves_the_programs_as_they_were(installed: tuple[Host, str], tmp_path: Path) -> None:
    host, _ = installed
    before = host.venv.resolve()
    broken = tmp_path / "isa_registry-9.9.9-py3-none-any.whl"
    broken.write_bytes(b"not a wheel")
    empty = tmp_path / "wheelhouse"
    empty.mkdir()

    done = host.install("--wheel", str(broken), "--wheelhouse", str(empty), PIP_FIND_LINKS="", PIP_NO_INDEX="1")

    assert done.returncode != 0
    assert host.venv.resolve() == before
    assert [before] == list((host.venv.parent / "releases").iterdir())


def test_the_programs_run_where_memory_is_never_writable_and_executable(installed: tuple[Host, str]) -> None:
    host, _ = installed
    done = run(host, "python", "-I", "-c", _UNDER_MDWE)
    if done.returncode == 77:
        pytest.skip(f"{LOUD}this kernel cannot refuse executable memory, so MemoryDenyWriteExecute was not tried")
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_notifys_client_is_installed_from_its_own_lock_where_it_is_asked_for(
    installed: tuple[Host, str], tmp_path: Path
) -> None:
    """A release of its own beside the other; what its metadata asks for and nothing imports is not installed."""
    sources = installed[0].sources
    (tmp_path / "root").mkdir()
    host = Host(tmp_path / "root", sources)
    done = host.install("--notify", "--origin", ORIGIN)
    assert done.returncode == 0, done.stdout + done.stderr

    listed = run(host, "python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check").stdout
    found = {package["name"].lower().replace("_", "-"): package["version"] for package in json.loads(listed)}
    locked = (CHECKOUT / "requirements-notify.lock").read_text()
    for name in ("pip", "setuptools", "isa-registry"):
        found.pop(name, None)
    assert "notifications-python-client" in found
    assert "docopt" not in found
    assert [f"{name}=={version}" for name, version in found.items() if f"{name}=={version} " not in locked] == []

    code = "from isa_registry.outbound.notify import NotifyMailer; NotifyMailer('k' * 80, 't')"
    shown = run(host, "python", "-I", "-c", code)
    assert shown.returncode == 0, shown.stderr
    assert host.venv.resolve().name != installed[0].venv.resolve().name


def test_without_it_the_program_says_how_to_install_it(installed: tuple[Host, str]) -> None:
    code = "from isa_registry.outbound.notify import NotifyMailer; NotifyMailer('k' * 80, 't')"
    shown = run(installed[0], "python", "-I", "-c", code)
    assert shown.returncode != 0
    assert "install.sh --notify" in shown.stderr
