"""What this decision point can do, for programs to read (AuthZEN 1.0 section 9)."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads

METADATA_PATH = "/.well-known/authzen-configuration"


class Metadata(Struct, frozen=True):
    """`obligations_supported` is of the draft profile for obligations: ours are `custom`, one to a condition."""

    policy_decision_point: str
    access_evaluation_endpoint: str
    access_evaluations_endpoint: str
    search_subject_endpoint: str
    search_resource_endpoint: str
    search_action_endpoint: str
    obligations_supported: tuple[str, ...] = ("custom",)


@reads(METADATA_PATH)
async def authzen_configuration(request: Request) -> Response[bytes]:
    at: str = request.app.state.public_url
    return json_response(
        Metadata(
            policy_decision_point=at,
            access_evaluation_endpoint=f"{at}/access/v1/evaluation",
            access_evaluations_endpoint=f"{at}/access/v1/evaluations",
            search_subject_endpoint=f"{at}/access/v1/search/subject",
            search_resource_endpoint=f"{at}/access/v1/search/resource",
            search_action_endpoint=f"{at}/access/v1/search/action",
        ),
        headers={"Cache-Control": "public, max-age=300"},
    )


HANDLERS = [authzen_configuration]
