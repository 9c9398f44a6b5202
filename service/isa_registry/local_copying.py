"""Where the settings say that this machine keeps its copy of the register."""

from __future__ import annotations

from isa_registry.identity.sealing import SessionKeys
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.local_copy.registers import LocalRegisters
from isa_registry.runtime.local_copy.sealed_files import SealedFiles
from isa_registry.runtime.log_keys.files import read_session_secrets
from isa_registry.settings import Settings


def sealed_files_of(settings: Settings) -> SealedFiles | None:
    """The files in `ISA_LOCAL_COPY_DIR`; None where nothing is kept. Raises `KeyFileError`."""
    if settings.local_copy_dir is None or settings.session_key_file is None:
        return None
    secrets = SessionKeys(read_session_secrets(settings.session_key_file))
    return SealedFiles(settings.local_copy_dir, secrets, settings.origin)


def local_registers_of(settings: Settings) -> LocalRegisters | None:
    """The register's copy there; None where nothing is kept. Raises `KeyFileError`."""
    files = sealed_files_of(settings)
    outside = None if settings.checkpoint_file is None else CheckpointFile(settings.checkpoint_file)
    return None if files is None else LocalRegisters(files, settings.log_keys, outside)
