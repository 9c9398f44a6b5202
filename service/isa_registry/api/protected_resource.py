"""What this interface asks of access tokens, for programs to read: OAuth 2.0 protected resource metadata (RFC 9728)."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.api.www_authenticate import METADATA_PATH
from isa_registry.domain.roles import SCOPES
from isa_registry.identity.profiles import SIGNS_IN_ONLY
from isa_registry.runtime.registry import Registry


class ProtectedResource(Struct, frozen=True):
    """`authorization_servers` are the registered issuers whose access tokens are taken here: each for its own
    organisation alone. `scopes_supported` are those of machine clients; a person needs a role instead of a scope."""

    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
    resource_name: str
    resource_documentation: str


@reads(METADATA_PATH)
async def protected_resource(request: Request) -> Response[bytes]:
    """Every partner's issuer is named: they are register entries that every partner can read, and the page where
    people choose how to sign in leads to each."""
    registry: Registry = request.app.state.registry
    public_url: str = request.app.state.public_url
    uses = registry.follower.view.every_issuer()
    return json_response(
        ProtectedResource(
            resource=public_url,
            authorization_servers=sorted({use.issuer for use in uses if use.profile not in SIGNS_IN_ONLY}),
            scopes_supported=list(SCOPES),
            bearer_methods_supported=["header"],
            resource_name="ISA Registry",
            resource_documentation=f"{public_url}/documentation",
        ),
        headers={"Cache-Control": "public, max-age=300"},
    )


HANDLERS = [protected_resource]
