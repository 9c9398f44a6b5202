"""The public keys by which this registry proves to agencies' providers who asks them to sign people in."""

from __future__ import annotations

from litestar import Response

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.runtime.people.people import People


@reads("/.well-known/jwks.json")
async def read_sign_in_keys(request: Request) -> Response[bytes]:
    people: People | None = request.app.state.people
    keys = {"keys": []} if people is None else people.sign_in.proofs.public_keys()
    return json_response(keys, headers={"Cache-Control": "public, max-age=300"})


HANDLERS = [read_sign_in_keys]
