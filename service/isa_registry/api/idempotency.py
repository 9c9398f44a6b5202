"""Idempotency-Key: the same request twice makes one entry, and the second answer is rendered from the log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from isa_registry.api.requests import Request
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import IdempotencyClaim

_KEY = re.compile(r'(?P<quote>"?)(?P<key>[A-Za-z0-9._:-]{8,128})(?P=quote)')


def claim_of(request: Request, caller: Caller, body: bytes) -> IdempotencyClaim | None:
    """The claim that the request's Idempotency-Key makes, scoped to organisation, client and route.

    Raises `Refused` (`malformed`) for a key of another form.
    """
    header = request.headers.get("idempotency-key")
    if header is None:
        return None
    key = _KEY.fullmatch(header)
    if key is None:
        raise Refused(
            "malformed", "An Idempotency-Key is a string of 8 to 128 letters, digits, '.', '_', ':' or '-', in quotes."
        )
    scope = "\n".join(
        (caller.organisation, caller.issuer, caller.client, request.route_handler.opt["route"], key["key"])
    )
    # The path is part of the request: the same body sent to another address asks for another thing.
    asked = request.scope["path"].encode() + b"\n" + body
    return IdempotencyClaim(
        scope_sha256=hashlib.sha256(scope.encode()).digest(), request_sha256=hashlib.sha256(asked).digest()
    )


@contextmanager
def in_flight(request: Request, claim: IdempotencyClaim | None) -> Iterator[None]:
    """Refuses the same key while this worker still answers its first use; another worker's the log itself settles."""
    flying: set[bytes] = request.app.state.in_flight
    if claim is None:
        yield
        return
    if claim.scope_sha256 in flying:
        raise Refused("in-flight", "A request with this Idempotency-Key is still being answered.", retry_after=1)
    flying.add(claim.scope_sha256)
    try:
        yield
    finally:
        flying.discard(claim.scope_sha256)
