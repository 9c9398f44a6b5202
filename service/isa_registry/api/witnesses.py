"""The log's witnesses in public: who they are, and how far each has cosigned."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.dates import instant
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.witnesses.standing import is_healthy, known_witnesses
from isa_registry.store.witnesses import StoredWitness


class WitnessLine(Struct, frozen=True):
    """A cosigning key of the witness policy, with its state (docs/formats/witness.md), the size and time of its last
    cosignature, and the code of its last failure. `healthy`: it cosigned when last asked, within 25 minutes.
    `accepts_next_keys`: during a rotation of the log's keys, whether it accepts those that are to follow."""

    name: str
    vkey: str
    healthy: bool
    state: str
    size: int | None
    cosigned_at: str | None
    error: str | None
    accepts_next_keys: bool | None


class WitnessList(Struct, frozen=True):
    """The keys of the witness policy, in its order; none where there is no policy."""

    witnesses: list[WitnessLine]


@reads("/log/witnesses")
async def list_witnesses(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    now = registry.now()

    def line(one: StoredWitness) -> WitnessLine:
        return WitnessLine(
            name=one.name,
            vkey=one.vkey,
            healthy=is_healthy(one, now),
            state=one.state,
            size=one.size,
            cosigned_at=None if one.cosigned_at is None else instant(one.cosigned_at),
            error=one.error,
            accepts_next_keys=one.accepts_following,
        )

    return json_response(
        WitnessList(witnesses=[line(one) for one in await known_witnesses(registry)]),
        headers={"Cache-Control": "public, max-age=5"},
    )


HANDLERS = [list_witnesses]
