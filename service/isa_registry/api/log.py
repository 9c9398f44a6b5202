"""The log in public: checkpoints, keys, tiles (C2SP tlog-tiles). Entry bundles are for auditors."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.registry import Registry
from isa_registry.store import log
from isa_registry.store.pool import Connection, reading_for
from isa_verify.errors import MalformedError
from isa_verify.tiles import FULL_WIDTH, Level, encode_bundle, parse_tile_path

_TEXT = "text/plain"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_EVER_PRIVATE = {"Cache-Control": "private, max-age=31536000, immutable"}


@reads("/log/checkpoint")
async def checkpoint(request: Request) -> Response[bytes]:
    return _newest(request)


@reads("/log/checkpoint.pending")
async def pending_checkpoint(request: Request) -> Response[bytes]:
    return _newest(request)


def _newest(request: Request) -> Response[bytes]:
    """Without a witness policy the newest checkpoint is also the one that meets it."""
    registry: Registry = request.app.state.registry
    newest = registry.follower.checkpoint
    if newest is None:
        raise Refused("unavailable", "The log's first checkpoint is not signed yet.", retry_after=1)
    return Response(newest.note, media_type=_TEXT, headers={"Cache-Control": "public, max-age=1"})


@reads("/log/keys")
async def keys(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    line = f"{registry.signer.vkey} 0 -\n"
    return Response(line.encode(), media_type=_TEXT, headers={"Cache-Control": "public, max-age=60"})


@reads("/log/tile/entries/{path:path}")
async def bundle(request: Request, path: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    _, number, width = _published(registry, f"tile/entries/{path.removeprefix('/')}")
    start = number * FULL_WIDTH
    async with reading_for(registry.reading, "") as connection:
        leaves = await log.leaves(connection, start, start + width)
    body = encode_bundle(leaf for _, leaf, _ in leaves)
    return Response(body, media_type="application/octet-stream", headers=_FOR_EVER_PRIVATE)


@reads("/log/tile/{path:path}")
async def tile(request: Request, path: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    level, number, width = _published(registry, f"tile/{path.removeprefix('/')}")
    assert isinstance(level, int)
    async with reading_for(registry.reading, "") as connection:
        body = await _tile_bytes(connection, level, number, width)
    return Response(body, media_type="application/octet-stream", headers=_FOR_EVER)


async def _tile_bytes(connection: Connection, level: int, number: int, width: int) -> bytes:
    if width == FULL_WIDTH:
        full = await log.full_tile(connection, level, number)
        if full is not None:
            return full
    start = number * FULL_WIDTH
    return b"".join(await log.tile_hashes(connection, level, start, start + width))


def _published(registry: Registry, path: str) -> tuple[Level, int, int]:
    """The tile that a path names, if a published checkpoint covers it: nothing beyond it is shown."""
    try:
        level, number, width = parse_tile_path(path)
    except MalformedError:
        raise Refused("not-found", "This path names no tile.") from None
    newest = registry.follower.checkpoint
    size = 0 if newest is None else newest.size
    hashes = size if level == "entries" else size // FULL_WIDTH**level
    if number * FULL_WIDTH + width > hashes:
        raise Refused("not-found", "The log has not grown so far.")
    return level, number, width


HANDLERS = [checkpoint, pending_checkpoint, keys, bundle, tile]
