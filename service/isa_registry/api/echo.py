"""The benchmarks' ceiling: routes that decode a request and encode an answer of the same bytes, and do no more.

They are served only when the benchmarks say so, outside the access table, the frame and every middleware.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from isa_registry.actions.checks import CheckResponse
from isa_registry.api.checks import Batch
from isa_registry.api.requests import Request
from isa_registry.api.sharing_events import EventResponse
from isa_registry.domain.questions import Question
from isa_registry.domain.sharing import read_event
from isa_registry.identity.compact import public_key

_encode = msgspec.json.Encoder().encode
_question = msgspec.json.Decoder(Question)
_batch = msgspec.json.Decoder(Batch)


class _Answers(msgspec.Struct, frozen=True):
    results: list[CheckResponse]


def _decode_batch(body: bytes) -> None:
    for raw in _batch.decode(body).checks:
        _question.decode(raw)


def _decode_question(body: bytes) -> None:
    _question.decode(body)


def _verify_event(body: bytes) -> None:
    """Decodes an event, and verifies its one Ed25519 signature by the key that `take_key` was given."""
    read_event(body.decode("ascii"))
    signed, _, signature = body.rpartition(b".")
    _keys["event"].verify(base64.urlsafe_b64decode(signature + b"=="), signed)


_READ: dict[str, tuple[Callable[[bytes], None], type]] = {
    "check": (_decode_question, CheckResponse),
    "batch": (_decode_batch, _Answers),
    "signed": (_verify_event, EventResponse),
}
_answers: dict[str, object] = {}
_keys: dict[str, Any] = {}
_pages: dict[str, bytes] = {}


@post("/bench/echo/{kind:str}", status_code=200)
async def echo(request: Request, kind: FromPath[str]) -> Response[bytes]:
    """Decodes a request of this kind, and encodes the answer that `hold` was given."""
    _READ[kind][0](await request.body())
    return Response(_encode(_answers[kind]), media_type="application/json")


@post("/bench/answer/{kind:str}", status_code=200)
async def hold(request: Request, kind: FromPath[str]) -> Response[bytes]:
    """Takes the answer to echo for a kind."""
    if kind not in _READ:
        raise NotFoundException
    _answers[kind] = msgspec.json.decode(await request.body(), type=_READ[kind][1])
    return Response(b"", media_type="application/json")


@post("/bench/key", status_code=200)
async def take_key(request: Request) -> Response[bytes]:
    """Takes the public key with which the events of `signed` were signed: a JWK of Ed25519."""
    _keys["event"] = public_key(msgspec.json.decode(await request.body()), "Ed25519").get_op_key("verify")
    return Response(b"", media_type="application/json")


@post("/bench/page", status_code=200)
async def take_page(request: Request) -> Response[bytes]:
    """Takes a page under a name of the benchmarks' choosing."""
    _pages[request.query_params["name"]] = await request.body()
    return Response(b"", media_type="application/json")


@get("/bench/page/{name:str}")
async def page(name: FromPath[str]) -> Response[bytes]:
    """Answers the page that `take_page` was given, and does nothing else."""
    return Response(_pages[name], media_type="text/html")


HANDLERS = [echo, hold, take_key, take_page, page]
