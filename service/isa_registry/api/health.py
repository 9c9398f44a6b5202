"""Whether this worker runs, and whether it can answer."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.actions.locking_out import ENDS, ends_soon
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.dates import london_date
from isa_registry.runtime.notices.notices import warnings_of
from isa_registry.runtime.registry import Registry


class Health(Struct, frozen=True):
    """`status` is `ok` or `degraded`; degraded still answers checks. `writes` is whether anything is recorded, and
    `warnings` holds codes for what an operator must look at; docs/operating.md lists them."""

    status: str
    log_size: int
    checkpoint_size: int
    published_size: int
    writes: bool
    warnings: tuple[str, ...]


@reads("/livez")
async def live(request: Request) -> Response[bytes]:
    return json_response({"status": "ok"})


@reads("/readyz")
async def ready(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    outbox = warnings_of(await request.app.state.notices.standing())
    follower, guard = registry.follower, registry.guard
    return json_response(
        Health(
            status="ok" if registry.writes else "degraded",
            log_size=follower.view.size,
            checkpoint_size=0 if follower.checkpoint is None else follower.checkpoint.size,
            published_size=0 if follower.published is None else follower.published.size,
            writes=registry.writes,
            warnings=(
                *guard.reasons,
                *follower.cautions,
                *(() if registry.checkpointer_present else ("checkpointer-away",)),
                *((ENDS,) if ends_soon(follower.view, london_date(registry.now())) else ()),
                *outbox,
            ),
        )
    )


HANDLERS = [live, ready]
