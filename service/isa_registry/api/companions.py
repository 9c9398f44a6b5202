"""What stands beside the words of a version: summaries and translations, public to read, the business unit's to
publish."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import companions
from isa_registry.api.agreement_acting import decide
from isa_registry.api.agreements import published_version, register_today
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.shapes import decoding

_COMPANIONS = "/api/v1/agreements/{agreement:str}/versions/{version:str}/companions"


class NewCompanion(Struct, frozen=True, forbid_unknown_fields=True):
    """A text beside a version: `companion` is `summary`, `summary-for-children` or `translation`, `language` a BCP 47
    tag, `text` Markdown (UTF-8 with LF). It takes the place of the one of that companion and language."""

    companion: str
    language: str
    text: str


class CompanionText(Struct, frozen=True):
    """A text beside a version, which nobody signs. `text_sha256` is lower-case hex SHA-256 of the text, `entry` the
    entry of the log that published it, `published_at` when (RFC 3339 UTC)."""

    companion: str
    language: str
    text: str
    text_sha256: str
    entry: int
    published_at: str


class CompanionList(Struct, frozen=True):
    """The texts beside a version as they stand; its own words are in `language`, and they alone are signed."""

    agreement: str
    version: str
    language: str
    companions: list[CompanionText]


@reads(_COMPANIONS)
async def list_companions(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    view, _ = register_today(request)
    found = published_version(view, agreement, version)
    return json_response(
        CompanionList(
            agreement=agreement,
            version=version,
            language=found.schedule.language,
            companions=[
                CompanionText(
                    companion=one.companion,
                    language=one.language,
                    text=one.text,
                    text_sha256=one.text_sha256,
                    entry=one.entry,
                    published_at=one.published_at,
                )
                for one in view.companions(agreement, version)
            ],
        )
    )


@writes(_COMPANIONS)
async def publish_companion(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    body = await request.body()
    with decoding("The text"):
        sent = msgspec.json.decode(body, type=NewCompanion)
    fact = companions.companion(agreement, version, sent.companion, sent.language, sent.text)
    return await decide(request, agreement, version, companions.publish(fact), body)


HANDLERS = [list_companions, publish_companion]
