"""The law and the words that an answer names, by their SHA-256: bytes that anybody can hash again."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath

from isa_registry.api.agreements import register_today
from isa_registry.api.conditional import FOR_A_DAY, conditional
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.entries import CatalogueChanged
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.registry import Registry
from isa_registry.store import log
from isa_registry.store.pool import reading_for


@reads("/api/v1/catalogues/{digest:str}")
async def read_catalogue(request: Request, digest: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    index = _named(request, digest)
    async with reading_for(registry.reading, "") as connection:
        entry = await log.entry(connection, index)
    changed = None if entry is None else payload_as_logged(entry)
    if not isinstance(changed, CatalogueChanged):
        raise Refused("gone", "This was erased: nothing that is kept rests on it.")
    # Canonical JSON, as it was hashed.
    body = msgspec.json.encode(changed.files, order="sorted")
    return conditional(request, body, dict(FOR_A_DAY), media_type="application/json")


def _named(request: Request, digest: str) -> int:
    view, _ = register_today(request)
    index = view.catalogue_entry(digest)
    if index is None:
        raise Refused("not-found", "The log holds no catalogue of the law with this hash.")
    return index


@reads("/api/v1/texts/{digest:str}")
async def read_words(request: Request, digest: FromPath[str]) -> Response[bytes]:
    view, _ = register_today(request)
    found = next((one for one in view.agreement_versions() if one.text_sha256 == digest), None)
    if found is None:
        raise Refused("not-found", "The log holds no text of an agreement with this hash.")
    return conditional(request, found.text.encode(), dict(FOR_A_DAY), media_type="text/markdown")


HANDLERS = [read_catalogue, read_words]
