"""A form that is sent twice, by a second press or from a page that was gone back to, does what it does once."""

from __future__ import annotations

import hashlib
import re

import msgspec

from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import IdempotencyClaim
from isa_registry.pages.people import registry_of
from isa_registry.pages.rendering import Request

_ONCE = re.compile(r"[0-9a-f]{32}")


def fresh(request: Request) -> str:
    """What a form that is shown for the first time carries in its hidden field `once`."""
    return registry_of(request).randomness(16).hex()


def claim_of(caller: Caller, page: str, once: str, asked: object) -> IdempotencyClaim | None:
    """The claim of a form that was sent from a page with this `once`, and asks for this; None for one without. What was
    changed before it was sent again is another form."""
    if not _ONCE.fullmatch(once):
        return None
    body = hashlib.sha256(msgspec.json.encode(asked))
    scope = f"{caller.organisation}\n{caller.issuer}\n{caller.client}\n{page}\n{once}\n{body.hexdigest()}"
    return IdempotencyClaim(scope_sha256=hashlib.sha256(scope.encode()).digest(), request_sha256=body.digest())
