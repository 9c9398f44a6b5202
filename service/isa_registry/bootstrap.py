"""Builds the application: the only place where everything meets."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.types import ASGIApp, ControllerRouterHandler

from isa_registry.api import (
    agreements,
    audit,
    checks,
    clients,
    erasures,
    health,
    issuers,
    log,
    members,
    metrics,
    openapi,
    organisations,
    proposals,
    sharing_events,
    witnesses,
)
from isa_registry.api.access import BENCH_PREFIX, check_routes
from isa_registry.api.echo import HANDLERS as ECHO
from isa_registry.api.frame import Frame, admit_request
from isa_registry.api.problems import HANDLERS, PROBLEMS
from isa_registry.api.routes import reads
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.tokens import TokenValidator
from isa_registry.outbound.fetching import Fetcher
from isa_registry.pages.demo_identity import demo_identity_router
from isa_registry.pages.site import ProblemPage, Site, site_handlers
from isa_registry.runtime.access.proposals import Proposals
from isa_registry.runtime.access.uses import PersonUses
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.demonstration import demonstration_identity
from isa_registry.runtime.erasure.requests import ErasureRequests
from isa_registry.runtime.registry import Registry
from isa_registry.settings import Settings, read_settings
from isa_registry.telemetry import configure_logging


def application() -> ASGIApp:
    """One worker's application, from the settings in the environment."""
    settings = read_settings()
    configure_logging(settings.log_level)
    return build(settings)


def build(settings: Settings) -> ASGIApp:
    """The application. Raises `RouteWithoutAccess` where a route has no line in the access table."""
    outside = None if settings.checkpoint_file is None else CheckpointFile(settings.checkpoint_file)
    registry = Registry(settings.database_url, settings.log_keys, outside=outside, journal=settings.erasure_journal)
    fetcher = Fetcher(allow_http_loopback=settings.demo_state is not None)
    tokens = TokenValidator(IssuerKeys(fetcher.fetch_json, time.time), time.time)

    uses = PersonUses(settings.database_url, registry.follower, now=registry.now)

    @asynccontextmanager
    async def running(_app: Litestar) -> AsyncIterator[None]:
        async with fetcher:
            await registry.start()
            await uses.start()
            _settle_memory()
            watching = asyncio.create_task(_end_with_supervisor(), name="end with the supervisor")
            try:
                yield
            finally:
                watching.cancel()
                await uses.stop()
                await registry.stop()

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
                "erasures": ErasureRequests(
                    settings.database_url, notice=timedelta(days=settings.erasure_notice_days), now=registry.now
                ),
                "proposals": Proposals(settings.database_url, registry),
                "uses": uses,
                "public_url": settings.public_url,
                "in_flight": set(),
                "past_turns": asyncio.Semaphore(2),
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
        hosts=_hosts(settings),
        public_url=settings.public_url,
        bare_prefix=BENCH_PREFIX if settings.bench else None,
    )


async def _end_with_supervisor() -> None:
    """Ends this worker when the process that supervises it was killed outright: nobody would replace or stop it."""
    supervisor = multiprocessing.parent_process()
    if supervisor is None:
        return
    while os.getppid() == supervisor.pid:  # noqa: ASYNC110 - the kernel tells nobody
        await asyncio.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _settle_memory() -> None:
    """Takes what was loaded at the start out of the garbage collector's rounds: it stays, and there is much of it.

    An answer's many small objects go by reference counting; rarer rounds halve what a batch of questions costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _handlers(document: openapi.Document) -> list[ControllerRouterHandler]:
    records = (checks, sharing_events, agreements, organisations)
    access = (members, clients, issuers, proposals)
    proof = (audit, erasures, log, witnesses)
    api = [handler for module in (*records, *access, *proof, health, metrics, openapi) for handler in module.HANDLERS]
    problems = {
        code: ProblemPage(status=kind.status, title=kind.title, advice=kind.advice) for code, kind in PROBLEMS.items()
    }
    return [*api, *site_handlers(Site(problems=problems, openapi=document), reads)]


def _extras(settings: Settings) -> list[ControllerRouterHandler]:
    """What stands outside the access table and is never there in a real service."""
    found: list[ControllerRouterHandler] = []
    if settings.demo_state is not None:
        provider = demonstration_identity(settings.demo_state, settings.public_url, now=time.time)
        found.append(demo_identity_router(provider))
    if settings.bench:
        found.extend(ECHO)
    return found


def _hosts(settings: Settings) -> frozenset[bytes]:
    """The Host headers that are answered."""
    names = settings.allowed_hosts or (urlsplit(settings.public_url).netloc,)
    return frozenset(name.encode() for name in names)
