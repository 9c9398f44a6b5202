"""The settings of the process that signs. `docs/settings.md` lists them too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from isa_registry.settings import Setting, SettingsError, check_level, value_of

CHECKPOINTER_TABLE: dict[str, Setting] = {
    "database_url": Setting("DATABASE_URL", "The same database. The login must be a member of isa_checkpoint.", None),
    "origin": Setting("ISA_ORIGIN", "The log's name, as the service has it.", None),
    "log_key_file": Setting(
        "ISA_LOG_KEY_FILE", "The log's private Ed25519 key (PKCS#8 PEM), readable by the checkpointer alone.", None
    ),
    "log_key_ml_dsa_44_file": Setting(
        "ISA_LOG_KEY_ML_DSA_44_FILE",
        "The log's private ML-DSA-44 key (PKCS#8 PEM), readable by the checkpointer alone.",
        None,
    ),
    "checkpoint_file": Setting(
        "ISA_CHECKPOINT_FILE",
        "Where the newest signed checkpoint is kept outside the database: a file on another volume, in no backup of "
        "the database. Its directory must be writable.",
        None,
    ),
    "next_log_key_file": Setting(
        "ISA_NEXT_LOG_KEY_FILE",
        "During a rotation: the private Ed25519 key that is to follow. It signs beside the other. Both next keys or "
        "neither.",
        "",
    ),
    "next_log_key_ml_dsa_44_file": Setting(
        "ISA_NEXT_LOG_KEY_ML_DSA_44_FILE", "During a rotation: the private ML-DSA-44 key that is to follow.", ""
    ),
    "log_policy_file": Setting(
        "ISA_LOG_POLICY_FILE", "The witness policy (C2SP tlog-policy); empty: no witness is asked for.", ""
    ),
    "erasure_journal": Setting(
        "ISA_ERASURE_JOURNAL",
        "The service's journal of erasures, to be read only: nothing is signed before it is applied.",
        "",
    ),
    "log_level": Setting("ISA_LOG_LEVEL", "Least severe log line written: debug, info, warning, error.", "info"),
}


class CheckpointerSettings(Struct, frozen=True):
    """The settings of the process that signs. Values are described in `CHECKPOINTER_TABLE`."""

    database_url: str
    origin: str
    log_key_file: Path
    log_key_ml_dsa_44_file: Path
    checkpoint_file: Path
    next_log_key_file: Path | None = None
    next_log_key_ml_dsa_44_file: Path | None = None
    log_policy_file: Path | None = None
    erasure_journal: Path | None = None
    log_level: str = "info"

    @property
    def next_log_keys(self) -> tuple[Path, Path] | None:
        """The files of the keys that are to follow, Ed25519 first."""
        if self.next_log_key_file is None or self.next_log_key_ml_dsa_44_file is None:
            return None
        return self.next_log_key_file, self.next_log_key_ml_dsa_44_file

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        values = msgspec.structs.asdict(self)
        return {setting.variable: str(values[name] or "") for name, setting in CHECKPOINTER_TABLE.items()}


def read_checkpointer_settings(environment: Mapping[str, str] | None = None) -> CheckpointerSettings:
    """The checkpointer's settings in an environment, as `read_settings` reads the service's. Raises `SettingsError`."""
    source = os.environ if environment is None else environment
    found = {name: value_of(source, setting) for name, setting in CHECKPOINTER_TABLE.items()}
    check_level(found["log_level"])
    following = found["next_log_key_file"], found["next_log_key_ml_dsa_44_file"]
    if any(following) and not all(following):
        raise SettingsError("ISA_NEXT_LOG_KEY_FILE and ISA_NEXT_LOG_KEY_ML_DSA_44_FILE are set both, or neither is.")
    return CheckpointerSettings(
        database_url=found["database_url"],
        origin=found["origin"],
        log_key_file=Path(found["log_key_file"]),
        log_key_ml_dsa_44_file=Path(found["log_key_ml_dsa_44_file"]),
        checkpoint_file=Path(found["checkpoint_file"]),
        next_log_key_file=Path(following[0]) if following[0] else None,
        next_log_key_ml_dsa_44_file=Path(following[1]) if following[1] else None,
        log_policy_file=Path(found["log_policy_file"]) if found["log_policy_file"] else None,
        erasure_journal=Path(found["erasure_journal"]) if found["erasure_journal"] else None,
        log_level=found["log_level"],
    )
