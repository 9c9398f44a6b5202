"""install.sh, all but the packages: accounts' files, settings, keys, units, refusals, repetition."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from deploy.hosts import DEPLOY, ORIGIN, Host, mode, run_install
from isa_registry.checkpointer_settings import read_checkpointer_settings
from isa_registry.settings import read_settings
from running import vkeys_of

PUBLIC = "https://registry.example.org"
URL = "postgresql:///isa_registry?host=/var/run/postgresql&connect_timeout=5"


def everything_below(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
        if path.name != "called"
    }


def install(host: Host, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = host.install("--no-packages", "--origin", ORIGIN, "--public-url", PUBLIC, *options, **environment)
    assert done.returncode == 0, done.stderr
    return done


def test_settings_keys_wrapper_and_units_are_installed_with_the_right_modes(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)

    expected = {
        "etc/isa-registry": "drwxr-x---",
        "etc/isa-registry/isa-registry.env": "-rw-r-----",
        "etc/isa-registry/keys": "drwxr-x---",
        "etc/isa-registry/keys/attestation-key.jwk": "-rw-r-----",
        "etc/isa-registry/keys/session-key": "-rw-r-----",
        "etc/isa-registry/keys/sign-in-key.jwk": "-rw-r-----",
        "etc/isa-registry/keys/webhook-key.jwk": "-rw-r-----",
        "etc/isa-registry/log.vkeys": "-rw-r-----",
        "etc/isa-registry-checkpointer": "drwxr-x---",
        "etc/isa-registry-checkpointer/checkpointer.env": "-rw-r-----",
        "etc/isa-registry-checkpointer/keys": "drwxr-x---",
        "etc/isa-registry-checkpointer/keys/log-key.pem": "-rw-r-----",
        "etc/isa-registry-checkpointer/keys/log-key-ml-dsa-44.pem": "-rw-r-----",
        "etc/systemd/system/isa-registry-checkpointer.service": "-rw-r--r--",
        "etc/systemd/system/isa-registry-migrate.service": "-rw-r--r--",
        "etc/systemd/system/isa-registry.service": "-rw-r--r--",
        "usr/local/sbin/isa-registry": "-rwxr-xr-x",
    }
    found = {str(path.relative_to(prepared.root)): mode(path) for path in prepared.root.rglob("*")}
    plain = {"etc", "etc/systemd", "etc/systemd/system", "usr", "usr/local", "usr/local/sbin"}
    plain |= {"var", "var/lib", "var/lib/isa-registry-checkpointer"}
    assert expected == {name: kind for name, kind in found.items() if name not in plain and not name.startswith("opt")}
    assert {"drwxr-xr-x"} == {found[name] for name in plain}


def test_a_second_run_changes_nothing(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)
    before = everything_below(prepared.root)

    again = install(prepared)

    assert before == everything_below(prepared.root)
    assert "kept as it is" in again.stdout


def test_settings_and_keys_that_are_there_are_never_overwritten(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)
    prepared.settings.write_text("ISA_ORIGIN='mine'\n")
    key = (prepared.signer_keys / "log-key.pem").read_bytes()
    prepared.vkeys.write_text("mine\n")

    again = install(prepared, DATABASE_URL="postgresql:///other")

    assert prepared.settings.read_text() == "ISA_ORIGIN='mine'\n"
    assert (prepared.signer_keys / "log-key.pem").read_bytes() == key
    assert prepared.vkeys.read_text() == "mine\n"
    assert "were not written" in again.stdout


def test_a_settings_file_that_is_a_dangling_link_is_not_written_through(prepared: Host) -> None:
    target = prepared.root / "elsewhere"
    prepared.settings.parent.mkdir(parents=True)
    prepared.settings.symlink_to(target)

    prepared.install("--no-packages", DATABASE_URL=URL)

    assert not target.exists()


def test_modes_that_were_loosened_are_put_right(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)
    (prepared.signer_keys / "log-key.pem").chmod(0o644)
    prepared.signer_keys.chmod(0o755)

    install(prepared)

    assert mode(prepared.signer_keys) == "drwxr-x---"
    assert mode(prepared.signer_keys / "log-key.pem") == "-rw-r-----"


def test_the_logs_verifier_key_is_shown_as_soon_as_the_log_has_a_name(prepared: Host) -> None:
    unnamed = prepared.install("--no-packages")
    prepared.settings.write_text(f"ISA_ORIGIN='{ORIGIN}'\n")
    named = prepared.install("--no-packages")

    assert "verifier key" not in unnamed.stdout
    keys = f"{ORIGIN}+00000000+stand-in\n{ORIGIN}+11111111+stand-in\n"
    assert keys in named.stdout
    assert prepared.vkeys.read_text() == keys


def test_a_unit_of_an_earlier_version_is_replaced(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)
    unit = prepared.root / "etc/systemd/system/isa-registry.service"
    unit.write_text("[Unit]\n")

    install(prepared)

    assert unit.read_bytes() == (DEPLOY / "systemd/isa-registry.service").read_bytes()


def through_a_shell(settings: Path) -> dict[str, str]:
    script = 'set -a; . "$1"; env -0'
    done = subprocess.run(["sh", "-c", script, "sh", str(settings)], capture_output=True, check=True, env={})
    return dict(line.split("=", 1) for line in done.stdout.decode().split("\0") if line)


def as_systemd_reads(settings: Path) -> dict[str, str]:
    """The plain part of systemd.exec's EnvironmentFile=: NAME='value' lines, comments, nothing else."""
    found = {}
    for line in settings.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            assert value[0] == value[-1] == "'", "every value stands between single quotes"
            found[name] = value[1:-1]
    return found


def test_the_settings_file_means_the_same_to_systemd_to_a_shell_and_to_the_service(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)

    by_systemd = as_systemd_reads(prepared.settings)
    by_shell = through_a_shell(prepared.settings)

    assert by_systemd == {name: value for name, value in by_shell.items() if name in by_systemd}
    assert "/etc/isa-registry/log.vkeys" == by_systemd.pop("ISA_LOG_VKEYS_FILE")
    settings = read_settings({**by_systemd, "ISA_LOG_VKEYS": ",".join(vkeys_of(ORIGIN))})
    assert (settings.database_url, settings.origin, settings.public_url) == (URL, ORIGIN, PUBLIC)
    assert settings.checkpoint_file == Path("/var/lib/isa-registry-checkpointer/checkpoint")
    assert settings.attestation_key_file == Path("/etc/isa-registry/keys/attestation-key.jwk")


def test_the_checkpointers_settings_name_the_keys_and_the_services_do_not(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)

    signer = read_checkpointer_settings(as_systemd_reads(prepared.signer_settings))

    held = Path("/etc/isa-registry-checkpointer/keys")
    assert (signer.log_key_file, signer.log_key_ml_dsa_44_file) == (
        held / "log-key.pem",
        held / "log-key-ml-dsa-44.pem",
    )
    assert signer.origin == ORIGIN
    assert "isa-registry-checkpointer/keys" not in prepared.settings.read_text()
    assert through_a_shell(prepared.signer_settings).keys() >= signer.environment().keys() - {
        "ISA_NEXT_LOG_KEY_FILE",
        "ISA_NEXT_LOG_KEY_ML_DSA_44_FILE",
        "ISA_LOG_POLICY_FILE",
        "ISA_ERASURE_JOURNAL",
        "ISA_LOG_LEVEL",
    }


def test_the_wrapper_signs_with_the_checkpointers_settings(prepared: Host) -> None:
    install(prepared, DATABASE_URL="postgresql:///not-this-one")

    subprocess.run([prepared.root / "usr/local/sbin/isa-registry", "checkpoint"], check=True)

    _, environment = prepared.called()
    assert environment["DATABASE_URL"] != "postgresql:///not-this-one"
    assert environment["ISA_LOG_KEY_FILE"].startswith("/etc/isa-registry-checkpointer/")
    assert "ISA_ATTESTATION_KEY_FILE" not in environment


def test_a_database_url_may_stay_in_a_file_of_its_own(prepared: Host) -> None:
    install(prepared, DATABASE_URL_FILE="/etc/isa-registry/database-url")

    found = as_systemd_reads(prepared.settings)
    assert found["DATABASE_URL_FILE"] == "/etc/isa-registry/database-url"
    assert "DATABASE_URL" not in found


def test_what_is_still_to_be_set_is_named(prepared: Host) -> None:
    done = prepared.install("--no-packages")

    assert "still to be set" in done.stdout
    assert "DATABASE_URL ISA_ORIGIN ISA_PUBLIC_URL" in done.stdout


def test_nothing_is_still_to_be_set_once_all_is_given(prepared: Host) -> None:
    assert "still to be set" not in install(prepared, DATABASE_URL=URL).stdout


def test_the_database_is_migrated_with_the_owners_login_which_is_not_kept(prepared: Host) -> None:
    owner = "postgresql://owner:hush@127.0.0.1/isa_registry"

    done = install(prepared, DATABASE_URL=URL, ISA_MIGRATE_URL=owner)

    arguments, environment = prepared.called()
    assert arguments == ["migrate"]
    assert environment["DATABASE_URL"] == owner
    assert environment["ISA_ORIGIN"] == ORIGIN
    assert "ISA_MIGRATE_URL" not in environment
    assert "hush" not in done.stdout + done.stderr + prepared.settings.read_text()


def test_the_owners_login_may_come_from_a_file(prepared: Host, tmp_path: Path) -> None:
    secret = tmp_path / "owner-url"
    secret.write_text("postgresql://owner:hush@127.0.0.1/isa_registry\n")

    install(prepared, DATABASE_URL_FILE="/somewhere/else", ISA_MIGRATE_URL_FILE=str(secret))

    _, environment = prepared.called()
    assert environment["DATABASE_URL"] == "postgresql://owner:hush@127.0.0.1/isa_registry"
    assert "DATABASE_URL_FILE" not in environment


def test_without_the_owners_login_the_database_is_left_alone(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)

    assert not (prepared.venv / "called").exists()


def test_a_migration_that_fails_is_reported_and_ends_the_run(prepared: Host) -> None:
    (prepared.venv / "fails").touch()

    done = prepared.install("--no-packages", DATABASE_URL=URL, ISA_MIGRATE_URL="postgresql:///owner")

    assert done.returncode == 1
    assert "not migrated" in done.stderr


def test_the_wrapper_runs_commands_with_the_services_settings(prepared: Host) -> None:
    install(prepared, DATABASE_URL=URL)

    subprocess.run([prepared.root / "usr/local/sbin/isa-registry", "import", "a file.json"], check=True)

    arguments, environment = prepared.called()
    assert arguments == ["import", "a file.json"]
    assert (environment["DATABASE_URL"], environment["ISA_ORIGIN"]) == (URL, ORIGIN)


def test_an_image_gets_programs_and_a_health_check_but_no_settings_keys_or_units(prepared: Host) -> None:
    done = prepared.install("--no-packages", "--container", DATABASE_URL=URL)

    assert done.returncode == 0, done.stderr
    assert {"opt", "var"} == {path.name for path in prepared.root.iterdir()}
    assert mode(prepared.root / "opt/isa-registry/healthy.py") == "-rwxr-xr-x"


def test_help_names_every_option_that_is_read() -> None:
    cases = re.findall(r"^ *((?:--?[a-z-]+(?: \| )?)+)\)", (DEPLOY / "install.sh").read_text(), re.MULTILINE)
    read = {option for case in cases for option in re.findall(r"--[a-z-]+", case)}
    shown = run_install("--help")

    assert shown.returncode == 0
    assert read == set(re.findall(r"^  (--[a-z-]+)", shown.stdout, re.MULTILINE))
    assert len(read) == 10


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    program = tmp_path / "python3.9"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return program


def refused(done: subprocess.CompletedProcess[str], status: int, saying: str) -> None:
    assert (done.returncode, saying in done.stderr) == (status, True), done.stderr


def test_an_older_python_is_refused_before_anything_is_made(host: Host, old_python: Path) -> None:
    refused(host.install("--python", str(old_python)), 1, "older than Python 3.11")
    assert list(host.root.iterdir()) == []


def test_a_python_in_a_home_directory_is_refused(host: Host, tmp_path: Path) -> None:
    program = tmp_path / "python3"
    program.write_text('#!/bin/sh\ncase "$2" in *realpath*) echo /home/somebody/bin/python3 ;; esac\n')
    program.chmod(0o755)

    refused(host.install("--python", str(program)), 1, "home directory")


def test_a_missing_python_is_refused(host: Host) -> None:
    refused(host.install("--python", "/nowhere/python3"), 1, "there is no /nowhere/python3")


def test_a_root_that_is_relative_absent_or_the_hosts_own_is_refused(tmp_path: Path) -> None:
    refused(run_install("--root", "here"), 1, "absolute path")
    refused(run_install("--root", str(tmp_path / "absent")), 1, "absolute path")
    refused(run_install("--root", "/"), 1, "must not be /")
    refused(run_install("--root", "/usr/.."), 1, "must not be /")


def test_without_a_root_an_ordinary_user_is_refused() -> None:
    refused(run_install(user=65534 if os.geteuid() == 0 else None), 1, "run this as root")


def test_unknown_options_and_missing_values_are_refused_and_not_echoed(host: Host) -> None:
    done = host.install("--database-url=postgresql://owner:hush@127.0.0.1/x")
    refused(done, 2, "unknown option")
    assert "hush" not in done.stderr
    refused(host.install("--origin"), 2, "needs a value")
    refused(host.install("--no-packages", "--wheelhouse", "/tmp"), 2, "excludes")


@pytest.mark.parametrize("value", ["a'b", "a\\b", "a\nb", "a\tb"])
def test_a_value_that_systemd_and_a_shell_would_read_differently_is_refused(prepared: Host, value: str) -> None:
    done = prepared.install("--no-packages", DATABASE_URL=value)

    refused(done, 1, "DATABASE_URL holds")
    assert not prepared.settings.exists()


def test_two_database_urls_are_refused(prepared: Host) -> None:
    refused(prepared.install("--no-packages", DATABASE_URL=URL, DATABASE_URL_FILE="/x"), 1, "not both")


def test_missing_wheels_wheelhouses_and_programs_are_refused(host: Host) -> None:
    refused(host.install("--wheel", "/nowhere.whl"), 1, "names no file")
    refused(host.install("--wheelhouse", "/nowhere"), 1, "names no directory")
    refused(host.install("--no-packages"), 1, "no programs are installed")


def test_a_virtual_environment_of_somebody_elses_is_not_touched(host: Host) -> None:
    host.venv.mkdir(parents=True)

    refused(host.install(), 1, "not a link of this installer's")
    assert list(host.venv.iterdir()) == []


def test_two_installations_at_once_are_refused(prepared: Host) -> None:
    lock = prepared.root / "opt/isa-registry/.installing"
    with subprocess.Popen(["flock", lock, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        holder.stdin.write(b"held\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == b"held\n"
        done = prepared.install("--no-packages")
        holder.stdin.close()
    refused(done, 1, "another installation is running")
