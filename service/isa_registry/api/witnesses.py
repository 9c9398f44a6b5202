"""The log's witnesses in public: who they are, and how far each has cosigned."""

from __future__ import annotations

from datetime import timedelta

from litestar import Response
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.dates import instant
from isa_registry.runtime.registry import Registry
from isa_registry.store.pool import reading_for
from isa_registry.store.witnesses import StoredWitness, witnesses

STALE = timedelta(minutes=25)
"""Twice the time after which a cosignature is refreshed, and something for the asking."""


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
    async with reading_for(registry.reading, "") as connection:
        found = await witnesses(connection)
    now = registry.now()

    def line(one: StoredWitness) -> WitnessLine:
        cosigned_at = one.cosigned_at
        recent = cosigned_at is not None and abs(now - cosigned_at) <= STALE
        return WitnessLine(
            name=one.name,
            vkey=one.vkey,
            healthy=one.state == "healthy" and recent,
            state=one.state,
            size=one.size,
            cosigned_at=None if cosigned_at is None else instant(cosigned_at),
            error=one.error,
            accepts_next_keys=one.accepts_following,
        )

    return json_response(
        WitnessList(witnesses=[line(one) for one in found]), headers={"Cache-Control": "public, max-age=5"}
    )


HANDLERS = [list_witnesses]
