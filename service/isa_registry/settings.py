"""Every setting, in one place. `docs/settings.md` lists the same ones; a test holds the two together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from isa_registry.ledger.checkpoints import LogKeys, parse_log_keys


class Setting(Struct, frozen=True):
    """One environment variable: what it means and what holds without it (None: it is required)."""

    variable: str
    says: str
    default: str | None


TABLE: dict[str, Setting] = {
    "database_url": Setting(
        "DATABASE_URL",
        "PostgreSQL 14 or later, as postgresql://. The login must be a member of isa_sequence, isa_read and isa_work.",
        None,
    ),
    "origin": Setting(
        "ISA_ORIGIN",
        "The log's name, fixed when the log is born and independent of any address, as registry.example.org/durham.",
        None,
    ),
    "public_url": Setting(
        "ISA_PUBLIC_URL", "The address at which people and systems reach the service, without a final slash.", None
    ),
    "log_vkeys": Setting(
        "ISA_LOG_VKEYS",
        "The log's two verifier keys, Ed25519 first, on two lines or with a comma between. Public: the checkpointer "
        "alone has the private ones.",
        None,
    ),
    "attestation_key_file": Setting(
        "ISA_ATTESTATION_KEY_FILE",
        "The private key (JWK) that signs attestations made on a page. Never the log's key.",
        None,
    ),
    "session_key_file": Setting(
        "ISA_SESSION_KEY_FILE",
        "The secret behind people's sessions, the same for every worker: 32 random bytes as base64. A second line in "
        "the file still takes what the secret on it made. Empty: nobody signs in on the pages.",
        "",
    ),
    "sign_in_key_file": Setting(
        "ISA_SIGN_IN_KEY_FILE",
        "The private key (JWK, or a JWK Set of which the first signs) that proves to agencies' providers who asks them "
        "to sign people in; its public half is at /.well-known/jwks.json. Empty: no provider is used that asks for it.",
        "",
    ),
    "client_secrets_dir": Setting(
        "ISA_CLIENT_SECRETS_DIR",
        "A directory with one file for each provider that gave this registry a client secret, named as the provider's "
        "redirect address has it. Empty: no provider is used that asks for one.",
        "",
    ),
    "checkpoint_file": Setting(
        "ISA_CHECKPOINT_FILE",
        "The checkpointer's file with the newest signed checkpoint, to be read only. Empty: the service waits for the "
        "checkpointer's word before it writes over a new connection.",
        "",
    ),
    "audience": Setting("ISA_AUDIENCE", "The audience that agencies' access tokens must name.", "urn:isa-registry"),
    "host": Setting("ISA_HOST", "The address to listen on. A proxy that ends TLS stands before it.", "127.0.0.1"),
    "port": Setting("ISA_PORT", "The port to listen on.", "8000"),
    "workers": Setting("ISA_WORKERS", "Worker processes.", "2"),
    "allowed_hosts": Setting(
        "ISA_ALLOWED_HOSTS",
        "Host names that requests may carry, separated by commas; empty: that of the public URL.",
        "",
    ),
    "open_entries": Setting(
        "ISA_OPEN_ENTRIES",
        "Set to 1 to show entry bundles to anybody. Their times and number are information too; payloads stay closed.",
        "",
    ),
    "metrics_token": Setting(
        "ISA_METRICS_TOKEN",
        "A secret of at least 20 characters with which the operator's monitoring reads /metrics; empty: nobody does.",
        "",
    ),
    "erasure_journal": Setting(
        "ISA_ERASURE_JOURNAL",
        "A file outside the database that remembers what was erased, so that a restored backup is not served as it is.",
        "",
    ),
    "erasure_notice_days": Setting(
        "ISA_ERASURE_NOTICE_DAYS", "Days between announcing an erasure and carrying it out.", "14"
    ),
    "log_level": Setting("ISA_LOG_LEVEL", "Least severe log line written: debug, info, warning, error.", "info"),
    "demo_state": Setting(
        "ISA_DEMO_STATE", "Set by the demonstration for its workers; `serve` refuses to start with it.", ""
    ),
    "bench": Setting("ISA_BENCH", "Set to 1 by the benchmarks to add a bare echo route; never elsewhere.", ""),
}

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


_LOG_LEVELS = ("debug", "info", "warning", "error")
_METRICS_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{20,512}")
_PUBLIC_URL = re.compile(r"https?://[^/?#@\s]+(?:/[^?#\s]*)?")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


class Settings(Struct, frozen=True):
    """The settings of one process, read once. Values are described in `TABLE`."""

    database_url: str
    origin: str
    public_url: str
    log_vkeys: tuple[str, ...]
    attestation_key_file: Path
    session_key_file: Path | None = None
    sign_in_key_file: Path | None = None
    client_secrets_dir: Path | None = None
    checkpoint_file: Path | None = None
    audience: str = "urn:isa-registry"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    allowed_hosts: tuple[str, ...] = ()
    open_entries: bool = False
    metrics_token: str = ""
    erasure_journal: Path | None = None
    erasure_notice_days: int = 14
    log_level: str = "info"
    demo_state: Path | None = None
    bench: bool = False

    @property
    def log_keys(self) -> LogKeys:
        """The log's public keys."""
        return LogKeys(origin=self.origin, vkeys=self.log_vkeys)

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        values = msgspec.structs.asdict(self)
        found = {}
        for name, setting in TABLE.items():
            value = values[name]
            if isinstance(value, tuple):
                value = ",".join(value)
            elif isinstance(value, bool):
                value = "1" if value else ""
            found[setting.variable] = "" if value is None else str(value)
        return found


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in an environment. A variable `NAME_FILE` gives the value of `NAME` from a file, for secrets.

    Raises `SettingsError`.
    """
    source = os.environ if environment is None else environment
    found = {name: _value(source, setting) for name, setting in TABLE.items()}
    _check_level(found["log_level"])
    if not _PUBLIC_URL.fullmatch(found["public_url"].rstrip("/")):
        raise SettingsError("ISA_PUBLIC_URL must be an address as https://registry.example.org.")
    if found["metrics_token"] and not _METRICS_TOKEN.fullmatch(found["metrics_token"]):
        raise SettingsError("ISA_METRICS_TOKEN must be at least 20 letters, digits and -._~+/= characters.")
    try:
        log_keys = parse_log_keys(found["origin"], found["log_vkeys"])
    except ValueError as error:
        raise SettingsError(f"ISA_LOG_VKEYS: {error}") from None
    try:
        return Settings(
            database_url=found["database_url"],
            origin=found["origin"],
            public_url=found["public_url"].rstrip("/"),
            log_vkeys=log_keys.vkeys,
            attestation_key_file=Path(found["attestation_key_file"]),
            session_key_file=_path(found["session_key_file"]),
            sign_in_key_file=_path(found["sign_in_key_file"]),
            client_secrets_dir=_path(found["client_secrets_dir"]),
            checkpoint_file=_path(found["checkpoint_file"]),
            audience=found["audience"],
            host=found["host"],
            port=int(found["port"]),
            workers=int(found["workers"]),
            allowed_hosts=tuple(host.strip() for host in found["allowed_hosts"].split(",") if host.strip()),
            open_entries=found["open_entries"] == "1",
            metrics_token=found["metrics_token"],
            erasure_journal=_path(found["erasure_journal"]),
            erasure_notice_days=read_days(found["erasure_notice_days"]),
            log_level=found["log_level"],
            demo_state=Path(found["demo_state"]) if found["demo_state"] else None,
            bench=found["bench"] == "1",
        )
    except ValueError as error:
        raise SettingsError("ISA_PORT and ISA_WORKERS must be whole numbers.") from error


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def read_days(text: str) -> int:
    """The days of notice before an erasure. Raises `SettingsError`."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise SettingsError("ISA_ERASURE_NOTICE_DAYS must be a whole number of days, at least 1.")
    return int(text)


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
    found = {name: _value(source, setting) for name, setting in CHECKPOINTER_TABLE.items()}
    _check_level(found["log_level"])
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


def _check_level(level: str) -> None:
    if level.lower() not in _LOG_LEVELS:
        raise SettingsError(f"ISA_LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}.")


def _value(source: Mapping[str, str], setting: Setting) -> str:
    value = read_variable(setting.variable, source) or setting.default
    if value is None:
        raise SettingsError(f"{setting.variable} is not set. {setting.says}")
    return value


def read_variable(variable: str, environment: Mapping[str, str] | None = None) -> str:
    """The value of a variable, or the content of the file that `{variable}_FILE` names; empty where neither is set.

    Raises `SettingsError` for a file that cannot be read.
    """
    source = os.environ if environment is None else environment
    file = source.get(f"{variable}_FILE")
    if file and not variable.endswith("_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{variable}_FILE names a file that cannot be read.") from error
    return source.get(variable, "")
