"""The log in public: checkpoints, keys, tiles (C2SP tlog-tiles). Entry bundles are for auditors, unless opened."""

from __future__ import annotations

import asyncio
import gzip

from litestar import Response
from litestar.params import FromPath

from isa_registry.api.conditional import conditional
from isa_registry.api.json import json_bytes
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.media import takes_gzip
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.log_keys.rotations import rotation_receipts
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import audit, log
from isa_registry.store.pool import reading_for
from isa_verify.continuation import INDEX
from isa_verify.errors import MalformedError
from isa_verify.log_keys import format_keys
from isa_verify.tiles import FULL_WIDTH, encode_bundle, parse_tile_path

_TEXT = "text/plain"
_LINES = "application/jsonl"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_EVER_PRIVATE = {"Cache-Control": "private, max-age=31536000, immutable"}


@reads("/log/checkpoint")
async def checkpoint(request: Request) -> Response[bytes]:
    """The newest checkpoint that met the witness policy, with the witnesses' lines."""
    return _note(_registry(request).follower.published)


@reads("/log/checkpoint.pending")
async def pending_checkpoint(request: Request) -> Response[bytes]:
    """Our newest checkpoint, whether or not it met the policy."""
    return _note(_registry(request).follower.checkpoint)


def _note(newest: log.StoredCheckpoint | None) -> Response[bytes]:
    if newest is None:
        raise Refused("unavailable", "The log's first checkpoint is not signed yet.", retry_after=1)
    return Response(newest.note, media_type=_TEXT, headers={"Cache-Control": "public, max-age=1"})


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


@reads("/log/keys")
async def keys(request: Request) -> Response[bytes]:
    lines = format_keys(_registry(request).keys.trusted)
    return Response(lines, media_type=_TEXT, headers={"Cache-Control": "public, max-age=60"})


@reads("/log/key-rotations")
async def key_rotations(request: Request) -> Response[bytes]:
    """A receipt of each change of the log's keys, a line each, oldest first: how an auditor follows them."""
    lines = await proved_rotations(_registry(request))
    return Response(lines, media_type=_LINES, headers={"Cache-Control": "public, max-age=1"})


async def proved_rotations(registry: Registry) -> bytes:
    """The receipts of the rotations that the published log proves; nothing is looked up where there are none."""
    keys, published = registry.keys, registry.follower.published
    if not keys.rotations or published is None:
        return b""
    async with reading_for(registry.reading, "") as connection:
        return b"".join(one + b"\n" for one in await rotation_receipts(connection, keys, published.size))


@reads("/log/continuation")
async def continuation(request: Request) -> Response[bytes]:
    """The receipt of the entry that says which log this one continues."""
    registry = _registry(request)
    if registry.follower.view.continued() is None:
        raise Refused("not-found", "This log continues no other.")
    receipt = await receipt_for(registry, "", INDEX)
    return json_bytes(receipt, headers={"Cache-Control": "public, max-age=60"})


@reads("/log/tile/entries/{path:path}")
async def bundle(request: Request, path: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    body = await published_bytes(registry, f"tile/entries/{path.removeprefix('/')}")
    kept = _FOR_EVER if request.app.state.open_entries else _FOR_EVER_PRIVATE
    headers = {**kept, "Vary": "Accept-Encoding"}
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return conditional(request, body, headers)
    packed = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
    return conditional(request, packed, {**headers, "Content-Encoding": "gzip"})


@reads("/log/tile/{path:path}")
async def tile(request: Request, path: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    body = await published_bytes(registry, f"tile/{path.removeprefix('/')}")
    return conditional(request, body, _FOR_EVER)


async def published_bytes(registry: Registry, path: str) -> bytes:
    """The tile or bundle that a path names, as stored. Raises `Refused` (`not-found`) for a path that names none, one
    that no checkpoint covers yet, and a partial one of a width that no checkpoint had; `LogDisagrees` where it is not
    whole."""
    try:
        level, number, width = parse_tile_path(path)
    except MalformedError:
        raise Refused("not-found", "This path names no tile.") from None
    newest = registry.follower.checkpoint
    size = 0 if newest is None else newest.size
    span = 1 if level == "entries" else FULL_WIDTH**level
    start, end = number * FULL_WIDTH, number * FULL_WIDTH + width
    if end * span > size:
        raise Refused("not-found", "The log has not grown so far.")
    if width == FULL_WIDTH and isinstance(level, int):
        full = await audit.full_tile(registry.reading, level, number)
        if full is not None:
            return full
    async with reading_for(registry.reading, "") as connection:
        if width < FULL_WIDTH and not await audit.checkpoint_within(connection, end * span, (end + 1) * span):
            raise Refused("not-found", "No checkpoint was signed at this width.")
        if level == "entries":
            parts = [leaf for _, leaf, _ in await log.leaves(connection, start, end)]
        else:
            parts = await log.tile_hashes(connection, level, start, end)
    if len(parts) != width:
        # Caches keep for ever what goes out here.
        raise LogDisagrees(f"the log lacks some of its entries from {start * span} to {end * span}")
    return encode_bundle(parts) if level == "entries" else b"".join(parts)


HANDLERS = [checkpoint, pending_checkpoint, keys, key_rotations, continuation, bundle, tile]
