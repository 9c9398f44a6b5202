"""Where a command finds the registry's data: DATABASE_URL and the settings, or a demonstration's directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.runtime import demonstration
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile, OutsideReader
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.settings import read_settings, read_variable

STATE_HELP = "a demonstration's directory, instead of DATABASE_URL; also beside a running one"


class Place(Struct, frozen=True):
    """A log's database, the same as its owner's login sees it, its keys, and its newest checkpoint outside, if that can
    be read from here."""

    database_url: str
    owner_url: str
    keys: LogKeys
    outside: OutsideReader | None

    @property
    def origin(self) -> str:
        return self.keys.origin

    @property
    def vkeys(self) -> tuple[str, ...]:
        return self.keys.vkeys


@contextmanager
def place(state: Path | None) -> Iterator[Place]:
    """Raises `SettingsError`, `KeyFileError` and `EmbeddedPostgresError`."""
    if state is None:
        settings = read_settings()
        owner = read_variable("ISA_MIGRATE_URL") or settings.database_url
        outside = None if settings.checkpoint_file is None else CheckpointFile(settings.checkpoint_file)
        yield Place(settings.database_url, owner, settings.log_keys, outside)
        return
    directory = state.resolve()
    keys = demonstration.read_vkeys(directory)
    with EmbeddedPostgres(directory / "postgres") as postgres:
        url = postgres.url("isa_registry")
        yield Place(url, url, keys, CheckpointFile(directory / demonstration.OUTSIDE))
