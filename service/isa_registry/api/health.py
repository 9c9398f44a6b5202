"""Whether this worker runs, and whether it can answer."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.runtime.registry import Registry


class Health(Struct, frozen=True):
    """`status` is `ok` or `degraded`; degraded still answers checks."""

    status: str
    log_size: int
    checkpoint_size: int


@reads("/livez")
async def live(request: Request) -> Response[bytes]:
    return json_response({"status": "ok"})


@reads("/readyz")
async def ready(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    follower = registry.follower
    return json_response(
        Health(
            status="ok" if follower.connected else "degraded",
            log_size=follower.view.size,
            checkpoint_size=0 if follower.checkpoint is None else follower.checkpoint.size,
        )
    )


HANDLERS = [live, ready]
