"""How often one client, one person, or everybody without a token may ask: per worker, so approximate.

A bucket belongs to whoever proved to be who they are: it is charged after the token was found valid, so that nobody can
empty another's. A token that is refused draws on a bucket of its own, found by its hash before anything is verified.
What is needed in danger is never refused: its page, and a question about immediate danger.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from isa_registry.api.requests import Request
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.runtime.distinct import DistinctLimit
from isa_registry.runtime.evidence_of import references_of, refers
from isa_registry.runtime.rate_limit import RateLimit, Taken

Scope = Mapping[str, Any]
"""A request's own: what is noted there is told with a refusal."""


class Limit(Struct, frozen=True):
    """Up to `quota` requests at once, and as many in every `seconds` in the long run."""

    quota: int
    seconds: int
    says: str


LIMITS: dict[str, Limit] = {
    "checks": Limit(12_000, 60, "Questions of one client or one person; many at once count as 50"),
    "client": Limit(6_000, 60, "Everything else that one client asks; a batch of events counts as 20"),
    "person": Limit(600, 60, "Everything else that one person asks"),
    "public": Limit(60_000, 60, "Everything asked without a token, by all together; checked links count as 20"),
    "address": Limit(
        3_000, 60, "The same from one address, where ISA_CLIENT_ADDRESS_HEADER says which header tells it"
    ),
    "refused-token": Limit(60, 60, "The very same token, refused again and again"),
    "refused-address": Limit(600, 60, "Refused tokens from one address"),
}
"""For each worker. ISA_RATE_LIMIT_PERCENT scales them all."""

_NAMES = {name: b'"%b"' % name.encode() for name in LIMITS}

REFERENCES: dict[str, Limit] = {
    "client": Limit(5_000, 3600, "Different people whom one system asks about by reference"),
    "person": Limit(200, 3600, "Different people whom one person asks about by reference"),
}
"""For each worker: in questions and in searches together, each person counted once. ISA_RATE_LIMIT_PERCENT scales
these too. Nobody can try references one after another to learn which of them are there."""

CHECKS = {
    "/api/v1/checks": 1,
    "/api/v1/checks/batch": 50,
    "/api/v1/checks/matrix": 50,
    "/access/v1/evaluation": 1,
    "/access/v1/evaluations": 50,
    "/access/v1/search/subject": 50,
    "/access/v1/search/resource": 2,
    "/access/v1/search/action": 1,
}
"""The routes that ask, and what a request of theirs costs. Each reads what is asked before it refuses anything over the
quota, because some of it may be about immediate danger."""

COSTS = {"/api/v1/sharing-events/batch": 20, "/api/v1/agreements/links/check": 20, "/training": 20}
"""What a request costs that does the work of many; any other costs one."""

DANGER = "immediate-danger"

NEVER_LIMITED = frozenset({"/immediate-danger", "/livez", "/readyz", "/problems/{code}", "/static/{path}"})
"""Public routes that answer whatever else is asked: they cost next to nothing, and one of them may be needed now."""


Headers = tuple[tuple[bytes, bytes], ...]


class Limits:
    """One worker's buckets. `address_header` is the header in which the operator's own proxy says from where a request
    comes; without one, addresses are not told apart."""

    def __init__(
        self, *, percent: int = 100, address_header: str = "", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._quotas = {name: max(1, limit.quota * percent // 100) for name, limit in LIMITS.items()}
        self._buckets = {
            name: RateLimit(self._quotas[name] / limit.seconds, self._quotas[name], monotonic)
            for name, limit in LIMITS.items()
        }
        self._policies = {
            name: b'"%s";q=%d;w=%d' % (name.encode(), self._quotas[name], limit.seconds)
            for name, limit in LIMITS.items()
        }
        self._people = {
            name: DistinctLimit(
                max(1, limit.quota * percent // 100), limit.seconds, monotonic, key=secrets.token_bytes(16)
            )
            for name, limit in REFERENCES.items()
        }
        self._address_header = address_header.lower()

    def charge_public(self, request: Request, route: str) -> None:
        """Counts a request that needs no token. Raises `Refused` (`quota-exceeded`)."""
        if route in NEVER_LIMITED:
            return
        address, cost = self._address(request), COSTS.get(route, 1) if request.scope["method"] == "POST" else 1
        if address is not None:
            self._charge(request, "address", address, cost)
        self._charge(request, "public", None, cost)

    def charge(self, request: Request, route: str, caller: Caller) -> None:
        """Counts a request of a caller whose token was found valid. Raises `Refused` (`quota-exceeded`); what asks
        questions waits for their urgency to be read, and is refused then (`refuse_unless_danger`, `over_quota`)."""
        who = _who(caller)
        if route not in CHECKS:
            self._charge(request, "person" if caller.person else "client", who, COSTS.get(route, 1))
            return
        try:
            self._charge(request, "checks", who, CHECKS[route])
        except Refused as refused:
            cast("dict[str, Any]", request.scope)["isa_over_quota"] = refused

    def charge_plainly(self, route: str, caller: Caller) -> Headers | None:
        """The same for one question, where nothing is to be refused: the headers that tell the quota, or None where it
        is used up. Then nothing was taken."""
        taken = self._buckets["checks"].take(_who(caller), CHECKS[route])
        return self._headers("checks", taken) if taken.allowed else None

    def refuse_walking(self, caller: Caller, question: Question, scope: Scope | None = None) -> None:
        """Refuses a question that names more people by reference than its caller may ask about, unless it is about
        immediate danger. Raises `Refused` (`quota-exceeded`)."""
        if question.urgency != DANGER and refers(question):
            self.refuse_walking_through(caller, references_of([question]), scope=scope)

    def refuse_walking_through(
        self,
        caller: Caller,
        references: Sequence[str],
        instead: str = "Ask without `ref`, and say what you know",
        *,
        scope: Scope | None = None,
    ) -> None:
        """The same for references of any request. Raises `Refused`, with what to do `instead` of waiting."""
        name = "person" if caller.person else "client"
        if not self._people[name].allows(_who(caller), references):
            if scope is not None:
                cast("dict[str, Any]", scope)["isa_violated"] = (f"{name}-references",)
            detail = (
                f"{REFERENCES[name].says}: these are more than are answered within an hour. {instead}, or ask again "
                "later. Asking again about the same people is never counted twice."
            )
            raise Refused("quota-exceeded", detail, retry_after=REFERENCES[name].seconds // 4)

    def refuse_repeated(self, request: Request, token: str) -> None:
        """Looks, before a token is verified, whether this very one, or its address, was refused too often. Raises
        `Refused` (`quota-exceeded`)."""
        for name, key in self._refusing(request, token):
            taken = self._buckets[name].look(key)
            if not taken.allowed:
                self._refuse(request, name, taken)

    def count_refused(self, request: Request, token: str) -> None:
        """Counts a token that was found not to be valid."""
        for name, key in self._refusing(request, token):
            self._buckets[name].take(key)

    def _refusing(self, request: Request, token: str) -> list[tuple[str, Hashable]]:
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        found: list[tuple[str, Hashable]] = [("refused-token", digest)]
        address = self._address(request)
        return found if address is None else [*found, ("refused-address", address)]

    def _charge(self, request: Request, name: str, key: Hashable, cost: int = 1) -> None:
        taken = self._buckets[name].take(key, min(cost, self._quotas[name]))
        if not taken.allowed:
            self._refuse(request, name, taken)
        cast("dict[str, Any]", request.scope)["isa_quota"] = self._headers(name, taken)

    def _refuse(self, request: Request, name: str, taken: Taken) -> None:
        scope = cast("dict[str, Any]", request.scope)
        scope["isa_quota"] = self._headers(name, taken)
        scope["isa_violated"] = (name,)
        raise Refused(
            "quota-exceeded",
            f"{LIMITS[name].says}: that is more than is answered at once.",
            retry_after=max(1, math.ceil(taken.wait)),
        )

    def _headers(self, name: str, taken: Taken) -> Headers:
        """draft-ietf-httpapi-ratelimit-headers-11: `t` is when the whole quota is there again."""
        return (
            (b"ratelimit-policy", self._policies[name]),
            (b"ratelimit", b"%b;r=%d;t=%d" % (_NAMES[name], taken.left, math.ceil(taken.full_in))),
        )

    def _address(self, request: Request) -> str | None:
        """The address that the operator's proxy told: the last one, since what stands before it came from outside. Of
        IPv6 the first 64 bits, which is what one place has."""
        if not self._address_header:
            return None
        told = request.headers.getall(self._address_header, [])
        try:
            address = ipaddress.ip_address(told[-1].rpartition(",")[2].strip())
        except (ValueError, IndexError):
            return None
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False).network_address)
        return str(address)


def _who(caller: Caller) -> Hashable:
    """Whose bucket it is: a person's, or that of a system."""
    return (caller.issuer, "person", caller.subject) if caller.person else (caller.issuer, "client", caller.client)


def refuse_unless_danger(request: Request, urgency: str) -> None:
    """Refuses a question over the quota, unless it is about immediate danger: that one is always answered. Raises
    `Refused` (`quota-exceeded`)."""
    over = over_quota(request)
    if over is not None and urgency != DANGER:
        raise over


def over_quota(request: Request) -> Refused | None:
    """What is said of every question of this request that is not about immediate danger; None within the quota."""
    over: Refused | None = cast("dict[str, Any]", request.scope).get("isa_over_quota")
    return over
