"""Where a command finds the registry's data: DATABASE_URL and the settings, or a demonstration's directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime import demonstration
from isa_registry.runtime.embedded_postgres import EmbeddedPostgres
from isa_registry.runtime.key_files import LOG_KEY, read_log_key
from isa_registry.settings import read_settings, read_variable

STATE_HELP = "a demonstration's directory, instead of DATABASE_URL; also beside a running one"


class Place(Struct, frozen=True):
    """A log's database, the same as its owner's login sees it, the log's name, and its verifier keys."""

    database_url: str
    owner_url: str
    origin: str
    vkeys: tuple[str, ...]


@contextmanager
def place(state: Path | None) -> Iterator[Place]:
    """Raises `SettingsError`, `KeyFileError` and `EmbeddedPostgresError`."""
    if state is None:
        settings = read_settings()
        signer = LogSigner(origin=settings.origin, key=read_log_key(settings.log_key_file))
        owner = read_variable("ISA_MIGRATE_URL") or settings.database_url
        yield Place(settings.database_url, owner, settings.origin, (signer.vkey,))
        return
    directory = state.resolve()
    signer = LogSigner(origin=demonstration.ORIGIN, key=read_log_key(directory / "keys" / LOG_KEY))
    with EmbeddedPostgres(directory / "postgres") as postgres:
        url = postgres.url("isa_registry")
        yield Place(url, url, demonstration.ORIGIN, (signer.vkey,))
