"""The OpenID Connect issuers whose tokens act for an organisation: registered, changed and removed by two people."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import issuers
from isa_registry.api.changing import decide
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.access_entries import IssuerRegistered, IssuerRemoved, RoleMapping, SignIn
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry


class NewIssuer(Struct, frozen=True, forbid_unknown_fields=True):
    """An issuer to register. `claim` and `value` tell the bodies apart where one issuer serves several; `sign_in` is
    how people sign in by way of it, `roles_from` which claims give them roles. With `replace` it takes the place of
    every use that the organisation has of this issuer."""

    issuer: str
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    profile: str
    claim: str | None = None
    value: str | None = None
    sign_in: SignIn | None = None
    roles_from: tuple[RoleMapping, ...] = ()
    replace: bool = False


class EndedIssuer(Struct, frozen=True, forbid_unknown_fields=True):
    """An issuer whose tokens are to act for the organisation no longer."""

    issuer: str


class IssuerLine(Struct, frozen=True):
    """An issuer as it is registered."""

    issuer: str
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    profile: str
    claim: str | None
    value: str | None
    sign_in: SignIn | None
    roles_from: tuple[RoleMapping, ...]


class IssuerList(Struct, frozen=True):
    issuers: list[IssuerLine]


@reads("/api/v1/organisations/{organisation:str}/issuers")
async def list_issuers(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    return json_response(
        IssuerList(
            [
                IssuerLine(
                    issuer=one.issuer,
                    audiences=one.audiences,
                    algorithms=one.algorithms,
                    profile=one.profile,
                    claim=one.claim,
                    value=one.value,
                    sign_in=one.sign_in,
                    roles_from=one.roles_from,
                )
                for one in registry.follower.view.issuers_of(organisation)
            ]
        )
    )


@writes("/api/v1/organisations/{organisation:str}/issuers", status=202)
async def register_issuer(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The issuer"):
        new = msgspec.json.decode(body, type=NewIssuer)
    members = msgspec.structs.asdict(new)
    replaces = members.pop("replace")
    issuer = IssuerRegistered(organisation=organisation, **members)
    view = registry.follower.view
    if replaces:
        return await decide(request, issuers.replace(view, issuer), body)
    held = [(one.organisation, one.claim, one.value) for one in view.issuers(issuer.issuer)]
    if (organisation, issuer.claim, issuer.value) in held:
        detail = "The organisation has this issuer. Send `replace` to put this in its place."
        raise Refused("conflict", detail, (Fault("#/replace", "missing", detail),))
    return await decide(request, (issuer,), body)


@writes("/api/v1/organisations/{organisation:str}/issuers/removal", status=202)
async def remove_issuer(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The issuer"):
        ended = msgspec.json.decode(body, type=EndedIssuer)
    return await decide(request, (IssuerRemoved(organisation=organisation, issuer=ended.issuer),), body)


HANDLERS = [list_issuers, register_issuer, remove_issuer]
