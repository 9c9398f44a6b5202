"""Every setting, in one place. `docs/settings.md` lists the same ones; a test holds the two together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from isa_registry.domain.origins import read_origins
from isa_registry.ledger.checkpoints import LogKeys, parse_log_keys
from isa_registry.notice_settings import NOTICE_TABLE, NOTIFY_URL, wrong_in


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
        "The private key (JWK) that signs what people attest, decide and acknowledge on pages. Never the log's key.",
        None,
    ),
    "session_key_file": Setting(
        "ISA_SESSION_KEY_FILE",
        "The secret behind people's sessions, the marks on what one person proposes to another, and the pages of an "
        "AuthZEN search, the same for every worker: 32 random bytes as base64. A second line in the file still takes "
        "what the secret on it made. Empty: nobody signs in on the pages, and what is proposed carries no mark.",
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
    "security_contact": Setting(
        "ISA_SECURITY_CONTACT",
        "Where to report a vulnerability in private, as mailto:, https: or tel: addresses with commas between; shown "
        "in /.well-known/security.txt, which is not there without it.",
        "",
    ),
    "accessibility_contact": Setting(
        "ISA_ACCESSIBILITY_CONTACT",
        "Whom to ask where a page cannot be used, as an e-mail address or a telephone number; the accessibility "
        "statement gives it. The regulations want one.",
        "",
    ),
    "rate_limit_percent": Setting(
        "ISA_RATE_LIMIT_PERCENT",
        "How much of the rate limits in docs/operating.md holds, in percent, for each worker.",
        "100",
    ),
    "client_address_header": Setting(
        "ISA_CLIENT_ADDRESS_HEADER",
        "The header in which the proxy before the service, and nobody else, says from which address a request comes; "
        "its last value counts. Empty: addresses are not told apart.",
        "",
    ),
    "embedding_hosts": Setting(
        "ISA_EMBEDDING_HOSTS",
        "The origins of training sites, as https://learning.example.org with commas between, whose pages may show "
        "clauses in a frame and ask from the browser whether links changed. Empty: nobody's.",
        "",
    ),
    "differences_file": Setting(
        "ISA_DIFFERENCES_FILE",
        "The stages of your partnership for professional differences (docs/formats/professional-differences.md), in "
        "place of those that ship. Empty: those that ship.",
        "",
    ),
    "erasure_journal": Setting(
        "ISA_ERASURE_JOURNAL",
        "A file outside the database that remembers what was erased, so that a restored backup is not served as it is.",
        "",
    ),
    "local_copy_dir": Setting(
        "ISA_LOCAL_COPY_DIR",
        "A directory of this machine, the service's alone and in no backup, for a sealed copy of the register: a "
        "worker that starts while the database is away answers checks from it. Needs ISA_SESSION_KEY_FILE. Empty: "
        "such a worker waits for the database.",
        "",
    ),
    "erasure_notice_days": Setting(
        "ISA_ERASURE_NOTICE_DAYS", "Days between announcing an erasure and carrying it out.", "14"
    ),
    **{name: Setting(*row) for name, row in NOTICE_TABLE.items()},
    "log_level": Setting("ISA_LOG_LEVEL", "Least severe log line written: debug, info, warning, error.", "info"),
    "demo_state": Setting(
        "ISA_DEMO_STATE", "Set by the demonstration for its workers; `serve` refuses to start with it.", ""
    ),
    "bench": Setting("ISA_BENCH", "Set to 1 by the benchmarks to add a bare echo route; never elsewhere.", ""),
}

_LOG_LEVELS = ("debug", "info", "warning", "error")
_METRICS_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{20,512}")
_CONTACT = re.compile(r"(?:mailto:[^\s@:]+@[^\s@:]+|https://[^\s]+|tel:\+?[0-9-]+)")
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
    security_contact: tuple[str, ...] = ()
    accessibility_contact: str = ""
    rate_limit_percent: int = 100
    client_address_header: str = ""
    embedding_hosts: tuple[str, ...] = ()
    differences_file: Path | None = None
    erasure_journal: Path | None = None
    local_copy_dir: Path | None = None
    erasure_notice_days: int = 14
    mail: str = "off"
    mail_from: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    notify_api_key: str = ""
    notify_template: str = ""
    notify_url: str = NOTIFY_URL
    webhook_key_file: Path | None = None
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
    found = {name: value_of(source, setting) for name, setting in TABLE.items()}
    check_level(found["log_level"])
    if not _PUBLIC_URL.fullmatch(found["public_url"].rstrip("/")):
        raise SettingsError("ISA_PUBLIC_URL must be an address as https://registry.example.org.")
    if found["metrics_token"] and not _METRICS_TOKEN.fullmatch(found["metrics_token"]):
        raise SettingsError("ISA_METRICS_TOKEN must be at least 20 letters, digits and -._~+/= characters.")
    if found["local_copy_dir"] and not found["session_key_file"]:
        raise SettingsError("ISA_LOCAL_COPY_DIR needs ISA_SESSION_KEY_FILE: the copy is sealed with its secret.")
    wrong = wrong_in(found)
    if wrong is not None:
        raise SettingsError(wrong)
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
            differences_file=_path(found["differences_file"]),
            audience=found["audience"],
            host=found["host"],
            port=int(found["port"]),
            workers=int(found["workers"]),
            allowed_hosts=tuple(host.strip() for host in found["allowed_hosts"].split(",") if host.strip()),
            open_entries=found["open_entries"] == "1",
            metrics_token=found["metrics_token"],
            security_contact=_contacts(found["security_contact"]),
            accessibility_contact=found["accessibility_contact"],
            rate_limit_percent=_percent(found["rate_limit_percent"]),
            client_address_header=_header_name(found["client_address_header"]),
            embedding_hosts=read_embedding_hosts(found["embedding_hosts"]),
            erasure_journal=_path(found["erasure_journal"]),
            local_copy_dir=_path(found["local_copy_dir"]),
            erasure_notice_days=read_days(found["erasure_notice_days"]),
            **{name: found[name] for name in NOTICE_TABLE if name not in ("smtp_port", "webhook_key_file")},
            smtp_port=int(found["smtp_port"]),
            webhook_key_file=_path(found["webhook_key_file"]),
            log_level=found["log_level"],
            demo_state=Path(found["demo_state"]) if found["demo_state"] else None,
            bench=found["bench"] == "1",
        )
    except ValueError as error:
        raise SettingsError("ISA_PORT, ISA_WORKERS and ISA_SMTP_PORT must be whole numbers.") from error


def _contacts(text: str) -> tuple[str, ...]:
    contacts = tuple(one.strip() for one in text.split(",") if one.strip())
    if not all(_CONTACT.fullmatch(one) for one in contacts):
        raise SettingsError("ISA_SECURITY_CONTACT must hold addresses as mailto:security@example.org, with commas.")
    return contacts


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def read_days(text: str) -> int:
    """The days of notice before an erasure. Raises `SettingsError`."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise SettingsError("ISA_ERASURE_NOTICE_DAYS must be a whole number of days, at least 1.")
    return int(text)


def _percent(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise SettingsError("ISA_RATE_LIMIT_PERCENT must be a whole number, at least 1: 100 is the limits as they are.")
    return int(text)


def _header_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*|", text):
        raise SettingsError("ISA_CLIENT_ADDRESS_HEADER must be the name of a header, as X-Forwarded-For.")
    return text


def read_embedding_hosts(text: str) -> tuple[str, ...]:
    """The origins that may frame clauses. Raises `SettingsError`."""
    try:
        return read_origins(text)
    except ValueError:
        raise SettingsError(
            "ISA_EMBEDDING_HOSTS must hold whole origins as https://learning.example.org, each once, with commas."
        ) from None


def check_level(level: str) -> None:
    """Raises `SettingsError` for a word that is no level of a log line."""
    if level.lower() not in _LOG_LEVELS:
        raise SettingsError(f"ISA_LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}.")


def value_of(source: Mapping[str, str], setting: Setting) -> str:
    """A setting's value, or its default. Raises `SettingsError` where it has neither."""
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
