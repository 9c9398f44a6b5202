"""Builds the application: the only place where everything meets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import structlog
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.types import ASGIApp, ControllerRouterHandler

from isa_registry.api import (
    acknowledgements,
    agreement_drafts,
    agreement_life,
    agreements,
    agreements_register,
    attestations,
    attesting,
    audit,
    authzen,
    by_hash,
    case_export,
    case_search,
    challenges,
    check_matrix,
    checks,
    clauses,
    clients,
    companions,
    comparing,
    consents,
    delegations,
    erasures,
    health,
    importing,
    invitations,
    inviting,
    issuers,
    keys,
    law,
    lawful_bases,
    link_checks,
    log,
    members,
    metrics,
    notices,
    oembed,
    openapi,
    organisations,
    parties,
    partnerships,
    processing_records,
    proposals,
    protected_resource,
    quarterly,
    recording_events,
    replay,
    reports,
    retention,
    schemas,
    security_txt,
    setting_up,
    sharing_events,
    sign_in_keys,
    subject_access,
    webhooks,
    witnesses,
)
from isa_registry.api.access import BENCH_PREFIX, check_routes
from isa_registry.api.authzen.deciding import sharing
from isa_registry.api.echo import HANDLERS as ECHO
from isa_registry.api.frame import Frame, admit_request
from isa_registry.api.limits import Limits
from isa_registry.api.problems import HANDLERS, PROBLEMS
from isa_registry.api.routes import reads, writes
from isa_registry.api.watching import Watch
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.replaying import ENGINES
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.tokens import TokenValidator
from isa_registry.local_copying import local_registers_of, sealed_files_of
from isa_registry.mailing import mailer_of
from isa_registry.outbound.fetching import Fetcher, PublicFetcher
from isa_registry.outbound.posting import Poster
from isa_registry.pages.assets import ASSETS
from isa_registry.pages.demo_identity import demo_identity_router
from isa_registry.pages.for_people import people_handlers
from isa_registry.pages.gallery import gallery_router
from isa_registry.pages.people import signed_in
from isa_registry.pages.problems import ProblemPage, ProblemPages
from isa_registry.pages.site import Site, site_handlers
from isa_registry.pages.training import training_handlers
from isa_registry.runtime.access.proposals import Proposals
from isa_registry.runtime.access.uses import PersonUses
from isa_registry.runtime.agreements.coming_into_force import ComingIntoForce
from isa_registry.runtime.agreements.drafts import AgreementDrafts
from isa_registry.runtime.attesting.chasing import Chasing
from isa_registry.runtime.attesting.invitations import Invitations
from isa_registry.runtime.attesting.signing import Attesting, WrongAttestationKey, attestation_key
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.comparisons import Comparisons
from isa_registry.runtime.demonstration import demonstration_identity
from isa_registry.runtime.differences import differences_at
from isa_registry.runtime.entry_times import EntryTimes
from isa_registry.runtime.erasure.requests import ErasureRequests
from isa_registry.runtime.joining.invitations import Invitations as BodyInvitations
from isa_registry.runtime.local_copy.keeping import LocalCopy
from isa_registry.runtime.local_copy.key_sets import LocalKeySets
from isa_registry.runtime.log_keys.files import read_event_signer, read_session_secrets, read_sign_in_keys
from isa_registry.runtime.notices.notices import Notices
from isa_registry.runtime.people.people import People
from isa_registry.runtime.processes import end_with_supervisor, settle_memory
from isa_registry.runtime.quarterly import Quarterly
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.signing_for import SigningFor
from isa_registry.runtime.verifying import Verifications
from isa_registry.settings import Settings, read_settings
from isa_registry.telemetry import configure_logging

_log = structlog.get_logger(__name__)


def application() -> ASGIApp:
    """One worker's application, from the settings in the environment."""
    settings = read_settings()
    configure_logging(settings.log_level)
    if ASSETS.script is None:
        _log.warning("design-system-absent", pages="plain", see="docs/pages.md")
    return build(settings)


def build(settings: Settings) -> ASGIApp:
    """The application. Raises `RouteWithoutAccess` where a route has no line in the access table."""
    outside = None if settings.checkpoint_file is None else CheckpointFile(settings.checkpoint_file)
    registers = local_registers_of(settings)
    registry = Registry(
        settings.database_url,
        settings.log_keys,
        outside=outside,
        journal=settings.erasure_journal,
        local=None if registers is None else lambda: registers.load(now=registry.now()),
    )
    fetcher = Fetcher(allow_http_loopback=settings.demo_state is not None)
    key_fetcher = PublicFetcher(allow_http_loopback=settings.demo_state is not None)
    keys = IssuerKeys(fetcher.fetch_json, time.time)
    tokens = TokenValidator(keys, time.time)
    people = _people(settings, registry, fetcher, keys)
    secrets = _secrets(settings)

    own_key = attestation_key(settings.attestation_key_file)
    attestations_made = Attesting(registry, own_key)
    uses = PersonUses(settings.database_url, registry.follower, now=registry.now)
    coming = ComingIntoForce(registry)
    differences = differences_at(settings.differences_file)
    telling = _notices(settings, registry, differences)
    invitations = Invitations(settings.database_url, registry, tell=telling.tell)
    body_invitations = BodyInvitations(
        settings.database_url,
        registry,
        public_url=settings.public_url,
        deliver=telling.tell_address if telling.mailing else None,
    )
    copy = _local_copy(settings, registry, keys)
    optional = tuple(part for part in (people, copy) if part is not None)
    parts = (*optional, uses, body_invitations, coming, telling)

    @asynccontextmanager
    async def running(_app: Litestar) -> AsyncIterator[None]:
        async with fetcher, key_fetcher:
            await registry.start()
            try:
                attestations_made.refuse_wrong_key()
            except WrongAttestationKey:
                await registry.stop()
                raise
            for part in parts:
                await part.start()
            settle_memory()
            watching = asyncio.create_task(end_with_supervisor(), name="end with the supervisor")
            try:
                yield
            finally:
                watching.cancel()
                for part in reversed(parts):
                    await part.stop()
                await registry.stop()

    watch = Watch()
    document = openapi.openapi_document(settings.public_url)
    app = Litestar(
        route_handlers=[
            Router(path="/", route_handlers=_handlers(document), before_request=admit_request),
            *_extras(settings),
        ],
        exception_handlers=HANDLERS,
        lifespan=[running],
        openapi_config=None,
        logging_config=None,
        state=State(
            {
                "registry": registry,
                "tokens": tokens,
                "fetcher": fetcher,
                "key_fetcher": key_fetcher,
                "limits": Limits(percent=settings.rate_limit_percent, address_header=settings.client_address_header),
                "watch": watch,
                "people": people,
                "signed_in": signed_in,
                "erasures": ErasureRequests(
                    settings.database_url, notice=timedelta(days=settings.erasure_notice_days), now=registry.now
                ),
                "proposals": Proposals(settings.database_url, registry, secrets),
                "verifications": Verifications(settings.database_url, registry, secrets),
                "agreement_drafts": AgreementDrafts(settings.database_url, registry, tell=telling.tell),
                "attesting": attestations_made,
                "signing_for": SigningFor(registry, own_key),
                "invitations": invitations,
                "chasing": Chasing(registry, invitations, telling),
                "uses": uses,
                "notices": telling,
                "comparisons": Comparisons(),
                "entry_times": EntryTimes(registry),
                "quarterly": Quarterly(settings.database_url, registry, differences),
                "body_invitations": body_invitations,
                "public_url": settings.public_url,
                "embedding_hosts": settings.embedding_hosts,
                "demonstration": settings.demo_state is not None,
                "security_txt": security_txt.security_txt(
                    settings.security_contact, settings.public_url, registry.now()
                ),
                "accessibility_contact": settings.accessibility_contact,
                "problem_page": ProblemPages(_problem_pages()),
                "differences": differences,
                "in_flight": set(),
                "authzen": sharing,
                "page_keys": secrets,
                "past_turns": asyncio.Semaphore(2),
                "engines": ENGINES,
                "exports": asyncio.Semaphore(2),
                "open_entries": settings.open_entries,
                "metrics_token": settings.metrics_token,
                "openapi": openapi.encode(document),
            }
        ),
    )
    check_routes(app)
    return Frame(
        app,
        registry,
        watch=watch,
        hosts=_hosts(settings),
        public_url=settings.public_url,
        state=app.state,
        embedding_hosts=frozenset(settings.embedding_hosts),
        bare_prefix=BENCH_PREFIX if settings.bench else None,
    )


def _people(settings: Settings, registry: Registry, fetcher: Fetcher, keys: IssuerKeys) -> People | None:
    """Sign-in on the pages; None where there is no secret for sessions."""
    if settings.session_key_file is None:
        return None
    return People(
        registry,
        database_url=settings.database_url,
        secrets=read_session_secrets(settings.session_key_file),
        sign_in_keys=() if settings.sign_in_key_file is None else read_sign_in_keys(settings.sign_in_key_file),
        client_secrets=settings.client_secrets_dir,
        issuer_keys=keys,
        fetch_json=fetcher.fetch_json,
        post_form=fetcher.post_form,
        public_url=settings.public_url,
        loopback=settings.demo_state is not None,
    )


def _secrets(settings: Settings) -> SessionKeys | None:
    """What seals the tokens of a search's pages and marks what one person proposes to another, the same for every
    worker; None where there is no secret for that."""
    if settings.session_key_file is None:
        return None
    return SessionKeys(read_session_secrets(settings.session_key_file))


def _local_copy(settings: Settings, registry: Registry, keys: IssuerKeys) -> LocalCopy | None:
    """What a worker starts from that comes while the database is away; None where no directory is named for it."""
    files, registers = sealed_files_of(settings), local_registers_of(settings)
    if files is None or registers is None:
        return None
    return LocalCopy(registers, LocalKeySets(files, keys), registry.follower, now=registry.now)


def _notices(settings: Settings, registry: Registry, differences: Differences) -> Notices:
    """Whom to tell, and how: by mail as the settings say, by webhook where there is a key for it."""
    loopback = settings.demo_state is not None
    key = settings.webhook_key_file
    return Notices(
        settings.database_url,
        registry,
        mailer=mailer_of(settings, now=registry.now),
        poster=Poster(allow_http_loopback=loopback),
        signer=None if key is None else read_event_signer(key),
        public_url=settings.public_url,
        loopback=loopback,
        differences=differences,
    )


def _handlers(document: openapi.Document) -> list[ControllerRouterHandler]:
    records = (
        checks,
        check_matrix,
        replay,
        by_hash,
        authzen,
        recording_events,
        sharing_events,
        acknowledgements,
        consents,
        organisations,
        keys,
    )
    cases = (case_search, case_export, subject_access, retention, challenges)
    agreed = (agreements, clauses, agreement_drafts, agreement_life, companions, attestations, attesting, invitations)
    linking = (link_checks, oembed)
    reporting = (agreements_register, comparing, reports, quarterly, law)
    access = (members, clients, issuers, proposals, parties, partnerships, delegations)
    proof = (audit, erasures, log, witnesses)
    well_known = (protected_resource, security_txt, sign_in_keys)
    joining = (setting_up, lawful_bases, processing_records, importing, inviting)
    telling = (notices, webhooks)
    public = (*proof, *well_known, health, metrics, openapi, schemas)
    modules = (*records, *cases, *agreed, *linking, *reporting, *joining, *access, *telling, *public)
    api = [handler for module in modules for handler in module.HANDLERS]
    pages = site_handlers(Site(problems=_problem_pages(), openapi=document), reads)
    forms = partial(writes, status=200)
    return [*api, *pages, *training_handlers(reads, forms), *people_handlers(reads, forms)]


def _problem_pages() -> dict[str, ProblemPage]:
    return {
        code: ProblemPage(status=kind.status, title=kind.title, advice=kind.advice) for code, kind in PROBLEMS.items()
    }


def _extras(settings: Settings) -> list[ControllerRouterHandler]:
    """What stands outside the access table and is never there in a real service."""
    found: list[ControllerRouterHandler] = []
    if settings.demo_state is not None:
        provider = demonstration_identity(settings.demo_state, settings.public_url, now=time.time)
        found.extend((demo_identity_router(provider), gallery_router()))
    if settings.bench:
        found.extend(ECHO)
    return found


def _hosts(settings: Settings) -> frozenset[bytes]:
    """The Host headers that are answered, in lower case: names of hosts have no other (RFC 9110 section 4.2.3)."""
    names = settings.allowed_hosts or (urlsplit(settings.public_url).netloc,)
    return frozenset(name.lower().encode() for name in names)
