"""Who decides for a request: the registry itself, unless another policy is wired in `app.state["authzen"]`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import Struct

from isa_registry.api.frame import READ_YOUR_WRITES_SECONDS, caller_of, is_stale
from isa_registry.api.limits import Limits, over_quota
from isa_registry.api.problems import IMMEDIATE_DANGER
from isa_registry.api.requests import Request
from isa_registry.domain.authzen.messages import Evaluation
from isa_registry.domain.authzen.policy import Policy, Sought
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import IdempotencyClaim
from isa_registry.runtime.authzen import SharingPolicy, Terms
from isa_registry.runtime.registry import Registry


class Wish(Struct, frozen=True, kw_only=True):
    """What a policy is wanted for: the evaluations that it is to decide. `moment` is the state of one that decided
    before, empty for that of now."""

    asked: Sequence[Evaluation | Refused] = ()
    moment: str = ""
    seeking: Sought | None = None
    claim: IdempotencyClaim | None = None


Wired = Callable[[Request, Wish], Awaitable[Policy[Any]]]


async def policy_of(request: Request, wish: Wish) -> Policy[Any]:
    """The policy that decides this request's evaluations. Raises `Refused` (`not-folded`) where this worker has not
    read so far as the moment that is wanted."""
    wired: Wired = request.app.state.authzen
    return await wired(request, wish)


async def sharing(request: Request, wish: Wish) -> SharingPolicy:
    """Ours."""
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, None
    if wish.moment:
        size, today = wish.moment.split(" ")
        if not await registry.follower.wait_for_size(int(size), seconds=READ_YOUR_WRITES_SECONDS):
            raise Refused("not-folded", "This worker has not read the log that far yet.", retry_after=1)
        view = registry.follower.register.at(int(size))
    caller = caller_of(request)
    limits: Limits = request.app.state.limits
    terms = Terms(
        immediate_danger=IMMEDIATE_DANGER,
        stale=is_stale(request),
        claim=wish.claim,
        over=over_quota(request),
        admits=lambda references: limits.refuse_walking_through(caller, references, scope=request.scope),
    )
    policy = SharingPolicy(
        registry,
        caller,
        terms,
        view=view,
        root=registry.follower.root,
        today=today,
        seeking=wish.seeking,
    )
    await policy.consult(wish.asked)
    return policy
