"""An organisation's machine clients and what each may do."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.changing import decide
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.access_entries import ClientGranted, ClientRevoked
from isa_registry.domain.dates import london_date
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry


class NewClient(Struct, frozen=True, forbid_unknown_fields=True):
    """The scopes of a machine client, in the place of those that it had; `until` is their last day."""

    client: str
    scopes: tuple[str, ...]
    until: str | None = None


class EndedClient(Struct, frozen=True, forbid_unknown_fields=True):
    """A machine client that may do nothing any more."""

    client: str


class ClientLine(Struct, frozen=True):
    """A machine client: `until` is the last day of its scopes, `lapsed` says that it is over."""

    client: str
    scopes: tuple[str, ...]
    until: str | None
    lapsed: bool


class ClientList(Struct, frozen=True):
    clients: list[ClientLine]


@reads("/api/v1/organisations/{organisation:str}/clients")
async def list_clients(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    today = london_date(registry.now())
    return json_response(
        ClientList(
            [
                ClientLine(client=one.client, scopes=one.scopes, until=one.until, lapsed=not one.scopes_on(today))
                for one in registry.follower.view.clients_of(organisation)
            ]
        )
    )


@writes("/api/v1/organisations/{organisation:str}/clients")
async def grant_client(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The client"):
        new = msgspec.json.decode(body, type=NewClient)
    granted = ClientGranted(organisation=organisation, client=new.client, scopes=new.scopes, until=new.until)
    return await decide(request, (granted,), body)


@writes("/api/v1/organisations/{organisation:str}/clients/revocation")
async def revoke_client(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The client"):
        ended = msgspec.json.decode(body, type=EndedClient)
    return await decide(request, (ClientRevoked(organisation=organisation, client=ended.client),), body)


HANDLERS = [list_clients, grant_client, revoke_client]
