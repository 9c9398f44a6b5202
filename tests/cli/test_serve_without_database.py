"""`isa-registry serve` while the database is away: from this machine's copy of its own log, or not at all."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

import pytest

from isa_registry.cli import serve
from isa_registry.domain.entries import RegistryOpened
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.snapshots import write_snapshot
from isa_registry.local_copying import local_registers_of
from isa_registry.runtime.log_keys.files import ATTESTATION_KEY, SESSION_KEY, make_attestation_key, make_sign_in_keys
from isa_registry.runtime.registry import wall_clock
from isa_registry.settings import Settings, SettingsError, read_settings
from isa_registry.store.publication import Standing
from isa_verify.merkle import Frontier
from live import free_port
from running import vkeys_of

ORIGIN = "registry.example.org/durham"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of an installation whose database does not answer."""
    make_sign_in_keys(tmp_path)
    make_attestation_key(tmp_path)
    for name, value in {
        "DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/isa_registry",
        "ISA_ORIGIN": ORIGIN,
        "ISA_PUBLIC_URL": "https://registry.example.org",
        "ISA_LOG_VKEYS": ",".join(vkeys_of(ORIGIN)),
        "ISA_ATTESTATION_KEY_FILE": str(tmp_path / ATTESTATION_KEY),
        "ISA_SESSION_KEY_FILE": str(tmp_path / SESSION_KEY),
        "ISA_LOCAL_COPY_DIR": str(tmp_path / "copy"),
    }.items():
        monkeypatch.setenv(name, value)
    return read_settings()


def keep(settings: Settings, *, origin: str = ORIGIN, demo: bool = False, days_ago: int = 0) -> None:
    register = Register()
    opened = RegistryOpened(
        origin=origin,
        partnership="durham",
        partnership_name="One",
        lead_body="a-council",
        attestation_key={},
        demo=demo,
    )
    apply(register, 0, "2026-11-27T12:00:00.000Z", opened)
    registers = local_registers_of(settings)
    assert registers is not None
    now = wall_clock() - timedelta(days=days_ago)
    registers.keep(write_snapshot(register), Frontier().append(bytes(32)), Standing(), now=now)


def served(monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[Settings]]:
    """The exit status, and what was begun with."""
    begun: list[Settings] = []
    monkeypatch.setattr(serve, "serve", begun.append)
    return serve.run(argparse.Namespace()), begun


def test_it_starts_from_the_copy_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(settings)
    assert (0, [settings]) == served(monkeypatch)
    said = capsys.readouterr().err
    assert "the database cannot be reached" in said
    assert "nothing is recorded until it is back" in said


@pytest.mark.parametrize(
    ("copy", "why"),
    [
        ({"demo": True}, "never served as real"),
        ({"origin": "registry.example.org/elsewhere"}, "not the name that this log was born with"),
        ({"days_ago": 8}, "too-old"),
        (None, "none: "),
    ],
)
def test_it_does_not_start_from_a_copy_that_it_would_not_serve(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    copy: dict[str, object] | None,
    why: str,
) -> None:
    if copy is not None:
        keep(settings, **copy)  # type: ignore[arg-type]
    assert (2, []) == served(monkeypatch)
    assert why in capsys.readouterr().err


def test_without_a_directory_for_it_the_database_is_needed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(settings)
    monkeypatch.delenv("ISA_LOCAL_COPY_DIR")
    assert (2, []) == served(monkeypatch)
    assert "the database cannot be reached" in capsys.readouterr().err


def test_a_copy_needs_the_secret_that_seals_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISA_SESSION_KEY_FILE")
    with pytest.raises(SettingsError, match="ISA_LOCAL_COPY_DIR needs ISA_SESSION_KEY_FILE"):
        read_settings()
