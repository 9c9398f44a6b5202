"""`isa-registry demo`: a whole registry on this machine, with invented signatures and nothing to install."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from isa_registry.actions import issuers, roles
from isa_registry.actions.founding import Founding, found
from isa_registry.checkpointer_settings import CHECKPOINTER_TABLE, CheckpointerSettings
from isa_registry.cli.companions import Companion
from isa_registry.cli.serve import refuse_other_history, serve
from isa_registry.data import data_directory
from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved, RoleGranted
from isa_registry.domain.refusals import Refused
from isa_registry.identity.demonstration import DemonstrationIdentity
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.ledger.drafts import Draft
from isa_registry.notice_settings import NOTICE_TABLE, wrong_in
from isa_registry.runtime import demonstration
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres, EmbeddedPostgresError
from isa_registry.runtime.erasure.journal import (
    JOURNAL,
    ErasuresNotReapplied,
    JournalDamaged,
    refuse_resurrected,
)
from isa_registry.runtime.founding import append_stages
from isa_registry.runtime.log_keys.files import (
    ATTESTATION_KEY,
    LOG_KEY,
    LOG_KEY_ML_DSA_44,
    SESSION_KEY,
    SIGN_IN_KEY,
    WEBHOOK_KEY,
    KeyFileError,
    make_attestation_key,
    make_log_keys,
    make_sign_in_keys,
    make_webhook_key,
    read_attestation_key,
    read_log_signer_in,
)
from isa_registry.runtime.registry import Registry
from isa_registry.settings import Settings, SettingsError, read_embedding_hosts, read_variable
from isa_registry.store.databases import fresh_database, migrated
from isa_registry.store.pool import DatabaseError, connect

_DATABASE = "isa_registry"
_HOST = "127.0.0.1"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("demo", help="run a demonstration: everything in it is invented")
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (8000)")
    parser.add_argument("--state", type=Path, default=Path("var/demo"), help="where its data lies (var/demo)")
    parser.add_argument("--workers", type=int, default=1, help="worker processes (1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    state: Path = arguments.state.resolve()
    try:
        already = demonstration.is_founded(state)
        _refuse_taken_port(arguments.port)
        # Readable by the account that runs the embedded database; what is private in it is closed by itself.
        state.mkdir(parents=True, exist_ok=True)
        with EmbeddedPostgres(state / "postgres") as postgres:
            signer = _keys(state)
            settings = _settings(state, signer, postgres.url(_DATABASE), arguments.port, arguments.workers)
            founded = asyncio.run(_found(settings, postgres.url(), state, already=already))
            asyncio.run(refuse_resurrected(settings.database_url, settings.erasure_journal))
            _announce(settings, state, founded)
            serve(settings, [_checkpointer(settings, state)])
    except (
        demonstration.OtherStateError,
        EmbeddedPostgresError,
        ErasuresNotReapplied,
        JournalDamaged,
        KeyFileError,
        HistoryRefused,
        OSError,
        SettingsError,
    ) as error:
        print(f"isa-registry demo: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry demo: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    except Refused as refused:
        print(f"isa-registry demo: {refused.detail}", file=sys.stderr)
        return 2
    return 0


def _keys(state: Path) -> LogSigner:
    """The demonstration's keys, made where they are lacking; the public ones are written down for verifiers."""
    make_attestation_key(state / "keys")
    make_sign_in_keys(state / "keys")
    make_webhook_key(state / "keys")
    make_log_keys(state / demonstration.CHECKPOINTER)
    signer = read_log_signer_in(demonstration.ORIGIN, state / demonstration.CHECKPOINTER)
    (state / demonstration.VKEYS).write_text("".join(f"{vkey}\n" for vkey in signer.vkeys), encoding="ascii")
    return signer


def _checkpointer(settings: Settings, state: Path) -> Companion:
    """The process that signs: it alone is told where the log's private keys are, and who witnesses it."""
    policy = read_variable(CHECKPOINTER_TABLE["log_policy_file"].variable)
    held = CheckpointerSettings(
        database_url=settings.database_url,
        origin=settings.origin,
        log_key_file=state / demonstration.CHECKPOINTER / LOG_KEY,
        log_key_ml_dsa_44_file=state / demonstration.CHECKPOINTER / LOG_KEY_ML_DSA_44,
        checkpoint_file=state / demonstration.OUTSIDE,
        log_policy_file=Path(policy) if policy else None,
        log_level=settings.log_level,
    )
    return Companion(["checkpoint"], {**os.environ, **held.environment()})


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            raise OSError(f"port {port} is in use. Name another one with --port.") from None


def _settings(state: Path, signer: LogSigner, database_url: str, port: int, workers: int) -> Settings:
    base = f"http://{_HOST}:{port}"
    return Settings(
        database_url=database_url,
        origin=demonstration.ORIGIN,
        public_url=base,
        log_vkeys=signer.vkeys,
        checkpoint_file=state / demonstration.OUTSIDE,
        attestation_key_file=state / "keys" / ATTESTATION_KEY,
        session_key_file=state / "keys" / SESSION_KEY,
        sign_in_key_file=state / "keys" / SIGN_IN_KEY,
        client_secrets_dir=state / "client-secrets",
        audience=demonstration.AUDIENCE,
        host=_HOST,
        port=port,
        workers=workers,
        allowed_hosts=(f"{_HOST}:{port}", f"localhost:{port}"),
        metrics_token=demonstration.METRICS_TOKEN,
        security_contact=("mailto:security@demo.isa-registry.invalid",),
        accessibility_contact="accessibility@demo.isa-registry.invalid",
        embedding_hosts=read_embedding_hosts(os.environ.get("ISA_EMBEDDING_HOSTS", "")),
        rate_limit_percent=int(os.environ.get("ISA_RATE_LIMIT_PERCENT", "100")),
        erasure_journal=state / JOURNAL,
        local_copy_dir=state / demonstration.LOCAL_COPY,
        **_mail(),
        webhook_key_file=state / "keys" / WEBHOOK_KEY,
        log_level=os.environ.get("ISA_LOG_LEVEL", "warning"),
        demo_state=state,
        bench=os.environ.get("ISA_BENCH") == "1",
    )


def _mail() -> dict[str, Any]:
    """How notices are sent, as the settings say; where they say nothing, letters are kept in a file.

    Raises `SettingsError`.
    """
    table = {name: line for name, line in NOTICE_TABLE.items() if name != "webhook_key_file"}
    found = {name: read_variable(variable) or default for name, (variable, _, default) in table.items()}
    found["mail"] = read_variable(NOTICE_TABLE["mail"][0]) or "console"
    wrong = wrong_in(found)
    if wrong is not None:
        raise SettingsError(wrong)
    port = found.pop("smtp_port")
    return {**found, "smtp_port": int(port)} if found["mail"] == "smtp" else dict(found)


async def _found(settings: Settings, maintenance_url: str, state: Path, *, already: bool) -> int:
    """Makes the demonstration where it is not whole yet; returns the log's size."""
    outside = state / demonstration.OUTSIDE
    if not already:
        outside.parent.mkdir(exist_ok=True)
        outside.unlink(missing_ok=True)
        # A first start that was interrupted leaves half a log, which nobody has relied on.
        await fresh_database(maintenance_url, _DATABASE)
    await migrated(settings.database_url, data_directory("migrations"))
    connection = await connect(settings.database_url, "isa_read")
    try:
        await refuse_other_history(settings, connection)
    finally:
        await connection.close()
    provider = demonstration.demonstration_identity(state, settings.public_url, now=time.time)
    registry = Registry(settings.database_url, settings.log_keys, outside=CheckpointFile(outside))
    await registry.start()
    try:
        document = demonstration.demonstration_document()
        if already:
            return await append_stages(registry, _moved_issuers(registry, document, provider))
        stages = found(
            demonstration.with_access(document, state, provider),
            data_directory("agreements"),
            origin=settings.origin,
            attestation_key=read_attestation_key(settings.attestation_key_file),
            demo=True,
        )
        size = await append_stages(registry, stages)
        await registry.snapshotter.keep(least=1)
    finally:
        await registry.stop()
    demonstration.mark_founded(state)
    return size


def _moved_issuers(registry: Registry, document: Founding, provider: DemonstrationIdentity) -> list[list[Draft]]:
    """The providers' addresses hold the port: on another port they are other issuers, and the log says so."""
    view = registry.follower.view
    removed: list[Draft] = []
    added: list[Draft] = []
    for body in document.organisations:
        wanted = demonstration.issuer_of(provider, body.organisation)
        held = view.issuers_of(body.organisation)
        if any(one.issuer == wanted.issuer for one in held):
            continue
        removed += [issuers.remove(IssuerRemoved(organisation=one.organisation, issuer=one.issuer)) for one in held]
        added.append(
            issuers.register(IssuerRegistered(organisation=body.organisation, **msgspec.structs.asdict(wanted)))
        )
    return [removed, added, _moved_roles(document, provider)] if added else []


def _moved_roles(document: Founding, provider: DemonstrationIdentity) -> list[Draft]:
    return [
        roles.grant(
            RoleGranted(
                organisation=body.organisation,
                issuer=provider.issuer(body.organisation),
                subject=person,
                role=person,
            )
        )
        for body in document.organisations
        for person in provider.people(body.organisation)
    ]


def _announce(settings: Settings, state: Path, size: int) -> None:
    base = settings.public_url
    shown = os.path.relpath(state) if state.is_relative_to(Path.cwd()) else str(state)
    print(
        f"""
ISA Registry, DEMONSTRATION. Who signed here is invented; use no real information.

  Address       {base}
  Data          {shown} (remove the directory to start anew)
  Log           {settings.origin}, {size} entries
  Log keys      {shown}/{demonstration.VKEYS}

Sign in at {base}/sign-in, without a password:
  practitioner, signatory and ig-lead of every organisation
  auditor and business-unit of durham-county-council
  systems as ORGANISATION-system with the secret `demo`

Three commands to paste in another terminal (in .venv/bin, unless that is on your path):

  isa-client ask --url {base} --as durham-constabulary --recipient durham-county-council \\
    --purpose harm-outside-the-home --category identity --category intelligence --child \\
    --would-help --not-detrimental --informing-increases-risk

  isa-client token --url {base} --organisation durham-constabulary

  isa-verify log {base} --vkeys {shown}/{demonstration.VKEYS} --state {shown}/auditor

Ctrl-C stops everything that this started.
""",
        flush=True,
    )
